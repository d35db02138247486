"""A problem of a store, as the doctor tells it. Not here: the checks that find them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

_MAX_SHOWN = 5  # names in one problem


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: `code` for programs, `what` and `repair` for people."""

    code: str
    what: str
    repair: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


def counted(number: int, one: str, many: str) -> str:
    """A number with its words, in the singular or the plural: "1 page is", "2 pages are"."""
    return f"{number} {one if number == 1 else many}"


def shown(names: Iterable[str]) -> str:
    """The first of these names, each once, in order."""
    found = sorted(set(names))
    return ", ".join(found[:_MAX_SHOWN]) + (" …" if len(found) > _MAX_SHOWN else "")
