"""`ocr_noise`: the text has many words that text recognition got wrong.

Told by the confidence that the reading gives for each word, and by what the words look like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import fmean

from index_store.types import Document, DocumentWarning

_TOKEN = re.compile(r"\S{1,60}")
# A Latin i among Cyrillic letters is the і of the old spelling.
_GARBLED = re.compile(
    r"[a-zа-яё]\d+[a-zа-яё]|[a-hj-z][а-яё]|[а-яё][a-hj-z]|[a-zа-яё][|\\^~{}<>=*#@$¦§_¬]+[a-zа-яё]"
    r"|\ufffd|[|\\^~{}<>¦¬]+$"
)
_TABLE_ROW = re.compile(r"^[ \t]{0,20}\|[^\n]*\|[ \t]{0,20}$", re.M)
_MIN_GARBLED, _GARBLED_SHARE = 5, 0.04
UNSURE = 0.6
"""Confidence below which a word was read with doubt."""
_MIN_UNSURE, _UNSURE_SHARE = 5, 0.15  # words of a page
_NAMED = 3  # pages with their confidence in the message


def check(document: Document) -> Iterator[DocumentWarning]:
    """The warning, where it applies: with the mean confidence of the worst pages, where known."""
    if doubtful := _doubtful_pages(document):
        named = ", ".join(f"page {label} ({mean:.0%})" for mean, label in doubtful[:_NAMED])
        others = len(doubtful) - _NAMED
        more = f" and {others} more" if others > 0 else ""
        yield DocumentWarning(
            "ocr_noise", f"Many words were read with doubt (mean confidence): {named}{more}."
        )
        return
    tokens = garbled = 0
    for match in _TOKEN.finditer(_TABLE_ROW.sub("", document.text)):
        tokens += 1
        garbled += _is_garbled(match[0])
    if garbled >= max(_MIN_GARBLED, _GARBLED_SHARE * tokens):
        yield DocumentWarning(
            "ocr_noise", f"The text seems badly read by a machine: {garbled} of {tokens} words."
        )


def _doubtful_pages(document: Document) -> list[tuple[float, str]]:
    """Mean confidence and label of the pages with many doubtful words, the worst first."""
    if document.layout is None:
        return []
    by_page: dict[int, list[float]] = {}
    for word in document.layout.words:
        if word.confidence is not None:
            by_page.setdefault(word.page, []).append(word.confidence)
    found = []
    for number, confidences in by_page.items():
        unsure = sum(confidence < UNSURE for confidence in confidences)
        if unsure >= max(_MIN_UNSURE, _UNSURE_SHARE * len(confidences)):
            found.append((fmean(confidences), document.layout.pages[number].label))
    return sorted(found)


def _is_garbled(token: str) -> bool:
    return "://" not in token and "@" not in token[1:] and bool(_GARBLED.search(token))
