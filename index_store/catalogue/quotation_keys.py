"""The search keys of all documents, kept in memory to find a quotation in milliseconds.

To scan 100,000 passages takes SQLite some 50 ms and the keys in memory some 12; they take 60 to
120 MB. Larger stores are scanned by SQLite. Not here: what makes a key, and what counts
as a match.
"""

from __future__ import annotations

import threading

from index_store.catalogue.connection import State
from index_store.catalogue.reading import Catalogue

MAX_PASSAGES = 300_000
"""In a store with more the keys are not held in memory. Passages are counted, because to add up the
lengths of all keys takes as long as to search them."""

MAX_FOUND = 16
"""Quotations of which it is remembered where they stand: one is often looked for twice at once."""


class QuotationKeys:
    """The search keys of one catalogue, as last committed; safe to share between threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._guard = threading.Lock()
        self._state: State | None = None
        self._keys: dict[int, str] = {}
        self._found: dict[str, list[str]] = {}

    def containing(self, search_key: str) -> list[str]:
        """Ids, sorted, of the documents whose key contains `search_key`."""
        with self._guard, self._catalogue.snapshot():
            held = self._refresh()
            if search_key not in self._found:
                if len(self._found) >= MAX_FOUND:
                    self._found.clear()
                self._found[search_key] = self._search(search_key, held)
            return list(self._found[search_key])

    def _search(self, search_key: str, held: bool) -> list[str]:
        if not held:
            return self._catalogue.containing(search_key, None)
        rows = [row for row, key in self._keys.items() if search_key in key]
        return sorted(self._catalogue.ids_of_rows("documents", rows).values())

    def _refresh(self) -> bool:
        """Loads the keys of new rows; False where none are held. The key of a row never changes."""
        state = self._catalogue.state()
        if state != self._state:
            self._found.clear()
            if self._state is not None and not self._catalogue.knows(self._state[1]):
                self._keys = {}  # the database was put back: its rows may have other keys now
            if self._catalogue.count("passages") > MAX_PASSAGES:
                self._keys = {}
            else:
                last = max(self._keys, default=-1)
                stored = set(self._catalogue.key_rows())
                kept = {row: key for row, key in self._keys.items() if row in stored}
                self._keys = kept | self._catalogue.keys_after(last)
            self._state = state  # last: after a fault all of this is done again
        return bool(self._keys)
