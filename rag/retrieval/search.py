"""The search as a whole: encode, gather lists, fuse, re-rank."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from index_store.store import IndexStore
from index_store.types import Filter, Hit, Origin, Vectors, document_of
from rag.models.encoder import Encoder, reads
from rag.models.registry import Tuned
from rag.models.reranker import RERANKED, Reranker
from rag.questions.query import Query
from rag.retrieval.fusion import WEIGHTS, Lists
from rag.retrieval.lists import gather


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Hits in order, and the question's vector where the encoder reads its language."""

    hits: tuple[Hit, ...]
    vector: Vectors | None
    seconds: Mapping[str, float] = field(default_factory=dict)


def weights_of(encoder: Encoder) -> Mapping[str, float]:
    """The share of each list with this encoder."""
    said = encoder.weights if isinstance(encoder, Tuned) else None
    return WEIGHTS if said is None else {**WEIGHTS, **said}


def retrieve(
    query: Query, store: IndexStore, encoder: Encoder, k: int, likely: Filter | None = None
) -> Retrieved:
    """The k best passages under the query's filter; the same store gives the same hits.

    `likely`: what documents are probably meant, such as those of a date that the question
    names; they come before others that are about as good.
    """
    started = time.perf_counter()
    vector = encoder.encode([query.search_text])[0] if reads(encoder, query.lang) else None
    encoded = time.perf_counter()
    found = gather(query, store, encoder, vector, likely)
    reranker = reranker_of(encoder)
    fused = found.order(weights_of(encoder))[: max(k, RERANKED if reranker else 0)]
    origins: dict[str, dict[str, Origin]] = {}
    for lang, (lists, _) in found.languages.items():
        own = [p for p, _ in fused if p in lists["document"]]
        origins |= origins_of(own, lists, found.documents[lang])
    hits = store.hits([(p, score, origins[p]) for p, score in fused])
    if reranker is not None:
        hits = _reranked(query.search_text, hits, reranker)[:k]
    done = time.perf_counter()
    seconds = {"encode": encoded - started, "search": done - encoded}
    return Retrieved(tuple(hits), vector, seconds)


def reranker_of(encoder: Encoder) -> Reranker | None:
    """The cross-encoder that puts hits in order anew, where there is one."""
    return encoder.reranker if isinstance(encoder, Tuned) else None


def _reranked(question: str, hits: Sequence[Hit], reranker: Reranker) -> list[Hit]:
    """The best hits by what the reranker says of them, ties as they were.

    Ranks and scores stay with the places, so that both still fall; the reranker's own are among
    the origins.
    """
    best = hits[:RERANKED]
    said = reranker.scores(question, [hit.passage.text for hit in best])
    order = sorted(range(len(best)), key=lambda i: -said[i])
    moved = [
        replace(
            best[i],
            rank=place.rank,
            score=place.score,
            origins={**best[i].origins, "reranker": Origin(place.rank, said[i])},
        )
        for place, i in zip(best, order, strict=True)
    ]
    return [*moved, *hits[RERANKED:]]


def origins_of(
    passages: Sequence[str], lists: Lists, documents: Mapping[str, float]
) -> dict[str, dict[str, Origin]]:
    """Rank (1-based) and score in each index that found the passage or its document."""
    found: dict[str, dict[str, Origin]] = {passage: {} for passage in passages}
    sources = {"dense": lists.get("dense", {}), "lexical": lists["lexical"], "document": documents}
    for name, scores in sources.items():
        ordered = np.sort(np.array(list(scores.values())))
        for passage in passages:
            score = scores.get(document_of(passage) if name == "document" else passage)
            if score is not None:
                above = len(ordered) - int(np.searchsorted(ordered, score, side="right"))
                found[passage][name] = Origin(1 + above, score)
    return found
