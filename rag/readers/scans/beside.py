"""Files that a transcription names: looked for beside it and below its folder, nowhere else.

Nothing here reads a file. Not here: what a file names (`alto`, `page_xml`, `hocr`, `mets`), which
files belong to which document (`parts`).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

PICTURES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".jp2")
"""Suffixes of pictures of pages, the likeliest first."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(?!/*[A-Za-z]:)")
_DRIVE = re.compile(r"\A[A-Za-z]:")
_KIND = re.compile(r"\.(?:alto|page|hocr)\Z", re.I)


def stem(name: str) -> str:
    """The name of a file without its folder, suffix and kind: "0001" of "alto/0001.alto.xml"."""
    return _KIND.sub("", Path(name).stem)


def beside(folder: Path, name: str) -> str | None:
    """A file that is named, relative to the folder, with "/"; None where it is not there.

    The name may be percent-encoded, have a drive or folders of another machine, or begin with
    "file:"; what is behind the last "/" is looked for, too. An address on the net names no file.
    A file outside the folder is not taken, and no link out of it.
    """
    candidates = dict.fromkeys(_candidates(name))
    return next((one for one in candidates if _is_in(folder, one)), None)


def _is_in(folder: Path, name: str) -> bool:
    """Is this a file, and in the folder or below it when links are followed?"""
    path = folder / name
    try:
        return path.is_file() and path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError):  # too long a name, or one with a NUL
        return False


def _candidates(name: str) -> Iterator[str]:
    """Relative paths without "..", the likeliest first."""
    name = re.sub(r"\Afile:(?://)?", "", name.strip(), flags=re.I).replace("\\", "/")
    if not name or _SCHEME.match(name) or name.startswith("//"):
        return
    for whole in (name, unquote(name)):
        whole = posixpath.normpath(_DRIVE.sub("", whole))
        if not whole.startswith(("/", "..")) and whole != ".":
            yield whole
        if last := posixpath.basename(whole):
            yield last


def picture(folder: Path, named: str | None, own: str) -> str | None:
    """The picture of a page, relative to the folder, None where there is none.

    It is the file `named`, else one of the same stem in another format, else one that has the
    stem of the transcription `own`.
    """
    if named and (found := beside(folder, named)):
        return found
    stems = [stem(name.replace("\\", "/")) for name in (named, own) if name]
    for one in dict.fromkeys(stems):
        for suffix in PICTURES:
            for written in (suffix, suffix.upper()):
                if _is_in(folder, one + written):
                    return one + written
    return None
