"""The stored values that a typed one means."""

from __future__ import annotations

from collections.abc import Callable

from index_store.store import IndexStore
from rag.errors import UsageError


def matching(
    typed: str, field: str, store: IndexStore, same: Callable[[str, str], bool]
) -> tuple[str, ...]:
    """The values of a field that mean the typed one, by `same`.

    Raises UsageError where the typed one is blank.
    """
    check_given(typed, field)
    return tuple(value for value in store.values(field) if same(typed, value))


def check_given(typed: str, field: str) -> None:
    """Raises UsageError where the typed value is blank."""
    if not typed.strip():
        raise UsageError(f"--{field} is empty; name one, or leave the filter out")
