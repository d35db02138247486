"""Encoders for worker processes, which do what passages say; and `fonds` with a slow one.

`python -m tests.kits.worker_kit FOLDER COMMAND…` runs the command; each worker writes a file there.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from index_store.types import Vectors
from rag.errors import EncoderError
from rag.models.encoder import Encoder
from tests.kits.hashing import HashingEncoder


class Troubled(HashingEncoder):
    """Dies or fails at a passage that says so."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        for text in texts:
            if "be killed here" in text:
                os.kill(os.getpid(), signal.SIGKILL)
            if "fail here" in text:
                raise ValueError("a fault of a library")
        return super().encode(texts)


class Slow(HashingEncoder):
    """Writes a file named by its process into a folder, then takes long over each share."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def encode(self, texts: Sequence[str]) -> Vectors:
        (self._folder / str(os.getpid())).touch()
        time.sleep(2)
        return super().encode(texts)


def not_loaded() -> Encoder:
    """An encoder that is not there."""
    raise EncoderError("the model is not there; install it")


def slow(folder: Path) -> Callable[[], Encoder]:
    """Makes `Slow`; can be pickled."""
    return partial(Slow, folder)


if __name__ == "__main__":
    # A shell starts what runs in its background without ears for Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from rag.cli.commands import main
    from rag.models import registry
    from tests.kits import worker_kit

    # By the module's name: `__main__` is another one in a worker.
    registry.encoder_maker = lambda settings: worker_kit.slow(Path(sys.argv[1]))
    main(sys.argv[2:])
