"""The words that begin with a capital in the texts, kept while new texts come.

Words are only added: one that stood in a removed document alone stays until the process ends.
"""

from __future__ import annotations

import re
import threading

from index_store.catalogue.connection import State
from index_store.catalogue.reading import Catalogue

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")


class CapitalisedWords:
    """Those of one catalogue; safe to share between threads.

    Not in a snapshot: the first reading takes long, and others can read meanwhile.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._guard = threading.Lock()
        self._state: State | None = None
        self._last = -1
        self._found: set[str] = set()
        self._words: frozenset[str] = frozenset()

    def words(self) -> frozenset[str]:
        """All of them, with those of texts that have come since. Raises StoreError."""
        with self._guard:
            state = self._catalogue.state()
            if state != self._state:
                if self._state is not None and not self._catalogue.knows(self._state[1]):
                    self._last, self._found = -1, set()  # the database was put back
                for row, text in self._catalogue.texts_after(self._last):
                    self._found.update(word for word in _WORD.findall(text) if word[0].isupper())
                    self._last = row
                self._words, self._state = frozenset(self._found), state
            return self._words
