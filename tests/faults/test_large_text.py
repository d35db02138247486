"""Fault 20: parsers and regular expressions on adversarial text, in time that grows evenly.

The full form is a megabyte in at most two seconds of this process's time.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from index_store.folding import fold
from index_store.lexical import stems
from index_store.types import Document
from rag import dates, form, halves, names, near, provenance, segments, sentences, shelfmark, split
from rag.errors import ReadError
from rag.readers import decoding, markup, plain, plausible, record_page, tabular

MEGABYTE = 1_000_000
SECONDS = 2.0

UNITS = {
    "letters": "a",
    "spaces": " ",
    "lines": "\n",
    "digits": "1",
    "dots": ".",
    "initials": "А. Б. ",
    "capitals": "Ivanov ",
    "hyphens": "а-",
    "quotes": "«",
    "brackets": "[(",
    "dates": "27/XI-31 ",
    "half dates": "10 (23) ",
    "numerals": "XXVII",
    "references": "Ф. 74. Оп. 2. Д. ",
    "rules": "---\n",
    "sources": "Source: \n",
    "tags": "<p><",
    "entities": "&amp",
    "fields": '"a": {',
    "combining": "e\u0301",
    "sentence ends": "Нет! Да? ",
    "quoted commas": '",',
}


def _document(text: str, lang: str = "en") -> Document:
    return Document(
        document_id=lang, record_id="r", lang=lang, title="A letter", text=text, path="a.txt"
    )


def _pair(text: str) -> object:
    return provenance.examine([_document(text), _document(text[::-1], "ru")])


PARSERS: dict[str, Callable[[str], object]] = {
    "dates.find": dates.find,
    "dates.parse": dates.parse,
    "dates.signature_date": dates.signature_date,
    "shelfmark.parse": shelfmark.parse,
    "shelfmark.is_shelfmark": shelfmark.is_shelfmark,
    "sentences": sentences.sentences,
    "split": lambda text: split.split(_document(text)),
    "names_in": names.names_in,
    "form.key": form.key,
    "near.tokens": near.tokens,
    "segments.readings": segments.readings,
    "provenance.examine": _pair,
    "halves.difference": lambda t: halves.difference(_document(t), _document(t, "ru")),
    "fold": fold,
    "stems": stems,
    "decode": lambda text: decoding.decode(text.encode()),
    "plausible.russian": plausible.russian,
    "plain.front_matter": lambda text: plain.front_matter("---\n" + text),
    "record_page": lambda t: [
        record_page.is_record_page(t),
        list(record_page.documents(t, Path("a.txt"))) if record_page.is_record_page(t) else [],
    ],
    "record_page, as one": lambda text: record_page.is_record_page(_page(text)),
    "html": lambda text: markup.as_lines(markup.html_tree(text)),
    "csv header": lambda text: tabular.is_header(text.split("\n")[0]),
}


def _page(body: str) -> str:
    return (
        "Home > Letters\nA letter to K. Ivanov\nПисьмо К. Иванову\n"
        f"21 November 1931  en:Papers  ru:Бумаги  Translated by AI\n\n{body}\n\n---\n"
        "Source: Papers, pp. 1-2\nRGASPI F. 1. Op. 2. D. 3. L. 4\n"
    )


def _seconds(parse: Callable[[str], object], text: str) -> float:
    started = time.process_time()
    with contextlib.suppress(ReadError):  # to refuse such a text is right, in time
        parse(text)
    return time.process_time() - started


@pytest.mark.parametrize("size", [MEGABYTE // 50, pytest.param(MEGABYTE, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", PARSERS)
def test_adversarial_text_is_parsed_in_time(name: str, size: int) -> None:
    slow = {
        unit: round(seconds, 2)
        for unit, text in UNITS.items()
        if (seconds := _seconds(PARSERS[name], (text * size)[:size])) > SECONDS
    }
    assert slow == {}, "seconds by kind of text"
