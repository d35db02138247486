"""A layout as it is stored: its pages and its words, each a compressed blob.

Words are columns of numbers: offsets as differences, boxes in steps of 1/65535 of the page,
confidences in steps of 1/250. The names of pictures are not in the blobs: they are rows of their
own (`schema`). Pure functions without a connection. Not here: the check of what a writer hands in
(`layout_check`).
"""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index_store.catalogue.schema import digest
from index_store.layout import Layout, Page, WordBox

_STEPS = 65_535
_CONFIDENCES = 250
_NO_CONFIDENCE = 255
_WORD_BYTES = 3 * 4 + 4 * 2 + 1
"""Start, length and page; left, top, width and height; confidence."""


def packed(layout: Layout) -> tuple[bytes, bytes]:
    """The blobs of the pages and of the words; equal layouts give equal blobs.

    The pages' pictures are left out, so that the blobs tell what the source says and no more.
    """
    rows = [[p.label, p.width, p.height, p.file, p.frame] for p in layout.pages]
    words = layout.words
    starts = np.array([word.start for word in words], dtype=np.int64)
    ends = np.array([word.end for word in words], dtype=np.int64)
    pages = np.array([word.page for word in words], dtype=np.int64)
    numbers = (np.diff(starts, prepend=0), ends - starts, np.diff(pages, prepend=0))
    columns = [column.astype("<i4") for column in numbers]
    boxes = np.array(
        [(word.x, word.y, word.width, word.height) for word in words], dtype=np.float64
    ).reshape(-1, 4)
    steps = np.rint(np.clip(boxes, 0, 1) * _STEPS).astype(np.int64)
    steps[:, 2:] = np.minimum(steps[:, 2:], _STEPS - steps[:, :2])  # the far edge, when rounded
    columns += [column.astype("<u2") for column in steps.T]
    sure = [
        _NO_CONFIDENCE if word.confidence is None else round(word.confidence * _CONFIDENCES)
        for word in words
    ]
    columns.append(np.array(sure, dtype=np.uint8))
    whole = b"".join(column.tobytes() for column in columns)
    return zlib.compress(json.dumps(rows).encode(), 9), zlib.compress(whole, 6)


def layout_digest(pages: bytes, words: bytes) -> str:
    """The hash of both blobs, hexadecimal."""
    return digest(hashlib.sha256(pages).hexdigest(), hashlib.sha256(words).hexdigest())


def layout_sha256(layout: Layout) -> str:
    """The hash of a layout as it is stored, its pictures left out."""
    return layout_digest(*packed(layout))


def unpacked_pages(blob: bytes, pictures: dict[int, str]) -> tuple[Page, ...]:
    """The pages of a blob, with the names of their pictures by number from 0."""
    rows = json.loads(zlib.decompress(blob))
    return tuple(
        Page(label, width, height, file, frame, pictures.get(n))
        for n, (label, width, height, file, frame) in enumerate(rows)
    )


def unpacked_words(
    blob: bytes, spans: Sequence[tuple[int, int]] | None = None
) -> list[tuple[WordBox, ...]]:
    """For each span of the text the boxes of its words, wholly or in part; without spans all."""
    data = zlib.decompress(blob)
    count = len(data) // _WORD_BYTES
    at = 0

    def column(kind: str) -> NDArray[np.int64]:
        nonlocal at
        values = np.frombuffer(data, dtype=kind, count=count, offset=at)
        at += values.nbytes
        return values.astype(np.int64)

    starts, lengths, pages = (column("<i4") for _ in range(3))
    starts, pages = np.cumsum(starts), np.cumsum(pages)
    ends = starts + lengths
    boxes = np.stack([column("<u2") for _ in range(4)]) / _STEPS
    sure = column("u1")
    out = []
    for begin, finish in [(0, math.inf)] if spans is None else spans:
        first = int(np.searchsorted(ends, begin, side="right"))
        last = int(np.searchsorted(starts, finish, side="left"))
        part = slice(first, max(first, last))
        rows = zip(starts[part].tolist(), ends[part].tolist(), pages[part].tolist(),
                   boxes[:, part].T.tolist(), sure[part].tolist(), strict=True)  # fmt: skip
        out.append(
            tuple(
                WordBox(start, end, page, x, y, width, height, _confidence(c))
                for start, end, page, (x, y, width, height), c in rows
            )
        )
    return out


def _confidence(stored: int) -> float | None:
    return None if stored == _NO_CONFIDENCE else stored / _CONFIDENCES
