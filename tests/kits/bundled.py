"""The real bundled encoder, loaded once for all tests of a process."""

from __future__ import annotations

from functools import cache

from rag.models.encoder import Encoder
from rag.models.registry import load_encoder
from rag.settings import Settings


@cache
def bundled() -> Encoder:
    """The encoder of the default settings."""
    return load_encoder(Settings().encoder)
