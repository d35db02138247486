"""Models of sentence-transformers: read from this machine, and only from safetensors."""

from __future__ import annotations

import os
from typing import Any, Literal

from rag.errors import EncoderError


def load(kind: Literal["SentenceTransformer", "CrossEncoder"], name: str, setting: str) -> Any:
    """The model of that name or path, of a class of sentence-transformers.

    Raises EncoderError naming the setting that named it.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ["HF_HUB_OFFLINE"] = "1"  # read at import; Fonds never fetches a model
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    import sentence_transformers
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return getattr(sentence_transformers, kind)(
            name,
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError) as error:
        variable = f"FONDS_{setting.upper()}"
        mend = f"set {variable}=bundled" if setting == "encoder" else f"leave {variable} out"
        raise EncoderError(
            f"{setting} {name}: cannot be loaded ({str(error).splitlines()[0]}); name a model "
            f"folder on this machine or {mend}"
        ) from error
