"""Question → Query: its language, the store filter, and constraints that can be seen.

Given filters are always firm. What the question itself restricts ("the letter of 21 November
1931") is inferred and applies while any document meets it; else it is relaxed and reported.
Only a date that belongs to a document word is inferred: "in 1939 Lyons died" is about an
event, and the letter that tells of it may be of another year.

Not here: ranking, answer types, the resolution of questions about a record's own fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from index_store.store import IndexStore
from index_store.types import Filter, Kind
from rag import dates, names
from rag.errors import UsageError
from rag.types import Constraint, Filters

MAX_QUESTION = 10_000
"""Code points; a longer question is refused rather than cut without a word."""

_DOCUMENT_WORD = re.compile(
    r"\b(?:letter|telegram|cable(?:gram)?|note|memorandum|minutes?|message|report|document|"
    r"despatch|dispatch|протокол\w{0,3}|письм\w{0,3}|телеграмм?\w{0,3}|записк\w{0,3}|"
    r"донесени\w{0,3}|документ\w{0,3}|сообщени\w{0,3})\b",
    re.IGNORECASE,
)
_DATED = re.compile(r"^\W*(?:of|from|dated|written|sent|signed|от|за|датированн\w{0,4})?\W*$", re.I)


@dataclass(frozen=True, slots=True)
class Query:
    """A question understood: `filter` is what the store must obey.

    `search_text` has the words to search by.
    """

    text: str
    search_text: str
    lang: str
    filters: Filters
    filter: Filter
    constraints: tuple[Constraint, ...]


def language(text: str) -> str:
    """`ru` when more of the letters are Cyrillic than not, else `en`."""
    cyrillic = sum("\u0400" <= c <= "\u04ff" for c in text)
    latin = sum("a" <= c.lower() <= "z" for c in text)
    return "ru" if cyrillic > latin else "en"


def understand(
    question: str,
    filters: Filters,
    store: IndexStore,
    infer: bool = True,
    documents: Sequence[str] = (),
) -> Query:
    """The query for a question under given filters, and in `documents` alone where some are named.

    With `infer` off the question itself restricts nothing.

    Raises UsageError for an empty or over-long question or a filter that makes no sense.
    """
    text = question.strip()
    if not text:
        raise UsageError("the question is empty; ask something, for example who wrote to whom")
    if len(text) > MAX_QUESTION:
        raise UsageError(f"the question is {len(text)} characters long; ask in {MAX_QUESTION}")
    check_text(text, "the question")
    given = store_filter(filters, store)
    if documents:
        given = replace(given, documents=tuple(documents))
    constraints = [
        Constraint(name, ", ".join(value) if name == "exclude" else value, "given", True)
        for name, value in filters.to_dict().items()
    ]
    narrowed, inferred = _infer_date(text, given, store) if infer else (given, ())
    return Query(text, text, language(text), filters, narrowed, (*constraints, *inferred))


def check_text(text: str, what: str) -> None:
    """Raises UsageError for text that no file could hold."""
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise UsageError(f"{what} is not valid Unicode; send it as UTF-8")


def store_filter(filters: Filters, store: IndexStore) -> Filter:
    """What the reader typed as exact stored values. Raises UsageError when it makes no sense."""
    first = _day(filters.date_from, "from", 0)
    last = _day(filters.date_to, "to", 1)
    if first and last and first > last:
        raise UsageError(f"the dates are in the wrong order: from {first} to {last}")
    if filters.lang is not None and not re.fullmatch(r"[a-z]{2}", filters.lang):
        raise UsageError(f"language {filters.lang!r}: expected a two-letter code such as en or ru")
    kind: Kind | None = None
    if filters.kind is not None:
        if filters.kind not in ("original", "translation"):
            raise UsageError(f"kind {filters.kind!r}: expected original or translation")
        kind = "original" if filters.kind == "original" else "translation"
    return Filter(
        date_from=first,
        date_to=last,
        lang=filters.lang,
        kind=kind,
        authors=_matching(filters.author, "author", store, names.same_name),
        recipients=_matching(filters.recipient, "recipient", store, names.same_name),
        collections=_matching(filters.collection, "collection", store, _same_collection),
        exclude=filters.exclude,
    )


def _day(value: str | None, name: str, end: int) -> str | None:
    if value is None:
        return None
    try:
        return dates.filter_bounds(value)[end]
    except ValueError as error:
        raise UsageError(f"--{name} {value!r}: {error}") from error


def _matching(
    typed: str | None, field: str, store: IndexStore, same: Callable[[str, str], bool]
) -> tuple[str, ...] | None:
    if typed is None:
        return None
    if not typed.strip():
        raise UsageError(f"--{field} is empty; name one, or leave the filter out")
    return tuple(value for value in store.values(field) if same(typed, value))


def _same_collection(typed: str, stored: str) -> bool:
    """`tom17`, `Tom 17` and `Том 17` are one collection."""

    def form(text: str) -> str:
        return "".join(c for c in names.transliterate(text) if c.isalnum())

    return form(typed) == form(stored)


def _infer_date(text: str, given: Filter, store: IndexStore) -> tuple[Filter, Sequence[Constraint]]:
    """The filter narrowed by a date that the question ties to a document word."""
    for mention in dates.find(text):
        before = text[: mention.start]
        words = list(_DOCUMENT_WORD.finditer(before))
        if not words or not _DATED.match(before[words[-1].end() :]):
            continue
        first, last = mention.date.first, mention.date.last
        narrowed = replace(
            given,
            date_from=max(_set(given.date_from, first), default=None),
            date_to=min(_set(given.date_to, last), default=None),
        )
        applied = bool(store.documents(narrowed))
        constraint = Constraint("date", mention.date.edtf, "inferred", applied)
        return (narrowed if applied else given), (constraint,)
    return given, ()


def _set(given: str | None, inferred: date | None) -> list[str]:
    """The ISO days that are there."""
    return [day for day in (given, inferred and inferred.isoformat()) if day]
