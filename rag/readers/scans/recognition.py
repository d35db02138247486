"""Pages without words → words: recognised side by side, each reading kept, put in order.

The child process gives a page's pixels, Tesseract reads them in a process of its own, one page for
each core at a time; no more pages than that are in memory. A page that cannot be read is a Failure,
and the others are read. Not here: the pixels (`pictures`), Tesseract (`tesseract`), the text of
pages (`assemble`).
"""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from index_store.types import Document, DocumentWarning
from rag.errors import ReadError
from rag.readers.sandbox import ParserSandbox
from rag.readers.scans import readings, tesseract_tsv
from rag.readers.scans.assemble import assemble
from rag.readers.scans.insertion import Part, inserted
from rag.readers.scans.page import ReadPage
from rag.readers.scans.readings import Readings
from rag.readers.scans.tesseract import DEFAULT_LANGUAGES, Tesseract, language_names
from rag.readers.scans.unread import Scan, Unread
from rag.text.detection import UNKNOWN, declared_language
from rag.types import Failure, ReadItem

NOT_READ = "page_not_read"
"""The warning of a document of which some pages wait for Tesseract, or for one of its languages."""
PageProgress = Callable[[Path, int, int], None]
"""Called with the file, its pages recognised, its pages to be recognised."""


class Recogniser:
    """Recognises pages in these languages ("eng+rus"); `kept` readings are not made again."""

    def __init__(
        self,
        languages: str = DEFAULT_LANGUAGES,
        kept: Readings | None = None,
        progress: PageProgress | None = None,
        workers: int | None = None,
    ) -> None:
        self._languages, self._kept, self._progress = languages, kept, progress
        self._workers = workers or os.cpu_count() or 1

    def read(
        self, unread: Unread, path: Path, sandbox: ParserSandbox, languages: str | None = None
    ) -> Iterator[ReadItem]:
        """The document with the words of its pages, and a Failure where some cannot be read.

        Where Tesseract is missing a document with text of its own has a warning instead.
        `languages` are the file's own. Raises ReadError where no page has words.
        """
        pages: dict[int, ReadPage] = {}
        by = ""
        try:
            tesseract, names = Tesseract.installed(), language_names(languages or self._languages)
            tesseract.check(names)
        except ReadError as error:  # of all pages alike
            wrong = dict.fromkeys(unread.frames, error.error)
        else:
            pages, wrong = self._read(unread, path, sandbox, tesseract, names)
            by = f"Tesseract {tesseract.version} ({'+'.join(names)})"
        document = _completed(unread, pages, by)
        if not document.text:
            each = [_told(wrong, unread)] if by and unread.files and wrong else wrong.values()
            causes = dict.fromkeys([unread.cause, *each] if wrong else [_NO_WORDS])
            raise ReadError("; ".join(filter(None, causes)))
        if wrong and not by:
            told = DocumentWarning(NOT_READ, _told(wrong, unread))
            document = replace(document, warnings=(*document.warnings, told))
        yield document
        if wrong and by:
            yield Failure(str(path), _told(wrong, unread))

    @cached_property
    def installed(self) -> str:
        """Which Tesseract there is, with its languages; "" where there is none."""
        try:
            found = Tesseract.installed()
        except ReadError:
            return ""
        return f"{found.version} {'+'.join(sorted(found.languages))}"

    def _read(
        self,
        unread: Unread,
        path: Path,
        sandbox: ParserSandbox,
        tesseract: Tesseract,
        names: tuple[str, ...],
    ) -> tuple[dict[int, ReadPage], dict[int, str]]:
        """The pages that could be read, and what is wrong with the others, by number."""
        pages: dict[int, ReadPage] = {}
        wrong: dict[int, str] = {}
        running: deque[tuple[int, Future[ReadPage]]] = deque()

        def finish(most: int) -> None:
            while len(running) > most:
                frame, future = running.popleft()
                try:
                    pages[frame] = future.result()
                except (ReadError, OSError, ValueError) as error:
                    wrong[frame] = _cause(error)
                if self._progress:
                    self._progress(path, len(pages) + len(wrong), len(unread.frames))

        with ThreadPoolExecutor(self._workers) as threads:
            try:
                for frame in unread.frames:
                    label = unread.labels[frame]
                    try:
                        file, picture = unread.files[frame] if unread.files else ("", frame)
                        scan = sandbox.scan(path.parent / file if file else path, picture)
                    except (ReadError, OSError, ValueError) as error:
                        wrong[frame] = _cause(error)
                        continue
                    job = threads.submit(self._page, tesseract, scan, names, label, frame)
                    running.append((frame, job))
                    del scan  # its pixels go with its page
                    finish(self._workers)
                finish(0)
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                raise
        return pages, wrong

    def _page(
        self, tesseract: Tesseract, scan: Scan, names: tuple[str, ...], label: str, frame: int
    ) -> ReadPage:
        name = readings.key(scan, f"tesseract {tesseract.version} {'+'.join(names)}")
        size = scan.width, scan.height
        table = self._kept.get(name) if self._kept else None
        if table is not None:
            with contextlib.suppress(ReadError):  # one that is damaged is made again
                return tesseract_tsv.page(table, size, label, frame)
        table = tesseract.table(scan, names)
        page = tesseract_tsv.page(table, size, label, frame)
        if self._kept:
            self._kept.put(name, table)
        return page


