"""Files that belong to another: the pages of a METS file or a manifest, the picture of a page.

They are read with it, are no documents of their own, and a change in one is a change of it. Found
out in the parent process, which parses no XML: names are looked for as they are written. Not here:
what the files hold.
"""

from __future__ import annotations

import hashlib
import html
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from rag.errors import ReadError
from rag.readers.discovery import find_files
from rag.readers.encoding import decode
from rag.readers.scans import beside, kinds
from rag.readers.scans.beside import stem
from rag.readers.scans.manifest import Manifest, parsed
from rag.readers.scans.page_files import PageFiles, matched, pages_in
from rag.readers.source import MAX_FILE, open_regular
from rag.types import Failure

_LOCATION = re.compile(r"<(?:[\w.-]+:)?FLocat\b[^<>]*?\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_PICTURE = re.compile(
    r"<(?:[\w.-]+:)?fileName>([^<]*)<|\bimageFilename\s*=\s*[\"']([^\"']*)[\"']"
    r"|\bimage\s+(?:&quot;|[\"'])?([^\"';&]+)"
)
_PAGE = re.compile(r"<(?:[\w.-]+:)?Page[\s>]|\bclass\s*=\s*[\"'](?:[^\"']*\s)?ocr_page[\s\"']")
_HEAD = 2**16  # bytes in which ALTO and PAGE-XML name their picture


def find_documents(paths: Sequence[Path]) -> list[Path | Failure]:
    """Files that are documents, among those given and below the folders given, as `find_files`."""
    return without_parts(list(find_files(paths)))


def without_parts(found: Sequence[Path | Failure]) -> list[Path | Failure]:
    """Those files that belong to no other of them, in order, and all Failures."""
    _in_folder.cache_clear()  # it does not see what changes in folders below
    known = {item: kinds.kind_of(item) for item in found if not isinstance(item, Failure)}
    taken: set[Path] = set()
    for of_many in (True, False):
        for path, kind in known.items():
            if kind and (kind not in kinds.TRANSCRIPTIONS) is of_many and path not in taken:
                taken |= parts_of(path)
    real = {path.resolve() for path in taken}
    return [item for item in found if isinstance(item, Failure) or item.resolve() not in real]


def parts_of(path: Path) -> frozenset[Path]:
    """The files that belong to this one, none for a file of another kind. Reads its bytes."""
    kind = kinds.kind_of(path)
    try:
        if kind == kinds.METS:
            return _of_mets(path)
        if kind == kinds.MANIFEST:
            return _of_manifest(path)
        if kind in kinds.TRANSCRIPTIONS:
            return frozenset(_pictures(path, kind))
    except (ReadError, OSError, ValueError, RecursionError):
        pass  # the file is read again as a document, and what is wrong with it is told then
    return frozenset()


def state(path: Path) -> bytes:
    """A hash that changes where a part of this file does; b"" where it has none."""
    found = sorted(parts_of(path))
    if not found:
        return b""
    whole = hashlib.sha256()
    for part in found:
        if part.suffix.lower() in beside.PICTURES:
            # By what its folder tells: a volume has gigabytes of pictures.
            seen = part.stat()
            whole.update(f"{part.name} {seen.st_size} {seen.st_mtime_ns}\n".encode())
        else:
            with part.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            whole.update(f"{part.name} {content}\n".encode())
    return whole.digest()


def pages_of(path: Path, manifest: Manifest) -> list[PageFiles]:
    """The pages of a manifest with the files in its folder; none where that cannot be told.

    Files of a METS file are left out; where another manifest lies there only names decide. A single
    file is that of all pages if it has as many; of a TIFF file that is not known here.
    """
    folder = _in_folder(path.parent, _state_of(path.parent))
    is_alone = not folder.manifests - {path}
    pages = matched(manifest.canvases, folder.pages, is_alone, folder.aliases)
    if pages or not is_alone or len(folder.pages) != 1:
        return pages
    (whole,) = folder.pages
    if _may_have(len(manifest.canvases), whole, path.parent):
        return [replace(whole, label=canvas.label) for canvas in manifest.canvases]
    return []


