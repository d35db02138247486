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
from rag.models import calibration
from rag.models.bundle import Models
from rag.models.reranker import MAX_RERANKED
from rag.questions.query import Query
from rag.records.description import header_of
from rag.retrieval.candidates import gather
from rag.retrieval.fusion import Lists

MAX_READ = 20
"""Hits that the reader reads."""


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
        vector = self.vector(query.search_text) if self.models.reads(query.lang) else None
        encoded = time.perf_counter()
        found = gather(query, self.store, self.models, vector, likely)
        most = reranked_hits(self.models)
        fused = found.ranked(self.models.fusion_weights)[: max(k, most)]
        origins: dict[str, dict[str, Origin]] = {}
        for lang, (lists, _) in found.languages.items():
            own = [p for p, _ in fused if p in lists["document"]]
            origins |= origins_of(own, lists, found.documents[lang])
        hits = self.store.hits([(p, score, origins[p]) for p, score in fused])
        hits = [*_reranked(query.search_text, hits[:most], self.models), *hits[most:]][:k]
        done = time.perf_counter()
        self.seconds.update({"encode": encoded - started, "search": done - encoded})
        return Retrieved(tuple(hits), vector)

    def vector(self, text: str) -> Vectors:
        """The vector of a question. Raises EncoderError."""
        if text not in self._vectors:
            self._vectors[text] = self.models.encoder.encode_queries([text])[0]
        return self._vectors[text]


def reranked_hits(models: Models) -> int:
    """How many of the best hits are reranked; those after them keep their order."""
    if models.reranker is not None:
        return MAX_RERANKED
    return MAX_READ if models.reader is not None and models.rerank else 0


def _reranked(question: str, hits: Sequence[Hit], models: Models) -> list[Hit]:
    """The hits sorted by the reranker's scores, or by those of the reader beside their own.

    Ties keep their order. The n-th hit gets rank and score of the former n-th hit, so that scores
    still descend; rank and score of the reranker or reader are in its origins.
    """
    if not hits:
        return []
    if models.reranker is not None:
        name = "reranker"
        given = models.reranker.scores(question, [hit.passage.text for hit in hits])
        scores = given
    else:
        name, weight = "reader", calibration.reader().rerank
        read = models.read(question, [to_read(hit) for hit in hits])
        given = [round(reading.answers, 5) for reading in read]
        scores = [hit.score + weight * own for hit, own in zip(hits, given, strict=True)]
    order = sorted(range(len(hits)), key=lambda i: -scores[i])
    ranks = {i: n for n, i in enumerate(sorted(order, key=lambda i: -given[i]), 1)}
    return [
        replace(
            hits[i],
            rank=place.rank,
            score=place.score,
            origins={**hits[i].origins, name: Origin(ranks[i], given[i])},
        )
        for place, i in zip(hits, order, strict=True)
    ]


def to_read(hit: Hit) -> tuple[str, str]:
    """What the reader is given of a hit: its document's header, and the passage."""
    return header_of(hit.document), hit.passage.text


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
