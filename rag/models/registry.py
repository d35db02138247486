"""Loads models by name: the bundled encoder, or one for sentence-transformers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from rag.models import calibration
from rag.models.bundle import Models, make
from rag.models.bundled import bundled_encoder
from rag.models.encoder import Encoder
from rag.models.reader import BundledReader
from rag.models.reranker import CrossEncoderReranker
from rag.models.sentence_transformers import Prompts, SentenceTransformerEncoder
from rag.settings import Settings

BUNDLED = "bundled"

ENCODERS: Mapping[str, Callable[[Path | None], Encoder]] = {BUNDLED: bundled_encoder}
"""Encoders with a name of their own; any other name is a model of sentence-transformers."""


def load_encoder(
    name: str = BUNDLED, prompts: Prompts = Prompts(), published: Path | None = None
) -> Encoder:
    """The encoder with this name or path. Raises EncoderError when it cannot be loaded.

    `prompts` are put before queries and passages; a prompt of None is taken from the model's own
    configuration. The bundled encoder has its own. `published` is the file of
    multilingual-e5-small's weights, by default the installed package's.
    """
    own = ENCODERS.get(name)
    return own(published) if own else SentenceTransformerEncoder(name, prompts)


def encoder_maker(settings: Settings) -> Callable[[], Encoder]:
    """Loads the encoder that the settings name; can be pickled. Raises EncoderError when called."""
    prompts = Prompts(settings.query_prompt, settings.passage_prompt)
    return partial(load_encoder, settings.encoder, prompts, settings.model_file)


def load(settings: Settings, encoder: Encoder | None = None) -> Models:
    """The models that the settings name, except the language model.

    `encoder` replaces the one of the settings; the reader goes with it only where it is one that
    was calibrated. Raises EncoderError when a model cannot be loaded, SettingsError for invalid
    weights.
    """
    reads = encoder is None or calibration.known(encoder.identity.name)
    if encoder is None:
        encoder = encoder_maker(settings)()
    return make(
        encoder,
        languages=settings.chosen_languages,
        fusion_weights=settings.chosen_weights,
        reader=BundledReader(settings.model_file) if reads else None,
        rerank=settings.rerank,
        reranker=CrossEncoderReranker(settings.reranker) if settings.reranker else None,
    )
