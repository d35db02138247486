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
from dataclasses import dataclass

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


def unpacked_pages(blob: bytes) -> tuple[Page, ...]:
    """The pages of a blob, without the names of their pictures."""
    return tuple(Page(*row) for row in json.loads(zlib.decompress(blob)))


@dataclass(frozen=True, slots=True, eq=False)
class WordColumns:
    """The words of a layout as columns, some 21 bytes a word: to take few of many from.

    `starts`, `ends` and `pages` are of shape (words,), `boxes`, in steps, of shape (4, words);
    `sure` has the confidences as they are stored.
    """

    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    pages: NDArray[np.int32]
    boxes: NDArray[np.uint16]
    sure: NDArray[np.uint8]

    @classmethod
    def of(cls, blob: bytes) -> WordColumns:
        """The columns of a blob of words."""
        data = zlib.decompress(blob)
        count = len(data) // _WORD_BYTES
        starts, lengths, pages = np.frombuffer(data, "<i4", 3 * count).reshape(3, count)
        boxes = np.frombuffer(data, "<u2", 4 * count, offset=12 * count).reshape(4, count)
        sure = np.frombuffer(data, "u1", count, offset=20 * count)
        starts = np.cumsum(starts, dtype=np.int32)
        return cls(starts, starts + lengths, np.cumsum(pages, dtype=np.int32), boxes, sure)

    def between(
        self, start: int = 0, end: float = math.inf, below: float | None = None
    ) -> tuple[WordBox, ...]:
        """The boxes of the words that lie in `text[start:end]`, wholly or in part.

        With `below` only those that were read with less confidence, and the first of each page.
        """
        first = int(np.searchsorted(self.ends, start, side="right"))
        last = int(np.searchsorted(self.starts, end, side="left"))
        part = np.arange(first, max(first, last))
        if below is not None:
            firsts = np.unique(self.pages[part], return_index=True)[1]
            faint = (self.sure[part] != _NO_CONFIDENCE) & (self.sure[part] < below * _CONFIDENCES)
            faint[firsts] = True
            part = part[faint]
        boxes = (self.boxes[:, part] / _STEPS).T.tolist()
        rows = zip(self.starts[part].tolist(), self.ends[part].tolist(),
                   self.pages[part].tolist(), boxes, self.sure[part].tolist(),
                   strict=True)  # fmt: skip
        return tuple(
            WordBox(start, end, page, x, y, width, height, _confidence(c))
            for start, end, page, (x, y, width, height), c in rows
        )


def _confidence(stored: int) -> float | None:
    return None if stored == _NO_CONFIDENCE else stored / _CONFIDENCES
