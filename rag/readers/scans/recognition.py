"""Pages without words → words: recognised side by side, each reading kept, put in order.

The child process gives a page's pixels, Tesseract reads them in a process of its own, one page for
each core at a time; no more pages than that are in memory. A page that cannot be read is a Failure,
and the others are read. Not here: the pixels (`pictures`), Tesseract (`tesseract`), the text of
pages (`assemble`).
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from index_store.types import Document
from rag.errors import ReadError
from rag.readers.sandbox import ParserSandbox
from rag.readers.scans import readings, tesseract_tsv
from rag.readers.scans.assemble import assemble
from rag.readers.scans.insertion import Part, inserted
from rag.readers.scans.page import ReadPage
from rag.readers.scans.readings import Readings
from rag.readers.scans.tesseract import DEFAULT_LANGUAGES, Tesseract, language_names
from rag.readers.scans.unread import Scan, Unread
from rag.types import Failure, ReadItem

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
            causes = dict.fromkeys([unread.cause, *wrong.values()] if wrong else [_NO_WORDS])
            raise ReadError("; ".join(filter(None, causes)))
        yield document
        if wrong:
            causes = dict.fromkeys([unread.cause, _told(wrong, unread.labels)])
            yield Failure(str(path), "; ".join(filter(None, causes)))

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
                except ReadError as error:
                    wrong[frame] = error.error
                if self._progress:
                    self._progress(path, len(pages) + len(wrong), len(unread.frames))

        with ThreadPoolExecutor(self._workers) as threads:
            try:
                for frame in unread.frames:
                    label = unread.labels[frame]
                    try:
                        scan = sandbox.scan(path, frame)
                    except ReadError as error:
                        wrong[frame] = error.error
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
        table = self._kept.get(name) if self._kept else None
        if table is None:
            table = tesseract.table(scan, names)
            if self._kept:
                self._kept.put(name, table)
        return tesseract_tsv.page(table, (scan.width, scan.height), label, frame)


_NO_WORDS = (
    "no words were recognised on its pages; if there are some, scan it again at 300 dpi, or set"
    " ocr_languages to its language"
)


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
        return document
    parts = {run[0].frame: Part(*assemble(run)) for run in runs}
    document = inserted(document, unread.labels, parts)
    with_text = {label for _, label in document.pages}
    blank = [label for label in unread.labels if label not in with_text]
    extra = {k: v for k, v in document.extra.items() if k != "pages_without_text"}
    own = "" if len(pages) == len(unread.labels) else ", pages "
    extra["recognised_by"] = by + own + (", ".join(p.label for p in pages.values()) if own else "")
    if blank:
        extra["pages_without_text"] = ", ".join(blank)
    return replace(document, extra=extra)


def _told(wrong: dict[int, str], labels: tuple[str, ...]) -> str:
    """What is wrong with which pages: "page 3: …; pages 5, 6: …"."""
    by_cause: dict[str, list[str]] = {}
    for frame, cause in sorted(wrong.items()):
        by_cause.setdefault(cause, []).append(labels[frame])
    return "; ".join(
        f"{'page' if len(pages) == 1 else 'pages'} {', '.join(pages)} not read: {cause}"
        for cause, pages in by_cause.items()
    )
