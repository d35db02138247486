"""The writer's lock: one process at a time writes to a store.

The lock is the operating system's and ends when its process ends, in whatever way. The JSON file
beside it names that process for error messages. Readers take no lock.
"""

from __future__ import annotations

import datetime
import json
import os
import socket
from pathlib import Path

from filelock import FileLock, Timeout

from index_store.errors import StoreError, StoreLocked

TIMEOUT_SECONDS = 1.0


def this_process() -> str:
    """This process in words, for the messages of others."""
    return f"process {os.getpid()} on {socket.gethostname()} since {_now()}"


def _now() -> str:
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")


class WriterLock:
    """Held from construction to `release`.

    Raises StoreLocked, naming the holder, when another process holds it for over a second, and
    StoreError when the folder cannot be locked or written to.
    """

    def __init__(self, directory: Path) -> None:
        self._holder = directory / "writer.json"
        # A soft lock would outlive a killed holder: never fall back to it.
        self._lock = FileLock(
            directory / "writer.lock",
            timeout=TIMEOUT_SECONDS,
            thread_local=False,
            fallback_to_soft=False,
        )
        try:
            self._lock.acquire()
        except Timeout as error:
            raise StoreLocked(
                f"{directory} is being written to by {self._describe()};"
                " wait until it has finished, or stop it"
            ) from error
        except (OSError, NotImplementedError) as error:
            raise StoreError(f"cannot lock {directory} for writing: {error}") from error
        try:
            self._sign()
        except OSError as error:
            self._lock.release()
            raise StoreError(f"cannot write to {directory}: {error}") from error

    def release(self) -> None:
        """Lets the next writer in; harmless when already released."""
        if self._lock.is_locked:
            self._holder.unlink(missing_ok=True)
            self._lock.release()

    def _sign(self) -> None:
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "started": _now()}
        self._holder.write_text(json.dumps(holder), encoding="utf-8")

    def _describe(self) -> str:
        try:
            holder = json.loads(self._holder.read_text(encoding="utf-8"))
            return f"process {holder['pid']} on {holder['host']} since {holder['started']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"  # it has taken the lock and not written the file yet
