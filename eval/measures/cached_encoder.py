"""An encoder that remembers: vectors by text and encoder, so that suites share what is encoded.

The encoder's digest is taken from what it does: its name, its dimension and its vectors of a few
texts in both languages, one of them longer than a window. Another model, another way of cutting
long texts or another lexicon before the encoder makes another digest.

Used while a suite is loaded; questions are encoded by the encoder itself, for their time counts.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import samples
from index_store.store import EncoderIdentity
from index_store.types import Vectors
from rag.models.encoder import Encoder

_ASKED_AT_ONCE = 500
_STORED_AT_ONCE = 256


class CachedEncoder:
    """An Encoder over another one and an SQLite file; `encoded` counts what was not in it.

    For any thread, but one at a time.
    """

    def __init__(self, encoder: Encoder, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._encoder = encoder
        self._digest = digest(encoder)
        self._rows = sqlite3.connect(path, timeout=60, check_same_thread=False)
        with self._rows:
            self._rows.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, v BLOB)")
        self.encoded = 0

    def close(self) -> None:
        """Give the file back."""
        self._rows.close()

    @property
    def identity(self) -> EncoderIdentity:
        return self._encoder.identity

    @property
    def languages(self) -> frozenset[str] | None:
        return self._encoder.languages

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """As the encoder encodes them; not cached, since their time counts."""
        return self._encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """float32 of shape (len(texts), dimension), as the encoder gave them at first."""
        keys = [hashlib.sha256(f"{self._digest}\0{text}".encode()).digest() for text in texts]
        known = self._known(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        waiting = list(missing.items())
        for start in range(0, len(waiting), _STORED_AT_ONCE):
            part = waiting[start : start + _STORED_AT_ONCE]
            vectors = self._encoder.encode_passages([text for _, text in part])
            fresh = {key: v for (key, _), v in zip(part, vectors, strict=True)}
            with self._rows:
                self._rows.executemany(
                    "INSERT OR IGNORE INTO vectors VALUES (?, ?)",
                    [(key, v.astype(np.float32).tobytes()) for key, v in fresh.items()],
                )
            known |= fresh
        self.encoded += len(missing)
        out = np.zeros((len(texts), self.identity.dimension), dtype=np.float32)
        for row, key in enumerate(keys):
            out[row] = known[key]
        return out

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        known: dict[bytes, Vectors] = {}
        for start in range(0, len(keys), _ASKED_AT_ONCE):
            part = keys[start : start + _ASKED_AT_ONCE]
            marks = ", ".join("?" * len(part))
            found = self._rows.execute(f"SELECT key, v FROM vectors WHERE key IN ({marks})", part)
            known |= {key: np.frombuffer(v, dtype=np.float32) for key, v in found}
        return known


def digest(encoder: Encoder) -> str:
    """SHA-256 of the encoder's name, dimension and vectors of the sample questions."""
    lines = (samples.ARCHIVE.parent / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    probes = [json.loads(line)["text"] for line in lines]
    probes.append(" ".join(probes))
    vectors = np.round(encoder.encode_passages(probes), 4) + 0.0
    whole = hashlib.sha256(f"{encoder.identity.name} {encoder.identity.dimension}".encode())
    whole.update(vectors.astype(np.float32).tobytes())
    return whole.hexdigest()
