"""What crosses the walls of the house: documents, passages, hits, filters and the manifest.

Plain frozen dataclasses. They hold no behaviour beyond `to_dict`, which gives the JSON of the
contract; they know nothing of SQLite, Chroma, tantivy or questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["original", "translation"]
Translator = Literal["AI", "human"]


@dataclass(frozen=True, slots=True)
class DocumentWarning:
    """Something about a document that does not fit; `code` is one of the contract's codes."""

    code: str
    message: str

    def to_dict(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class Document:
    """One text in one language, with the metadata the archive gives for it.

    `text` is stored code point for code point; every offset in Fonds counts code points of it.
    `date` is EDTF as given, `date_from`/`date_to` the ISO days that a date filter must consider
    (wider than `date` where the document contradicts itself). `sha256` covers text and metadata.
    `pages` are (offset, page label) pairs, for formats that have pages, in rising order.
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

    def to_dict(self) -> dict[str, Any]:
        """The contract's document: everything but the text; `extra` only where there is any."""
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
    """Where one index ranked a hit, and its own score there."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A ranked passage with its document and the evidence for its rank."""

    passage: Passage
    document: Document
    rank: int
    score: float
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {
            **self.passage.to_dict(),
            "rank": self.rank,
            "score": self.score,
            "origins": {n: {"rank": o.rank, "score": o.score} for n, o in self.origins.items()},
            "document": self.document.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage id with a score: what an index returns before the catalogue has confirmed it."""

    passage_id: str
    score: float


@dataclass(frozen=True, slots=True)
class ScoreStats:
    """How the scores of one query lie over everything that meets a filter, listed or not."""

    count: int
    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents may be returned; empty means all.

    People and collections are exact stored values (`rag` resolves what a reader typed);
    an empty tuple matches nothing, None does not restrict. A document without a date
    never meets a date filter.
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
    """What the store was built with; another encoder or schema is refused before any write."""

    schema: int
    encoder: str
    dimension: int
    metric: str
    version: str


def document_of(passage_id: str) -> str:
    """The document of a passage: ids are the document's id, "#" and the ordinal."""
    return passage_id.rpartition("#")[0]
