"""The vectors of all passages as files that are mapped into memory, beside the word indexes.

In the folder `matrix` lie files that only grow, and `header.json`, which tells how much of them
counts; it is replaced last, so a crash leaves what was there before. Readers that have the files
mapped go on. What has gone is noted; when it is much, new files are written and the old removed.

All of this is derived: the catalogue is the truth. What is not as the header says is not used: a
header with another digest, shorter files, other sums of the small files. The sums of the large ones
are checked by `faults` alone, because that reads them whole. One process writes at a time: the
caller sees to that. Not here: searching (`exact`), what changed (`passage_rows`).
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index_store.catalogue.reading import Catalogue
from index_store.catalogue.schema import digest
from index_store.vectors.passage_rows import PAGE, Difference, difference, vectors
from index_store.vectors.quantized import Halves, Rows, Segment, quantized

FOLDER = "matrix"
"""Name of the folder inside the store."""

FORMAT = 1
_HEADER = "header.json"
_SMALL = ("rows", "documents", "scales", "errors", "gone")  # read whole, with their sums
_TYPES: dict[str, Any] = {
    "rows": np.int64,
    "documents": np.int64,
    "scales": np.float32,
    "errors": np.float32,
    "gone": np.int64,
    "codes": np.int8,
    "halves": np.float16,
}
_MAX_GONE_SHARE = 0.2
_MIN_GONE = 10_000  # fewer are never worth writing new files
_ATTEMPTS = 5  # to open files while a writer replaces them


@dataclass(frozen=True, slots=True)
class Header:
    """How much of the files counts: `rows` passages, of which `gone` are no more.

    `position`: that of the catalogue, all of whose changes up to it are in the files. `sums`: CRC
    of each file as far as it counts.
    """

    store: str
    dimension: int
    serial: int
    rows: int
    gone: int
    position: int
    sums: dict[str, int]


@dataclass(frozen=True, slots=True)
class Mapped:
    """The files as one header tells them; `gone` are places of passages that are no more."""

    segment: Segment
    gone: Rows
    header: Header


class VectorFile:
    """The files of the store `store_id` in `directory`.

    What cannot be read counts as not there; what cannot be written raises OSError.
    """

    def __init__(self, directory: Path, store_id: str, dimension: int) -> None:
        self.path = directory / FOLDER
        self._store, self._dimension = store_id, dimension

    # -- reading -----------------------------------------------------------------------------

    def read(self) -> Mapped | None:
        """The files, mapped; None where there are none of this store, or they are damaged."""
        for _ in range(_ATTEMPTS):
            header = self.header()
            if header is None:
                return None
            mapped = self._mapped(header)
            if mapped is not None or header == self.header():
                return mapped  # else a writer has replaced the files since
        return None

    def header(self) -> Header | None:
        """What counts now; None where there is no header of this store, or it is damaged."""
        try:
            told = json.loads((self.path / _HEADER).read_text(encoding="utf-8"))
            header = Header(**told["header"])
        except (OSError, ValueError, TypeError, KeyError):
            return None
        fits = told.get("digest") == digest(FORMAT, told["header"])
        own = (header.store, header.dimension) == (self._store, self._dimension)
        return header if fits and own else None

    def _mapped(self, header: Header) -> Mapped | None:
        """None where a file cannot be read or is too short, or a small one has another sum."""
        try:
            for name in _TYPES:
                if self._file(header, name).stat().st_size < self._size(header, name):
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
        return np.fromfile(self._file(header, name), dtype=_TYPES[name], count=count)

    def _map(self, header: Header, name: str) -> NDArray[Any]:
        shape = (header.rows, self._dimension)
        if not header.rows:  # an empty file cannot be mapped
            return np.empty(shape, dtype=_TYPES[name])
        mapped = np.memmap(self._file(header, name), dtype=_TYPES[name], mode="r", shape=shape)
        return np.asarray(mapped)

    def _file(self, header: Header, name: str) -> Path:
        return self.path / f"{header.serial}.{name}"

    def _size(self, header: Header, name: str) -> int:
        """Bytes of a file that count."""
        count = header.gone if name == "gone" else header.rows
        width = self._dimension if name in ("codes", "halves") else 1
        return int(count * width * np.dtype(_TYPES[name]).itemsize)

    def faults(self, catalogue: Catalogue) -> list[str]:
        """What is wrong with the files, as sentences; [] where they serve, or there are none.

        Reads everything, and compares each vector with the catalogue's. Passages that the files do
        not have yet are no fault.
        """
        with catalogue.snapshot():
            if not (self.path / _HEADER).exists():
                return []
            header = self.header()
            mapped = self._mapped(header) if header else None
            if header is None or mapped is None:
                return [f"{self.path} is damaged, or of another store"]
            part, at, wrong = mapped.segment, 0, 0
            gone = difference(catalogue, part.rows, mapped.gone, header.position).gone
            dead = np.isin(np.arange(len(part)), np.concatenate([mapped.gone, gone]))
            for page in vectors(catalogue, part.rows, self._dimension):
                here = slice(at, at + len(page))
                codes, scales, errors = quantized(page)
                right = (part.halves[here].view(np.uint16) == page.view(np.uint16)).all(axis=1)
                right &= (part.codes[here] == codes).all(axis=1)
                right &= (part.scales[here] == scales) & (part.errors[here] >= errors * 0.999)
                wrong += int((~right & ~dead[here]).sum())
                at += len(page)
        return [f"{self.path} has another vector than the catalogue {wrong} times"] if wrong else []

    # -- writing -----------------------------------------------------------------------------

    def follow(self, catalogue: Catalogue) -> None:
        """Brings the files up to the catalogue: adds what is new, notes what has gone.

        They are made where there are none, or where those that are there cannot be used. The
        caller is the only writer. A crash at any point leaves files that can be read, and followed
        again.
        """
        with catalogue.snapshot():
            position = catalogue.position()
            header = self.header()
            mapped = self._mapped(header) if header else None
            if header is None or mapped is None:
                header = self._fresh(1 + self._last_serial())
                known, dead = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
            else:
                known, dead = mapped.segment.rows, mapped.gone
                del mapped  # a mapped file can keep it from being removed
            found = difference(catalogue, known, dead, header.position)
            if len(found.gone) or len(found.rows) or position != header.position or not position:
                header = self._extended(header, found, catalogue, position)
        gone = header.gone
        if gone >= _MIN_GONE and gone > _MAX_GONE_SHARE * header.rows:
            header = self._compacted(header)
        self._sweep(header.serial)

    def _fresh(self, serial: int) -> Header:
        self.path.mkdir(exist_ok=True)
        header = Header(self._store, self._dimension, serial, 0, 0, 0, dict.fromkeys(_TYPES, 0))
        for name in _TYPES:
            self._file(header, name).touch()
        return header

    def _extended(
        self, header: Header, found: Difference, catalogue: Catalogue, position: int
    ) -> Header:
        """Writes what was found behind what counts, then the header."""
        at = 0
        header = self._append(header, {"gone": found.gone})
        for halves in vectors(catalogue, found.rows, self._dimension):
            here = slice(at, at + len(halves))
            header = self._append(header, _columns(found.rows[here], found.documents[here], halves))
            at += len(halves)
        header = replace(header, position=position)
        self._set_header(header)
        return header

    def _append(self, header: Header, columns: dict[str, NDArray[Any]]) -> Header:
        """Writes columns of rows behind what counts; the header that will tell so."""
        sums = dict(header.sums)
        for name, column in columns.items():
            data = np.ascontiguousarray(column, dtype=_TYPES[name]).tobytes()
            with self._file(header, name).open("r+b") as file:
                file.seek(self._size(header, name))
                file.write(data)
            sums[name] = zlib.crc32(data, sums[name])
        more = {"gone" if name == "gone" else "rows": len(c) for name, c in columns.items()}
        grown = {name: getattr(header, name) + count for name, count in more.items()}
        return replace(header, sums=sums, **grown)

    def _set_header(self, header: Header) -> None:
        """Makes sure that the files are on the disk, then replaces the header."""
        for name in _TYPES:
            _to_disk(self._file(header, name))
        told = asdict(header)
        draft = self.path / (_HEADER + ".new")
        draft.write_text(
            json.dumps({"header": told, "digest": digest(FORMAT, told)}, indent=1), encoding="utf-8"
        )
        _to_disk(draft)
        draft.replace(self.path / _HEADER)
        _to_disk(self.path)

    def _compacted(self, header: Header) -> Header:
        """Writes new files without what has gone; the header then tells of them."""
        mapped = self._mapped(header)
        if mapped is None:  # damaged since it was written
            return header
        part, fresh = mapped.segment, self._fresh(1 + self._last_serial())
        left = np.setdiff1d(np.arange(len(part)), mapped.gone)
        for places in _pages(left):
            rows, documents = part.rows[places], part.documents[places]
            fresh = self._append(fresh, _columns(rows, documents, part.halves[places]))
        fresh = replace(fresh, position=header.position)
        self._set_header(fresh)
        return fresh

    def _last_serial(self) -> int:
        names = (path.name.split(".")[0] for path in self.path.glob("*.*"))
        return max((int(name) for name in names if name.isdecimal()), default=0)

    def _sweep(self, serial: int) -> None:
        """Removes files that the header no longer tells of, but for those that are in use."""
        for path in self.path.glob("*.*"):
            number = path.name.split(".")[0]
            if number.isdecimal() and int(number) != serial:
                try:
                    path.unlink(missing_ok=True)
                except PermissionError:  # Windows removes no mapped file; the next writer does
                    continue


def _columns(rows: Rows, documents: Rows, halves: Halves) -> dict[str, NDArray[Any]]:
    codes, scales, errors = quantized(halves)
    return {
        "rows": rows,
        "documents": documents,
        "scales": scales,
        "errors": errors,
        "codes": codes,
        "halves": halves,
    }


def _pages(places: Rows) -> Iterator[Rows]:
    for start in range(0, len(places), PAGE):
        yield places[start : start + PAGE]


def _to_disk(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    folder = path.is_dir()
    if folder and os.name == "nt":  # where a folder cannot be opened
        return
    handle = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
