"""Query → fused hits: dense passages, lexical passages and whole-document BM25.

Lists are fused by a convex combination of scores divided by each list's best (Bruch et al.,
arXiv 2210.11934, found it to beat rank fusion where tuned). The encoder takes part only for
the languages it reads, on both sides: a Russian question to an English encoder is answered
by the lexical lists alone, and Russian passages are not ranked by vectors that mean nothing.

Not here: what the question means (`query`), which sentence answers it (`extract`).
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from index_store.store import IndexStore
from index_store.types import Filter, Hit, Origin, Scored, document_of
from rag.encode import Encoder, Vectors
from rag.phrases import spans
from rag.query import Query

DEPTH = 1000
"""Passages taken from each list before fusion."""

DOCUMENT_DEPTH = 200

WEIGHTS = {"document": 0.6, "dense": 0.3, "lexical": 0.1, "dense_document": 0.1, "phrase": 1.0}
"""Share of each list, chosen on the FRUS and XQuAD development sets (docs/evaluation.md)."""

BEST_OF_DOCUMENT = 3
"""A document's dense score is the mean of its best passages' scores, this many of them."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Hits in order, and the question's vector where the encoder reads its language."""

    hits: tuple[Hit, ...]
    vector: Vectors | None
    seconds: Mapping[str, float] = field(default_factory=dict)


def reads(encoder: Encoder, lang: str) -> bool:
    """Whether the encoder was measured to read this language."""
    return encoder.languages is None or lang in encoder.languages


def retrieve(query: Query, store: IndexStore, encoder: Encoder, k: int) -> Retrieved:
    """The k best passages under the query's filter; the same store gives the same hits."""
    started = time.perf_counter()
    vector = encoder.encode([query.search_text])[0] if reads(encoder, query.lang) else None
    encoded = time.perf_counter()
    lists: dict[str, dict[str, float]] = {
        "lexical": _scores(store.lexical_search(query.search_text, DEPTH, query.filter))
    }
    if vector is not None:
        lists["dense"] = _scores(_dense(vector, query.filter, store, encoder))
        lists["dense_document"] = best_of_document(lists["dense"])
    documents = _scores(
        store.lexical_search(query.search_text, DOCUMENT_DEPTH, query.filter, level="document")
    )
    _add_passages_of(documents, lists["lexical"], query, store)
    if query.phrases:
        lists["phrase"] = _with_phrase(query, store)
    candidates = {passage for scores in lists.values() for passage in scores}
    lists["document"] = {p: documents.get(document_of(p), 0.0) for p in candidates}
    fused = fuse(lists, WEIGHTS)[:k]
    hits = store.hits([(p, score, _origins(p, lists, documents)) for p, score in fused])
    done = time.perf_counter()
    seconds = {"encode": encoded - started, "search": done - encoded}
    return Retrieved(tuple(hits), vector, seconds)


def fuse(
    lists: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]
) -> list[tuple[str, float]]:
    """Passages by the weighted sum of their scores over each list's best; ties by passage id.

    A passage that a list lacks has 0 there; so has one with a negative score. Pure.
    """
    fused: dict[str, float] = defaultdict(float)
    for name, scores in lists.items():
        best = max(scores.values(), default=0.0)
        for passage, score in scores.items():
            fused[passage] += weights[name] * max(score, 0.0) / best if best > 0 else 0.0
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


def best_of_document(scores: Mapping[str, float]) -> dict[str, float]:
    """Each passage's document score: the mean of the document's best passages."""
    by_document: dict[str, list[float]] = defaultdict(list)
    for passage, score in scores.items():
        by_document[document_of(passage)].append(score)
    means = {
        document: sum(best) / len(best)
        for document, all_scores in by_document.items()
        if (best := sorted(all_scores, reverse=True)[:BEST_OF_DOCUMENT])
    }
    return {passage: means[document_of(passage)] for passage in scores}


def _dense(vector: Vectors, allowed: Filter, store: IndexStore, encoder: Encoder) -> list[Scored]:
    """Nearest passages among those written in a language that the encoder reads."""
    readable = encoder.languages
    if readable is None or set(store.values("lang")) <= readable:
        return store.dense_search(vector, DEPTH, allowed)
    if allowed.lang is not None:
        return store.dense_search(vector, DEPTH, allowed) if allowed.lang in readable else []
    return [
        scored
        for lang in sorted(readable)
        for scored in store.dense_search(vector, DEPTH, replace(allowed, lang=lang))
    ]


def _add_passages_of(
    documents: Mapping[str, float], lexical: dict[str, float], query: Query, store: IndexStore
) -> None:
    """Let the best documents enter by a passage even where none of theirs was listed."""
    listed = {document_of(passage) for passage in lexical}
    missing = tuple(document for document in documents if document not in listed)
    if missing:
        narrowed = replace(query.filter, documents=missing)
        lexical.update(_scores(store.lexical_search(query.search_text, DEPTH, narrowed)))


def _with_phrase(query: Query, store: IndexStore) -> dict[str, float]:
    """The passages in which a phrase of the question stands, in part at least."""
    found = {}
    for document_id in (query.filter.documents or ())[:DOCUMENT_DEPTH]:
        text = store.document(document_id).text
        places = [p for phrase in query.phrases for p in spans(phrase, text, query.text)]
        for passage in store.passages(document_id):
            if any(start < passage.end and end > passage.start for start, end in places):
                found[passage.passage_id] = 1.0
    return found


def _scores(found: Sequence[Scored]) -> dict[str, float]:
    return {scored.passage_id: scored.score for scored in found}


def _origins(
    passage: str, lists: Mapping[str, Mapping[str, float]], documents: Mapping[str, float]
) -> dict[str, Origin]:
    """Rank (1-based) and score in each index that found the passage or its document."""
    found = {
        "dense": (lists.get("dense", {}), passage),
        "lexical": (lists["lexical"], passage),
        "document": (documents, document_of(passage)),
    }
    return {
        name: Origin(1 + sum(other > scores[key] for other in scores.values()), scores[key])
        for name, (scores, key) in found.items()
        if key in scores
    }
