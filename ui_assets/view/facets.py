"""What the reader can filter by (years, languages, people, collections), and example questions.

Counted from the documents' metadata, again whenever the store has changed.
Not here: what a filter means (`rag.questions.filters`).
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from index_store.types import Document
from rag.types import Filters
from ui_assets.model import ArchiveLike, Scope
from ui_assets.view.words import word

MAX_EXAMPLES = 4
MAX_TITLE_CHARS = 70  # longer titles do not read well inside a question


@dataclass(frozen=True, slots=True)
class Facets:
    """The documents, and for each filter the values found, the most frequent first.

    `years` has every year from the first to the last with its number of documents.
    """

    documents: tuple[Document, ...] = ()
    years: tuple[tuple[int, int], ...] = ()
    undated: int = 0
    languages: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def max_per_year(self) -> int:
        """The highest number of documents of any year; at least 1."""
        return max((n for _, n in self.years), default=1) or 1


class Catalogue:
    """The facets of an archive, counted again when the archive has changed."""

    def __init__(self, archive: ArchiveLike) -> None:
        self._archive = archive
        self._lock = threading.Lock()
        self._counted_state = ""
        self._facets = Facets()
        self._versions: dict[str, list[Document]] = {}

    @property
    def facets(self) -> Facets:
        with self._lock:
            state = json.dumps(dict(self._archive.info()), sort_keys=True, default=str)
            if state != self._counted_state:
                self._facets = count(self._archive.documents())
                self._versions = {}
                for document in self._facets.documents:
                    self._versions.setdefault(document.record_id, []).append(document)
                self._counted_state = state
            return self._facets

    def versions(self, document: Document) -> list[Document]:
        """The other documents of the same record."""
        _ = self.facets
        same = self._versions.get(document.record_id, [])
        return [other for other in same if other.document_id != document.document_id]

    def scope(self, filters: Filters) -> Scope:
        """What a question under these filters searches."""
        if filters == Filters():
            return scope(self.facets.documents)
        return scope(self._archive.documents(filters))


def count(documents: Sequence[Document]) -> Facets:
    """Count the facets of these documents."""
    counted = Counter(year for d in documents if (year := first_year(d)) is not None)
    years = range(min(counted), max(counted) + 1) if counted else range(0)

    def values(name: str) -> tuple[str, ...]:
        found = Counter(value for d in documents if (value := getattr(d, name)))
        return tuple(sorted(found, key=lambda value: (-found[value], value)))

    return Facets(
        tuple(documents),
        tuple((year, counted[year]) for year in years),
        len(documents) - counted.total(),
        values("lang"),
        values("author"),
        values("recipient"),
        values("collection"),
        values("kind"),
    )


def scope(documents: Sequence[Document]) -> Scope:
    """Number, first and last year and languages of the documents."""
    years = [y for d in documents for y in (first_year(d), last_year(d)) if y is not None]
    languages = Counter(d.lang for d in documents)
    return Scope(
        len(documents),
        min(years, default=None),
        max(years, default=None),
        tuple(sorted(languages, key=lambda code: (-languages[code], code))),
    )


def first_year(document: Document) -> int | None:
    """The first year in which the document may have been written."""
    return _year(document.date_from or document.date_to)


def last_year(document: Document) -> int | None:
    """The last year in which the document may have been written."""
    return _year(document.date_to or document.date_from)


def _year(day: str | None) -> int | None:
    return int(day[:4]) if day and day[:4].isdigit() else None


def examples(documents: Sequence[Document], lang: str, *, sample: bool = False) -> list[str]:
    """Example questions about documents from all over the archive; for the sample archive, some
    of the questions that come with it."""
    if sample:
        return _sample_questions(lang)
    titled = [d for d in documents if d.title and len(d.title) <= MAX_TITLE_CHARS]
    own = [d for d in titled if d.lang == lang] or titled
    step = max(1, len(own) // MAX_EXAMPLES)
    forms = ("example_wrote", "example_archive", "example_date")
    asked = []
    for n, document in enumerate(own[::step][:MAX_EXAMPLES]):
        form = forms[n % len(forms)]
        if form == "example_wrote" and not (document.author and document.recipient):
            form = "example_date"
        asked.append(
            word(
                lang,
                form,
                title=document.title.rstrip("."),
                author=document.author,
                recipient=document.recipient,
            )
        )
    return asked


def filters_from(data: dict[str, Any], facets: Facets) -> Filters:
    """The filters of a submitted form; values that the page does not offer are ignored.

    A range over all years sets no date filter, so that undated documents stay in.
    """
    first, last = (facets.years[0][0], facets.years[-1][0]) if facets.years else (None, None)
    years = [data.get("date_from"), data.get("date_to")]
    start, end = (str(y) if str(y).isdigit() else None for y in years)
    if start and end and int(start) > int(end):
        start, end = end, start
    if start == str(first) and end == str(last):
        start = end = None
    named: dict[str, Any] = {"date_from": start, "date_to": end}
    offered = {
        "lang": facets.languages,
        "author": facets.authors,
        "recipient": facets.recipients,
        "collection": facets.collections,
        "kind": facets.kinds,
    }
    for name, values in offered.items():
        named[name] = data.get(name) if data.get(name) in values else None
    known = {d.document_id for d in facets.documents}
    named["exclude"] = tuple(i for i in data.get("exclude") or () if i in known)
    assert named.keys() == {f.name for f in fields(Filters)}
    return Filters(**named)


@cache
def _sample_questions(lang: str) -> list[str]:
    import samples

    lines = samples.QUESTIONS.read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["lang"] == lang and row["answerable"]]
    return [str(row["text"]) for row in rows[:MAX_EXAMPLES]]
