"""A passage with its vector, as a row of the vector index: whole, so that any client can read it.

It knows nothing of Chroma but what Chroma accepts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index_store.types import Document, Passage

CLOSE = 1e-3  # between float16 and float32, of a component or a cosine distance
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
    vector: NDArray[np.float32]

    def metadata(self) -> dict[str, str | int]:
        """What any Chroma client can read beside the text; days as the number YYYYMMDD."""
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
        """Is this what Chroma has, up to what float32 arithmetic may do to a vector?"""
        near = np.allclose(np.asarray(vector), self.vector, atol=CLOSE, rtol=0)
        return bool(near) and text == self.document_text and metadata == self.metadata()

    @property
    def document_text(self) -> str:
        return self.passage.text or " "  # Chroma refuses an empty document
