"""Pictures of the pages of documents while they are ingested: asked of the child, put in the store.

One page is in memory at a time, or a few where several workers draw. A page whose picture cannot be
made has none, and its document a warning; it is tried again when a file of the document changes.
Not here: how pictures are made (`rag.readers.scans.pictures`), who draws (`rag.readers.drawing`),
where they are kept (`index_store.pictures`).
"""

from __future__ import annotations

import hashlib
import math
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NoReturn, Protocol, TypeVar

from index_store.layout import Page
from index_store.pictures import picture_name
from index_store.store import IndexStore
from index_store.types import Document, DocumentWarning
from rag.errors import ReadError, StoreCorrupt
from rag.readers.source import SourceFile, open_regular

WIDTHS = (1000, 2000)
"""Pixels: the picture to read by and the large one."""
CODE = "no_picture"
"""The warning of a document of whose pages some have no picture."""
SHAPE_CODE = "picture_shape"
"""The warning of a document of whose pages some have a picture on which no words can be marked."""
_MAX_OFF = 0.05  # share by which a picture may be longer or shorter than the page that was read
_MAX_FAULTS = 3  # one after another: the pages behind them are not tried

Beat = Callable[[], None]
"""Called after each page, so that a progress bar goes on."""
Made = Callable[[], tuple[str, bool]]
"""Waits for a page's picture: its name, and whether words can be marked on it.

Raises ReadError and OSError.
"""
T = TypeVar("T")


class Measurer(Protocol):
    """Tells the shapes of pages, as `ParserSandbox` does."""

    def frames(self, path: Path) -> list[tuple[float, float, bool]]:
        """Width and height of each page of a file, upright, and whether it lies on its side there.

        Raises ReadError.
        """


class Drawers(Protocol):
    """Draws pages, up to `ahead` of them before they are waited for, as `PageDrawers` does."""

    ahead: int

    def start(
        self, path: Path, frame: int, widths: tuple[int, int], upright: bool = True
    ) -> Callable[[], tuple[bytes, bytes]]:
        """Starts on page `frame` of a file, from 0, in two widths, upright or as it lies there.

        What is returned waits for it, and raises ReadError.
        """


