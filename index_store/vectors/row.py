"""A passage with its vector as a row of the vector index, with all that other clients need.

Not here: Chroma's client (`chroma_client`, `chroma_rows`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from index_store.types import Document, Passage, Vectors

TOLERANCE = 1e-3
"""Greatest difference that float16 and float32 make, of a component or a cosine distance."""

_METADATA = (
    "document_id", "record_id", "lang", "kind", "translator", "title", "date", "author",
    "recipient", "place", "collection", "source", "archival_ref", "path",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class VectorRow:
    """A passage with its vector (float32, norm 1) as Chroma keeps it."""

    row: int
    passage: Passage
    document: Document
    vector: Vectors

    def metadata(self) -> dict[str, str | int]:
        """The metadata of the row, without fields that are empty; days as the number YYYYMMDD."""
        document, passage = self.document, self.passage
        out: dict[str, str | int] = {
            "row": self.row, "ordinal": passage.ordinal, "start": passage.start, "end": passage.end
        }  # fmt: skip
        for name in _METADATA:
            if value := getattr(document, name):
                out[name] = value
        for name in ("date_from", "date_to"):
            if day := getattr(document, name):
                out[name] = int(day.replace("-", ""))
        return out

    def agrees(self, vector: Any, text: str | None, metadata: Mapping[str, Any] | None) -> bool:
        """Whether this vector, text and metadata, read from Chroma, are those of the row."""
        equal = np.allclose(np.asarray(vector), self.vector, atol=TOLERANCE, rtol=0)
        return bool(equal) and text == self.document_text and metadata == self.metadata()

    @property
    def document_text(self) -> str:
        """The text that Chroma stores."""
        return self.passage.text or " "  # Chroma refuses an empty document
