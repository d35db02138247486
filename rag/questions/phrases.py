"""Exact phrases: words in quotation marks in a question must stand in the document or its title.

They are compared as `fonds verify` compares them, but without regard to case: words, not stems,
apart from spaces, quotation marks, dashes and line-end hyphens. One capitalised word in quotation
marks in a longer question is a name («Гагара») and matches in any grammatical case and either
alphabet. In Russian, which puts names into quotation marks and declines them, so do two or three
words («Свободной Европы»).

Not here: quotations that readers want to have checked (`rag.quotations.verify`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index_store.analysis.stemming import query_stems, stems_in, stems_of_words
from index_store.store import IndexStore
from index_store.types import Filter
from rag import names
from rag.quotations.ellipses import Segment
from rag.quotations.exact_match import places
from rag.text.characters import lower
from rag.text.detection import CYRILLIC, is_cyrillic
from rag.text.normalization import Keyed, key
from rag.text.words import WORD

_QUOTED = re.compile(r"«([^«»]{2,400})»|“([^“”]{2,400})”|„([^„“”]{2,400})[“”]|\"([^\"]{2,400})\"")
_NAME = re.compile(r"[^\W\d_a-zа-яё][^\W\d_]+(?:[\s’'-]{1,2}[^\W\d_]+){0,3}")
MIN_PHRASE_SHARE = 0.25
"""Share of a question's words, without stop words, that its phrases need to be required."""

MAX_TITLED = 20
"""Documents with the words of a phrase in their headers, whose titles are looked at."""

_EDGE = " \t\r\n.,;:!?…"


def phrases_in(question: str) -> tuple[str, ...]:
    """The phrases in double quotation marks, in order, without the punctuation at their ends."""
    found = (next(filter(None, m.groups())).strip(_EDGE) for m in _QUOTED.finditer(question))
    return tuple(dict.fromkeys(phrase for phrase in found if len(key(phrase)) >= 2))


def is_asked_for(phrases: Sequence[str], question: str) -> bool:
    """Whether the question asks for exactly these words.

    A statement, which ends with a full stop, only mentions somebody's words, and so does a long
    question: they must be at least `MIN_PHRASE_SHARE` of its words.
    """
    if question.rstrip("»”\"' ").endswith(".") and WORD.search(without(question)):
        return False
    quoted = sum(len(query_stems(phrase)) for phrase in phrases)
    return quoted >= MIN_PHRASE_SHARE * (quoted + len(query_stems(without(question))))


def without(question: str, instead: str = " ") -> str:
    """The question without its phrases, or with a sign in place of each."""
    return _QUOTED.sub(instead, question)


def holding(phrases: Sequence[str], question: str, allowed: Filter, store: IndexStore) -> Filter:
    """`allowed`, narrowed to the documents whose text or title has every phrase.

    A phrase in another alphabet than the question's is required only of documents in its own
    alphabet, because others cannot have it. The documents that have it come first.
    """
    for phrase in phrases:
        likely = set(store.holding(_groups(phrase, question, store), allowed))
        # A word that a line-end hyphen cuts has other stems.
        cut = set(store.containing(key(phrase))) - likely
        if cut:
            narrowed = replace(allowed, documents=tuple(cut & _of(allowed, cut)))
            likely |= {d.document_id for d in store.documents(narrowed)}
        found = [i for i in sorted(likely) if any(spans(phrase, store.document(i).text, question))]
        titled = _titled(phrase, question, allowed, store)
        found = list(dict.fromkeys([*found, *titled]))
        if not titled and _is_foreign(phrase, question):
            exempt = (
                d.document_id
                for lang in store.values("lang")
                if (lang in CYRILLIC) != is_cyrillic(phrase) and allowed.lang in (None, lang)
                for d in store.documents(replace(allowed, lang=lang))
            )
            found = list(dict.fromkeys([*found, *exempt]))
        allowed = replace(allowed, documents=tuple(found))
    return allowed


def _titled(phrase: str, question: str, allowed: Filter, store: IndexStore) -> list[str]:
    """The documents whose title has the phrase."""
    likely = store.lexical_search(
        phrase, MAX_TITLED, allowed, level="document", fields={"header": 1.0}
    )
    ids = [scored.passage_id for scored in likely]
    return [i for i in ids if any(spans(phrase, store.document(i).title, question))]


def _is_foreign(phrase: str, question: str) -> bool:
    """Whether the words around the phrase are in the other alphabet."""
    around = WORD.findall(without(question))
    same = sum(is_cyrillic(word) == is_cyrillic(phrase) for word in around)
    return 2 * same < len(around)


def _of(allowed: Filter, ids: set[str]) -> set[str]:
    return ids if allowed.documents is None else set(allowed.documents)


def _groups(phrase: str, question: str, store: IndexStore) -> list[list[str]]:
    rules = store.stem_rules()
    if not is_name(phrase, question):
        return stems_of_words(phrase, rules)
    groups = []
    for word in WORD.findall(phrase):
        forms = {w for w in store.capitalised() if names.same_word(word, w)} | {word}
        groups.append(sorted({stem for form in forms for stem in stems_in(form, rules)}))
    return groups


def is_name(phrase: str, question: str) -> bool:
    """Whether this is a name, by its capital, its length and the words around it."""
    most = 3 if is_cyrillic(phrase) else 1
    return (
        _NAME.fullmatch(phrase) is not None
        and len(WORD.findall(phrase)) <= most
        and not phrase.isupper()
        and WORD.search(without(question)) is not None
    )


def is_uncertain(phrase: str, question: str) -> bool:
    """Whether this is a Russian name, which documents may spell differently."""
    return is_cyrillic(phrase) and is_name(phrase, question)


def spans(phrase: str, text: str, question: str = "") -> Iterator[tuple[int, int]]:
    """Offsets of the places in `text` where the phrase stands, in order."""
    if is_name(phrase, question):
        yield from _named(WORD.findall(phrase), text)
        return
    for place in places(Keyed(lower(text)), [Segment(lower(phrase))]):
        yield place.start, place.end


def _named(wanted: list[str], text: str) -> Iterator[tuple[int, int]]:
    """Spans where the words follow each other, in any grammatical case and either alphabet."""
    words = list(WORD.finditer(text))
    for n, first in enumerate(words):
        run = words[n : n + len(wanted)]
        if (
            first[0][0].isupper()
            and len(run) == len(wanted)
            and all(names.same_word(w, match[0]) for w, match in zip(wanted, run, strict=True))
        ):
            yield first.start(), run[-1].end()
