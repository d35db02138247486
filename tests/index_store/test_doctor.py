"""Each kind of damage is found, named, and repaired where the catalogue allows it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from index_store.errors import StoreCorrupt, StoreError, StoreLocked
from index_store.maintenance import doctor
from index_store.store import FileState, IndexStore
from index_store.vectors import index as vectors
from index_store.vectors.index import VectorIndex
from tests.kits.store_kit import EAGER, IDENTITY, letter

LETTERS = [letter(n) for n in range(8)]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("sound")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors, "HNSW_SETTINGS", EAGER)
        store = IndexStore.open(directory, write=True, encoder=IDENTITY)
        store.put(LETTERS)
    with store:
        store.set_file(FileState("letters/d1.txt", "ab" * 32, ("d1",), True))
    return directory


@pytest.fixture
def store(sound: Path, tmp_path: Path) -> Path:
    directory = tmp_path / "store"
    shutil.copytree(sound, directory)
    return directory


def codes(report: doctor.DoctorReport) -> set[str]:
    assert report.sound == (not report.problems)
    assert all(problem.what and problem.repair for problem in report.problems)
    return {problem.code for problem in report.problems}


def sql(directory: Path, statement: str) -> None:
    path = directory / "catalogue.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert connection.execute(statement).rowcount == 1


def delete_chroma_row(directory: Path) -> None:
    with closing(sqlite3.connect(directory / "catalogue.sqlite3")) as connection:
        (store_id,) = connection.execute("SELECT value FROM meta WHERE key='store_id'").fetchone()
    index = VectorIndex(directory, store_id, owner=True)
    with index.use(1) as chroma:
        chroma.delete(["d3#1"])
    index.close()


def vector_texts(directory: Path) -> dict[str, str]:
    with closing(sqlite3.connect(directory / "catalogue.sqlite3")) as connection:
        (store_id,) = connection.execute("SELECT value FROM meta WHERE key='store_id'").fetchone()
    index = VectorIndex(directory, store_id, owner=True)
    with index.use(1) as chroma:
        found = {
            name: text
            for page in chroma.all_rows()
            for name, text in zip(page["ids"], page["documents"], strict=True)
        }
    index.close()
    return found


def truncate(pattern: str) -> Callable[[Path], None]:
    def damage(directory: Path) -> None:
        for path in directory.rglob(pattern):
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return damage


def flip(pattern: str) -> Callable[[Path], None]:
    """Changes a bit in the middle of each of these files."""

    def damage(directory: Path) -> None:
        for path in directory.rglob(pattern):
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 64
            path.write_bytes(data)

    return damage


DERIVED: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "a Chroma row": (delete_chroma_row, {"vectors_missing"}),
    "the Chroma folder": (lambda d: shutil.rmtree(d / "vectors"), {"vectors_damaged"}),
    "Chroma's segment": (truncate("index_metadata.pickle"), {"vectors_damaged"}),
    "Chroma's SQLite": (truncate("chroma.sqlite3"), {"vectors_damaged"}),
    "the word index": (lambda d: shutil.rmtree(d / "lexical/passages"), {"lexical_damaged"}),
    "a word file": (truncate("*.idx"), {"lexical_damaged"}),
    "a code of a vector": (flip("*.codes"), {"vector_file_damaged"}),
    "a vector beside its code": (flip("*.halves"), {"vector_file_damaged"}),
    "the rows of vectors": (flip("*.rows"), {"vector_file_damaged"}),
    "the vector file": (truncate("matrix/*.halves"), {"vector_file_damaged"}),
    "a file note": (
        lambda d: sql(d, "UPDATE files SET sha256 = 'cd'"),
        {"file_note_damaged", "catalogue_changed"},
    ),
}


@pytest.mark.parametrize("what", DERIVED)
def test_what_can_be_rebuilt_is(store: Path, what: str) -> None:
    damage, expected = DERIVED[what]
    damage(store)
    report = doctor.repair(store)
    assert report.repaired == len(expected)
    assert report.sound, report
    with IndexStore.open(store) as reader:
        assert reader.lexical_search("mark0x3x1", 1)[0].passage_id == "d3#1"
        assert reader.dense_search(LETTERS[3].vectors[1], 1)[0].passage_id == "d3#1"


def flip_vector(directory: Path) -> None:
    sql(directory, "UPDATE passages SET vector = zeroblob(64) WHERE row = 5")


ARCHIVE: dict[str, tuple[Callable[[Path], None], str]] = {
    "a text": (
        lambda d: sql(d, "UPDATE texts SET text = replace(text, 'mark', 'murk') WHERE row = 2"),
        "document_damaged",
    ),
    "a letter of a title": (
        lambda d: sql(d, "UPDATE documents SET title = CAST(x'4cff' AS TEXT) WHERE row = 2"),
        "document_damaged",
    ),
    "a date": (
        lambda d: sql(d, "UPDATE documents SET date_from = '1900-01-01' WHERE row = 2"),
        "document_damaged",
    ),
    "a span": (lambda d: sql(d, 'UPDATE passages SET "end" = 9 WHERE row = 5'), "document_damaged"),
    "a vector": (flip_vector, "vector_damaged"),
}


@pytest.mark.parametrize("what", ARCHIVE)
def test_what_only_the_archive_has_is_told_and_never_deleted(store: Path, what: str) -> None:
    damage, code = ARCHIVE[what]
    damage(store)
    report = doctor.check(store)
    assert code in codes(report)
    told = next(problem for problem in report.problems if problem.code == code)
    assert "d1" in told.what and "fonds remove d1" in told.repair
    assert not report.archive_intact
    before = vector_texts(store)
    if code == "document_damaged":
        with IndexStore.open(store) as reader:
            for read in (reader.document, reader.passages, lambda i: reader.passage(f"{i}#0")):
                with pytest.raises(StoreCorrupt, match=r"d1|text is damaged"):
                    read("d1")
            assert reader.document("d2") == LETTERS[2].document
    after = doctor.repair(store)
    assert vector_texts(store) == before, "the index may hold the right words"
    assert code in codes(after) and after.checked["documents"] == len(LETTERS)
    with IndexStore.open(store, write=True) as writer:  # the cure it names
        writer.delete(["d1"])
        writer.put([LETTERS[1]])
    assert doctor.repair(store).sound


def test_an_unreadable_catalogue_is_told(store: Path) -> None:
    path = store / "catalogue.sqlite3"
    content = bytearray(path.read_bytes())
    content[4096:12288] = bytes(8192)
    path.write_bytes(bytes(content))
    report = doctor.repair(store)
    assert "catalogue_damaged" in codes(report)
    assert "fonds restore" in report.problems[0].repair
    assert report.to_dict()["sound"] is False
    assert path.read_bytes() == bytes(content)


def test_no_store_and_a_store_in_use(store: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store"):
        doctor.check(tmp_path / "none")
    with IndexStore.open(store, write=True), pytest.raises(StoreLocked):
        doctor.check(store)


def test_a_store_without_chroma_is_sound_where_that_is_wanted(tmp_path: Path) -> None:
    with IndexStore.open(tmp_path, write=True, encoder=IDENTITY, with_chroma=False) as store:
        store.put([letter(1)])
    assert not doctor.check(tmp_path).sound
    report = doctor.check(tmp_path, with_chroma=False)
    assert report.sound and report.checked["vectors"] == 0
    assert doctor.repair(tmp_path, with_chroma=False).sound
    assert doctor.repair(tmp_path).sound and doctor.check(tmp_path).sound
