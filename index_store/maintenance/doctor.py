"""The doctor: checks a whole store and rebuilds damaged indexes from the catalogue.

It never deletes archive data. A repair takes out damaged pictures, which are made again from their
files, and those that no document names, which are no problem by themselves. Where the catalogue
itself is damaged, the doctor says which files to ingest again, or to restore a backup.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from index_store import sync
from index_store.catalogue.connection import Place
from index_store.catalogue.engines.server import CatalogueServer
from index_store.catalogue.engines.sqlite_engine import CATALOGUE
from index_store.catalogue.reading import Catalogue
from index_store.catalogue.schema import digest
from index_store.catalogue.writing import WritingCatalogue
from index_store.errors import StoreCorrupt, StoreError, StoreLocked, explained
from index_store.follower import TABLES, bring_up, indexes_to_itself
from index_store.lexical_index import LexicalIndex
from index_store.lock import WriterLock
from index_store.maintenance import checks
from index_store.maintenance.checks import BACKUP
from index_store.maintenance.page_checks import DAMAGED, damaged_pictures, page_problems
from index_store.maintenance.problem import Problem
from index_store.opening import make_folder
from index_store.pictures import Pictures
from index_store.positions import Positions
from index_store.seal import break_seal, damaged, set_seal
from index_store.search import lexical_path
from index_store.store import IndexStore
from index_store.vectors.index import FOLDER, VectorIndex
from index_store.vectors.server import Chroma
from index_store.vectors.vector_file import vector_file

_CHECKED = ("documents", "passages", "vectors", "lexical", "pages")
_UNREADABLE = "catalogue_damaged"
_IRREPARABLE = {_UNREADABLE, "document_damaged", "vector_damaged"}
_LEFT = (
    "left as it is until the documents named above are repaired, because it is built from them and"
    " may still have the correct text; then `fonds doctor --repair`"
)
_VECTOR_FILE = "vector_file_damaged"
_LEXICAL = {"lexical_damaged", "lexical_differs", "pending"}
_VECTORS = {"vectors_damaged", "vectors_missing", "vectors_unknown", "vectors_differ",
            "vectors_lost", "pending"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """What was checked and found; after a repair, `problems` are those that remain.

    `left_out` says what could not be checked now, "" where all was.
    """

    sound: bool
    checked: dict[str, int]
    problems: tuple[Problem, ...]
    repaired: int = 0
    left_out: str = ""

    @property
    def archive_intact(self) -> bool:
        """Whether all that is wrong can be rebuilt: no text, field or vector is damaged."""
        return not {problem.code for problem in self.problems} & _IRREPARABLE

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `fonds doctor`."""
        told: dict[str, Any] = {
            "sound": self.sound,
            "checked": dict(self.checked),
            "problems": [problem.to_dict() for problem in self.problems],
            "repaired": self.repaired,
        }
        return told | ({"left_out": self.left_out} if self.left_out else {})


def check(
    directory: Path,
    chroma_url: Chroma = None,
    server: CatalogueServer | None = None,
    with_chroma: bool = True,
) -> DoctorReport:
    """Checks the whole store; Chroma only `with_chroma`.

    A front end of a catalogue on a server first catches up; while a writer works there, Chroma is
    left out. Raises StoreLocked while a store in a folder is being written to, StoreError where
    there is none.
    """
    place = Place(Path(directory), server)
    if server is not None:
        return _check_front_end(place, chroma_url, with_chroma)
    return _under_lock(place, lambda catalogue: _check(catalogue, chroma_url, with_chroma))


def repair(
    directory: Path,
    chroma_url: Chroma = None,
    server: CatalogueServer | None = None,
    with_chroma: bool = True,
) -> DoctorReport:
    """Checks the store as `check` does, repairs what can be repaired, and checks again.

    Raises StoreLocked while the store is being written to, StoreError where there is none.
    """
    place = Place(Path(directory), server)
    return _under_lock(place, lambda catalogue: _repair(catalogue, chroma_url, with_chroma))


