"""Stop words: words that say nothing of what a question is about.

The lists are folded as the index folds text, and are used for questions only; all words of a text
are indexed. Negations are not among those of English and Russian, because they carry meaning in a
quotation. For other languages tantivy's lists are used, completed by words that ask.
"""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH = """
a about above after again all also am an and any are as at be because been before being below
between both but by can could did do does doing down during each few for from further had has have
having he her here hers herself him himself his how i if in into is it its itself just me more most
my myself of off on once only or other our ours ourselves out over own s same she should so some
such t than that the their theirs them themselves then there these they this those through to too
under until up upon us very was we were what when where which while who whom whose why will with
would you your yours yourself yourselves tell say says said anything something please besides
except instead toward towards among within across along via whether although though since
"""

_RUSSIAN = """
а без бы был была были было быть в вам вами вас ведь весь во вот все всего всей всем всеми всех всю
вся вы где да даже для до его ее ей ему если есть еще ж же за и из или им ими их к как какая какие
какое какой каком какую какого каких ко когда которая которого которой котором которую которые
который которых кто ли либо между меня мне много мной мы на над надо нам нами нас наш наша наше
него нее ней нем нему них ним но о об обо однако он она они оно от ото по под при про с сам сама
сами само свое своего своей своем своему свои своих свой свою себе себя со так также такие такой
там тебе тебя тем теми то тобой того тоже той только том тому тот тою ту ты у уж уже чего чей чем
через что чтобы чье чьи чьих чья эта эти этим этими этих это этого этой этом этому этот эту почему
зачем кого кому кем чему сколько откуда куда отчего скажи скажите расскажи сказано говорится кроме
помимо вместо среди
"""

STOP_WORDS = frozenset(_ENGLISH.split()) | frozenset(_RUSSIAN.split())

_LISTED = """
danish dutch finnish french german hungarian italian norwegian portuguese spanish swedish
"""
LISTED = frozenset(_LISTED.split())
"""Languages of which tantivy has a list, under its names; English and Russian are above."""

ASKING: Mapping[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in {
        "da": "hvem hvornår hvordan hvorfor hvilken hvilke hvilket",
        "de": "wer wann warum weshalb wieso wohin woher wem wen wessen wieviel wieviele viele wurde"
        " wurden",
        "es": "quién quiénes cuándo dónde cómo cuál cuáles cuánto cuánta cuántos cuántas",
        "fi": "milloin miten kuinka minne miksi montako",
        "fr": "quoi quand où comment pourquoi combien lequel laquelle est sont",
        "hu": "hol melyik mennyi hány honnan hová",
        "it": "cosa quando quali quante quanti",
        "nb": "hvilket",
        "nl": "wanneer waar waarom welke welk hoeveel",
        "nn": "kven kva kvar korleis kvifor",
        "no": "hvilket",
        "pt": "onde porque quais quanto quantos quantas",
    }.items()
}
"""Words that ask and that tantivy's lists lack, by ISO 639-1 code."""
