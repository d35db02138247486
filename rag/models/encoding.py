"""Passages encoded while the caller goes on: by one thread, or by several worker processes.

A worker is a process of its own. It loads the encoder when it gets its first passages and uses one
thread; the threads of one process wait for each other where Python runs. Workers are started when
there is work for them, and end with the block or with the process that started them.

Not here: the encoders, which passages are encoded together (`rag.document_writer`).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Protocol

import numpy as np

from index_store.types import Vectors
from rag.errors import EncoderError, UsageError
from rag.models import onnx
from rag.models.encoder import Encoder
from rag.models.once import once

MOST_WORKERS = 64
SHARE = 32
"""Passages that a worker is given at a time: about a second's work for the bundled encoder."""

Make = Callable[[], Encoder]
_AGAIN = "ingest again, with fewer workers if memory is short: what was stored is kept"


class Encoding(Protocol):
    """Encodes batches of passages while the caller goes on, as many at a time as `workers`."""

    @property
    def workers(self) -> int: ...
    def start(self, texts: Sequence[str]) -> Callable[[], Vectors]:
        """Start on these passages. What is returned waits for their vectors.

        Both raise EncoderError.
        """
        ...


@contextmanager
def encoding(encoder: Encoder, make: Make, workers: int) -> Iterator[Encoding]:
    """An encoder in a thread for one worker; for more, processes with what `make` gives.

    `make` must be something that can be pickled.
    """
    if workers == 1:
        with ThreadPoolExecutor(1) as thread:
            yield _Threaded(encoder, thread)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, _prepare, (make,))
    try:
        yield _Processes(pool, workers)
    finally:
        pool.shutdown(cancel_futures=True)


def check_workers(workers: int) -> None:
    """Raises UsageError for a number of workers that is not allowed."""
    if not 1 <= workers <= MOST_WORKERS:
        raise UsageError(f"workers is {workers}; give a number from 1 to {MOST_WORKERS}")


class _Threaded:
    """One batch at a time, in a thread; the encoder may have threads of its own."""

    workers = 1

    def __init__(self, encoder: Encoder, thread: ThreadPoolExecutor) -> None:
        self._encoder, self._thread = encoder, thread

    def start(self, texts: Sequence[str]) -> Callable[[], Vectors]:
        return self._thread.submit(self._encoder.encode_passages, texts).result


class _Processes:
    """Each batch in shares, so that all workers take part in it."""

    def __init__(self, pool: ProcessPoolExecutor, workers: int) -> None:
        self._pool, self.workers = pool, workers

    def start(self, texts: Sequence[str]) -> Callable[[], Vectors]:
        starts = range(0, max(1, len(texts)), SHARE)
        with _explained(), _deaf_to_interrupts():
            jobs = [self._pool.submit(_encoded, texts[at : at + SHARE]) for at in starts]

        def vectors() -> Vectors:
            with _explained():
                return np.concatenate([job.result() for job in jobs])

        return vectors


@contextmanager
def _explained() -> Iterator[None]:
    """What can happen to workers, as EncoderError."""
    try:
        yield
    except BrokenProcessPool as error:
        raise EncoderError(
            "a worker process that encodes passages has ended: it was killed, got no memory, or "
            'could not start (a script must call ingest below `if __name__ == "__main__":`); '
            f"{_AGAIN}"
        ) from error
    except OSError as error:
        cause = error.strerror or error
        raise EncoderError(f"a worker process cannot be started ({cause}); {_AGAIN}") from error


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started meanwhile never see Ctrl-C: it is for their parent, which ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# In a worker:

_made: Make | None = None


def _prepare(make: Make) -> None:
    """Before the first passages: one thread for each library, and an end when the parent ends."""
    global _made
    _made = once(make)
    onnx.THREADS = 1
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ[variable] = "1"  # read by torch and tokenizers, which are not loaded yet
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent
    parent.join()
    os._exit(1)  # whatever the other thread does: nobody waits for it


def _encoded(texts: Sequence[str]) -> Vectors:
    """The vectors of a share. Raises EncoderError alone: others may not survive the way back."""
    assert _made
    try:
        return _made().encode_passages(texts)
    except EncoderError:
        raise
    except Exception as error:
        cause = f"{type(error).__name__}: {error}".rstrip(": ")
        raise EncoderError(f"the encoder of a worker failed ({cause}); {_AGAIN}") from error