def _cause(error: ReadError | OSError | ValueError) -> str:
    """What is told of a page."""
    if isinstance(error, ReadError):
        return error.error
    told = (error.strerror if isinstance(error, OSError) else None) or error
    return f"its recognition broke off ({told}); ingest it again"


_NO_WORDS = (
    "no words were recognised on its pages; if there are some, scan it again at 300 dpi, or set"
    " ocr_languages to its language"
)


_NAMED = 20  # pages that a failure names


def _completed(unread: Unread, pages: dict[int, ReadPage], by: str) -> Document:
    """The document with the pages that were read, and by what."""
    document = unread.document
    runs: list[list[ReadPage]] = []
    for _, page in sorted(pages.items()):
        # Pages that follow each other are read as one text, unless text of others lies between.
        if runs and (not document.text or runs[-1][-1].frame + 1 == page.frame):
            runs[-1].append(page)
        else:
            runs.append([page])
    if not runs:
        return _in_files(document, unread) if unread.files else document
    parts = {run[0].frame: Part(*assemble(run)) for run in runs}
    document = inserted(document, unread.numbers, parts)
    assert document.layout is not None  # `inserted` makes one
    placed = {document.layout.pages[word.page].frame for word in document.layout.words}
    with_text = placed.union(unread.numbers)
    blank = [label for number, label in enumerate(unread.labels) if number not in with_text]
    if unread.files:
        document = _in_files(document, unread)
    if document.lang == UNKNOWN:
        lang = declared_language(unread.declared, document.text)
        document = replace(document, lang=lang)
    extra = {k: v for k, v in document.extra.items() if k != "pages_without_text"}
    own = "" if len(pages) == len(unread.labels) else ", pages "
    extra["recognised_by"] = by + own + (", ".join(p.label for p in pages.values()) if own else "")
    if blank:
        extra["pages_without_text"] = ", ".join(blank)
    return replace(document, extra=extra)


def _in_files(document: Document, unread: Unread) -> Document:
    """The document whose pages come from several files, with the file of each in its layout."""
    layout = document.layout
    assert layout is not None  # a document from several files has one
    files = (unread.files[page.frame] for page in layout.pages)
    pages = tuple(
        replace(page, file=file, frame=frame)
        for page, (file, frame) in zip(layout.pages, files, strict=True)
    )
    labelled = tuple((offset, label) for offset, label in document.pages if label)
    return replace(document, pages=labelled, layout=replace(layout, pages=pages))


def _told(wrong: dict[int, str], unread: Unread) -> str:
    """What is wrong with which pages: "page 3 not read: …; pages 5, 6 (b.jpg) not read: …".

    Before the colon stands why they have to be read, as "(no text layer)".
    """
    by_cause: dict[str, list[str]] = {}
    for frame, cause in sorted(wrong.items()):
        file, _ = unread.files[frame] if unread.files else ("", frame)
        label = unread.labels[frame]
        by_cause.setdefault(cause, []).append(f"{label} ({file})" if file else label)
    reason = unread.cause.partition(":")[0]
    why = f" ({reason})" if reason else ""
    return "; ".join(
        f"{'page' if len(pages) == 1 else 'pages'} {_listed(pages)} not read{why}: {cause}"
        for cause, pages in by_cause.items()
    )


def _listed(pages: list[str]) -> str:
    more = f" and {len(pages) - _NAMED:,} more" if len(pages) > _NAMED else ""
    return ", ".join(pages[:_NAMED]) + more
