"""What can be wrong with the pages of a store: layouts and the files of pictures, all of them read.

Not here: the other checks (`checks`), repairs (`doctor`).
"""

from __future__ import annotations

from collections.abc import Iterator

from index_store.catalogue.layouts import layout_digest
from index_store.catalogue.reading import Catalogue
from index_store.maintenance.problem import Problem, counted, shown
from index_store.pictures import Pictures

DAMAGED = "picture_damaged"


def page_problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Checks the hash of each layout, and of both files of each picture."""
    if not catalogue.has_layouts():
        return
    yield from _layout_problems(catalogue)
    missing, damaged = [], []
    pictures = Pictures(catalogue.directory)
    for name, stored in catalogue.pictures().items():
        intact = pictures.is_intact(name, stored)
        if intact is None:
            missing.append(name)
        elif not intact:
            damaged.append(name)
    if missing:
        yield Problem(
            "picture_missing",
            f"{counted(len(missing), 'picture of a page is', 'pictures of pages are')} missing,"
            f" of {_documents(catalogue, missing)}",
            f"ingest again, which makes what is missing: {_files(catalogue, missing)}",
        )
    if damaged:
        yield Problem(
            DAMAGED,
            f"{counted(len(damaged), 'picture of a page is', 'pictures of pages are')} not what was"
            f" written, of {_documents(catalogue, damaged)}",
            "`fonds doctor --repair` takes out what is damaged; then ingest again, which makes it"
            f" anew: {_files(catalogue, damaged)}",
        )


def damaged_pictures(catalogue: Catalogue) -> list[str]:
    """The names of the pictures whose files are there, but not what was written."""
    pictures = Pictures(catalogue.directory)
    written = catalogue.pictures().items()
    return [name for name, stored in written if pictures.is_intact(name, stored) is False]


def _layout_problems(catalogue: Catalogue) -> Iterator[Problem]:
    for (row,) in catalogue.rows("SELECT row FROM layouts ORDER BY row"):
        ((name, path, pages, words, stored),) = catalogue.rows(
            "SELECT d.document_id, d.path, l.pages, l.words, l.digest FROM layouts AS l"
            " JOIN documents AS d USING (row) WHERE l.row = ?",
            [row],
        )
        if layout_digest(pages, words) != stored:
            yield Problem(
                "layout_damaged",
                f"document {name}: where its words stand on the pages is not what was written;"
                " its text is checked by itself",
                f"ingest {path or 'its file'} again, which writes it anew",
            )


def _documents(catalogue: Catalogue, names: list[str]) -> str:
    return shown([document_id for document_id, _ in catalogue.holders_of_pictures(names)])


def _files(catalogue: Catalogue, names: list[str]) -> str:
    return shown([path for _, path in catalogue.holders_of_pictures(names) if path])