def _check_front_end(place: Place, chroma: Chroma, with_chroma: bool) -> DoctorReport:
    """Compares a front end with the catalogue, which another machine may be writing to."""
    _require(place)
    make_folder(place.directory)
    with (
        contextlib.closing(Catalogue(place)) as catalogue,
        indexes_to_itself(place.directory),
        explained(place.directory),
    ):
        with catalogue.snapshot():
            words = place.directory / "lexical"
            if not damaged(words) and bring_up(catalogue, Positions(catalogue), {}):
                set_seal(words)
            report = _check(catalogue, chroma, vectors=False)
        if with_chroma and _has_chroma(catalogue, chroma):
            return _check_chroma(report, catalogue, chroma)
        return report


def _check_chroma(report: DoctorReport, catalogue: Catalogue, chroma: Chroma) -> DoctorReport:
    """The report with what is wrong with Chroma, for which no writer may work."""
    with contextlib.closing(WritingCatalogue(catalogue.place)) as writer:
        try:
            writer.claim()
        except StoreLocked as error:
            return replace(report, left_out=f"Chroma, because {error}")
        with catalogue.snapshot():
            problems = [*report.problems]
            problems += _chroma_problems(catalogue, chroma, problems)
            checked = report.checked | {"vectors": catalogue.count("passages")}
    return _report(problems, checked)


def _has_chroma(catalogue: Catalogue, chroma: Chroma) -> bool:
    """Whether Chroma's rows are to be those of the catalogue.

    Not in the folder of a front end, nor of one that wrote before: it is behind until it writes
    again.
    """
    if catalogue.place.server is None or chroma is not None:
        return True
    own = Positions(catalogue).get(sync.VECTORS) == catalogue.position()
    return own and (catalogue.directory / FOLDER).exists()


def _repair(catalogue: WritingCatalogue, chroma_url: Chroma, with_chroma: bool) -> DoctorReport:
    with_chroma = with_chroma and _has_chroma(catalogue, chroma_url)
    before = _check(catalogue, chroma_url, with_chroma)
    codes = {problem.code for problem in before.problems}
    if not codes & _IRREPARABLE:
        Pictures(catalogue.directory).sweep(set(catalogue.pictures()))
    if before.sound or _UNREADABLE in codes:
        return before
    if not codes & _IRREPARABLE:  # all that the catalogue holds is sound
        break_seal(catalogue.directory / CATALOGUE)
    if codes & _LEXICAL and not codes & _IRREPARABLE:
        with indexes_to_itself(catalogue.directory):
            _rebuild_lexical(catalogue)
    if _VECTOR_FILE in codes:
        with indexes_to_itself(catalogue.directory):
            vector_file(catalogue).rebuild(catalogue)
    if with_chroma and codes & _VECTORS and not codes & _IRREPARABLE:
        _repair_vectors(catalogue, chroma_url, rebuild=codes & _VECTORS != {"vectors_lost"})
    if DAMAGED in codes:
        for name in damaged_pictures(catalogue):
            Pictures(catalogue.directory).remove(name)
    if "file_note_damaged" in codes:
        _forget_damaged_notes(catalogue)
    after = _check(catalogue, chroma_url, with_chroma)
    if after.sound and catalogue.checkpoint():
        set_seal(catalogue.directory / CATALOGUE)
    repaired = sum(problem not in after.problems for problem in before.problems)
    return DoctorReport(after.sound, after.checked, after.problems, repaired)


def _under_lock(place: Place, work: Callable[[WritingCatalogue], DoctorReport]) -> DoctorReport:
    """The report of `work` on the catalogue, with the writer's lock held."""
    _require(place)
    lock = WriterLock(place.directory)
    try:
        try:
            catalogue = WritingCatalogue(place)
        except StoreCorrupt as error:
            unreadable = Problem(_UNREADABLE, str(error), BACKUP)
            return DoctorReport(False, dict.fromkeys(_CHECKED, 0), (unreadable,))
        try:
            catalogue.claim()
            return work(catalogue)
        finally:
            catalogue.close()
    finally:
        lock.release()


