"""Pages from several files, which are one document: for METS files and IIIF manifests.

Not here: which files these are (`mets`, `iiif`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from index_store.types import DocumentWarning
from rag.errors import ReadError
from rag.readers.scans import beside, transcription
from rag.readers.scans.page import ReadPage
from rag.readers.scans.page_files import PageFiles
from rag.readers.source import SourceFile, open_regular
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
) -> Iterator[ReadItem]:
    """The document of the pages, and a Failure for each page whose file cannot be read.

    A page without a file, or without words, is in the layout with its picture; a warning tells
    which files are not there. Raises ReadError where there are no words at all.
    """
    if len(pages) > MAX_PAGES:
        raise ReadError(f"more than {MAX_PAGES:,} pages; split it")
    reader = _Reader(source.path.parent, pages)
    read_pages: list[ReadPage] = []
    words = 0
    for files in pages:
        found = reader.pages(files)
        words += sum(len(line.words) for page in found for r in page.regions for line in r.lines)
        if words > MAX_WORDS:
            raise ReadError(f"more than {MAX_WORDS:,} words in one document; split it")
        read_pages += found
    yield from reader.failures
    if not any(files.transcriptions for files in pages):
        raise ReadError(_nothing(pages))
    document = transcription.document(read_pages, record, source.path, declared)
    missing = [files for files in pages if files.missing and not files.transcriptions]
    if missing:
        document = replace(document, warnings=(_warning(missing),))
    yield document


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
        blank = ReadPage(files.label, 0.0, 0.0, (), files.picture)
        for name in files.transcriptions:
            found = self._taken(name)
            if found and any(w.text.strip() for p in found for r in p.regions for x in r.lines
                             for w in x.words):  # fmt: skip
                first, *others = found
                # A page file in a folder of its own may have its picture where the document is.
                near = None if first.file else beside.picture(self._folder, None, name)
                if picture := files.picture or near:
                    first = replace(first, file=picture, frame=0)
                first = replace(first, label=files.label)
                return [first, *others]
            if found:
                sized = replace(found[0], label=files.label, regions=())
                blank = replace(sized, file=files.picture or sized.file)
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


def _warning(missing: Sequence[PageFiles]) -> DocumentWarning:
    named = [f"{files.label} ({files.missing})" for files in missing[:_NAMED]]
    more = f" and {len(missing) - _NAMED:,} more" if len(missing) > _NAMED else ""
    return DocumentWarning(
        "page_missing", f"Pages whose file is not there: {', '.join(named)}{more}."
    )


def _nothing(pages: Sequence[PageFiles]) -> str:
    if any(files.picture for files in pages):
        return "its pages are pictures without transcription; ingest the pictures themselves"
    missing = next((files.missing for files in pages if files.missing), None)
    named = f", for example {missing}" if missing else ""
    return f"none of the files of its pages is there{named}; put them beside it"
