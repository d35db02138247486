"""Fault 20: parsers and regular expressions on adversarial text, in time that grows evenly.

The full form is a megabyte in at most two seconds of this process's time.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from index_store.analysis.folding import fold
from index_store.analysis.stemming import stems
from index_store.types import Document
from rag import dates, names
from rag.errors import ReadError
from rag.quotations import ellipses, fuzzy_match
from rag.readers import encoding, russian_bigrams
from rag.readers.formats import markup, plain, tabular
from rag.readers.record_page import reader
from rag.records import shelfmarks, versions, warnings
from rag.text import chunking, normalization, sentences

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
    return warnings.examine([_document(text), _document(text[::-1], "ru")])


PARSERS: dict[str, Callable[[str], object]] = {
    "dates.find": dates.find,
    "dates.parse": dates.parse,
    "dates.signature_date": dates.signature_date,
    "shelfmark.parse": shelfmarks.parse,
    "shelfmark.is_shelfmark": shelfmarks.is_shelfmark,
    "sentences": sentences.sentences,
    "split": lambda text: chunking.split(_document(text)),
    "names_in": names.names_in,
    "form.key": normalization.key,
    "near.tokens": fuzzy_match.tokens,
    "segments.readings": ellipses.interpretations,
    "provenance.examine": _pair,
    "halves.difference": lambda t: versions.difference(_document(t), _document(t, "ru")),
    "fold": fold,
    "stems": stems,
    "decode": lambda text: encoding.decode(text.encode()),
    "plausible.russian": russian_bigrams.russian,
    "plain.front_matter": lambda text: plain.front_matter("---\n" + text),
    "record_page": lambda t: [
        reader.is_record_page(t),
        list(reader.documents(t, Path("a.txt"))) if reader.is_record_page(t) else [],
    ],
    "record_page, as one": lambda text: reader.is_record_page(_page(text)),
    "html": lambda text: markup.as_lines(markup.html_tree(text), lambda line: False),
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
