"""Searches a query in each language: dense passages, passage BM25 and document BM25.

For each language the question's words are expanded to its stems (`query_expansion`). The encoder is
used only when it reads the language of the question and that of the documents.

Not here: fusing the lists (`fusion`), understanding the question (`rag.questions`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from index_store.store import IndexStore
from index_store.types import Filter, Scored, Vectors, document_of
from rag.models.bundle import Models
from rag.models.lexicon import Lexicon
from rag.questions.phrases import spans
from rag.questions.query import Query
from rag.retrieval import archive_terms
from rag.retrieval.fusion import (
    PHRASE_STATS,
    Candidates,
    Lists,
    StatsByList,
    mean_of_top_passages,
    padded_with_zeros,
)
from rag.retrieval.misreadings import misreadings
from rag.retrieval.query_expansion import expand_query, translates

Level = Literal["passage", "document"]

DEPTH = 500
"""Passages per list."""

DOCUMENT_DEPTH = 200
"""Documents in the list of document BM25."""

LIKELY_DEPTH = 100
"""Passages and documents added from the likely documents to the lists of BM25."""


def gather(
    query: Query,
    store: IndexStore,
    models: Models,
    vector: Vectors | None,
    likely: Filter | None = None,
) -> Candidates:
    """Searches each language of the store.

    `vector` is the question's vector, None when the encoder does not read its language. `likely` is
    the filter of documents that the question probably means.
    """
    languages, documents = {}, {}
    stored, lexicon = store.values("lang"), archive_terms.lexicon(store)
    for lang in stored if query.filter.lang is None else [query.filter.lang]:
        narrowed = query if stored == [lang] else _in_language(query, lang)
        own = vector if models.reads(lang) else None
        lists, stats, documents[lang] = _lists(narrowed, lang, store, lexicon, own, likely)
        languages[lang] = lists, stats
    ids = frozenset(store.document_ids(likely) if likely is not None else ())
    foreign = frozenset(lang for lang in languages if not translates(query.written_in, lang))
    return Candidates(languages, documents, ids, models.calibration.cosine_prior, foreign)


def _in_language(query: Query, lang: str) -> Query:
    return replace(query, filter=replace(query.filter, lang=lang))


def _lists(
    query: Query,
    lang: str,
    store: IndexStore,
    lexicon: Lexicon,
    vector: Vectors | None,
    likely: Filter | None = None,
) -> tuple[Lists, StatsByList, dict[str, float]]:
    """The lists of one language, the statistics of all its passages, its documents' scores."""
    filter = query.filter
    rules = store.stem_language(lang)
    expanded = expand_query(
        query.search_text, lang, lexicon, store.stems_from, query.written_in, rules
    )
    near = store.near_stems()
    misread = misreadings(expanded, lang, lexicon, near.near) if near is not None else []

    def found(depth: int, filter: Filter, level: Level = "passage") -> dict[str, float]:
        return _scores(store.lexical_search(expanded, depth, filter, level=level, misread=misread))

    lists: Lists = {"lexical": found(DEPTH, filter)}
    stats = {"lexical": padded_with_zeros(lists["lexical"], store.size(filter))}
    if vector is not None:
        lists["dense"] = _scores(store.dense_search(vector, DEPTH, filter))
        lists["dense_document"] = mean_of_top_passages(lists["dense"])
        stats["dense"] = stats["dense_document"] = store.dense_stats(vector, filter)
    documents = found(DOCUMENT_DEPTH, filter, "document")
    if likely is not None and likely.lang in (None, lang):
        narrow = replace(likely, lang=filter.lang)
        lists["lexical"] |= found(LIKELY_DEPTH, narrow)
        documents |= found(LIKELY_DEPTH, narrow, "document")
    stats["document"] = padded_with_zeros(documents, store.size(filter, level="document"))
    if missing := _unlisted(documents, lists):
        lists["lexical"].update(found(DEPTH, replace(filter, documents=missing)))
    if query.phrases:
        lists["phrase"] = _with_phrase(query, lang, store)
        stats["phrase"] = PHRASE_STATS
    candidates = {passage for scores in lists.values() for passage in scores}
    lists["document"] = {p: documents.get(document_of(p), 0.0) for p in candidates}
    return lists, stats, documents


def _unlisted(documents: Mapping[str, float], lists: Lists) -> tuple[str, ...]:
    """The documents found by document BM25 of which no list has a passage."""
    listed = {document_of(passage) for passage in set().union(*lists.values())}
    return tuple(document for document in documents if document not in listed)


def _with_phrase(query: Query, lang: str, store: IndexStore) -> dict[str, float]:
    """The passages that contain a phrase of the question, or part of one, with score 1."""
    found = {}
    for document_id in (query.filter.documents or ())[:DOCUMENT_DEPTH]:
        document = store.document(document_id)
        if document.lang != lang:
            continue
        places = [p for phrase in query.phrases for p in spans(phrase, document.text, query.text)]
        for passage in store.passages(document_id):
            if any(start < passage.end and end > passage.start for start, end in places):
                found[passage.passage_id] = 1.0
    return found


def _scores(found: Sequence[Scored]) -> dict[str, float]:
    return {scored.passage_id: scored.score for scored in found}