class PagePictures:
    """Gives the documents of one ingest their pictures; none where `keep` is False."""

    def __init__(
        self,
        store: IndexStore,
        measurer: Measurer,
        drawers: Drawers,
        keep: bool,
        beat: Beat = lambda: None,
    ) -> None:
        self._store, self._measurer, self._drawers = store, measurer, drawers
        self._keep, self._beat = keep, beat
        # Of the file asked for last:
        self._hashed: tuple[Path | None, bytes] = (None, b"")
        self._shaped: tuple[Path | None, list[tuple[float, float, bool]]] = (None, [])

    def are_current(
        self, document_ids: Sequence[str], source: SourceFile, has_changed: bool = False
    ) -> bool:
        """Whether these stored documents of a file have the pictures that they would get now.

        False also where a layout is damaged, so that it is written anew, and where a page has no
        picture and the file or one of its parts `has_changed`: there may be one now.
        """
        try:
            return all(
                self._is_current(page, source)
                for document_id in document_ids
                for page in self._lacking(document_id, has_changed)
            )
        except StoreCorrupt:
            return False

    def _lacking(self, document_id: str, has_changed: bool) -> tuple[Page, ...]:
        """Pages that may have to get another picture: all but those known to have none."""
        pages = tuple(p for p in self._store.pages(document_id) if p.file is not None)
        if not has_changed and any(page.picture is None for page in pages):
            document = self._store.document(document_id)
            if any(warning.code == CODE for warning in document.warnings):
                return tuple(page for page in pages if page.picture is not None)
        return pages

    def _is_current(self, page: Page, source: SourceFile) -> bool:
        if not self._keep:
            return True
        try:
            names = [self._name(page, source, upright) for upright in (True, False)]
        except (ReadError, OSError):
            return True  # what is stored is all that is left
        return page.picture in names and self._store.has_picture(page.picture)

    def added(self, document: Document, source: SourceFile) -> Document:
        """The document with a picture for each page, or a warning that says why not.

        Where a picture has another shape than the page that was read, its words lose their places.
        Raises StoreError where the store cannot be written.
        """
        layout = document.layout
        if layout is None or not self._keep:
            return document
        pages: list[Page] = []
        wrong: dict[str, list[str]] = {}  # labels of pages by the cause
        faults, cause = 0, ""
        with_words = {word.page for word in layout.words}
        unmarked: dict[int, str] = {}  # number and label of pages of another shape
        begun = (  # after some faults no more: the generator sees `faults` as it is by then
            self._begun(page, source, number in with_words)
            if page.file is not None and faults < _MAX_FAULTS
            else None
            for number, page in enumerate(layout.pages)
        )
        drawn = _ahead(begun, self._drawers.ahead)
        for number, (page, made) in enumerate(zip(layout.pages, drawn, strict=True)):
            if page.file is None:  # the source names no picture
                pages.append(page)
                continue
            if made and faults < _MAX_FAULTS:
                try:
                    name, fits = made()
                    page = replace(page, picture=name)
                    if not fits:
                        unmarked[number] = page.label
                    faults = 0
                except (ReadError, OSError) as error:
                    faults += 1
                    cause = error.error if isinstance(error, ReadError) else str(error.strerror)
            if page.picture is None:
                wrong.setdefault(cause, []).append(page.label)
            pages.append(page)
            self._beat()
        warnings = [_warning(labels, cause) for cause, labels in wrong.items()]
        words = layout.words
        if unmarked:
            words = tuple(word for word in words if word.page not in unmarked)
            told = f"no words are marked on {_listed(list(unmarked.values()))}: {_OTHER_SHAPE}"
            warnings.append(DocumentWarning(SHAPE_CODE, told))
        return replace(
            document,
            layout=replace(layout, pages=tuple(pages), words=words),
            warnings=(*document.warnings, *warnings),
        )

    def _fit(self, page: Page, source: SourceFile) -> tuple[bool, bool]:
        """Is a page's picture shown upright, and can words be marked on it?

        What was read may be the picture as it lies in its file: not every program turns it as its
        EXIF orientation says.
        """
        if not page.file:
            return True, True  # the places are those of the file itself
        path = _file_of(page, source.path)
        if self._shaped[0] != path:
            self._shaped = (path, self._measurer.frames(path))
        shapes = self._shaped[1]
        width, height, lies = shapes[page.frame] if page.frame < len(shapes) else (0.0, 0.0, False)
        if min(width, height) <= 0:
            return True, True  # what is wrong with it is told when it is drawn
        given, seen = math.log(page.width / page.height), math.log(width / height)
        upright = not lies or abs(given - seen) <= abs(given + seen)
        return upright, abs(given - (seen if upright else -seen)) <= _MAX_OFF

    def _begun(self, page: Page, source: SourceFile, has_words: bool) -> Made:
        """Starts to draw a page, unless the store has its picture."""
        try:
            upright, fits = self._fit(page, source) if has_words else (True, True)
            name = self._name(page, source, upright)
            if self._store.has_picture(name):
                return lambda: (name, fits)
            path = _file_of(page, source.path)
            drawn = self._drawers.start(path, page.frame, WIDTHS, upright)
        except (ReadError, OSError) as error:
            return partial(_raise, error)

        def made() -> tuple[str, bool]:
            self._store.add_picture(name, *drawn())
            return name, fits

        return made

    def _name(self, page: Page, source: SourceFile, upright: bool) -> str:
        if not page.file:
            return picture_name(source.sha256, page.frame, upright)
        path = _file_of(page, source.path)
        if self._hashed[0] != path:
            with open_regular(path) as file:
                self._hashed = (path, hashlib.file_digest(file, "sha256").digest())
        return picture_name(self._hashed[1], page.frame, upright)


def _raise(error: ReadError | OSError) -> NoReturn:
    raise error


def _ahead(items: Iterable[T], number: int) -> Iterator[T]:
    """The items in their order, each handed on when `number` more have been taken."""
    taken: deque[T] = deque()
    for item in items:
        taken.append(item)
        if len(taken) > number:
            yield taken.popleft()
    yield from taken


def _file_of(page: Page, own: Path) -> Path:
    """The file with the picture of a page. ReadError where it lies somewhere else.

    A file may name pictures in its own folder, below it, or one step up, as transcriptions do that
    lie in a folder beside the scans: none that it could not know of.
    """
    if not page.file:
        return own
    folder = own.parent
    path = Path(os.path.normpath(folder / page.file))
    inside = (folder, folder.parent) if folder.parent != folder.parent.parent else (folder,)
    real = path.resolve()
    if not any(real.is_relative_to(root.resolve()) for root in inside):
        raise ReadError(f"its picture {page.file} lies in another folder; copy it beside the file")
    if not path.exists():
        raise ReadError(f"its picture {page.file} is missing; put it beside the file")
    return path


_OTHER_SHAPE = (
    "its picture has another shape than the page that was read; put the picture that was read"
    " beside the file, under the name that the file gives"
)


def _warning(labels: Sequence[str], cause: str) -> DocumentWarning:
    return DocumentWarning(CODE, f"no picture of {_listed(labels)}: {cause}")


def _listed(labels: Sequence[str]) -> str:
    shown = ", ".join(labels[:5]) + (" …" if len(labels) > 5 else "")
    return f"{'page' if len(labels) == 1 else 'pages'} {shown}"
