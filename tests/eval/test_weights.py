"""The shares of the lists fitted to an encoder that knows nothing: words must win."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.sets.suite import limited, load
from eval.training.fusion_weights import fit
from index_store.store import EncoderIdentity
from index_store.types import Vectors
from rag.models.bundle import make
from rag.settings import parse_weights

ROOT = Path(__file__).resolve().parents[2]


class Noise:
    """A direction drawn for each text, whatever it says."""

    identity = EncoderIdentity("noise", 32)
    languages: frozenset[str] | None = None

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Rows of norm 1."""
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Rows of norm 1."""
        out = np.empty((len(texts), 32), np.float32)
        for row, text in enumerate(texts):
            seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
            drawn = np.random.default_rng(seed).normal(size=32)
            out[row] = drawn / np.linalg.norm(drawn)
        return out


def test_an_encoder_that_knows_nothing_loses_its_share() -> None:
    suite = limited(load(ROOT / "eval" / "suites" / "sample"), 16)
    said = parse_weights("lexical=0.05 document=0.05 dense=0.3")
    found = fit([suite], make(Noise(), fusion_weights=said), None)
    assert found["in_force"] == "lexical=0.05 document=0.05 dense=0.3 dense_document=0"
    fitted = parse_weights(found["weights"])
    words, vectors = (fitted["lexical"] + fitted["document"], fitted["dense"])
    assert words / (words + vectors) > 0.25 + 0.1
    development = found["development"]
    means = {name: np.mean(list(own.values())) for name, own in development.items()}
    assert means["fitted"] > means["in_force"]
    lexical, dense = (np.mean(list(found["alone"][name].values())) for name in ("lexical", "dense"))
    assert lexical > dense + 0.2
    assert found == fit([suite], make(Noise(), fusion_weights=said), None)
