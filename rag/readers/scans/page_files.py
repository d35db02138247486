"""The files of a page, and those that lie beside a manifest. Loads no parser.

Not here: how they are read (`collection`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.readers.scans import beside, kinds
from rag.readers.scans.manifest import Canvas


@dataclass(frozen=True, slots=True)
class PageFiles:
    """A page by its files, relative to the folder of the document.

    `transcriptions` are of the same page, the best first; the first that has words is taken.
    `missing` is a name under which no file was found.
    """

    label: str
    transcriptions: tuple[str, ...] = ()
    picture: str | None = None
    missing: str | None = None


def pages_in(folder: Path, without: frozenset[Path]) -> list[PageFiles]:
    """The transcriptions in a folder, one for each stem, in the order of their numbers and names.

    Files `without` are left out. Raises OSError.
    """
    by_stem: dict[str, PageFiles] = {}
    for path in sorted(folder.iterdir(), key=lambda path: _natural(path.name)):
        if path.name.startswith(".") or path in without:
            continue
        if kinds.kind_of(path) in kinds.TRANSCRIPTIONS:
            stem = beside.stem(path.name).casefold()
            before = by_stem.get(stem, PageFiles(stem))
            names = (*before.transcriptions, path.name)
            by_stem[stem] = replace(before, transcriptions=names)
    return list(by_stem.values())


def matched(
    canvases: Sequence[Canvas], found: Sequence[PageFiles], by_order: bool
) -> tuple[list[PageFiles], bool]:
    """The pages of a manifest with the files that are theirs, and whether the two fit together.

    The names of images decide; where they tell nothing the order does, if there is a file for each
    page and `by_order` allows it. Where they do not fit the pages are those of the files alone,
    with numbers for labels. `found` have their stems as labels.
    """
    by_stem = {files.label: files for files in found}
    named: list[PageFiles] = []
    for canvas in canvases:
        stem = next((stem for stem in canvas.stems if stem in by_stem), None)
        if stem is None:
            missing = canvas.stems[0] if canvas.stems else "no name"
            named.append(PageFiles(canvas.label, missing=missing))
        else:
            named.append(replace(by_stem.pop(stem), label=canvas.label))
    if any(files.transcriptions for files in named):
        return named, True
    if not by_order:
        return [], False
    if len(found) == len(canvases):
        pairs = zip(canvases, found, strict=True)
        return [replace(files, label=canvas.label) for canvas, files in pairs], True
    return [replace(files, label=str(n)) for n, files in enumerate(found, 1)], False


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Sorts p2 before p10."""
    parts = re.findall(r"\d{1,18}|\D+", name.casefold())
    return [(0, int(p), "") if p[0].isdecimal() else (1, 0, p) for p in parts]
