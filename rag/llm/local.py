"""A language model of a GGUF file, run in this process by llama.cpp (package `xllamacpp`).

It is loaded at first use and answers one question after the other. What prompts have in common at
their beginning is read once (llama.cpp keeps it). llama.cpp opens a port on this machine, which
answers nobody without a key that only this process knows.

Not here: which model (`providers`), what it is asked (`points`, `prompts`).
"""

from __future__ import annotations

import math
import os
import queue
import secrets
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag.errors import ModelError, SettingsError
from rag.models.bundle import AnswerForm, LanguageModelMode, Writing
from rag.types.pieces import Piece

CONTEXT = 4096
"""Tokens of prompt and answer together."""

MAX_OUTPUT_TOKENS = 400
ALTERNATIVES = 10
"""Tokens whose probability is told at each place."""

_READS_AT_ONCE = 64  # tokens of a prompt; after each batch an answer can be stopped
_MAGIC = b"GGUF"


def check(path: Path) -> None:
    """Raises SettingsError where the package is missing or this is no GGUF file."""
    try:
        import xllamacpp  # noqa: F401
    except ImportError as error:
        raise SettingsError(
            "llm: a model file needs a package that is not installed; "
            "run: pip install 'fonds[local]'"
        ) from error
    try:
        with path.open("rb") as file:
            begins = file.read(4)
    except OSError as error:
        raise SettingsError(
            f"llm: {path} cannot be read ({error.strerror}); name a GGUF file"
        ) from error
    if begins != _MAGIC:
        raise SettingsError(
            f"llm: {path} is no GGUF file; get the model in GGUF, for example quantised as Q4_K_M"
        )


class LocalModel:
    """A `LanguageModel`. `seconds` limits a whole answer."""

    def __init__(self, path: Path, seconds: float, mode: LanguageModelMode, reads: int) -> None:
        self.name, self.mode, self.reads = path.stem, mode, reads
        self._path, self._seconds = path, seconds
        self._server: Any = None
        self._one_by_one = threading.Lock()

    def write(self, system: str, user: str, form: AnswerForm | None = None) -> Writing:
        """Streams the answer, in the form if one is given. Raises ModelError."""
        body: dict[str, Any] = {
            "messages": [
                {"role": "system", "content": system},
                {"role": "user", "content": user},
            ],
            "max_tokens": MAX_OUTPUT_TOKENS,
            "temperature": 0.0,
            "stream": True,
            "cache_prompt": True,
            "return_progress": True,
            "logprobs": True,
            "top_logprobs": ALTERNATIVES,
        }
        if form is not None:
            body["grammar"] = form.grammar
        deadline = time.monotonic() + self._seconds
        if not self._one_by_one.acquire(timeout=self._seconds):
            raise ModelError("timeout", f"{self._seconds:g}")
        try:
            yield from self._answers(self._loaded(), body, deadline)
        finally:
            self._one_by_one.release()

    def _answers(self, server: Any, body: dict[str, Any], deadline: float) -> Writing:
        """The pieces of the answer, which a thread of its own takes from llama.cpp."""
        told: queue.Queue[Any] = queue.Queue()
        stopped = threading.Event()

        def take(chunk: Any) -> bool:
            told.put(chunk)
            return stopped.is_set()

        def run() -> None:
            try:
                server.handle_chat_completions(body, take)
            except Exception as error:  # noqa: BLE001 - it goes on in the thread that waits
                told.put(error)
            told.put(None)

        thread = threading.Thread(target=run, name="llama.cpp", daemon=True)
        thread.start()
        written = False
        try:
            while True:
                try:
                    chunk = told.get(timeout=max(0.01, deadline - time.monotonic()))
                except queue.Empty:
                    raise ModelError("timeout", f"{self._seconds:g}") from None
                if chunk is None:
                    break
                if isinstance(chunk, Exception):
                    raise ModelError("failed") from chunk
                piece = _piece(chunk)
                written = written or bool(piece)
                if piece is not None:
                    yield piece
                if time.monotonic() > deadline:
                    raise ModelError("timeout", f"{self._seconds:g}")
        finally:
            stopped.set()
            thread.join()
        if not written:
            raise ModelError("empty")

    def _loaded(self) -> Any:
        """The model. Raises ModelError where it cannot be loaded."""
        if self._server is None:
            import xllamacpp

            threads = _processors()
            given = xllamacpp.CommonParams()
            given.model.path = str(self._path)
            given.n_ctx, given.n_parallel = CONTEXT, 1
            given.n_batch = given.n_ubatch = _READS_AT_ONCE
            given.cpuparams.n_threads = given.cpuparams_batch.n_threads = threads
            given.api_keys = [secrets.token_urlsafe(32)]
            given.verbosity = -1
            given.warmup = False
            try:
                self._server = xllamacpp.Server(given)
            except Exception as error:
                raise ModelError("unloadable") from error
        return self._server

    def close(self) -> None:
        """Frees the model."""
        with self._one_by_one:
            self._server = None


def _processors() -> int:
    """Processors that this process may use; more threads than that wait for each other."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _piece(chunk: Mapping[str, Any]) -> Piece | None:
    """A chunk's text with the probabilities of its token; empty text for progress; None for the
    chunks that only begin or end an answer.

    Raises ModelError for an error, which comes as a chunk too.
    """
    if "error" in chunk:
        code = chunk["error"].get("type", "")
        raise ModelError("too_long" if "context" in code or "exceed" in code else "failed")
    choices = chunk.get("choices") or [{}]
    text = (choices[0].get("delta") or {}).get("content") or ""
    tokens = (choices[0].get("logprobs") or {}).get("content") or []
    chances = (
        {t["token"]: math.exp(t["logprob"]) for t in tokens[0]["top_logprobs"]} if tokens else None
    )
    if text:
        return Piece(text, chances)
    progress = chunk.get("prompt_progress")
    if progress:
        return Piece("", read=progress["processed"] / max(1, progress["total"]))
    return None