@dataclass(frozen=True, slots=True)
class _Folder:
    """The pages in a folder by their files, other names of pages, and the manifests there."""

    pages: tuple[PageFiles, ...]
    aliases: Mapping[str, str]
    manifests: frozenset[Path]


def _state_of(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Name, number, size and time of each file in a folder."""
    with os.scandir(folder) as entries:
        known = [(entry.name, entry.stat()) for entry in entries if entry.is_file()]
    return tuple(sorted((name, s.st_ino, s.st_size, s.st_mtime_ns) for name, s in known))


@lru_cache(maxsize=4)  # each manifest of a folder asks for it
def _in_folder(folder: Path, _: tuple[tuple[str, int, int, int], ...]) -> _Folder:
    """What lies in a folder of this state."""
    known = {path: kinds.kind_of(path) for path in sorted(folder.iterdir())}
    of_mets = (parts_of(path) for path, kind in known.items() if kind == kinds.METS)
    found = pages_in(folder, frozenset().union(*of_mets))
    shown: set[str] = set()  # pictures of transcriptions
    aliases: dict[str, str] = {}
    for page in found:
        own = {part.name for name in page.transcriptions for part in parts_of(folder / name)}
        shown |= own
        if len(own) == 1:  # a file with many pages is not that of one of them
            aliases |= {stem(name).casefold(): page.label for name in own}
    pages = tuple(page for page in found if page.picture not in shown)
    manifests = (path for path, kind in known.items() if kind == kinds.MANIFEST)
    return _Folder(pages, aliases, frozenset(manifests))


def _may_have(count: int, whole: PageFiles, folder: Path) -> bool:
    """May a file have so many pages?"""
    for name in whole.transcriptions:
        return len(_PAGE.findall(_text(folder / name, MAX_FILE))) == count
    return Path(whole.picture or "").suffix.lower() in (".tif", ".tiff")


def _of_mets(path: Path) -> frozenset[Path]:
    """Transcriptions and pictures that a METS file names, and the pictures of the former."""
    folder = path.parent
    names = (html.unescape(m[1] or m[2] or "") for m in _LOCATION.finditer(_text(path, MAX_FILE)))
    there = [folder / name for name in {beside.beside(folder, name) for name in names} if name]
    pictures = [part for part in there if part.suffix.lower() in beside.PICTURES]
    known = {part: kinds.kind_of(part) for part in there}
    pages = [part for part, kind in known.items() if kind in kinds.TRANSCRIPTIONS]
    own = {page: parts_of(page) for page in pages}
    near = [beside.picture(folder, None, page.name) for page, found in own.items() if not found]
    pictures += [folder / name for name in near if name]
    return frozenset(pages).union(pictures, *own.values())


def _of_manifest(path: Path) -> frozenset[Path]:
    pages = pages_of(path, parsed(_text(path, MAX_FILE)))
    own = [path.parent / name for page in pages for name in page.transcriptions]
    named = {name for page in pages for name in (page.picture, *page.spare) if name}
    pictures = {path.parent / name for name in named}
    return frozenset(own).union(pictures, *map(parts_of, own))


def _pictures(path: Path, kind: str | None) -> Iterator[Path]:
    """The pictures of the pages of a transcription."""
    text = _text(path, MAX_FILE if kind == kinds.HOCR else _HEAD)
    named = [html.unescape("".join(filter(None, m.groups()))) for m in _PICTURE.finditer(text)]
    for name in dict.fromkeys(named) or [None]:
        if found := beside.picture(path.parent, name, path.name):
            yield path.parent / found


def _text(path: Path, limit: int) -> str:
    with open_regular(path) as file:
        data = file.read(limit)
    try:
        return decode(data)
    except ReadError:
        return data.decode("utf-8", "ignore")
