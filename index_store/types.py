"""Values that every package uses: documents, passages, hits, filters, vectors, the manifest.

Frozen dataclasses without behaviour, except `to_dict`, which gives the documented JSON. Not here:
SQLite, Chroma, tantivy, questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from index_store.layout import Layout, Region

Kind = Literal["original", "translation"]
Translator = Literal["AI", "human"]

Vectors = NDArray[np.float32]
"""One vector of shape (dimension,), or rows of them of shape (n, dimension)."""


@dataclass(frozen=True, slots=True)
class DocumentWarning:
    """A contradiction or defect of a document; `code` is one of the documented codes."""

    code: str
    message: str

    def to_dict(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class Document:
    """One text in one language, with the metadata that its file gives.

    `text` is stored code point for code point; every offset in Fonds counts code points of it.
    `date` is EDTF as given, `date_from`/`date_to` the ISO days that a date filter must consider
    (a wider span than `date` where the document gives several dates). `sha256` covers text and
    metadata. `pages` are (offset, page label) pairs in rising order, for formats that have pages.
    `layout` says where the words stand on the pages; a document has it while it is ingested, and of
    a stored one the store gives it apart (`IndexStore.layout`).
    """

    document_id: str
    record_id: str
    lang: str
    text: str
    kind: Kind = "original"
    translator: Translator | None = None
    title: str = ""
    date: str | None = None
    date_from: str | None = None
    date_to: str | None = None
    date_text: str | None = None
    author: str | None = None
    recipient: str | None = None
    place: str | None = None
    collection: str | None = None
    source: str | None = None
    archival_ref: str | None = None
    path: str = ""
    warnings: tuple[DocumentWarning, ...] = ()
    pages: tuple[tuple[int, str], ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""
    layout: Layout | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON of everything but the text; `extra` only where there is any."""
        out: dict[str, Any] = {name: getattr(self, name) for name in DOCUMENT_FIELDS}
        out["warnings"] = [warning.to_dict() for warning in self.warnings]
        out["sha256"] = self.sha256
        if self.extra:
            out["extra"] = dict(self.extra)
        return out


DOCUMENT_FIELDS = (
    "document_id", "record_id", "lang", "kind", "translator", "title", "date", "date_from",
    "date_to", "date_text", "author", "recipient", "place", "collection", "source",
    "archival_ref", "path",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph or part of one: `text == document.text[start:end]`."""

    passage_id: str
    document_id: str
    ordinal: int
    start: int
    end: int
    text: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Origin:
    """Rank and score of a hit in one of the lists that were fused."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A ranked passage with its document; `origins` has its rank and score in each fused list.

    `regions` are the boxes of the passage's printed lines, None where the document has no layout.
    """

    passage: Passage
    document: Document
    rank: int
    score: float
    origins: Mapping[str, Origin] = field(default_factory=dict)
    regions: tuple[Region, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            **self.passage.to_dict(),
            "rank": self.rank,
            "score": self.score,
            "origins": {n: {"rank": o.rank, "score": o.score} for n, o in self.origins.items()},
            "document": self.document.to_dict(),
        }
        if self.regions is not None:
            out["regions"] = [region.to_dict() for region in self.regions]
        return out


@dataclass(frozen=True, slots=True)
class Scored:
    """The id of a passage, or of a document in a search of documents, with its score."""

    passage_id: str
    score: float


@dataclass(frozen=True, slots=True)
class ScoreStats:
    """Number, mean and standard deviation of a query's scores over all that meets a filter.

    Passages that are not among the best count too.
    """

    count: int
    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents may be returned; without any field set, all.

    People and collections are exact stored values (`rag` looks up what a reader typed). None does
    not restrict; an empty tuple matches nothing. Dates are ISO days, and a document meets them if
    its span overlaps theirs; one without a date never does.
    """

    date_from: str | None = None
    date_to: str | None = None
    lang: str | None = None
    kind: Kind | None = None
    authors: tuple[str, ...] | None = None
    recipients: tuple[str, ...] | None = None
    collections: tuple[str, ...] | None = None
    documents: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self == Filter()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the store was built with. `version` is that of the Fonds that created it."""

    schema: int
    encoder: str
    dimension: int
    metric: str
    version: str


def document_of(passage_id: str) -> str:
    """The document's id; a passage's id is that, "#" and the ordinal."""
    return passage_id.rpartition("#")[0]
