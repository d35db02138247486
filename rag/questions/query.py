"""Question → Query: its language, the store filter, and constraints that can be seen.

Given filters are always firm, and so is a phrase in quotation marks. What the question itself
restricts ("the letter of 21 November 1931") is inferred (`constraints`) and applies while any
document meets it; else it is relaxed and reported.

Not here: ranking, answer types, the resolution of questions about a record's own fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index_store.store import IndexStore
from index_store.types import Filter
from rag.errors import UsageError
from rag.names import authority
from rag.questions.constraints import infer
from rag.questions.filters import check_text, store_filter
from rag.questions.phrases import holding, is_asked_for, is_uncertain, phrases_in
from rag.text.detection import language_of
from rag.types import Constraint, Filters

MAX_QUESTION = 10_000
"""Code points; a longer question is refused rather than cut without a word."""

_RESTRICT = ("author", "recipient", "place", "date")


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
        has_soft_constraints=inferred.has_soft_constraints or named != given,
    )
    return Query(
        text,
        text,
        language_of(text),
        filters,
        inferred.filter,
        (*constraints, *inferred.constraints),
        given,
        inferred.filter_with_all_constraints,
        inferred.has_soft_constraints,
        inferred.contradicted,
        tuple(phrases),
    )
