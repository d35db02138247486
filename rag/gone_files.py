"""Documents of files that have gone, or are parts of others now, are removed from the store.

Not here: documents that a file holds no longer (`rag.document_writer`), pictures that no document
needs (`IndexStore.sweep_pictures`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from pathlib import Path

from index_store.store import IndexStore
from rag.document_writer import DocumentWriter
from rag.names import authority as people
from rag.readers.scans import parts
from rag.readers.scans.beside import PICTURES
from rag.types import Failure


def forget_parts(
    store: IndexStore,
    writer: DocumentWriter,
    gone: Set[Path | Failure],
    failures: Iterable[Failure],
) -> None:
    """Remove the documents of files that are parts of others now, as pages of a METS file.

    Those that are in no other document stay: of a METS file that cannot be read, or of a page
    of it.
    """
    failed = frozenset(Path(failure.path) for failure in failures)
    kept = failed.union(*(_parts_without_text(store, path) for path in failed.difference(gone)))
    for state in filter(None, (store.file(str(part)) for part in gone - kept)):
        writer.remove(state.document_ids, state.path)
        store.forget_file(state.path)


def _parts_without_text(store: IndexStore, path: Path) -> frozenset[Path]:
    """The parts of a file that could not be read whole: all where it has no document.

    Else the pictures of pages on which its document has no words.
    """
    state, found = store.file(str(path)), parts.parts_of(path)
    if not (state and state.document_ids and found):
        return found
    read: set[Path] = set()
    for layout in filter(None, map(store.layout, state.document_ids)):
        numbers = {word.page for word in layout.words}
        read |= {path.parent / (layout.pages[number].file or "") for number in numbers}
    return frozenset(part for part in found - read if part.suffix.lower() in PICTURES)


def prune(store: IndexStore, writer: DocumentWriter, paths: Sequence[Path]) -> None:
    """Remove the documents of files that were under these paths and have gone."""
    roots = [path.absolute() for path in paths]
    for state in store.files():
        path = Path(state.path)
        if not path.exists() and any(root in (path, *path.parents) for root in roots):
            writer.remove(state.document_ids, state.path)
            store.forget_file(state.path)
            people.forget(store, path)
