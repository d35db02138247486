"""What a question itself restricts: dates, senders, recipients, places.

A constraint that belongs to a document word ("the letter of 21 November 1931 to Voroshilov") is
firm: where no document meets it, the question presupposes one that the archive does not have.
One that belongs to the event ("in August 1939, who was …", "What did Lyons cable to …") is
soft: a document of another date or author may describe it too, so it is dropped where no document
within it answers.

Not here: filters that a reader sets (`rag.questions.filters`), the words that make a name a sender
or a recipient (`rag.questions.correspondents`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from index_store.store import IndexStore
from index_store.types import Filter
from rag import dates, names
from rag.dates.edtf import parse_edtf
from rag.names.authority import People
from rag.names.parsing import OFFICES
from rag.questions.correspondents import roles, spoken, writes
from rag.records.document_types import THING
from rag.text.language_names import IN_ENGLISH
from rag.text.languages import either
from rag.types import Constraint

_DATED = re.compile(
    rf"\W*(?:(?:{either(lambda language: language.questions.date_link)})\W+)*", re.I
)
_BESIDE = re.compile(
    rf"\b(?:{either(lambda language: language.questions.beside_event)})\s(?:[\w-]+\s){{0,4}}$",
    re.I,
)

_OFFICE = re.compile(rf"\b(?:{'|'.join(sorted(OFFICES))})\b", re.I)


@dataclass(frozen=True, slots=True)
class Restriction:
    """One restriction of a question; `filter` has the documents that meet it."""

    field: str
    value: str
    firm: bool
    filter: Filter


@dataclass(frozen=True, slots=True)
class Inferred:
    """The constraints of a question, and what they leave of the given filter.

    `filter` has those that some document meets, `filter_with_all_constraints` all of them.
    `has_soft_constraints`: some that apply are soft. `contradicted`: no document meets a firm one,
    although all documents that meet the others have a value in its field.
    """

    filter: Filter
    filter_with_all_constraints: Filter
    constraints: tuple[Constraint, ...] = ()
    has_soft_constraints: bool = False
    contradicted: bool = False


def infer(
    text: str, given: Filter, store: IndexStore, people: People, without: Sequence[str] = ()
) -> Inferred:
    """The constraints of a question, except on the fields in `without`; people before dates."""
    narrowed = bound = with_all = given
    constraints, unmet = [], []
    has_soft = False
    for found in _restrictions(text, store, people):
        if found.field in without:
            continue
        with_all = _both(with_all, found.filter)
        candidate = _both(narrowed, found.filter)
        applied = store.matching(candidate) > 0
        constraints.append(Constraint(found.field, found.value, "inferred", applied))
        if applied:
            narrowed = candidate
            has_soft = has_soft or not found.firm
            if found.firm or found.field != "date":  # a later document may be about that date
                bound = _both(bound, found.filter)
        elif found.firm:
            unmet.append(found)
    contradicted = bound != given and any(_excluded(firm, bound, store) for firm in unmet)
    return Inferred(narrowed, with_all, tuple(constraints), has_soft, contradicted)


def _excluded(restriction: Restriction, others: Filter, store: IndexStore) -> bool:
    """Whether all documents that meet the other constraints have a value in the field of this."""
    documents = store.documents(others)
    if restriction.field == "date":
        return all(d.date_from or d.date_to for d in documents)
    return all(getattr(d, restriction.field) for d in documents)


def _restrictions(text: str, store: IndexStore, people: People) -> list[Restriction]:
    named = _people(text, store, people)
    implied = [] if named else _spoken(text, store, people)
    return [*named, *implied, *date_restrictions(text, bool(implied) or writes(text))]


def _people(text: str, store: IndexStore, people: People) -> list[Restriction]:
    found: dict[str, Restriction] = {}
    for role in roles(text):
        if role.field in found:
            continue
        values = _values(role.field, role.name, store, people)
        if role.field == "place":
            filter = Filter(documents=tuple(store.written_at(values)))
            known = bool(values)
        else:
            both = {"author": Filter(authors=values), "recipient": Filter(recipients=values)}
            filter = both[role.field]
            known = bool(values) or _is_person(role.name, store, people)
        if known:
            found[role.field] = Restriction(role.field, role.name, role.firm, filter)
    return list(found.values())


def unknown_names(text: str, store: IndexStore, people: People) -> list[str]:
    """Names of senders, recipients or places in the question that the catalogue does not have."""
    known: dict[str, bool] = {}
    for role in roles(text):
        if role.field == "place" and (
            names.is_title(role.name) or role.name in IN_ENGLISH.values()
        ):
            continue  # "from Mr. …", "written in French"
        if re.search(rf"\bof\s(?:the\s)?{re.escape(role.name)}", text):
            continue  # "minutes of the Society": perhaps what they are about
        known.setdefault(role.name, False)
        person = role.field != "place" and not _OFFICE.search(role.name)
        if _values(role.field, role.name, store, people) or (
            person and _is_person(role.name, store, people)
        ):
            known[role.name] = True
    return [name for name, is_known in known.items() if not is_known]


def _spoken(text: str, store: IndexStore, people: People) -> list[Restriction]:
    """Sender and recipient of what one person told another, if the archive has such a document."""
    if (pair := spoken(text)) is None:
        return []
    by, to = pair
    sent = Filter(authors=_values("author", by, store, people))
    got = Filter(recipients=_values("recipient", to, store, people))
    if not store.matching(_both(sent, got)):
        return []
    return [Restriction("author", by, False, sent), Restriction("recipient", to, False, got)]


def _values(field: str, name: str, store: IndexStore, people: People) -> tuple[str, ...]:
    """The values of a field that name this person or place."""
    return people.meant(name, store.values(field))


def _is_person(name: str, store: IndexStore, people: People) -> bool:
    """Whether the name is that of a person anywhere in the archive."""
    if people.known(name):
        return True
    return any(
        names.same_name(name, value)
        for field in ("author", "recipient")
        for value in names.likely([name], store.values(field))
    )


def date_restrictions(text: str, of_writing: bool) -> list[Restriction]:
    """The date of a document that the question gives, or else the only date, that of the event.

    `of_writing` says whether the question is about somebody's writing.
    """
    mentions = dates.find(text)
    firm = [m for m in mentions if _of_document(text, m)]
    soft = mentions if len(mentions) == 1 and _may_date(text, mentions[0], of_writing) else []
    meant = firm[:1] or soft
    return [
        Restriction(
            "date", _as_edtf(m.date), bool(firm), Filter(_iso(m.date.first), _iso(m.date.last))
        )
        for m in meant
    ]


def _may_date(text: str, mention: dates.DateMention, of_writing: bool) -> bool:
    """Whether the date of the event is probably that of the document too. A day is so only if
    something was written on it, and the date of an earlier or later event is not."""
    if _BESIDE.search(text[: mention.start]):
        return False
    return mention.date.first != mention.date.last or of_writing


def _of_document(text: str, mention: dates.DateMention) -> bool:
    """Whether a document word stands before the date, with only names between, or right after."""
    if THING.match(text[mention.end :].lstrip()):
        return True
    before = list(THING.finditer(text[: mention.start]))
    if not before:
        return False
    between = text[before[-1].end() : mention.start]
    for name in names.names_in(f"x {between}"):
        between = between.replace(name, " ")
    return _DATED.fullmatch(f"{between} ") is not None


def _as_edtf(date: dates.HistoricalDate) -> str:
    """The date as EDTF; as an interval of days if it is more precise ("late November 1931")."""
    read = parse_edtf(date.edtf)
    if read and (read.first, read.last) == (date.first, date.last):
        return date.edtf
    return f"{_iso(date.first) or '..'}/{_iso(date.last) or '..'}"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _both(a: Filter, b: Filter) -> Filter:
    """The filter for documents that meet both filters; `b` has one field, or two dates."""

    def common(x: tuple[str, ...] | None, y: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return x if y is None else y if x is None else tuple(v for v in x if v in set(y))

    return replace(
        a,
        date_from=max(filter(None, (a.date_from, b.date_from)), default=None),
        date_to=min(filter(None, (a.date_to, b.date_to)), default=None),
        authors=common(a.authors, b.authors),
        recipients=common(a.recipients, b.recipients),
        documents=common(a.documents, b.documents),
    )
