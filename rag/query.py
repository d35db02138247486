"""Question → Query: its language, the store filter, and constraints that can be seen.

Given filters are always firm, and so is a phrase in quotation marks. What the question itself
restricts ("the letter of 21 November 1931") is inferred (`constraints`) and applies while any
document meets it; else it is relaxed and reported.

Not here: ranking, answer types, the resolution of questions about a record's own fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from index_store.store import IndexStore
from index_store.types import Filter, Kind
from rag import dates, names
from rag import people as authority
from rag.constraints import infer
from rag.errors import UsageError
from rag.phrases import holding, is_asked_for, is_uncertain, phrases_in
from rag.types import Constraint, Filters

MAX_QUESTION = 10_000
"""Code points; a longer question is refused rather than cut without a word."""

_RESTRICT = ("author", "recipient", "place", "date")

_CYRILLIC = re.compile("[\u0400-\u04ff]+")
_LATIN = re.compile("[A-Za-z\u0130\u212a]+")  # and what is one of these in lower case


@dataclass(frozen=True, slots=True)
class Query:
    """A question understood: `filter` is what the store must obey.

    `search_text` has the words to search by. `given` is the filter without what was inferred,
    `wished` with all that was, met or not; see `constraints.Inferred` for `loose` and
    `contradicted`. Every document that meets the filters holds the `phrases`
    that are in its alphabet.
    """

    text: str
    search_text: str
    lang: str
    filters: Filters
    filter: Filter
    constraints: tuple[Constraint, ...]
    given: Filter = Filter()
    wished: Filter = Filter()
    loose: bool = False
    contradicted: bool = False
    phrases: tuple[str, ...] = ()

    @property
    def left_aside(self) -> tuple[Constraint, ...]:
        """What the question restricts and the documents searched need not meet."""
        return tuple(c for c in self.constraints if not c.applied and c.field in _RESTRICT)

    def relaxed(self) -> Query:
        """The same question with what was inferred from it left aside, and said to be so."""
        constraints = (
            replace(c, applied=c.applied and c.origin == "given") for c in self.constraints
        )
        return replace(
            self, filter=self.given, constraints=tuple(constraints), loose=False, contradicted=False
        )


def language(text: str) -> str:
    """`ru` when more of the letters are Cyrillic than not, else `en`."""
    cyrillic = sum(map(len, _CYRILLIC.findall(text)))
    latin = sum(map(len, _LATIN.findall(text)))
    return "ru" if cyrillic > latin else "en"


def understand(
    question: str,
    filters: Filters,
    store: IndexStore,
    without: Sequence[str] = (),
    documents: Sequence[str] = (),
) -> Query:
    """The query for a question under given filters, and in `documents` alone where some are named.

    `without` names the fields of inferred constraints that are to be left aside.

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
    # A title names a document; its text need not hold it.
    titles = {store.document(document_id).title for document_id in documents}
    found = tuple(phrase for phrase in phrases_in(text) if phrase not in titles)
    phrases = [phrase for phrase in found if not is_uncertain(phrase, text)]
    if not is_asked_for(phrases, text):
        constraints += [Constraint("phrase", phrase, "inferred", False) for phrase in phrases]
        found, phrases = tuple(phrase for phrase in found if phrase not in phrases), []
    if phrases:
        given = holding(phrases, text, given, store)
        constraints += [Constraint("phrase", phrase, "given", True) for phrase in phrases]
    named = given
    its: list[Constraint] = []
    for name in (p for p in found if p not in phrases and "phrase" not in without):
        narrowed = holding([name], text, named, store)
        applied = store.matching(narrowed) > 0
        its.append(Constraint("phrase", name, "inferred", applied))
        if applied:
            named, phrases = narrowed, [*phrases, name]
    inferred = infer(text, named, store, authority.load(store), without)
    inferred = replace(
        inferred,
        constraints=(*its, *inferred.constraints),
        loose=inferred.loose or named != given,
    )
    return Query(
        text,
        text,
        language(text),
        filters,
        inferred.filter,
        (*constraints, *inferred.constraints),
        given,
        inferred.wished,
        inferred.loose,
        inferred.contradicted,
        tuple(phrases),
    )


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
    people = authority.load(store)
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
        authors=_matching(filters.author, "author", store, people.same),
        recipients=_matching(filters.recipient, "recipient", store, people.same),
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
