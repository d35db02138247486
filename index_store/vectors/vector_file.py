"""Writing the files of `mapped_vectors`: one call brings them up to the catalogue.

New rows are written behind those that count, and the header is replaced last. What has gone is
noted; when it is much, new files are written and the old removed. One process writes at a time: the
caller sees to that. Not here: what the files hold and when they are used (`mapped_vectors`).
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index_store.catalogue.outbox import START, Position
from index_store.catalogue.reading import Catalogue
from index_store.catalogue.schema import digest
from index_store.vectors.mapped_vectors import FORMAT, HEADER, TYPES, Header, MappedVectors
from index_store.vectors.passage_rows import PAGE, Difference, difference, vectors
from index_store.vectors.quantized import Halves, Rows, quantized

_MAX_GONE_SHARE = 0.2
_MIN_GONE = 10_000  # fewer are never worth writing new files
_NONE: Rows = np.empty(0, dtype=np.int64)


class VectorFile(MappedVectors):
    """The files, for the one process that writes them."""

    def follow(self, catalogue: Catalogue) -> None:
        """Brings the files up to the catalogue: adds what is new, notes what has gone.

        They are made where there are none, and anew where those that are there cannot be used or
        are at a position that the catalogue does not know, as when an older one was put back. The
        caller is the only writer. A crash at any point leaves files that can be read, and followed
        again. Raises OSError where nothing can be written.
        """
        with catalogue.snapshot():
            position = catalogue.position()
            header = self.header()
            mapped = self.mapped(header) if header else None
            found = None
            if header is not None and mapped is not None and catalogue.knows(header.at):
                rows, dead = mapped.segment.rows, mapped.gone
                del mapped  # a mapped file can keep it from being removed
                found = difference(catalogue, rows, dead, header.at)
            if header is None or found is None:
                header, dead = self._fresh(1 + self._last_serial()), _NONE
                found = difference(catalogue, _NONE, _NONE, START)
                assert found is not None  # nothing is known
            gone = np.setdiff1d(found.gone, dead)
            if len(gone) or len(found.rows) or position != header.at or not header.rows:
                header = self._append(header, {"gone": gone})
                header = self._extended(header, found, catalogue, position)
        if header.gone >= max(_MIN_GONE, _MAX_GONE_SHARE * header.rows):
            header = self._compacted(header)
        self._sweep(header.serial)

    def rebuild(self, catalogue: Catalogue) -> None:
        """Makes the files anew. Raises OSError where nothing can be written."""
        (self.path / HEADER).unlink(missing_ok=True)
        self.follow(catalogue)

    def _fresh(self, serial: int) -> Header:
        self.path.mkdir(exist_ok=True)
        header = Header(self.store, self.dimension, serial, 0, 0, 0, dict.fromkeys(TYPES, 0))
        for name in TYPES:
            self.file(header, name).touch()
        return header

    def _extended(
        self, header: Header, found: Difference, catalogue: Catalogue, position: Position
    ) -> Header:
        """Writes the new rows behind what counts, then the header."""
        at = 0
        for halves in vectors(catalogue, found.rows, self.dimension):
            here = slice(at, at + len(halves))
            header = self._append(header, _columns(found.rows[here], found.documents[here], halves))
            at += len(halves)
        header = replace(header, position=position.seq, token=position.token)
        self._set_header(header)
        return header

    def _append(self, header: Header, columns: dict[str, NDArray[Any]]) -> Header:
        """Writes columns of rows behind what counts; the header that will tell so."""
        sums = dict(header.sums)
        for name, column in columns.items():
            data = np.ascontiguousarray(column, dtype=TYPES[name]).tobytes()
            with self.file(header, name).open("r+b") as file:
                file.seek(self.size(header, name))
                file.write(data)
            sums[name] = zlib.crc32(data, sums[name])
        more = {"gone" if name == "gone" else "rows": len(c) for name, c in columns.items()}
        grown = {name: getattr(header, name) + count for name, count in more.items()}
        return replace(header, sums=sums, **grown)

    def _set_header(self, header: Header) -> None:
        """Makes sure that the files are on the disk, then replaces the header."""
        for name in TYPES:
            _to_disk(self.file(header, name))
        told = asdict(header)
        draft = self.path / (HEADER + ".new")
        draft.write_text(
            json.dumps({"header": told, "digest": digest(FORMAT, told)}, indent=1), encoding="utf-8"
        )
        _to_disk(draft)
        draft.replace(self.path / HEADER)
        _to_disk(self.path)

    def _compacted(self, header: Header) -> Header:
        """Writes new files without what has gone; the header then tells of them."""
        mapped = self.mapped(header)
        if mapped is None:  # damaged since it was written
            return header
        part, fresh = mapped.segment, self._fresh(1 + self._last_serial())
        left = np.setdiff1d(np.arange(len(part)), mapped.gone)
        for places in _pages(left):
            rows, documents = part.rows[places], part.documents[places]
            fresh = self._append(fresh, _columns(rows, documents, part.halves[places]))
        fresh = replace(fresh, position=header.position, token=header.token)
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


def vector_file(catalogue: Catalogue) -> VectorFile:
    """The files beside the indexes of a catalogue. Raises StoreCorrupt."""
    return VectorFile(
        catalogue.directory, catalogue.meta()["store_id"], catalogue.manifest().dimension
    )


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
