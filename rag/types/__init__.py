"""Frozen values that cross packages, with their JSON."""

from rag.types.answers import (
    Abstention,
    AbstentionReason,
    AnswerEvent,
    Certainty,
    Check,
    Citation,
    Counterpart,
    Listed,
    Statement,
    StatementKind,
    Support,
    VerifiedAnswer,
)
from rag.types.quotations import Difference, Explanation, Match, MatchStatus, QuotationReport
from rag.types.reports import Failure, IngestReport, ReadItem, SearchResult, ShownDocument
from rag.types.requests import (
    VALUE_FILTERS,
    AskRequest,
    Constraint,
    Filters,
    PathLike,
    Question,
    Turn,
)

__all__ = [
    "VALUE_FILTERS",
    "Abstention",
    "AbstentionReason",
    "AnswerEvent",
    "AskRequest",
    "Certainty",
    "Check",
    "Citation",
    "Constraint",
    "Counterpart",
    "Difference",
    "Explanation",
    "Failure",
    "Filters",
    "IngestReport",
    "Listed",
    "Match",
    "MatchStatus",
    "PathLike",
    "Question",
    "QuotationReport",
    "ReadItem",
    "SearchResult",
    "ShownDocument",
    "Statement",
    "StatementKind",
    "Support",
    "Turn",
    "VerifiedAnswer",
]
