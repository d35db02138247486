"""Answers with their statements and citations; `to_dict` gives their public JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from index_store.layout import Region
from index_store.types import Document, Hit
from rag.types.requests import Constraint, Filters, Turn

Check = Literal["exact", "normalised"]
StatementKind = Literal["quotation", "prose", "record"]
Support = Literal["verified", "supported", "unsupported"]
Certainty = Literal["clear", "doubtful"]
AbstentionReason = Literal["no_evidence", "silent", "outside_filters"]


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

    `quote == document.text[start:end]`, byte for byte; built only by `rag.citations`. `regions` are
    the boxes of its printed lines, () where too few of its words can be placed, None where the
    document has no layout.
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
    regions: tuple[Region, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        document = self.document
        out: dict[str, Any] = {
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
        if self.regions is not None:
            out["regions"] = [region.to_dict() for region in self.regions]
        return out


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of an answer and how far the store supports it.

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
    """Why the archive does not answer, and the nearest documents."""

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
class VerifiedAnswer:
    """An answer every quotation of which has been found in the store, or an abstention.

    `documents` is the whole list where a list or a number was asked for, else None. `without` names
    the constraints that the reader did not want inferred. In a conversation `history` has the turns
    before, and `understood` the standalone question that was asked instead of a follow-up. A
    "doubtful" answer shows what comes nearest, without claiming that it answers; `certainty` is
    None for an abstention.
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
    certainty: Certainty | None = None

    def to_dict(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "question": self.question,
            "status": self.status,
            "certainty": self.certainty,
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


class AnswerEvent(str):
    """A piece of an answer's text while it is written; joined, the pieces are the answer.

    The first pieces are empty and have the `hits` found so far, the last of them those of the
    answer; the very last is empty and has the whole `answer`. Between them each piece of a language
    model's answer has its checked `statement` with its `citations`. `restarts`: the model failed,
    the pieces before are no longer valid, and the answer begins with this one. `read`: the share of
    the passages that the model has read, in an empty piece.
    """

    hits: tuple[Hit, ...]
    statement: Statement | None
    citations: tuple[Citation, ...]
    answer: VerifiedAnswer | None
    restarts: bool
    read: float | None

    def __new__(
        cls,
        text: str,
        *,
        hits: tuple[Hit, ...] = (),
        statement: Statement | None = None,
        citations: tuple[Citation, ...] = (),
        answer: VerifiedAnswer | None = None,
        restarts: bool = False,
        read: float | None = None,
    ) -> AnswerEvent:
        piece = super().__new__(cls, text)
        piece.hits, piece.statement, piece.citations = hits, statement, citations
        piece.answer, piece.restarts, piece.read = answer, restarts, read
        return piece
