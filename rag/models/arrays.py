"""Reads the `.npz` arrays that ship with the package."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from rag.errors import EncoderError

Arrays = dict[str, npt.NDArray[Any]]


def read(path: Path) -> Arrays:
    """The arrays of an `.npz` file by name. Raises EncoderError for a missing or damaged file."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, BadZipFile) as error:
        raise EncoderError(f"{path} cannot be read ({error}); install Fonds again") from error