def _require(place: Place) -> None:
    """Raises StoreError where there is no catalogue."""
    if not place.has_file():
        raise StoreError(f"there is no store in {place}: `fonds ingest` makes one")
    if place.server is not None and not IndexStore.exists(place.directory, place.server):
        raise StoreError(f"there is no store in {place}: `fonds ingest` makes one")


def _check(catalogue: Catalogue, chroma: Chroma, vectors: bool = True) -> DoctorReport:
    """`vectors`: whether Chroma is checked too."""
    problems: list[Problem] = []
    checked = dict.fromkeys(_CHECKED, 0)
    try:
        catalogue.manifest()
        checked = checks.counts(catalogue)
        problems += checks.catalogue_problems(catalogue)
        problems += page_problems(catalogue)
        problems += checks.waiting_problems(Positions(catalogue).behind_most(TABLES))
        problems += checks.lexical_problems(catalogue)
        if not {problem.code for problem in problems} & _IRREPARABLE:
            problems += checks.vector_file_problems(catalogue)
        problems += _chroma_problems(catalogue, chroma, problems) if vectors else ()
    except StoreCorrupt as error:
        problems.append(Problem(_UNREADABLE, str(error), BACKUP))
    if not vectors:
        checked["vectors"] = 0
    return _report(problems, checked)


def _chroma_problems(
    catalogue: Catalogue, chroma: Chroma, known: Sequence[Problem]
) -> list[Problem]:
    """What is wrong with Chroma; that changes wait only where it is not known already."""
    index = _vectors(catalogue, chroma)
    try:
        done = sync.vectors_position(catalogue, index, Positions(catalogue))
        waits = any(problem.code == "pending" for problem in known)
        waiting = () if waits else checks.waiting_problems(catalogue.behind(done))
        return [*waiting, *checks.chroma_problems(catalogue, index)]
    finally:
        index.close()


def _report(problems: Sequence[Problem], checked: dict[str, int]) -> DoctorReport:
    """Where the catalogue is damaged, what is built from it is to be left as it is."""
    if {problem.code for problem in problems} & _IRREPARABLE:
        derived = _VECTORS | _LEXICAL
        problems = [replace(p, repair=_LEFT) if p.code in derived else p for p in problems]
    return DoctorReport(not problems, checked, tuple(problems))


def _vectors(catalogue: Catalogue, chroma_url: Chroma) -> VectorIndex:
    store_id = catalogue.meta()["store_id"]
    return VectorIndex(catalogue.directory, store_id, chroma_url, owner=True)


def _rebuild_lexical(catalogue: WritingCatalogue) -> None:
    folder = catalogue.directory / "lexical"
    break_seal(folder)
    shutil.rmtree(folder, ignore_errors=True)
    positions = Positions(catalogue)
    for table in TABLES:
        index = LexicalIndex(lexical_path(catalogue.directory, table), create=True)
        sync.rebuild_lexical(catalogue, index, table, positions)
    catalogue.note_word_rules()
    set_seal(folder)


def _repair_vectors(catalogue: WritingCatalogue, chroma_url: Chroma, *, rebuild: bool) -> None:
    index = _vectors(catalogue, chroma_url)
    try:
        if rebuild:
            sync.rebuild_vectors(catalogue, index, Positions(catalogue))
        else:
            sync.refind(catalogue, index)
    finally:
        index.close()


def _forget_damaged_notes(catalogue: WritingCatalogue) -> None:
    for path, sha256, ids, complete, seal in catalogue.rows("SELECT * FROM files"):
        if digest(path, sha256, ids, complete) != seal:
            catalogue.forget_file(path)
