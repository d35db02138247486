"""Cross-encoders of sentence-transformers: read from this machine, and only from safetensors."""

from __future__ import annotations

import os
from typing import Any

from rag.errors import EncoderError


def load(name: str, setting: str) -> Any:
    """The CrossEncoder of that name or path. Raises EncoderError naming its setting."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    from sentence_transformers import CrossEncoder

    try:
        return CrossEncoder(
            name,
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"{setting} {name}: cannot be loaded ({str(error).splitlines()[0]}); name a model "
            f"folder on this machine, or leave FONDS_{setting.upper()} out"
        ) from error
