"""The rows of one Chroma collection, written, read and searched in batches that Chroma accepts.

Not here: who may use the collection and when (`index`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from index_store.types import Vectors
from index_store.vectors.row import TOLERANCE, VectorRow

if TYPE_CHECKING:
    from chromadb import Collection

T = TypeVar("T")

PAGE = 1_000
"""Rows read at a time; Chroma fails above 32,766."""

QUERIES = 100
"""Vectors searched for in one call."""


class ChromaRows:
    """The rows of one collection, while `VectorIndex.use` holds it."""

    def __init__(self, collection: Collection, batch: int) -> None:
        self._collection = collection
        self._batch = min(PAGE, batch)

    def __len__(self) -> int:
        return self._collection.count()

    def replace(self, rows: Sequence[VectorRow]) -> None:
        """Adds or replaces rows."""
        for batch in self._batches(rows):
            names = [row.passage.passage_id for row in batch]
            # Chroma's upsert merges metadata: what the new row does not have would survive.
            if old := self._collection.get(ids=names, include=[])["ids"]:
                self._collection.delete(ids=old)
            self._collection.add(
                ids=names,
                embeddings=np.stack([row.vector for row in batch]),
                documents=[row.document_text for row in batch],
                metadatas=[row.metadata() for row in batch],
            )

    def delete(self, passage_ids: Sequence[str]) -> None:
        """Removes rows; ids that are not there are ignored."""
        for batch in self._batches(passage_ids):
            self._collection.delete(ids=list(batch))

    def candidates(self, vector: Vectors, k: int) -> list[str]:
        """About `k` ids of the nearest rows, in no fixed order. The search is approximate."""
        found = self._collection.query(
            query_embeddings=vector[np.newaxis, :], n_results=k, include=[]
        )
        return list(found["ids"][0])

    def not_found(self, rows: Sequence[VectorRow]) -> list[str]:
        """Ids of the rows that a search with their own vector misses, as happens after deletes."""
        missed: list[str] = []
        for start in range(0, len(rows), QUERIES):
            batch = rows[start : start + QUERIES]
            found = self._collection.query(
                query_embeddings=np.stack([row.vector for row in batch]),
                n_results=1,
                include=["distances"],
            )
            best = found["distances"] or []
            missed += [
                row.passage.passage_id
                for row, distances in zip(batch, best, strict=True)
                if not distances or distances[0] > TOLERANCE
            ]
        return missed

    def all_rows(self) -> Iterator[Mapping[str, Any]]:
        """All rows in pages, as Chroma returns them: ids, embeddings, documents and metadatas."""
        for offset in range(0, self._collection.count(), PAGE):
            yield self._collection.get(
                limit=PAGE, offset=offset, include=["embeddings", "documents", "metadatas"]
            )

    def _batches(self, items: Sequence[T]) -> Iterator[Sequence[T]]:
        for start in range(0, len(items), self._batch):
            yield items[start : start + self._batch]
