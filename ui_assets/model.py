"""The values that the chat works with: an exchange, its sources and excerpts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from index_store.layout import Layout, Page, Region
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

    def pages(self, document_id: str) -> Sequence[Page]: ...

    def layout(
        self, document_id: str, start: int = ..., end: int | None = ..., below: float | None = ...
    ) -> Layout | None:
        """All pages, and the boxes of the words in `text[start:end]`.

        With `below` at least of those read with less confidence, and of the first of each page.
        """

    def picture(self, name: str, large: bool = ...) -> bytes: ...

    def ingest(self, paths: Sequence[Path], *, progress: Progress | None = ...) -> IngestReport: ...


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Stored text around `marked`, in five pieces without gaps between them.

    `lead` and `tail` are the rest of the passages that the marked text overlaps, `before` and
    `after` the passages on either side. `start` is the offset of the first piece in the document.
    `changed`: the store no longer has these words here.
    """

    before: str = ""
    lead: str = ""
    marked: str = ""
    tail: str = ""
    after: str = ""
    changed: bool = False
    start: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of a document as it is shown, with the boxes of the words at `[start:end]` on it.

    `number` counts the document's `count` pages from 1; `label` is the page's number as printed.
    `width` and `height` are of any unit. `picture` is its name in the store, None where there is
    none. `marked` are the numbers and labels of all pages that have boxes.
    """

    document_id: str
    number: int
    count: int
    label: str
    width: float
    height: float
    picture: str | None
    start: int = 0
    end: int = 0
    boxes: tuple[Region, ...] = ()
    marked: tuple[tuple[int, str], ...] = ()


Faint = tuple[tuple[int, int, float], ...]
"""Words of a document that were read with little certainty: start, end, confidence from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Source:
    """An entry of the evidence panel: a cited document, or one near an unanswered question.

    `first` and `last` are the positions of the first and last passage of the excerpt, from which
    the reader can go on; -1 where it is in no passage. `more` is False if `last` is known to be
    the end of the document. `copies` are found documents with the same or nearly the same text.
    `sheet` is the page of the quotation, None where its place on a page is not known; `faint` are
    the words of the excerpt that were read with little certainty.
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
    sheet: Sheet | None = None
    faint: Faint = ()


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
