"""How well pages that are pictures are recognised: letters wrong, seconds a page.

Texts of the development sets are drawn as pages, ten in each language, clean and as scans often
are: turned by a degree with noise, in two columns, sideways, at 600 dpi in black and white. Letters
wrong are the edit distance between the text and the reading, white space counted as one space,
divided by the length of the text. Not here: the recognition (`rag.readers.scans`).
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein

from eval.sets.jsonl import read_lines
from index_store.types import Document
from rag.errors import ReadError
from rag.readers.registry import read
from rag.readers.sandbox import ParserSandbox
from rag.readers.scans.recognition import Recogniser

PAGES = 10
LETTERS = 2200
"""Of a page, at most."""
FONT = "DejaVuSerif.ttf"
SETS = {
    "en": ("dfat/docs.jsonl", "eng"),
    "ru": ("xquad/passages.jsonl", "rus"),
}
"""The texts in each language, and its name for Tesseract."""

_WIDTH, _HEIGHT, _MARGIN = 2480, 3508, 240  # A4 at 300 dpi
_SIZE, _LEADING = 44, 62


def texts(data: Path, lang: str, pages: int = PAGES) -> list[str]:
    """A page's text for each of the first pages, white space as single spaces."""
    rows = [r for r in read_lines(data / SETS[lang][0]) if r["lang"] == lang]
    whole = [" ".join(row["text"].split()) for row in rows]
    found: list[str] = []
    page = ""
    for text in whole:
        page = f"{page} {text}".strip()
        if len(page) >= LETTERS:
            found.append(page[:LETTERS].rpartition(" ")[0])
            page = ""
        if len(found) == pages:
            break
    return found


def drawn(text: str, columns: int = 1) -> Image.Image:
    """A page with the text, in columns of equal height."""
    font = ImageFont.truetype(FONT, _SIZE)
    page = Image.new("L", (_WIDTH, _HEIGHT), 255)
    draw = ImageDraw.Draw(page)
    gap = 120
    width = (_WIDTH - 2 * _MARGIN - gap * (columns - 1)) // columns
    lines: list[str] = []
    for word in text.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    each = -(-len(lines) // columns)
    for number, line in enumerate(lines):
        column, row = divmod(number, each)
        at = (_MARGIN + column * (width + gap), _MARGIN + row * _LEADING)
        draw.text(at, line, font=font, fill=0)
    return page


def scanned(page: Image.Image, seed: int = 1917) -> Image.Image:
    """The page as a scan: turned by a degree, on gray paper, with noise."""
    turned = page.rotate(1, Image.Resampling.BICUBIC, fillcolor=255)
    pixels = np.asarray(turned, dtype=np.float32) * 0.75 + 40
    pixels += np.random.default_rng(seed).normal(0, 18, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def fine(page: Image.Image) -> Image.Image:
    """The page at 600 dpi, in black and white."""
    return page.resize((2 * page.width, 2 * page.height), Image.Resampling.BICUBIC).convert("1")


KINDS: dict[str, Callable[[str], tuple[Image.Image, int]]] = {
    "clean": lambda text: (drawn(text), 300),
    "turned by 1°, noise": lambda text: (scanned(drawn(text)), 300),
    "two columns": lambda text: (drawn(text, 2), 300),
    "sideways": lambda text: (drawn(text).rotate(90, expand=True), 300),
    "600 dpi, 1 bit": lambda text: (fine(drawn(text)), 600),
}
"""A page of each kind, with its dots per inch."""


def measure(data: Path) -> dict[str, Any]:
    """For each kind and language: share of letters wrong, confidence, seconds a page.

    Each page is also read with both languages, which is the default. Raises ReadError without
    Tesseract.
    """
    found: dict[str, Any] = {}
    for lang, (_, name) in SETS.items():
        pages = texts(data, lang)
        for kind, make in KINDS.items():
            for languages in (name, "eng+rus"):
                found[f"{lang}, {kind}, {languages}"] = _figures(pages, make, languages)
    return found


def _figures(
    pages: Sequence[str], make: Callable[[str], tuple[Image.Image, int]], languages: str
) -> dict[str, float]:
    recogniser = Recogniser(languages)
    wrong: list[float] = []
    confidence: list[float] = []
    spent = processor = 0.0
    with tempfile.TemporaryDirectory() as folder, ParserSandbox() as sandbox:
        for text in pages:
            picture, dpi = make(text)
            path = Path(folder) / "page.png"
            picture.save(path, dpi=(dpi, dpi))
            begun, before = time.perf_counter(), _processor()
            (item,) = read(path, sandbox, recogniser)
            spent += time.perf_counter() - begun
            processor += _processor() - before
            if not isinstance(item, Document) or item.layout is None:
                raise ReadError(f"a page was not read: {item}")
            reading = " ".join(item.text.split())
            wrong.append(Levenshtein.distance(text, reading) / len(text))
            confidence.append(fmean(word.confidence or 0.0 for word in item.layout.words))
    return {
        "letters wrong": round(fmean(wrong), 5),
        "worst page": round(max(wrong), 5),
        "mean confidence": round(fmean(confidence), 3),
        "seconds a page": round(spent / len(pages), 2),
        "of a processor for Tesseract": round(processor / len(pages), 2),
    }


def _processor() -> float:
    """Processor seconds of the processes that have ended: those of Tesseract."""
    times = os.times()
    return times.children_user + times.children_system
