"""`ocr_noise`: the text has many words that text recognition got wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index_store.types import Document, DocumentWarning

_TOKEN = re.compile(r"\S{1,60}")
# A Latin i among Cyrillic letters is the і of the old spelling.
_GARBLED = re.compile(
    r"[a-zа-яё]\d+[a-zа-яё]|[a-hj-z][а-яё]|[а-яё][a-hj-z]|[a-zа-яё][|\\^~{}<>=*#@$¦§_¬]+[a-zа-яё]"
    r"|\ufffd|[|\\^~{}<>¦¬]+$"
)
_TABLE_ROW = re.compile(r"^[ \t]{0,20}\|[^\n]*\|[ \t]{0,20}$", re.M)
_MIN_GARBLED, _GARBLED_SHARE = 5, 0.04


def check(document: Document) -> Iterator[DocumentWarning]:
    """The warning, where it applies."""
    tokens = garbled = 0
    for match in _TOKEN.finditer(_TABLE_ROW.sub("", document.text)):
        tokens += 1
        garbled += _is_garbled(match[0])
    if garbled >= max(_MIN_GARBLED, _GARBLED_SHARE * tokens):
        yield DocumentWarning(
            "ocr_noise", f"The text seems badly read by a machine: {garbled} of {tokens} words."
        )


def _is_garbled(token: str) -> bool:
    return "://" not in token and "@" not in token[1:] and bool(_GARBLED.search(token))
