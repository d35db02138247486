"""The files of a page, and those that lie beside a manifest. Loads no parser.

Not here: how they are read (`collection`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.readers.scans import beside, kinds
from rag.readers.scans.manifest import Canvas


@dataclass(frozen=True, slots=True)
class PageFiles:
    """A page by its files, relative to the folder of the document.

    `transcriptions` are of the same page, the best first; the first that has words is taken.
    `missing` is a name under which no file was found. `frame` tells which picture of its file
    `picture` is, from 0; `spare` are other pictures of the same page.
    """

    label: str
    transcriptions: tuple[str, ...] = ()
    picture: str | None = None
    missing: str | None = None
    frame: int = 0
    spare: tuple[str, ...] = ()


def pages_in(folder: Path, without: frozenset[Path]) -> list[PageFiles]:
    """The transcriptions and pictures in a folder, a page for each stem, in the order of their
    numbers and names; the stem is its label.

    A page with transcriptions has no picture here, since they name theirs. Files `without` are left
    out. Raises OSError.
    """
    by_stem: dict[str, PageFiles] = {}
    for path in sorted(folder.iterdir(), key=lambda path: _natural(path.name)):
        if path.name.startswith(".") or path in without:
            continue
        stem = beside.stem(path.name).casefold()
        page = by_stem.get(stem, PageFiles(stem))
        if kinds.kind_of(path) in kinds.TRANSCRIPTIONS:
            names = (*page.transcriptions, path.name)
            by_stem[stem] = replace(page, transcriptions=names)
        elif _is_picture(path):
            pictures = sorted(filter(None, (page.picture, *page.spare, path.name)), key=_rank)
            by_stem[stem] = replace(page, picture=pictures[0], spare=tuple(pictures[1:]))
    return [
        replace(page, picture=None, spare=()) if page.transcriptions else page
        for page in by_stem.values()
    ]


def _is_picture(path: Path) -> bool:
    named = path.suffix.lower() in beside.PICTURES
    return named and beside.beside(path.parent, path.name) == path.name


def _rank(picture: str) -> int:
    """0 for the likeliest of several pictures of a page."""
    return beside.PICTURES.index(Path(picture).suffix.lower())


def matched(
    canvases: Sequence[Canvas],
    found: Sequence[PageFiles],
    by_order: bool,
    aliases: Mapping[str, str],
) -> list[PageFiles]:
    """The pages of a manifest with the files that are theirs; none where that cannot be told.

    The names of images decide; where they tell nothing the order does, if there is a file for each
    page and `by_order` allows it: else what lies beside the manifest may be other letters. `found`
    have their stems as labels; `aliases` are other names for them.
    """
    by_stem = {files.label: files for files in found}
    named: list[PageFiles] = []
    for canvas in canvases:
        known = (aliases.get(stem, stem) for stem in canvas.stems)
        stem = next((stem for stem in known if stem in by_stem), None)
        if stem is None:
            missing = canvas.stems[0] if canvas.stems else "no name"
            named.append(PageFiles(canvas.label, missing=missing))
        else:
            named.append(replace(by_stem.pop(stem), label=canvas.label))
    if any(files.transcriptions or files.picture for files in named):
        return named
    written = [files for files in found if files.transcriptions]
    for files_of_all in (found, written):
        if by_order and len(files_of_all) == len(canvases):
            pairs = zip(canvases, files_of_all, strict=True)
            return [replace(files, label=canvas.label) for canvas, files in pairs]
    return []


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Sorts p2 before p10."""
    parts = re.findall(r"\d{1,18}|\D+", name.casefold())
    return [(0, int(p), "") if p[0].isdecimal() else (1, 0, p) for p in parts]
