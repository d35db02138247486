"""Every fault that Fonds explains, in one tree.

FondsError
├── StoreError …         see index_store.errors
├── UsageError           wrong usage: exit 2
│   └── SettingsError    a flag, environment variable or line of fonds.toml that makes no sense
├── ReadError            a file or line that cannot be read; the rest of the batch goes on
├── EncoderError         the encoder cannot be loaded or returned nonsense
└── ModelError           the language model gave no answer; the extractive one is given instead
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
    "timeout", "unreachable", "refused", "unknown", "busy", "failed", "cut", "nonsense", "empty"
]
"""What went wrong at a language model's endpoint; `rag.wording` says it in words."""


class UsageError(FondsError):
    """The command or call makes no sense as given."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting has a value that cannot be used."""


class ReadError(FondsError):
    """One file, or one line of it, that cannot be read."""

    def __init__(self, error: str, line: int | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.line = line


class EncoderError(FondsError):
    """The encoder cannot be loaded, or returned vectors that cannot be stored."""


class ModelError(FondsError):
    """The language model gave no answer, or broke off. Its message never repeats what the
    endpoint said, which may hold anything, a key included."""

    def __init__(self, fault: ModelFault, detail: str = "") -> None:
        super().__init__(f"the language model gave no answer: {fault} {detail}".rstrip())
        self.fault = fault
        self.detail = detail
