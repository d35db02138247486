"""How many documents there are by year, person, language or collection.

A record in two languages is two documents and one record, unless its versions are different
texts. Two names are one person if the authority file says so, or if they are spelled alike apart
from alphabet and case. Documents without a value are counted under a row of their own.

Not here: which documents are counted (`rag.questions.query`), how the table is shown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from index_store.types import Document
from rag import names
from rag.names.authority import People
from rag.records.description import NOT_GIVEN, record_of

FIELDS = ("year", "author", "recipient", "lang", "collection")
UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Count:
    """A value with its numbers of documents and records; `spellings` are other stored forms."""

    value: str
    documents: int
    records: int
    spellings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The count as JSON values."""
        return {**asdict(self), "spellings": list(self.spellings)}


def count(documents: Sequence[Document], by: str, people: People) -> list[Count]:
    """The counts by one of `FIELDS`: years in order, other values from the most frequent, missing
    values last."""
    values = [year_of(d) if by == "year" else getattr(d, by) for d in documents]
    spelt = Counter(value for value in values if value is not None)
    merged = _merged(spelt, people) if by in ("author", "recipient") else {v: v for v in spelt}
    missing = UNDATED if by == "year" else NOT_GIVEN
    groups: dict[str | None, list[int]] = defaultdict(list)
    for n, value in enumerate(values):
        groups[None if value is None else merged[value]].append(n)
    counted = []
    for label, members in groups.items():
        written = sorted({value for n in members if (value := values[n])} - {label})
        records = {record_of(documents[n]) for n in members}
        counted.append(
            (label is None, Count(label or missing, len(members), len(records), tuple(written)))
        )
    by_year = by == "year"
    counted.sort(key=lambda c: (c[0], 0 if by_year else -c[1].documents, c[1].value))
    return [item for _, item in counted]


def year_of(document: Document) -> str | None:
    """The year or years that the date spans: 1931, 1930/1932, ../1935; None for no date."""
    first, last = document.date_from, document.date_to
    if first is None and last is None:
        return None
    begin, end = first[:4] if first else "..", last[:4] if last else ".."
    return begin if begin == end else f"{begin}/{end}"


def _merged(spelt: Counter[str], people: People) -> dict[str, str]:
    """The label of each spelling: the person's name in the authority file, else the most frequent
    spelling of the same name."""
    labels: dict[str, str] = {}
    known: dict[str, list[str]] = defaultdict(list)
    for value in sorted(spelt, key=lambda v: (-spelt[v], v)):
        person = people.who(value)
        if person is not None:
            labels[value] = f"{person.name} ({person.dates})" if person.dates else person.name
            continue
        keys = names.keys(value)
        alike = (other for key in sorted(keys) for other in known[key])
        label = next((o for o in alike if names.same_spelling(value, o)), value)
        labels[value] = label
        if label == value:
            for key in keys:
                known[key].append(value)
    return labels
