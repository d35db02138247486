"""Query → lists: dense passages, lexical passages and whole-document BM25, in each language.

The store is searched language by language. The question's words are expanded to those of each
language (`query_expansion`), and the encoder takes part only where it reads both the question and
the documents.

Not here: how the lists become one order (`fusion`), what the question means (`rag.questions`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from index_store.store import IndexStore
from index_store.types import Filter, Scored, document_of
from rag.models.bundle import Models
from rag.models.encoder import Vectors
from rag.models.lexicon import Lexicon
from rag.questions.phrases import spans
from rag.questions.query import Query
from rag.retrieval import archive_terms
from rag.retrieval.fusion import (
    PHRASE_STATS,
    Gathered,
    Lists,
    Spreads,
    best_of_document,
    padded_with_zeros,
)
from rag.retrieval.query_expansion import Word, words

DEPTH = 500
"""Passages taken from each list before fusion."""

DOCUMENT_DEPTH = 200
"""Documents taken from BM25 over whole documents."""

LIKELY_DEPTH = 100
"""Passages and documents of the likely ones that take part even where the lists end before."""


def gather(
    query: Query,
    store: IndexStore,
    models: Models,
    vector: Vectors | None,
    likely: Filter | None = None,
) -> Gathered:
    """The lists of each language; `vector` is the question's where the encoder reads it.

    `likely` is the filter of documents that are probably meant.
    """
    languages, documents = {}, {}
    stored, lexicon = store.values("lang"), archive_terms.lexicon(store)
    for lang in stored if query.filter.lang is None else [query.filter.lang]:
        narrowed = query if stored == [lang] else _only(query, lang)
        own = vector if models.reads(lang) else None
        lists, spreads, documents[lang] = _lists(narrowed, lang, store, lexicon, own, likely)
        languages[lang] = lists, spreads
    meant = store.documents(likely) if likely is not None else ()
    ids = frozenset(d.document_id for d in meant)
    return Gathered(languages, documents, ids, models.calibration.cosine_prior)


def _only(query: Query, lang: str) -> Query:
    return replace(query, filter=replace(query.filter, lang=lang))


def _lists(
    query: Query,
    lang: str,
    store: IndexStore,
    lexicon: Lexicon,
    vector: Vectors | None,
    likely: Filter | None = None,
) -> tuple[Lists, Spreads, dict[str, float]]:
    """Scores of passages in each list among documents of one language, the statistics of all its
    passages, and the scores of its documents."""
    filter = query.filter
    asked = words(query.search_text, lang, lexicon, store.stems_from)
    lists: Lists = {"lexical": _scores(store.lexical_search(asked, DEPTH, filter))}
    spreads = {"lexical": padded_with_zeros(lists["lexical"], store.size(filter))}
    if vector is not None:
        lists["dense"] = _scores(store.dense_search(vector, DEPTH, filter))
        lists["dense_document"] = best_of_document(lists["dense"])
        spreads["dense"] = spreads["dense_document"] = store.dense_spread(vector, filter)
    documents = _scores(store.lexical_search(asked, DOCUMENT_DEPTH, filter, level="document"))
    if likely is not None and likely.lang in (None, lang):
        narrow = replace(likely, lang=filter.lang)
        lists["lexical"] |= _scores(store.lexical_search(asked, LIKELY_DEPTH, narrow))
        documents |= _scores(store.lexical_search(asked, LIKELY_DEPTH, narrow, level="document"))
    spreads["document"] = padded_with_zeros(documents, store.size(filter, level="document"))
    _add_passages_of(documents, lists, asked, query, store)
    if query.phrases:
        lists["phrase"] = _with_phrase(query, lang, store)
        spreads["phrase"] = PHRASE_STATS
    candidates = {passage for scores in lists.values() for passage in scores}
    lists["document"] = {p: documents.get(document_of(p), 0.0) for p in candidates}
    return lists, spreads, documents


def _add_passages_of(
    documents: Mapping[str, float],
    lists: Lists,
    asked: Sequence[Word],
    query: Query,
    store: IndexStore,
) -> None:
    """Let the best documents enter by a passage even where none of theirs was listed."""
    listed = {document_of(passage) for passage in set().union(*lists.values())}
    missing = tuple(document for document in documents if document not in listed)
    if missing:
        narrowed = replace(query.filter, documents=missing)
        lists["lexical"].update(_scores(store.lexical_search(asked, DEPTH, narrowed)))


def _with_phrase(query: Query, lang: str, store: IndexStore) -> dict[str, float]:
    """The passages in which a phrase of the question stands, in part at least."""
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
