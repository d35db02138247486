"""The doctor: checks a whole store and rebuilds damaged indexes from the catalogue.

It never deletes archive data. A repair takes out damaged pictures, which are made again from their
files, and those that no document names, which are no problem by themselves. Where the catalogue
itself is damaged, the doctor says which files to ingest again, or to restore a backup.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from index_store import sync
from index_store.catalogue.reading import Table
from index_store.catalogue.schema import CATALOGUE, digest
from index_store.catalogue.writing import WritingCatalogue
from index_store.errors import StoreCorrupt, StoreError
from index_store.lexical_index import LexicalIndex
from index_store.lock import WriterLock
from index_store.maintenance import checks
from index_store.maintenance.checks import BACKUP
from index_store.maintenance.page_checks import DAMAGED, damaged_pictures, page_problems
from index_store.maintenance.problem import Problem
from index_store.pictures import Pictures
from index_store.seal import break_seal, set_seal
from index_store.search import lexical_path
from index_store.vectors.index import VectorIndex
from index_store.vectors.server import Chroma

_CHECKED = ("documents", "passages", "vectors", "lexical", "pages")
_UNREADABLE = "catalogue_damaged"
_IRREPARABLE = {_UNREADABLE, "document_damaged", "vector_damaged"}
_LEFT = (
    "left as it is until the documents named above are repaired, because it is built from them and"
    " may still have the correct text; then `fonds doctor --repair`"
)
_LEXICAL = {"lexical_damaged", "lexical_differs", "pending"}
_VECTORS = {"vectors_damaged", "vectors_missing", "vectors_unknown", "vectors_differ",
            "vectors_lost", "pending"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """What was checked and found; after a repair, `problems` are those that remain."""

    sound: bool
    checked: dict[str, int]
    problems: tuple[Problem, ...]
    repaired: int = 0

    @property
    def archive_intact(self) -> bool:
        """Whether all that is wrong can be rebuilt: no text, field or vector is damaged."""
        return not {problem.code for problem in self.problems} & _IRREPARABLE

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `fonds doctor`."""
        return {
            "sound": self.sound,
            "checked": dict(self.checked),
            "problems": [problem.to_dict() for problem in self.problems],
            "repaired": self.repaired,
        }


def check(directory: Path, chroma_url: Chroma = None) -> DoctorReport:
    """Checks the whole store.

    Raises StoreLocked while it is being written to, StoreError where there is none.
    """
    return _under_lock(Path(directory), lambda catalogue: _check(catalogue, chroma_url))


def repair(directory: Path, chroma_url: Chroma = None) -> DoctorReport:
    """Checks the store, repairs what can be repaired, and checks again. Raises as `check` does."""
    return _under_lock(Path(directory), lambda catalogue: _repair(catalogue, chroma_url))


def _repair(catalogue: WritingCatalogue, chroma_url: Chroma) -> DoctorReport:
    before = _check(catalogue, chroma_url)
    codes = {problem.code for problem in before.problems}
    if not codes & _IRREPARABLE:
        Pictures(catalogue.directory).sweep(set(catalogue.pictures()))
    if before.sound or _UNREADABLE in codes:
        return before
    if not codes & _IRREPARABLE:  # all that the catalogue holds is sound
        break_seal(catalogue.directory / CATALOGUE)
    if codes & _LEXICAL and not codes & _IRREPARABLE:
        _rebuild_lexical(catalogue)
    if codes & _VECTORS and not codes & _IRREPARABLE:
        _repair_vectors(catalogue, chroma_url, rebuild=codes & _VECTORS != {"vectors_lost"})
    if DAMAGED in codes:
        for name in damaged_pictures(catalogue):
            Pictures(catalogue.directory).remove(name)
    if "file_note_damaged" in codes:
        _forget_damaged_notes(catalogue)
    after = _check(catalogue, chroma_url)
    if after.sound and catalogue.checkpoint():
        set_seal(catalogue.directory / CATALOGUE)
    repaired = sum(problem not in after.problems for problem in before.problems)
    return DoctorReport(after.sound, after.checked, after.problems, repaired)


def _under_lock(directory: Path, work: Callable[[WritingCatalogue], DoctorReport]) -> DoctorReport:
    """The report of `work` on the catalogue, with the writer's lock held."""
    if not (directory / CATALOGUE).is_file():
        raise StoreError(f"there is no store in {directory}: `fonds ingest` makes one")
    lock = WriterLock(directory)
    try:
        try:
            catalogue = WritingCatalogue(directory)
        except StoreCorrupt as error:
            unreadable = Problem(_UNREADABLE, str(error), BACKUP)
            return DoctorReport(False, dict.fromkeys(_CHECKED, 0), (unreadable,))
        try:
            return work(catalogue)
        finally:
            catalogue.close()
    finally:
        lock.release()


def _check(catalogue: WritingCatalogue, chroma_url: Chroma) -> DoctorReport:
    problems: list[Problem] = []
    checked = dict.fromkeys(_CHECKED, 0)
    try:
        catalogue.manifest()
        checked = checks.counts(catalogue)
        problems += checks.catalogue_problems(catalogue)
        problems += page_problems(catalogue)
        problems += checks.lexical_problems(catalogue)
        index = _vectors(catalogue, chroma_url)
        try:
            problems += checks.chroma_problems(catalogue, index)
        finally:
            index.close()
    except StoreCorrupt as error:
        problems.append(Problem(_UNREADABLE, str(error), BACKUP))
    if {problem.code for problem in problems} & _IRREPARABLE:
        derived = _VECTORS | _LEXICAL
        problems = [replace(p, repair=_LEFT) if p.code in derived else p for p in problems]
    return DoctorReport(not problems, checked, tuple(problems))


def _vectors(catalogue: WritingCatalogue, chroma_url: Chroma) -> VectorIndex:
    store_id = catalogue.meta()["store_id"]
    return VectorIndex(catalogue.directory, store_id, chroma_url, owner=True)


def _rebuild_lexical(catalogue: WritingCatalogue) -> None:
    folder = catalogue.directory / "lexical"
    break_seal(folder)
    shutil.rmtree(folder, ignore_errors=True)
    tables: tuple[Table, ...] = ("passages", "documents")
    for table in tables:
        index = LexicalIndex(lexical_path(catalogue.directory, table), create=True)
        sync.apply_lexical(catalogue, index, table)
    catalogue.note_word_rules()
    set_seal(folder)


def _repair_vectors(catalogue: WritingCatalogue, chroma_url: Chroma, *, rebuild: bool) -> None:
    index = _vectors(catalogue, chroma_url)
    try:
        if rebuild:
            sync.rebuild_vectors(catalogue, index)
        else:
            sync.refind(catalogue, index)
    finally:
        index.close()


def _forget_damaged_notes(catalogue: WritingCatalogue) -> None:
    for path, sha256, ids, complete, seal in catalogue.rows("SELECT * FROM files"):
        if digest(path, sha256, ids, complete) != seal:
            catalogue.forget_file(path)
