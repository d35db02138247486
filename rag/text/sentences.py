"""Sentences of an English or Russian text, as exact spans.

Rules, no model: a stop ends a sentence unless it belongs to an abbreviation, an initial, a number
or an ellipsis in mid-sentence, or a small letter follows. Where in doubt it does not cut: two
sentences in one span quote more than was asked for, half a sentence quotes what nobody wrote.
It does not tell languages apart; scripts without capitals are cut at their own stops.
"""

from __future__ import annotations

import re

from rag.text.layout import OPENERS, starts_anew, units

_STOP = re.compile(r"[.!?…。！？।]+[\"'”’»“)\]]*(?:\s?\[\d{1,3}\])*")
_OPENING_WORD = re.compile(r"[^\W\d_]+(?=[\s,’'])")
_LAST_WORD = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*\Z")
_COUNTED = re.compile(r"[\dIVXХ]\s?\Z")  # "1931 г.", "XIX в."
_ROMAN = re.compile(r"[IVXLC]{1,6}")
# "Ф. 74. Оп. 2.", "pp. 3. Vol. 2": a numbered part after a stop goes on with the reference.
_SHELFMARK_PART = re.compile(r"(?:Ф|Оп|Д|Л|С|Т|Кн|Вып|F|Op|D|L|P|Pp|Vol|No)\.\s?\d")
_UNSPACED_STOPS = "。！？"
_REACH = 40  # characters looked at on either side of a stop


def _words(listing: str) -> frozenset[str]:
    return frozenset(listing.split())


# Something always follows these: a name, a place.
_NEVER_END = _words(
    "mr mrs ms dr prof st gen col lt capt maj sgt adm cmdr gov sen rep rev hon messrs mme mlle "
    "amb vs viz cf eg e.g ie i.e ibid ed eds chap sec para "
    "им ул тов тт гр гражд проф акад полк адм инж св пос дер губ обл пер пл просп см ср напр т.е "
    "стр сс лл кн вып гл пп рис табл ред сост изд цит авт зам зав пом нач чл"
)
# A number follows these, if they are abbreviations at all.
_NUMBERED = _words("al no nos vol vols p pp fig figs art ch f op d l т с л ф оп д ч п ст")
# A capital after these begins a new sentence.
_END_BEFORE_CAPITAL = _words("etc m м т.д т.п др пр проч руб коп тыс млн млрд км кг га")
# A capital after these begins a new sentence if it is a word that often opens one.
_MAY_END = _words(
    "Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec Inc Ltd Co Corp Bros Dept Govt Jr Sr "
    "г гг в вв янв февр фев март апр авг сент окт нояб ноя дек ок англ нем фр рус лат греч"
)
_OPEN_OFTEN = _words(
    "The A An This That These Those It He She We I They You There Here In On At By For From With "
    "As If When While After Before But And Or So Yet However Moreover Nevertheless Therefore Thus "
    "His Her Its Their Our My Your All Some Many Most Both Each No Not What Who Which How Why "
    "Where To Of Since Although Though Because Until During Under Even Also Only Then Now Such "
    "Once Another Other Several According Despite Upon "
    "В Во На Не Ни Но Он Она Оно Они Мы Вы Я Ты Это Этот Эта Эти Этого Этому То Тот Та Те Так Там "
    "Тогда Теперь Там Здесь Тут По После Под При Про За До Для Из Из-за К Ко О Об Обо От С Со У "
    "Через Без Над Между А И Да Или Если Когда Где Куда Как Какой Кто Что Чтобы Хотя Однако "
    "Поэтому Потому Затем Потом Также Тоже Все Всё Весь Вся Его Её Ее Их Мой Моя Наш Наша Ваш "
    "Ваша Свой Наконец Кроме Несмотря Согласно Впрочем Может Надо Нужно Есть Был Была Было "
    "Были Сейчас Только Ещё Еще Уже Многие Некоторые Среди Вместе Вот Пока"
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans (start, end) of the sentences in order, without white space at their edges.

    They do not overlap and cover every character that is not white space. A blank line ends a
    sentence; so does the end of a heading, a salutation or a signature; the end of a printed line
    in hard-wrapped prose does not. Linear in the length of the text.
    """
    spans: list[tuple[int, int]] = []
    for start, end in units(text):
        for match in _STOP.finditer(text, start, end):
            following = match.end()
            while following < end and text[following].isspace():
                following += 1
            if following < end and _ends_sentence(text, start, match, following, end):
                spans.append((start, match.end()))
                start = following
        spans.append((start, end))
    return spans


def _ends_sentence(text: str, start: int, match: re.Match[str], following: int, end: int) -> bool:
    """Whether the stop `match`, in a sentence begun at `start`, ends it before `following`."""
    spaced = following > match.end()
    if not spaced:
        return text[match.start()] in _UNSPACED_STOPS
    if not starts_anew(text, following, end) or _SHELFMARK_PART.match(text, following):
        return False
    if text.startswith(".", following):
        return False  # ". . ."
    before = text[max(start, match.start() - _REACH) : match.start()]
    if not before.strip(OPENERS + " "):
        return False  # "... he said": nothing but the stop so far
    if before[-1] in "([" and match.group()[-1] in ")]":
        return False  # "(!)", "[...]" inside a sentence
    return match.group()[:2].rstrip("\"'”’»“)]") != "." or _full_stop_ends(
        text, match.start() - start, following, before
    )


def _full_stop_ends(text: str, length: int, following: int, before: str) -> bool:
    """Whether a single full stop, `length` into its sentence and after the words `before`, ends
    it; the next word, at `following`, is known to be able to begin another."""
    last = _last_word(before)
    if length <= 5 and before.strip(OPENERS + "\\").isalnum():
        listed = len(last) <= 1 or _ROMAN.fullmatch(last)
        if listed:
            return False  # "1. The", "II. The", "A. The": the mark of a list, or an initial
    if not last:
        return True
    word, lead = last, before[: -len(last)]
    lower = word.lower()
    if lower in _NEVER_END or (lower in _NUMBERED and text[following].isdigit()):
        return False
    if lead.rstrip().endswith("т.") and lower in ("е", "д", "п"):
        return lower != "е"
    if (word if len(word) == 1 else lower) in _END_BEFORE_CAPITAL:
        return True  # "5 м." and not "М. Горький"
    if lower in ("г", "р", "в") and not _COUNTED.search(lead):
        return False
    if _is_initial(word, lead[-1:]) or word in _MAY_END:
        opening = _OPENING_WORD.match(text, _word_start(text, following))
        return opening is not None and opening.group() in _OPEN_OFTEN
    return True


def _last_word(before: str) -> str:
    """The word that ends `before`, "" where none does."""
    if before[-1].isalpha() and before[-2:-1].isspace():
        return before[-1]  # an initial, which is most of some texts
    found = _LAST_WORD.search(before)
    return found.group() if found else ""


def _is_initial(word: str, previous: str) -> bool:
    """Whether the word, behind the character `previous`, is initials or a one-letter
    abbreviation: "K", "A.C.V", "U.S", "с"; not "2G", "°C", "1990-е", "я"."""
    if "." in word:
        return all(len(part) <= 2 for part in word.split(".")[-2:])
    if len(word) > 1:
        return False
    if word.isupper():
        return not (previous.isdigit() or previous == "°")
    return previous.isspace() and word not in "яиаоуе"


def _word_start(text: str, position: int) -> int:
    """Where the next word begins, behind white space and opening quotes and brackets."""
    limit = min(len(text), position + _REACH)
    while position < limit and (text[position].isspace() or text[position] in OPENERS):
        position += 1
    return position
