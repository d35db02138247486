"""The child process in which binary and XML formats are parsed.

It limits its own memory, processor time, files and writing, reads requests as lines of JSON on
standard input and answers with lines of JSON on standard output. It loads no model and opens
only the files that it is asked to read, and the pages below the folder of a METS file or manifest:
a file that the parent has open already is opened once more here. Not here: wall time, which the
parent watches.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, fields, replace
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO

from index_store.layout import Page, WordBox
from index_store.types import Document
from rag.errors import ReadError
from rag.readers.formats import html, pdf, tei, zip_document
from rag.readers.sandbox import MEMORY
from rag.readers.scans import iiif, kinds, mets, pictures, transcription
from rag.readers.scans.limited import limit_process
from rag.readers.scans.unread import Unread
from rag.readers.source import SourceFile, open_regular
from rag.types import Failure, ReadItem

MEMORY_BYTES = 1536 * 2**20
"""Address space of the child: the interpreter takes some 0.2 GB of it."""
CPU_SECONDS = 180
"""Processor time that one file may take."""
MAX_TEXT = 20_000_000
"""Characters of one document."""

READERS: dict[str, Callable[[SourceFile], Iterator[ReadItem | Unread]]] = {
    "HTML": html.read,
    "TEI XML": tei.read,
    "PDF": pdf.read,
    "DOCX or EPUB": zip_document.read,
    "image": pictures.read,
    **dict.fromkeys(kinds.TRANSCRIPTIONS, transcription.read),
    kinds.METS: mets.read,
    kinds.MANIFEST: iiif.read,
}
"""By the name of the format in `rag.readers.registry.FORMATS`."""


def main() -> None:
    """Answer requests until standard input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # drop what libraries print
    limit_process(MEMORY_BYTES)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        _allow_time()
        pdf.forget_fonts()
        try:
            for answer in _answers(request):
                _send(answers, answer)
        except MemoryError:
            os._exit(MEMORY)  # nothing that is still in memory can be relied on
        answers.flush()


def _send(answers: BinaryIO, answer: dict[str, Any]) -> None:
    """A line of JSON; behind it the bytes of `data`, for which it has their lengths."""
    data: list[bytes] = answer.get("data", [])
    told = answer | {"data": [len(piece) for piece in data]} if data else answer
    line = json.dumps(told, ensure_ascii=False).encode("utf-8", "backslashreplace")
    answers.writelines([line, b"\n", *data])


def _answers(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a file holds, then `{}`; or what is wrong with it."""
    path, name = Path(request["path"]), request.get("format", "a picture")
    try:
        if "format" in request:
            yield from _read(name, path)
        else:
            yield _shown(request, path)
        yield {}
    except ReadError as error:
        yield {"error": error.error, "line": error.line}
    except MemoryError:
        raise
    except OSError as error:
        cause = error.strerror or error
        yield {"error": f"cannot be read: {cause}; check its permissions", "line": None}
    except Exception as error:  # noqa: BLE001 - whatever a parser raises is a fault of this file
        cause = f"{type(error).__name__}: {error}"[:300]
        remedy = "save it again in its own program, or convert it to plain text"
        yield {"error": f"cannot be parsed as {name} ({cause}); {remedy}", "line": None}


def _read(name: str, path: Path) -> Iterator[dict[str, Any]]:
    with open_regular(path) as file:
        for item in READERS[name](SourceFile(path, file)):
            if isinstance(item, Failure):
                yield {"failure": asdict(item)}
                continue
            text = item.document.text if isinstance(item, Unread) else item.text
            if len(text) > MAX_TEXT:
                raise ReadError(f"a text of more than {MAX_TEXT:,} characters; split the file")
            if isinstance(item, Unread):
                asked = {f.name: getattr(item, f.name) for f in fields(item)}
                yield {"unread": asked | {"document": _told(item.document)}}
            else:
                yield {"document": _told(item)}


def _told(document: Document) -> dict[str, Any]:
    """A document as JSON; its layout as rows, since it has a word in each."""
    told = asdict(replace(document, layout=None))
    if layout := document.layout:
        told["layout"] = [_rows(Page, layout.pages), _rows(WordBox, layout.words)]
    return told


def _rows(kind: type[Page] | type[WordBox], values: Sequence[Page | WordBox]) -> list[Any]:
    return list(map(attrgetter(*(field.name for field in fields(kind))), values))


def _shown(request: dict[str, Any], path: Path) -> dict[str, Any]:
    """The answer to a request of `ParserSandbox.frames`, `pictures` or `scan`."""
    asked = request["request"]
    if asked == "frames":
        return {"frames": pictures.frames(path)}
    if asked == "pictures":
        small, large = request["widths"]
        made = pictures.page_pictures(path, request["frame"], (small, large), request["upright"])
        return {"data": made}
    scan = pictures.page_scan(path, request["frame"])
    return {"width": scan.width, "height": scan.height, "dpi": scan.dpi, "data": [scan.pixels]}


def _allow_time() -> None:
    """Processor time for one more file: the limit counts from the start of the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = spent + CPU_SECONDS
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
