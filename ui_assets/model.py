"""The values that the chat works with: an exchange, its sources and excerpts."""

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
"""Called with files done, files in all and passages stored, as `rag.ingest.Progress`."""


class ArchiveLike(Protocol):
    """What the chat needs of an archive; `rag.Archive` fits."""

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
    """Stored text around `marked`, in five pieces without gaps between them.

    `lead` and `tail` are the rest of the passages that the marked text overlaps, `before` and
    `after` the passages on either side. `changed`: the store no longer has these words here.
    """

    before: str = ""
    lead: str = ""
    marked: str = ""
    tail: str = ""
    after: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """An entry of the evidence panel: a cited document, or one near an unanswered question.

    `first` and `last` are the positions of the first and last passage of the excerpt, from which
    the reader can go on; -1 where it is in no passage. `more` is False if `last` is known to be
    the end of the document. `copies` are found documents with the same or nearly the same text.
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
    """What was searched: number of documents, first and last year, languages by frequency."""

    documents: int
    first: int | None = None
    last: int | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with its answer, or the error that prevented one, or neither yet.

    Until there is an answer, `sources` are the passages found for it and `draft` its text so far;
    `read` is the share of the passages that a language model has read.
    `without` names constraints of the question that the reader wants ignored. `verdict` is the
    reader's: 1 good, -1 bad. `asked` is in seconds since 1970.
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
    read: float | None = None

    @property
    def is_waiting(self) -> bool:
        return self.answer is None and self.fault is None
