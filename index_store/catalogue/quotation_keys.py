"""The search keys of all documents in memory, so that a quotation is looked for in milliseconds.

A scan of 100,000 passages takes SQLite some 150 ms and Python's string search some 12; the keys of
that many take 60 to 120 MB. Stores with more than `MOST` characters are scanned in SQLite. It
decides nothing about what a match is.
"""

from __future__ import annotations

import threading

from index_store.catalogue.reading import Catalogue

MOST = 200_000_000
"""Characters of keys held in memory."""


class Keys:
    """The keys of one catalogue by document row, as last committed. Safe to share."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._guard = threading.Lock()
        self._generation = -1
        self._keys: dict[int, str] = {}

    def containing(self, search_key: str) -> list[str]:
        """Ids of the documents whose key contains `search_key`, sorted."""
        with self._guard, self._catalogue.snapshot():
            if not self._refresh():
                return self._catalogue.containing(search_key, None)
            rows = [row for row, key in self._keys.items() if search_key in key]
            return sorted(self._catalogue.ids_of_rows("documents", rows).values())

    def _refresh(self) -> bool:
        """Loads what has changed; False where it would be too much. Rows never change."""
        generation = self._catalogue.generation()
        if generation != self._generation:
            self._generation = generation
            if self._catalogue.key_characters() > MOST:
                self._keys = {}
            else:
                known = max(self._keys, default=-1)
                alive = set(self._catalogue.key_rows())
                kept = {row: key for row, key in self._keys.items() if row in alive}
                self._keys = kept | self._catalogue.keys_after(known)
        return bool(self._keys)
