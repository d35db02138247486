"""Picture files with several pages: which picture of its file a page is.

For METS files and IIIF manifests, in the child process. Not here: the pixels (`images`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rag.errors import ReadError
from rag.readers.scans import images
from rag.readers.scans.page_files import PageFiles
from rag.readers.source import open_regular

_SEVERAL = (".tif", ".tiff")


def spread(folder: Path, pages: Sequence[PageFiles]) -> list[PageFiles]:
    """The pages with the `frame` of each, where pictures of a file are several.

    A file that is named for as many pages as it has pictures has them in order. Of one that is
    named for one page alone, without a transcription, each picture is a page: "12", "12 (2)".
    """
    uses = Counter(files.picture for files in pages)
    counts = {name: _count(folder / name) for name in uses if name}
    used: Counter[str] = Counter()
    out: list[PageFiles] = []
    for files in pages:
        name = files.picture
        if name is None or counts[name] == 1:
            out.append(files)
        elif counts[name] == uses[name]:
            out.append(replace(files, frame=used[name]))
            used[name] += 1
        elif uses[name] == 1 and not files.transcriptions:
            out.append(files)
            others = range(1, counts[name])
            out += [replace(files, label=f"{files.label} ({n + 1})", frame=n) for n in others]
        else:
            out.append(files)
    return out


def are_too_few(folder: Path, pages: Sequence[PageFiles]) -> bool:
    """Is a file named for several pages, without transcriptions, and has not so many pictures?"""
    uses = Counter(files.picture for files in pages if not files.transcriptions)
    return any(name and n > 1 and _count(folder / name) != n for name, n in uses.items())


def _count(path: Path) -> int:
    """The number of pictures in a file; 1 for one that is damaged, as is told when it is read."""
    if path.suffix.lower() not in _SEVERAL:
        return 1
    try:
        with open_regular(path) as file:
            return max(1, len(images.sizes(file)))
    except (ReadError, OSError):
        return 1
