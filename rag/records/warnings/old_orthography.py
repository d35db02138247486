"""`old_orthography`: Russian text in the spelling used before 1918."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index_store.types import Document, DocumentWarning

_RUSSIAN_WORD = re.compile(r"[а-яёѣіѳѵ]{2,40}", re.I)
_OLD_SPELLING = re.compile(r"[ѣіѳѵ]|[бвгджзклмнпрстфхцчшщ]ъ$", re.I)
_MIN_OLD, _OLD_SHARE = 3, 0.1


def check(document: Document) -> Iterator[DocumentWarning]:
    """The warning, where it applies."""
    if document.lang != "ru":
        return
    words = old = 0
    for match in _RUSSIAN_WORD.finditer(document.text):
        words += 1
        old += _OLD_SPELLING.search(match[0]) is not None
    if old >= max(_MIN_OLD, _OLD_SHARE * words):
        yield DocumentWarning(
            "old_orthography",
            "The text is in the spelling used before 1918; it is quoted as it stands.",
        )
