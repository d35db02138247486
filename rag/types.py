"""What Fonds answers with: frozen results that hold their evidence.

Every class has `to_dict`, which gives the JSON of the contract. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from index_store.types import Document, DocumentWarning, Hit, Passage

Check = Literal["exact", "normalised"]
MatchStatus = Literal["exact", "normalised", "near", "absent"]
StatementKind = Literal["quotation", "prose", "record"]
Support = Literal["verified", "supported", "unsupported"]
AbstentionReason = Literal["no_evidence", "silent", "outside_filters"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A file, or a line of one, that could not be read."""

    path: str
    error: str
    line: int | None = None

    def to_dict(self) -> dict[str, Any]:
        out: dict[str, Any] = {"path": self.path}
        if self.line is not None:
            out["line"] = self.line
        return {**out, "error": self.error}


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did; counts are of documents, `seconds` wall time."""

    added: int
    updated: int
    unchanged: int
    removed: int
    failed: int
    passages: int
    warnings: tuple[tuple[str, DocumentWarning], ...]
    failures: tuple[Failure, ...]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        return {
            "documents": {
                "added": self.added,
                "updated": self.updated,
                "unchanged": self.unchanged,
                "removed": self.removed,
                "failed": self.failed,
            },
            "passages": self.passages,
            "warnings": [{"document_id": d, **w.to_dict()} for d, w in self.warnings],
            "failures": [failure.to_dict() for failure in self.failures],
            "seconds": self.seconds,
        }


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked to see, as typed; `rag.query` turns it into a store filter.

    Dates are ISO years, months or days; people and collections match in either alphabet.
    """

    date_from: str | None = None
    date_to: str | None = None
    lang: str | None = None
    author: str | None = None
    recipient: str | None = None
    collection: str | None = None
    kind: str | None = None
    exclude: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Only what is set."""
        given = asdict(self)
        given["exclude"] = list(self.exclude)
        return {name: value for name, value in given.items() if value not in (None, [])}


@dataclass(frozen=True, slots=True)
class Constraint:
    """A restriction, given as a filter or understood from the question."""

    field: str
    value: str
    origin: Literal["given", "inferred"]
    applied: bool

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class SearchResult:
    question: str
    hits: tuple[Hit, ...]
    filters: Filters
    seconds: Mapping[str, float]
    message: str | None = None

    def to_dict(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "question": self.question,
            "hits": [hit.to_dict() for hit in self.hits],
            "filters": self.filters.to_dict(),
            "seconds": dict(self.seconds),
        }
        if self.message:
            out["message"] = self.message
        return out


@dataclass(frozen=True, slots=True)
class Counterpart:
    """The same words in the other language version of the record."""

    document_id: str
    start: int
    end: int
    text: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Citation:
    """A quotation with its place and its document, all of it read from the store.

    `quote == document.text[start:end]`, byte for byte; built only by `rag.citations`.
    """

    n: int
    passage_id: str
    quote: str
    start: int
    end: int
    check: Check
    document: Document
    formatted: Mapping[str, str]
    page: str | None = None
    counterpart: Counterpart | None = None

    def to_dict(self) -> dict[str, Any]:
        document = self.document
        return {
            "n": self.n,
            "passage_id": self.passage_id,
            "document_id": document.document_id,
            "quote": self.quote,
            "start": self.start,
            "end": self.end,
            "check": self.check,
            "lang": document.lang,
            "kind": document.kind,
            "translator": document.translator,
            "title": document.title,
            "date": document.date,
            "author": document.author,
            "recipient": document.recipient,
            "source": document.source,
            "archival_ref": document.archival_ref,
            "page": self.page,
            "formatted": dict(self.formatted),
            "counterpart": self.counterpart.to_dict() if self.counterpart else None,
            "warnings": [warning.to_dict() for warning in document.warnings],
        }


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of an answer and how far the store bears it out.

    `fields` (kind "record" only) maps field names to what the store has, "not given" where
    it has nothing.
    """

    text: str
    kind: StatementKind
    citations: tuple[int, ...]
    support: Support
    fields: Mapping[str, str] | None = None

    def to_dict(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "text": self.text,
            "kind": self.kind,
            "citations": list(self.citations),
            "support": self.support,
        }
        if self.fields is not None:
            out["fields"] = dict(self.fields)
        return out


@dataclass(frozen=True, slots=True)
class Abstention:
    """Why the archive does not answer, and the nearest that it holds."""

    reason: AbstentionReason
    message: str
    nearest: tuple[Hit, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "reason": self.reason,
            "message": self.message,
            "nearest": [hit.to_dict() for hit in self.nearest],
        }


