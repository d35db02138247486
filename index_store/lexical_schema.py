"""What tantivy is given: the schema, an entry as its document, a filter as its query.

Days are stored as ordinal numbers. Not here: opening, writing and searching (`lexical_index`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import tantivy
from tantivy import Occur, Query

from index_store.analysis.folding import fold
from index_store.analysis.stemming import ANALYZER, has_own_stemmer, stems
from index_store.catalogue.entry import check_day
from index_store.types import Document, Filter

FIELDS: Mapping[str, float] = {"text": 1.0, "header": 0.5}
"""The fields that are searched, with the weight of each where a search names none."""

_KEYWORDS = ("document_id", "lang", "kind", "author", "recipient", "collection")
_FIELD_OF_CHOICES = {
    "authors": "author",
    "recipients": "recipient",
    "collections": "collection",
    "documents": "document_id",
}
MISREAD = "misread"
"""A further value of the keyword "kind", of entries whose document has the warning `ocr_noise`. A
field of its own would make the indexes of older stores unreadable."""

_FIRST_DAY, _LAST_DAY = 0, 4_000_000  # ordinals outside any calendar date


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One entry of an index: a passage or a whole document, under its row in the catalogue."""

    row: int
    text: str
    header: str
    document: Document


def make_schema() -> tantivy.Schema:
    """The schema of both lexical indexes."""
    builder = tantivy.SchemaBuilder()
    # Signed: tantivy-py's delete by term does not reach unsigned fields.
    builder.add_integer_field("row", indexed=True, fast=True)
    for name in FIELDS:
        builder.add_text_field(name, tokenizer_name=ANALYZER, index_option="position")
    for name in _KEYWORDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("date_from", "date_to"):
        builder.add_integer_field(name, indexed=True, fast=True)
    return builder.build()


def to_tantivy(entry: IndexEntry) -> tantivy.Document:
    """The entry as tantivy indexes it, its words folded. An undated one has no days.

    Words of a language that the index's analyzer does not stem are given as stems.
    """
    document = entry.document
    out = tantivy.Document()
    out.add_integer("row", entry.row)
    for name, text in (("text", entry.text), ("header", entry.header)):
        if has_own_stemmer(document.lang):
            out.add_pre_tokenized_text(name, _stemmed(text, document.lang))
        else:
            out.add_text(name, fold(text))
    for name in _KEYWORDS:
        value = getattr(document, name)
        if value is not None:
            out.add_text(name, value)
    if any(warning.code == "ocr_noise" for warning in document.warnings):
        out.add_text("kind", MISREAD)
    if document.date_from is not None or document.date_to is not None:
        first, last = document.date_from, document.date_to
        out.add_integer("date_from", check_day(first, "document") if first else _FIRST_DAY)
        out.add_integer("date_to", check_day(last, "document") if last else _LAST_DAY)
    return out


def _stemmed(text: str, lang: str) -> tantivy.PreTokenizedString:
    # Nothing reads the offsets: the index stores no text.
    tokens = [tantivy.Token(stem, n, 0, 0) for n, stem in enumerate(stems(text, lang))]
    return tantivy.PreTokenizedString("", tokens)


def term_query(schema: tantivy.Schema, field: str, value: str) -> Query:
    """Entries that have the term in the field, scored by BM25."""
    return Query.term_query(schema, field, value, index_option="freq")


def filter_query(schema: tantivy.Schema, filter: Filter) -> Query | None:
    """The filter as a query that all hits must match, None when it does not restrict.

    Raises StoreError for a bad day.
    """
    clauses: list[tuple[Occur, Query]] = []
    for name in ("lang", "kind"):
        if (value := getattr(filter, name)) is not None:
            clauses.append((Occur.Must, term_query(schema, name, value)))
    for name, field in _FIELD_OF_CHOICES.items():
        if (choices := getattr(filter, name)) is not None:
            clauses.append((Occur.Must, _any_of(schema, field, choices)))
    if filter.date_from is not None or filter.date_to is not None:
        first = check_day(filter.date_from, "filter") if filter.date_from else _FIRST_DAY
        last = check_day(filter.date_to, "filter") if filter.date_to else _LAST_DAY
        clauses.append((Occur.Must, _days(schema, "date_to", first, _LAST_DAY)))
        clauses.append((Occur.Must, _days(schema, "date_from", _FIRST_DAY, last)))
    if filter.exclude:
        clauses.append((Occur.Must, Query.all_query()))
        clauses.append((Occur.MustNot, _any_of(schema, "document_id", filter.exclude)))
    return Query.boolean_query(clauses) if clauses else None


def _any_of(schema: tantivy.Schema, field: str, choices: Sequence[str]) -> Query:
    if not choices:
        return Query.empty_query()
    return Query.term_set_query(schema, field, list(choices))


def _days(schema: tantivy.Schema, field: str, first: int, last: int) -> Query:
    return Query.range_query(
        schema, field, tantivy.FieldType.Integer, lower_bound=first, upper_bound=last
    )
