"""A parsed question in an archive: the filter that the store must obey, and visible constraints.

Given filters are always firm. So is a phrase in quotation marks, unless no document has it and the
question says more. What the question itself
restricts ("the letter of 21 November 1931") is inferred (`constraints`) and applies while any
document meets it; else it is relaxed and reported.

Not here: ranking, and the resolution of questions about a record's own fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index_store.store import IndexStore
from index_store.types import Filter
from rag.errors import UsageError
from rag.names import authority
from rag.questions.constraints import infer
from rag.questions.filters import store_filter
from rag.questions.parsed import ParsedQuestion, parse
from rag.questions.phrases import holding, is_asked_for, is_uncertain
from rag.questions.phrases import without as without_phrases
from rag.questions.validation import check_text
from rag.text.detection import question_language
from rag.text.words import WORD
from rag.types import Constraint, Filters

MAX_QUESTION = 10_000
"""Code points; a longer question is refused rather than cut without a word."""

_RESTRICTING = ("author", "recipient", "place", "date")


@dataclass(frozen=True, slots=True)
class Query:
    """A question understood in an archive: `filter` is what the store must obey.

    `search_text` has the words to search by. `user_filter` is the filter without what was inferred,
    `filter_with_all_constraints` with all that was, met or not. `has_soft_constraints`: some that
    apply may be ignored. `contradicted`: a firm one that no document meets. Every document that
    meets the filters holds the `phrases` that are in its alphabet; no document holds those that are
    `unheld`. `pointed`: the reader has named the documents ("the second document"), so that what is
    nearest in them is the answer.
    """

    parsed: ParsedQuestion
    search_text: str
    filters: Filters
    filter: Filter
    constraints: tuple[Constraint, ...]
    user_filter: Filter = Filter()
    filter_with_all_constraints: Filter = Filter()
    has_soft_constraints: bool = False
    contradicted: bool = False
    phrases: tuple[str, ...] = ()
    pointed: bool = False
    unheld: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.parsed.text

    @property
    def lang(self) -> str:
        return self.parsed.lang

    @property
    def written_in(self) -> str:
        return self.parsed.written_in

    @property
    def relaxed_constraints(self) -> tuple[Constraint, ...]:
        """What the question restricts and the documents searched need not meet."""
        return tuple(c for c in self.constraints if not c.applied and c.field in _RESTRICTING)

    def relaxed(self) -> Query:
        """The same question with what was inferred from it ignored, and reported as such."""
        constraints = (
            replace(c, applied=c.applied and c.origin == "given") for c in self.constraints
        )
        return replace(
            self,
            filter=self.user_filter,
            constraints=tuple(constraints),
            has_soft_constraints=False,
            contradicted=False,
        )


def understand(
    question: str,
    filters: Filters,
    store: IndexStore,
    without: Sequence[str] = (),
    documents: Sequence[str] = (),
) -> Query:
    """The query for a question under given filters, and in `documents` alone where some are named.

    `without` names the fields of inferred constraints to ignore.

    Raises UsageError for an empty or over-long question or an invalid filter.
    """
    parsed = _checked(question)
    text = parsed.text
    parsed = replace(parsed, written_in=question_language(text, store.values("lang")))
    given = store_filter(filters, store)
    if documents:
        given = replace(given, documents=tuple(documents))
    constraints = [
        Constraint(name, ", ".join(value) if name == "exclude" else value, "given", True)
        for name, value in filters.to_dict().items()
    ]
    # A title names a document; its text need not hold it.
    titles = {store.document(document_id).title for document_id in documents}
    found = tuple(phrase for phrase in parsed.quoted if phrase not in titles)
    phrases = [phrase for phrase in found if not is_uncertain(phrase, text)]
    if not is_asked_for(phrases, text):
        constraints += [Constraint("phrase", phrase, "inferred", False) for phrase in phrases]
        found, phrases = tuple(phrase for phrase in found if phrase not in phrases), []
    alone = WORD.search(without_phrases(text)) is None
    unheld: list[str] = []
    for phrase in phrases:
        candidate = holding([phrase], text, given, store)
        if alone or store.matching(candidate) or _is_elsewhere(phrase, text, given, store):
            given = candidate
            constraints.append(Constraint("phrase", phrase, "given", True))
        else:
            unheld.append(phrase)
            constraints.append(Constraint("phrase", phrase, "inferred", False))
    found = tuple(phrase for phrase in found if phrase not in unheld)
    phrases = [phrase for phrase in phrases if phrase not in unheld]
    narrowed = given
    for name in (p for p in found if p not in phrases and "phrase" not in without):
        candidate = holding([name], text, narrowed, store)
        applied = store.matching(candidate) > 0
        constraints.append(Constraint("phrase", name, "inferred", applied))
        if applied:
            narrowed, phrases = candidate, [*phrases, name]
    inferred = infer(text, narrowed, store, authority.load(store), without)
    return Query(
        parsed,
        text,
        filters,
        inferred.filter,
        (*constraints, *inferred.constraints),
        given,
        inferred.filter_with_all_constraints,
        inferred.has_soft_constraints or narrowed != given,
        inferred.contradicted,
        tuple(phrases),
        unheld=tuple(unheld),
    )


def _is_elsewhere(phrase: str, text: str, given: Filter, store: IndexStore) -> bool:
    """Whether documents that the filter leaves out have the phrase."""
    return given != Filter() and store.matching(holding([phrase], text, Filter(), store)) > 0


def _checked(question: str) -> ParsedQuestion:
    """The question parsed. Raises UsageError where there is nothing to parse, or too much."""
    text = question.strip()
    if not text:
        raise UsageError("the question is empty; ask something, for example who wrote to whom")
    if len(text) > MAX_QUESTION:
        raise UsageError(f"the question is {len(text)} characters long; ask in {MAX_QUESTION}")
    check_text(text, "the question")
    return parse(text)
