"""The search as a whole: encode the query, make the lists, fuse them, rerank the best hits.

Not here: the lists (`candidates`), fusion (`fusion`), choosing sentences of the hits
(`rag.answers`).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index_store.store import IndexStore
from index_store.types import Filter, Hit, Origin, Vectors, document_of
from rag.models.bundle import Models, Reranker
from rag.models.reranker import MAX_RERANKED
from rag.questions.query import Query
from rag.retrieval.candidates import gather
from rag.retrieval.fusion import Lists


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Ranked hits, and the question's vector (None when the encoder does not read it)."""

    hits: tuple[Hit, ...]
    vector: Vectors | None


class Searches:
    """The searches made for one question; a repeated search is answered from memory.

    `seconds` maps each step ("encode", "search") to its time summed over all searches.
    """

    def __init__(self, store: IndexStore, models: Models) -> None:
        self.store, self.models = store, models
        self.seconds: Counter[str] = Counter()
        self._vectors: dict[str, Vectors] = {}
        self._found: dict[tuple[object, ...], Retrieved] = {}

    def __len__(self) -> int:
        return len(self._found)

    def find(self, query: Query, k: int, likely: Filter | None = None) -> Retrieved:
        """The k best passages under the query's filter; the same store gives the same hits.

        `likely` is the filter of documents that the question probably means, such as those of a
        date in the question; their scores are raised.
        """
        phrases = (query.phrases, query.text) if query.phrases else ()
        searched = (query.search_text, query.filter, phrases, k, likely)
        if searched not in self._found:
            self._found[searched] = self._search(query, k, likely)
        return self._found[searched]

    def _search(self, query: Query, k: int, likely: Filter | None) -> Retrieved:
        started = time.perf_counter()
        vector = self._vector(query)
        encoded = time.perf_counter()
        found = gather(query, self.store, self.models, vector, likely)
        reranker = self.models.reranker
        fused = found.ranked(self.models.fusion_weights)
        fused = fused[: max(k, MAX_RERANKED if reranker else 0)]
        origins: dict[str, dict[str, Origin]] = {}
        for lang, (lists, _) in found.languages.items():
            own = [p for p, _ in fused if p in lists["document"]]
            origins |= origins_of(own, lists, found.documents[lang])
        hits = self.store.hits([(p, score, origins[p]) for p, score in fused])
        if reranker is not None:
            hits = _reranked(query.search_text, hits, reranker)[:k]
        done = time.perf_counter()
        self.seconds.update({"encode": encoded - started, "search": done - encoded})
        return Retrieved(tuple(hits), vector)

    def _vector(self, query: Query) -> Vectors | None:
        if not self.models.reads(query.lang):
            return None
        text = query.search_text
        if text not in self._vectors:
            self._vectors[text] = self.models.encoder.encode_queries([text])[0]
        return self._vectors[text]


def _reranked(question: str, hits: Sequence[Hit], reranker: Reranker) -> list[Hit]:
    """The best hits sorted by the reranker's scores; ties keep their order.

    The n-th hit gets rank and score of the former n-th hit, so that scores still descend; the
    reranker's own rank and score are in its origins.
    """
    best = hits[:MAX_RERANKED]
    scores = reranker.scores(question, [hit.passage.text for hit in best])
    order = sorted(range(len(best)), key=lambda i: -scores[i])
    moved = [
        replace(
            best[i],
            rank=place.rank,
            score=place.score,
            origins={**best[i].origins, "reranker": Origin(place.rank, scores[i])},
        )
        for place, i in zip(best, order, strict=True)
    ]
    return [*moved, *hits[MAX_RERANKED:]]


def origins_of(
    passages: Sequence[str], lists: Lists, documents: Mapping[str, float]
) -> dict[str, dict[str, Origin]]:
    """For each passage its rank (from 1) and score in each list with it or its document."""
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
