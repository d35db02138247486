"""The pictures of pages in a backup: written into the zip, taken out of it, told where lacking.

Each is checked against the hash in the catalogue. Not here: the rest of a backup (`backup`).
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from index_store.catalogue.connection import Place
from index_store.catalogue.reading import Catalogue
from index_store.catalogue.writing import WritingCatalogue
from index_store.maintenance.problem import counted, shown
from index_store.pictures import Pictures, StoredPicture, picture_files


@dataclass(frozen=True, slots=True)
class Lacking:
    """The pictures of pages that a backup lacks: how many, and of which documents and files."""

    pictures: int = 0
    documents: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def __str__(self) -> str:
        """What is lacking and the mend, "" where nothing is."""
        if not self.pictures:
            return ""
        what = counted(self.pictures, "picture of a page is", "pictures of pages are")
        return (
            f"{what} missing or not what was written, of {shown(self.documents)};"
            f" `fonds doctor --repair`, then ingest again: {shown(self.files) or 'the files'}"
        )

    @classmethod
    def of(cls, catalogue: Catalogue, names: Sequence[str]) -> Lacking:
        """Of the pictures with these names."""
        holders = catalogue.holders_of_pictures(names) if names else []
        documents = tuple(document_id for document_id, _ in holders)
        return cls(len(names), documents, tuple(dict.fromkeys(p for _, p in holders if p)))


def write_pictures(
    directory: Path, written: Mapping[str, StoredPicture], archive: zipfile.ZipFile
) -> list[str]:
    """Writes the pictures that are what was written; returns the names of the others."""
    kept = Pictures(directory)
    lacking = []
    for name, stored in written.items():
        files = [(path, _content(path)) for path in (kept.file(name, False), kept.file(name, True))]
        small, large = (data for _, data in files)
        if small is None or large is None or StoredPicture.of(small, large) != stored:
            lacking.append(name)
            continue
        for path, data in files:
            assert path is not None and data is not None
            member = path.relative_to(directory).as_posix()
            archive.writestr(member, data, zipfile.ZIP_STORED)
    return lacking


def _content(path: Path | None) -> bytes | None:
    """The bytes of a picture, None where it is missing or was taken away since it was found."""
    try:
        return path.read_bytes() if path else None
    except FileNotFoundError:
        return None


def unpack_pictures(file: Path, directory: Path) -> Lacking:
    """Copies the pictures that the catalogue names; it forgets those that the zip does not have
    as they were written."""
    pictures = Pictures(directory)
    catalogue = WritingCatalogue(Place(directory))
    try:
        names = []
        with zipfile.ZipFile(file) as archive:
            members = set(archive.namelist())
            for name, stored in catalogue.pictures().items():
                small = _picture(archive, members, name, False, stored.size)
                large = _picture(archive, members, name, True, stored.large_size)
                if small is None or large is None or StoredPicture.of(small, large) != stored:
                    names.append(name)
                else:
                    pictures.write(name, small, large)
        lacking = Lacking.of(catalogue, names)
        if names:
            catalogue.drop_pictures(names)
        return lacking
    finally:
        catalogue.close()


def _picture(
    archive: zipfile.ZipFile, members: set[str], name: str, large: bool, size: int
) -> bytes | None:
    """A picture in a zip, None where it is not there or damaged; at most a byte over its size."""
    for member in picture_files(name, large):
        if member in members:
            try:
                with archive.open(member) as source:
                    return source.read(size + 1)
            except (zipfile.BadZipFile, zlib.error):
                return None
    return None