@dataclass(frozen=True, slots=True)
class Listed:
    """A document of a complete list, and how often it mentions what was asked for."""

    document: Document
    mentions: int | None

    def to_dict(self) -> dict[str, Any]:
        names = ("document_id", "record_id", "lang", "title", "date", "author", "recipient")
        out = {name: getattr(self.document, name) for name in names}
        return out if self.mentions is None else {**out, "mentions": self.mentions}


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question and its answer."""

    question: str
    answer: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class VerifiedAnswer:
    """An answer every quotation of which has been found in the store, or an abstention.

    `documents` is the whole list where a list or a number was asked for, else None. `without` names
    the constraints that the reader did not want inferred. After a conversation `history` has the
    turns before, and `understood` the question that was asked in place of one that leaned on them.
    """

    question: str
    status: Literal["answered", "abstained"]
    confidence: float
    answer: str
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    constraints: tuple[Constraint, ...]
    abstention: Abstention | None
    engine: str
    filters: Filters
    record: Mapping[str, str]
    seconds: Mapping[str, float]
    documents: tuple[Listed, ...] | None = None
    notice: str | None = None
    """Why the language model's answer is not shown; None where there was none or it is."""
    without: tuple[str, ...] = ()
    history: tuple[Turn, ...] = ()
    understood: str | None = None

    def to_dict(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "question": self.question,
            "status": self.status,
            "confidence": self.confidence,
            "answer": self.answer,
            "statements": [statement.to_dict() for statement in self.statements],
            "citations": [citation.to_dict() for citation in self.citations],
            "hits": [hit.to_dict() for hit in self.hits],
            "constraints": [constraint.to_dict() for constraint in self.constraints],
            "abstention": self.abstention.to_dict() if self.abstention else None,
            "engine": self.engine,
            "notice": self.notice,
            "filters": self.filters.to_dict(),
            "record": dict(self.record),
            "seconds": dict(self.seconds),
        }
        if self.documents is not None:
            out["documents"] = [listed.to_dict() for listed in self.documents]
        if self.without:
            out["without"] = list(self.without)
        if self.history:
            out["history"] = [turn.to_dict() for turn in self.history]
        if self.understood is not None:
            out["understood"] = self.understood
        return out


class Piece(str):
    """A piece of an answer's text as it comes into being; joined, the pieces are the answer.

    The first are empty and have the `hits` found so far, the last of them those of the answer; the
    last of all is empty and has the whole `answer`. Between them a piece of a language model's
    answer has its checked `statement` with its `citations`.
    `anew`: the model failed, what came before is void, and the answer begins with this piece.
    """

    hits: tuple[Hit, ...]
    statement: Statement | None
    citations: tuple[Citation, ...]
    answer: VerifiedAnswer | None
    anew: bool

    def __new__(
        cls,
        text: str,
        *,
        hits: tuple[Hit, ...] = (),
        statement: Statement | None = None,
        citations: tuple[Citation, ...] = (),
        answer: VerifiedAnswer | None = None,
        anew: bool = False,
    ) -> Piece:
        piece = super().__new__(cls, text)
        piece.hits, piece.statement, piece.citations = hits, statement, citations
        piece.answer, piece.anew = answer, anew
        return piece


@dataclass(frozen=True, slots=True)
class Difference:
    """Words of a quotation beside the words that stand in the document."""

    quoted: str
    stored: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Match:
    """One place in the archive for a quotation. `check` of its citation is "exact" or
    "normalised" only for those; a near match carries its differences and status "near"."""

    status: MatchStatus
    citation: Citation
    differences: tuple[Difference, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            **self.citation.to_dict(),
            "check": self.status,
            "differences": [difference.to_dict() for difference in self.differences],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where the words stand of a quotation that does not: `splice`, its parts at several places,
    in the order of the quotation; `elsewhere`, in other documents than the one asked of."""

    code: Literal["splice", "elsewhere"]
    message: str
    parts: tuple[Match, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "message": self.message,
            "parts": [part.to_dict() for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class QuotationReport:
    """Where a quotation stands in the archive; matches best first."""

    quotation: str
    status: MatchStatus
    matches: tuple[Match, ...]
    explanation: Explanation | None = None

    def to_dict(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "quotation": self.quotation,
            "status": self.status,
            "matches": [match.to_dict() for match in self.matches],
        }
        if self.explanation is not None:
            out["explanation"] = self.explanation.to_dict()
        return out


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A whole document with its passages."""

    document: Document
    passages: tuple[Passage, ...]
    marked: str | None = None

    def to_dict(self) -> dict[str, Any]:
        out = {
            **self.document.to_dict(),
            "text": self.document.text,
            "passages": [passage.to_dict() for passage in self.passages],
        }
        if self.document.pages:
            out["pages"] = [
                {"start": start, "label": label} for start, label in self.document.pages
            ]
        if self.marked is not None:
            out["marked"] = self.marked
        return out


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a batch."""

    id: str
    text: str
    filters: Filters = field(default_factory=Filters)
    history: tuple[Turn, ...] = ()


ReadItem = Document | Failure
"""What a reader yields: documents with the id they propose, and lines it could not read."""

PathLike = str | Path
