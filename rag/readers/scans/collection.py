"""Pages from several files, which are one document: for METS files and IIIF manifests.

Not here: which files these are (`mets`, `iiif`), how pictures without a transcription are read
(`recognition`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from index_store.types import Document, DocumentWarning
from rag.errors import ReadError
from rag.readers import metadata
from rag.readers.scans import beside, transcription
from rag.readers.scans.assemble import assemble
from rag.readers.scans.page import ReadPage, ReadWord
from rag.readers.scans.page_files import PageFiles
from rag.readers.scans.unread import Unread
from rag.readers.source import SourceFile, open_regular
from rag.text.detection import UNKNOWN
from rag.types import Failure, ReadItem

MAX_PAGES = 20_000
"""Pages of one document."""
MAX_WORDS = 1_200_000
"""Words of one document: the child process has memory for so many."""
_NAMED = 5  # missing pages that a warning names


def read(
    source: SourceFile,
    pages: Sequence[PageFiles],
    record: dict[str, Any],
    declared: str | None = None,
) -> Iterator[ReadItem | Unread]:
    """The document of the pages, and a Failure for each page whose file cannot be read.

    Pages that are pictures alone are left to recognition, and so are all where no transcription has
    a word, as in a volume that waits to be transcribed. A page without a file, or without words, is
    in the layout with its picture; a warning tells which files are not there. Raises ReadError
    where there is nothing to read.
    """
    if len(pages) > MAX_PAGES:
        raise ReadError(f"more than {MAX_PAGES:,} pages; split it")
    reader = _Reader(source.path.parent, pages)
    read_pages: list[ReadPage] = []
    alone: list[int] = []  # pages that are pictures alone
    words = 0
    for files in pages:
        found = reader.pages(files)
        if files.picture and not files.transcriptions:
            alone.append(len(read_pages))
        words += sum(1 for page in found for _ in _words(page))
        if words > MAX_WORDS:
            raise ReadError(f"more than {MAX_WORDS:,} words in one document; split it")
        read_pages += found
    yield from reader.failures
    if not words and not reader.failures:
        alone = [number for number, page in enumerate(read_pages) if page.file is not None]
    if not alone and not any(files.transcriptions for files in pages):
        raise ReadError(_nothing(pages))
    missing = [files for files in pages if files.missing and not files.transcriptions]
    warnings = (_warning(missing),) if missing else ()
    if alone:
        unread = _unread(read_pages, alone, record, source.path, declared)
        yield replace(unread, document=replace(unread.document, warnings=warnings))
    else:
        document = transcription.document(read_pages, record, source.path, declared)
        yield replace(document, warnings=warnings)


def _unread(
    pages: Sequence[ReadPage],
    alone: Sequence[int],
    record: dict[str, Any],
    path: Path,
    declared: str | None,
) -> Unread:
    """The document of which the pages `alone` are to be recognised, each picture once."""
    numbered = [replace(page, label=str(n), frame=n) for n, page in enumerate(pages)]
    if any(True for page in pages for _ in _words(page)):
        document = transcription.document(numbered, record, path, declared)
    else:
        given = {"title": path.stem, **record}
        metadata.check_characters(given)
        name = beside.stem(path.name)
        empty = Document(name, name, UNKNOWN, "", path=str(path))
        document = replace(metadata.corrected(empty, given), layout=assemble(numbered)[2])
    labels = tuple(" ".join(page.label.split()) for page in pages)
    numbers = tuple(int(number) for _, number in document.pages)
    named = tuple((offset, labels[int(number)]) for offset, number in document.pages)
    assert document.layout is not None
    printed = tuple(replace(p, label=pages[p.frame].label) for p in document.layout.pages)
    document = replace(document, pages=named, layout=replace(document.layout, pages=printed))
    files = tuple((page.file, page.frame) for page in pages)
    frames = tuple({files[number]: number for number in reversed(alone)}.values())
    return Unread(document, labels, tuple(sorted(frames)), "", numbers, files, declared)


class _Reader:
    """Reads the pages of the files of a folder; a file named for several pages has them in order.

    Only the file that was read last is kept.
    """

    def __init__(self, folder: Path, pages: Sequence[PageFiles]) -> None:
        self._folder = folder
        self._uses = Counter(name for files in pages for name in files.transcriptions)
        self._used: Counter[str] = Counter()
        self._last: tuple[str, list[ReadPage]] | None = None
        self.failures: list[Failure] = []

    def pages(self, files: PageFiles) -> list[ReadPage]:
        """The pages of the first transcription with words; a page without words for want of one."""
        blank = ReadPage(files.label, 0.0, 0.0, (), files.picture, files.frame)
        for name in files.transcriptions:
            found = self._taken(name)
            if any(True for page in found for _ in _words(page)):
                first, *others = found
                # A page file in a folder of its own may have its picture where the document is.
                near = None if first.file else beside.picture(self._folder, None, name)
                if picture := files.picture or near:
                    first = replace(first, file=picture, frame=files.frame)
                first = replace(first, label=files.label)
                return [first, *others]
            if found:
                sized = replace(found[0], label=files.label, regions=())
                blank = sized
                if files.picture:
                    blank = replace(sized, file=files.picture, frame=files.frame)
        return [blank]

    def _taken(self, name: str) -> list[ReadPage]:
        """The pages of a file; of one that several pages name, the next one."""
        found = self._read(name)
        if self._uses[name] == 1:
            return found
        self._used[name] += 1
        number = self._used[name] - 1
        return found[number : number + 1]

    def _read(self, name: str) -> list[ReadPage]:
        if self._last and self._last[0] == name:
            return self._last[1]
        path = self._folder / name
        pages: list[ReadPage] = []
        try:
            with open_regular(path) as file:
                pages = transcription.pages(SourceFile(path, file))
        except ReadError as error:
            self.failures.append(Failure(str(path), error.error, error.line))
        except OSError as error:
            cause = f"cannot be read: {error.strerror}; check its permissions"
            self.failures.append(Failure(str(path), cause))
        folder = PurePosixPath(name).parent
        pages = [replace(p, file=str(folder / p.file) if p.file else None) for p in pages]
        self._last = (name, pages)
        return pages


def _words(page: ReadPage) -> Iterator[ReadWord]:
    """The words of a page that are not blank."""
    words = (word for region in page.regions for line in region.lines for word in line.words)
    return (word for word in words if word.text.strip())


def _warning(missing: Sequence[PageFiles]) -> DocumentWarning:
    named = [f"{files.label} ({files.missing})" for files in missing[:_NAMED]]
    more = f" and {len(missing) - _NAMED:,} more" if len(missing) > _NAMED else ""
    return DocumentWarning(
        "page_missing", f"Pages whose file is not there: {', '.join(named)}{more}."
    )


def _nothing(pages: Sequence[PageFiles]) -> str:
    missing = next((files.missing for files in pages if files.missing), None)
    named = f", for example {missing}" if missing else ""
    return f"none of the files of its pages is there{named}; put them beside it"
