"""The vectors of all passages as files that are mapped into memory, beside the word indexes.

In the folder `matrix` lie files that only grow, and `header.json`, which tells how much of them
counts; it is replaced last, so a crash leaves what was there before. Readers that have the files
mapped go on. What has gone is noted; when it is much, new files are written and the old removed.

All of this is derived: the catalogue is the truth. What is not as the header says is not used: a
header with another digest, shorter files, other sums of the small files. The sums of the large ones
are checked by `faults` alone, because that reads them whole. Not here: writing them
(`vector_file`), searching (`exact`), what changed (`passage_rows`).
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index_store.catalogue.outbox import START, Position
from index_store.catalogue.reading import Catalogue
from index_store.catalogue.schema import digest
from index_store.vectors.passage_rows import difference, vectors
from index_store.vectors.quantized import Rows, Segment, quantized

FOLDER = "matrix"
"""Name of the folder inside the store."""

FORMAT = 1
HEADER = "header.json"
_SMALL = ("rows", "documents", "scales", "errors", "gone")  # read whole, with their sums
TYPES: dict[str, Any] = {
    "rows": np.int64,
    "documents": np.int64,
    "scales": np.float32,
    "errors": np.float32,
    "gone": np.int64,
    "codes": np.int8,
    "halves": np.float16,
}
_ATTEMPTS = 5  # to open files while a writer replaces them


@dataclass(frozen=True, slots=True)
class Header:
    """How much of the files counts: `rows` passages, of which `gone` are no more.

    `position` and `token`: the number and the token of the last change of the catalogue that is in
    the files. `sums`: CRC of each file as far as it counts.
    """

    store: str
    dimension: int
    serial: int
    rows: int
    gone: int
    position: int
    sums: dict[str, int]
    token: str = ""

    @property
    def at(self) -> Position:
        """The last change that is in the files."""
        return Position(self.position, self.token)


@dataclass(frozen=True, slots=True)
class Mapped:
    """The files as one header tells them; `gone` are places of passages that are no more."""

    segment: Segment
    gone: Rows
    header: Header


class MappedVectors:
    """The files of the store `store_id` in `directory`; what cannot be read counts as not there."""

    def __init__(self, directory: Path, store_id: str, dimension: int) -> None:
        self.path = directory / FOLDER
        self.store, self.dimension = store_id, dimension

    def read(self) -> Mapped | None:
        """The files, mapped; None where there are none of this store, or they are damaged."""
        for _ in range(_ATTEMPTS):
            header = self.header()
            if header is None:
                return None
            mapped = self.mapped(header)
            if mapped is not None or header == self.header():
                return mapped  # else a writer has replaced the files since
        return None

    def header(self) -> Header | None:
        """What counts now; None where there is no header of this store, or it is damaged."""
        try:
            told = json.loads((self.path / HEADER).read_text(encoding="utf-8"))
            header = Header(**told["header"])
        except (OSError, ValueError, TypeError, KeyError):
            return None
        fits = told.get("digest") == digest(FORMAT, told["header"])
        own = (header.store, header.dimension) == (self.store, self.dimension)
        return header if fits and own else None

    def mapped(self, header: Header) -> Mapped | None:
        """None where a file cannot be read or is too short, or a small one has another sum."""
        try:
            for name in TYPES:
                if self.file(header, name).stat().st_size < self.size(header, name):
                    return None
            small = {name: self._whole(header, name) for name in _SMALL}
            large = {name: self._map(header, name) for name in ("codes", "halves")}
        except OSError:
            return None
        if any(zlib.crc32(small[name].tobytes()) != header.sums.get(name) for name in _SMALL):
            return None
        gone = small.pop("gone")
        return Mapped(Segment(**small, **large), np.sort(gone), header)

    def _whole(self, header: Header, name: str) -> NDArray[Any]:
        count = header.gone if name == "gone" else header.rows
        return np.fromfile(self.file(header, name), dtype=TYPES[name], count=count)

    def _map(self, header: Header, name: str) -> NDArray[Any]:
        shape = (header.rows, self.dimension)
        if not header.rows:  # an empty file cannot be mapped
            return np.empty(shape, dtype=TYPES[name])
        mapped = np.memmap(self.file(header, name), dtype=TYPES[name], mode="r", shape=shape)
        return np.asarray(mapped)

    def file(self, header: Header, name: str) -> Path:
        return self.path / f"{header.serial}.{name}"

    def size(self, header: Header, name: str) -> int:
        """Bytes of a file that count."""
        count = header.gone if name == "gone" else header.rows
        width = self.dimension if name in ("codes", "halves") else 1
        return int(count * width * np.dtype(TYPES[name]).itemsize)

    def faults(self, catalogue: Catalogue) -> list[str]:
        """What is wrong with the files, as sentences; [] where they serve, or there are none.

        Reads everything, and compares each vector with the catalogue's. Passages that the files do
        not have yet are no fault.
        """
        with catalogue.snapshot():
            if not (self.path / HEADER).exists():
                return []
            header = self.header()
            mapped = self.mapped(header) if header else None
            if header is None or mapped is None:
                return [f"{self.path} is damaged, or of another store"]
            part, at, wrong = mapped.segment, 0, 0
            known = header.at if catalogue.knows(header.at) else START
            found = difference(catalogue, part.rows, mapped.gone, known)
            if found is None:
                return [f"{self.path} lacks passages of the catalogue"]
            dead = np.isin(np.arange(len(part)), found.gone)
            for page in vectors(catalogue, part.rows, self.dimension):
                here = slice(at, at + len(page))
                codes, scales, errors = quantized(page)
                right = (part.halves[here].view(np.uint16) == page.view(np.uint16)).all(axis=1)
                right &= (part.codes[here] == codes).all(axis=1)
                right &= (part.scales[here] == scales) & (part.errors[here] >= errors * 0.999)
                wrong += int((~right & ~dead[here]).sum())
                at += len(page)
        return [f"{self.path} has another vector than the catalogue {wrong} times"] if wrong else []
