"""What a user asks for: filters, constraints, questions and earlier turns."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal


def _filter(flag: str, help: str, metavar: str | None = None, choices: tuple[str, ...] = ()) -> Any:
    """A filter with its option on the command line."""
    option = {"flag": flag, "help": help, "metavar": metavar, "choices": choices}
    return field(default=None, metadata=option)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked to see, as typed; `rag.questions.filters` turns it into a store filter.

    Dates are ISO years, months or days; people and collections match in either alphabet.
    """

    date_from: str | None = _filter("--from", "Earliest date: year, month or day.", "DATE")
    date_to: str | None = _filter("--to", "Latest date: year, month or day.", "DATE")
    lang: str | None = _filter("--lang", "Language of the document, by ISO 639-1: en, ru, de, …")
    author: str | None = _filter("--author", "Author, in either alphabet.")
    recipient: str | None = _filter("--recipient", "Recipient, in either alphabet.")
    collection: str | None = _filter("--collection", "Collection.")
    kind: str | None = _filter(
        "--kind", "Originals or translations.", choices=("original", "translation")
    )
    exclude: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Only what is set."""
        given = asdict(self)
        given["exclude"] = list(self.exclude)
        return {name: value for name, value in given.items() if value not in (None, [])}


VALUE_FILTERS = tuple(
    f.name for f in fields(Filters) if f.metadata and f.name not in ("date_from", "date_to")
)
"""The filters that compare one value of a document: all but dates and excluded documents."""


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
class Turn:
    """An earlier question and its answer."""

    question: str
    answer: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a batch."""

    id: str
    text: str
    filters: Filters = field(default_factory=Filters)
    history: tuple[Turn, ...] = ()


PathLike = str | Path


WITHOUT_MODEL = "model"


@dataclass(frozen=True, slots=True)
class AskRequest:
    """A question with everything that belongs to it.

    `history` are the turns before. `without` names fields of constraints that the question implies
    and the reader does not want; `WITHOUT_MODEL` among them leaves the language model out. With
    `strict`, what a language model says and no passage supports
    is left out; else it is marked.
    """

    question: str
    filters: Filters = field(default_factory=Filters)
    history: tuple[Turn, ...] = ()
    without: tuple[str, ...] = ()
    strict: bool = True
