"""What the chat keeps of one question and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from index_store.types import Document
from rag.types import (
    Citation,
    Filters,
    IngestReport,
    QuotationReport,
    SearchResult,
    ShownDocument,
    Turn,
    VerifiedAnswer,
)

Progress = Callable[[int, int, int], None]
"""As `rag.ingest.Progress`: files done, files in all, passages stored."""


class ArchiveLike(Protocol):
    """What the chat needs of an archive; `rag.Archive` has it."""

    def ask(
        self, question: str, filters: Filters = ..., history: Sequence[Turn] = ...
    ) -> VerifiedAnswer: ...

    def search(self, question: str, k: int = ..., filters: Filters = ...) -> SearchResult: ...

    def verify(self, quotation: str, document_id: str | None = None) -> QuotationReport: ...

    def show(self, document_id: str) -> ShownDocument: ...

    def documents(self, filters: Filters = ...) -> Sequence[Document]: ...

    def info(self) -> Mapping[str, Any]: ...

    def ingest(self, paths: Sequence[Path], *, progress: Progress | None = ...) -> IngestReport: ...


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Stored text around `marked`, in five pieces that follow each other without a gap.

    `lead` and `tail` are the rest of the passages that the mark touches, `before` and `after`
    their neighbours. `changed` says that the store no longer has these words at this place.
    """

    before: str = ""
    lead: str = ""
    marked: str = ""
    tail: str = ""
    after: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of the panel: a cited document, or one near to a question that has no answer.

    `first` and `last` are the ordinals of the passages that the excerpt begins and ends with,
    from which the reader can walk on; -1 where it stands in none. `more` is False where the last
    is known to be the document's. `copies` are documents that the search found too and that have
    the same or nearly the same text.
    """

    n: int
    document: Document
    excerpt: Excerpt
    citation: Citation | None = None
    counterpart_lang: str | None = None
    first: int = -1
    last: int = -1
    more: bool = True
    copies: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What was searched: documents, first and last year, languages, the commonest first."""

    documents: int
    first: int | None = None
    last: int | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with its answer, or the fault that prevented one, or neither yet.

    `sources` before there is an answer are what was found for it; `draft` is what is written
    of it. `without` names limits that the question implies and the reader does not want.
    `verdict` is the reader's: 1 good, -1 bad. `asked` in seconds since 1970.
    """

    number: int
    question: str
    answer: VerifiedAnswer | None = None
    fault: str | None = None
    sources: tuple[Source, ...] = ()
    filters: Filters = Filters()
    without: tuple[str, ...] = ()
    scope: Scope | None = None
    verdict: int | None = None
    asked: float = 0.0
    draft: str = ""

    @property
    def is_waiting(self) -> bool:
        return self.answer is None and self.fault is None
