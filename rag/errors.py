"""All errors that Fonds reports with an explanation.

FondsError
├── StoreError …         see index_store.errors
├── UsageError           wrong usage; exit code 2
│   └── SettingsError    invalid flag, environment variable or line of fonds.toml
├── ReadError            a file, or one line of it, cannot be read; other files are still read
├── EncoderError         a neural model cannot be loaded or returned invalid values
└── ModelError           the language model gave no answer; the extractive answer is used instead
"""

from __future__ import annotations

from typing import Literal

from index_store.errors import (
    FondsError,
    NotStored,
    StoreCorrupt,
    StoreError,
    StoreLocked,
    StoreMismatch,
)

__all__ = [
    "EncoderError",
    "FondsError",
    "ModelError",
    "NotStored",
    "ReadError",
    "SettingsError",
    "StoreCorrupt",
    "StoreError",
    "StoreLocked",
    "StoreMismatch",
    "UsageError",
]


ModelFault = Literal[
    "timeout",
    "unreachable",
    "refused",
    "unknown",
    "busy",
    "failed",
    "cut",
    "nonsense",
    "empty",
    "unloadable",
    "too_long",
    "not_understood",
]
"""What went wrong with a language model; `rag.answers.messages` has the text for each."""


class UsageError(FondsError):
    """The command or call is wrong."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting has an invalid value."""


class ReadError(FondsError):
    """A file, or one line of it, cannot be read."""

    def __init__(self, error: str, line: int | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.line = line


class EncoderError(FondsError):
    """A neural model cannot be loaded, or returned invalid values."""


class ModelError(FondsError):
    """The language model gave no answer, or stopped in the middle of it.

    The message never repeats the endpoint's response, which may contain anything, even an API key.
    """

    def __init__(self, fault: ModelFault, detail: str = "") -> None:
        super().__init__(f"the language model gave no answer: {fault} {detail}".rstrip())
        self.fault = fault
        self.detail = detail
