"""A checked quotation: its places, its differences, and their explanation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from rag.types.answers import Citation

MatchStatus = Literal["exact", "normalised", "near", "absent"]


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
