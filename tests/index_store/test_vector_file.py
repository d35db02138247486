"""The mapped vectors: kept up to the catalogue, never trusted when stale or damaged."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from index_store.catalogue.connection import Place
from index_store.catalogue.entry import Entry
from index_store.catalogue.reading import Catalogue
from index_store.catalogue.schema import create
from index_store.catalogue.writing import WritingCatalogue
from index_store.types import Document, Passage
from index_store.vectors import exact, mapped_vectors, vector_file
from index_store.vectors.exact import Matrix
from index_store.vectors.vector_file import VectorFile

DIMENSION, EACH, K = 16, 3, 5
STORE = "the-store"

Vectors = NDArray[np.float32]


def new(folder: Path) -> WritingCatalogue:
    made = WritingCatalogue(Place(folder))
    create(made.engine, "none", DIMENSION, "test")
    return made


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[WritingCatalogue]:
    made = new(tmp_path)
    yield made
    made.close()


@pytest.fixture
def file(tmp_path: Path) -> VectorFile:
    return VectorFile(tmp_path, STORE, DIMENSION)


@pytest.fixture(autouse=True)
def _first_stage_also_for_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "_DIRECTLY", 0)


def put(catalogue: WritingCatalogue, numbers: Sequence[int], seed: int = 0) -> None:
    """Documents of three passages each, in one transaction; the seed gives other vectors."""
    entries = []
    for n in numbers:
        name = f"d{n:04}"
        passages = tuple(Passage(f"{name}#{i}", name, i, i, i + 1, "word"[i]) for i in range(EACH))
        own = np.random.default_rng([n, seed]).normal(size=(EACH, DIMENSION)) + 0.3
        own /= np.linalg.norm(own, axis=1, keepdims=True)
        document = Document(name, name, "en", "word", sha256=f"{name} {seed}")
        entries.append(Entry(document, passages, own.astype(np.float32), "", ""))
    catalogue.put(entries)


def brute_force(catalogue: Catalogue, query: Vectors, k: int = K) -> list[tuple[int, float]]:
    """The best by the catalogue's own vectors, each compared with the query."""
    stored = catalogue.rows("SELECT row, vector FROM passages")
    rows = np.array([row for row, _ in stored])
    halves = np.frombuffer(b"".join(blob for _, blob in stored), dtype=np.float16)
    vectors = halves.reshape(len(rows), DIMENSION).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = (vectors.astype(np.float64) * query.astype(np.float64)).sum(axis=1)
    found = zip(rows.tolist(), np.round(cosines, 7).tolist(), strict=True)
    return sorted(found, key=lambda item: (-item[1], item[0]))[:k]


def queries() -> Vectors:
    made = np.random.default_rng(9).normal(size=(8, DIMENSION)) + 0.3
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)


def assert_exact(matrix: Matrix, catalogue: Catalogue) -> None:
    matrix.refresh(catalogue)
    assert len(matrix) == catalogue.count("passages")
    for query in queries():
        assert matrix.search(query, K, None)[:K] == brute_force(catalogue, query)


def opened(file: VectorFile, catalogue: Catalogue) -> Matrix:
    """As another process opens it."""
    matrix = Matrix(DIMENSION, file)
    matrix.refresh(catalogue)
    return matrix


def is_mapped(matrix: Matrix) -> bool:
    return matrix._header is not None


def test_what_is_mapped_gives_what_the_catalogue_has(
    catalogue: WritingCatalogue, file: VectorFile
) -> None:
    put(catalogue, range(30))
    file.follow(catalogue)
    matrix = opened(file, catalogue)
    assert is_mapped(matrix) and len(matrix._parts) == 1
    assert_exact(matrix, catalogue)
    assert file.faults(catalogue) == []


def test_following_adds_only_what_is_new_and_notes_what_has_gone(
    catalogue: WritingCatalogue, file: VectorFile
) -> None:
    put(catalogue, range(30))
    file.follow(catalogue)
    reader = opened(file, catalogue)
    before = file.header()
    put(catalogue, [3, 40], seed=1)
    catalogue.delete(["d0010"])
    file.follow(catalogue)
    after = file.header()
    assert before and after
    assert (after.serial, after.rows, after.gone) == (before.serial, 30 * EACH + 2 * EACH, 2 * EACH)
    assert_exact(opened(file, catalogue), catalogue)
    assert_exact(reader, catalogue)
    assert file.faults(catalogue) == []


def test_following_twice_changes_nothing(catalogue: WritingCatalogue, file: VectorFile) -> None:
    put(catalogue, range(10))
    file.follow(catalogue)
    before = {path.name: path.read_bytes() for path in file.path.iterdir()}
    file.follow(catalogue)
    assert {path.name: path.read_bytes() for path in file.path.iterdir()} == before


def test_a_reader_adds_what_the_file_lacks(catalogue: WritingCatalogue, file: VectorFile) -> None:
    put(catalogue, range(30))
    file.follow(catalogue)
    reader = opened(file, catalogue)
    for round_ in range(1, 15):  # more than are held apart
        put(catalogue, [round_, 100 + round_], seed=round_)
        catalogue.delete([f"d{20 + round_ % 9:04}"])
        assert_exact(reader, catalogue)
        assert_exact(opened(file, catalogue), catalogue)
    assert is_mapped(reader)


def test_a_file_that_is_ahead_of_a_reader_shows_it_nothing_new(
    catalogue: WritingCatalogue, file: VectorFile, tmp_path: Path
) -> None:
    put(catalogue, range(20))
    late = Catalogue(Place(tmp_path))
    with late.snapshot():
        late.generation()  # the snapshot begins with the first read
        put(catalogue, [5, 50], seed=1)
        catalogue.delete(["d0007"])
        file.follow(catalogue)
        assert_exact(opened(file, late), late)
    late.close()


def test_equal_vectors_come_by_row(catalogue: WritingCatalogue, file: VectorFile) -> None:
    same = np.tile(queries()[:1], (EACH, 1))
    for n in range(12):
        name = f"d{n}"
        passages = tuple(Passage(f"{name}#{i}", name, i, i, i + 1, "word"[i]) for i in range(EACH))
        document = Document(name, name, "en", "word", sha256=name)
        catalogue.put([Entry(document, passages, same, "", "")])
        if n == 6:
            file.follow(catalogue)
    catalogue.delete(["d2"])
    found = opened(file, catalogue).search(queries()[0], K, None)
    rows = [row for (row,) in catalogue.rows("SELECT row FROM passages ORDER BY row")]
    assert [row for row, _ in found] == rows  # all tie with the last


@pytest.mark.parametrize("every", [1, 2, 11])
def test_filters(catalogue: WritingCatalogue, file: VectorFile, every: int) -> None:
    put(catalogue, range(60))
    file.follow(catalogue)
    put(catalogue, [4, 70], seed=2)
    catalogue.delete(["d0022"])
    matrix = opened(file, catalogue)
    documents = [row for (row,) in catalogue.rows("SELECT row FROM documents ORDER BY row")][
        ::every
    ]
    allowed = set(documents)
    within = {
        row for row, of in catalogue.rows("SELECT row, document FROM passages") if of in allowed
    }
    places = matrix.places(np.array(documents))
    assert {int(row) for row in matrix.rows[places]} == within
    for query in queries():
        best = [item for item in brute_force(catalogue, query, 1_000) if item[0] in within][:K]
        assert matrix.search(query, K, places)[:K] == best
        assert matrix.score(query, K, sorted(within))[:K] == best
        assert matrix.stats(query, places).count == len(within)


# -- crashes ----------------------------------------------------------------------------------


class Crash(Exception):
    """Where the process dies."""


def crashing(monkeypatch: pytest.MonkeyPatch, at: int) -> list[str]:
    """Lets the `at`-th step that reaches the disk fail, and all that follow; the steps' names."""
    steps: list[str] = []

    def step(name: str) -> None:
        steps.append(name)
        if len(steps) > at:
            raise Crash(name)

    whole_append, sync = VectorFile._append, vector_file._to_disk
    replace, unlink = Path.replace, Path.unlink

    def append(self: VectorFile, header: Any, columns: dict[str, Any]) -> Any:
        for name in columns:  # half of the first column is written before each crash
            if len(steps) >= at:
                data = np.ascontiguousarray(
                    columns[name], dtype=mapped_vectors.TYPES[name]
                ).tobytes()
                with self.file(header, name).open("r+b") as out:
                    out.seek(self.size(header, name))
                    out.write(data[: len(data) // 2])
            step(f"append {name}")
        return whole_append(self, header, columns)

    def to_disk(path: Path) -> None:
        step(f"sync {path.name}")
        sync(path)

    def replaced(self: Path, target: Path) -> Path:
        step("replace")
        return replace(self, target)

    def unlinked(self: Path, missing_ok: bool = False) -> None:
        step("unlink")
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(VectorFile, "_append", append)
    monkeypatch.setattr(vector_file, "_to_disk", to_disk)
    monkeypatch.setattr(Path, "replace", replaced)
    monkeypatch.setattr(Path, "unlink", unlinked)
    return steps


@pytest.mark.parametrize("compacting", [False, True])
def test_a_crash_at_any_step_leaves_what_can_be_read_and_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compacting: bool
) -> None:
    if compacting:
        monkeypatch.setattr(vector_file, "_MIN_GONE", 1)
    at, finished = 0, False
    while not finished:
        folder = tmp_path / str(at)
        folder.mkdir()
        catalogue = new(folder)
        file = VectorFile(folder, STORE, DIMENSION)
        put(catalogue, range(20))
        file.follow(catalogue)
        reader = opened(file, catalogue)
        put(catalogue, range(5, 15), seed=1)
        with monkeypatch.context() as patch:
            steps = crashing(patch, at)
            try:
                file.follow(catalogue)
                finished = True
            except Crash:
                pass
        assert_exact(opened(file, catalogue), catalogue)
        assert_exact(reader, catalogue)
        file.follow(catalogue)
        assert file.faults(catalogue) == []
        assert_exact(opened(file, catalogue), catalogue)
        header = file.header()
        assert header and (header.gone == 0) == compacting
        assert len({path.name.split(".")[0] for path in file.path.glob("[0-9]*")}) == 1
        catalogue.close()
        at += 1
    assert len(steps) > (25 if compacting else 15)
    assert {"append gone", "append halves", "replace"} <= set(steps)
    assert ("unlink" in steps) == compacting


def test_a_reader_goes_on_while_files_are_replaced(
    catalogue: WritingCatalogue, file: VectorFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_file, "_MIN_GONE", 1)
    put(catalogue, range(30))
    file.follow(catalogue)
    reader = opened(file, catalogue)
    query = queries()[0]
    before = reader.search(query, K, None)
    catalogue.delete([f"d{n:04}" for n in range(0, 30, 2)])
    file.follow(catalogue)
    header = file.header()
    assert header and (header.serial, header.gone, header.rows) == (2, 0, 15 * EACH)
    assert not list(file.path.glob("1.*"))
    assert reader.search(query, K, None) == before  # it has not looked at the catalogue again
    assert_exact(reader, catalogue)
    assert reader._header == header and len(reader.rows) == 15 * EACH


# -- damage -----------------------------------------------------------------------------------


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x40
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    "name", ["header.json", "1.rows", "1.documents", "1.scales", "1.errors", "1.gone"]
)
@pytest.mark.parametrize("how", ["flipped", "cut", "removed"])
def test_damage_of_what_is_read_whole_is_seen_at_once(
    catalogue: WritingCatalogue, file: VectorFile, name: str, how: str
) -> None:
    put(catalogue, range(30))
    file.follow(catalogue)
    catalogue.delete(["d0003"])
    file.follow(catalogue)
    path = file.path / name
    if how == "flipped":
        flip(path, path.stat().st_size // 2)
    elif how == "cut":
        os.truncate(path, path.stat().st_size - 1)
    else:
        path.unlink()
    matrix = opened(file, catalogue)
    assert not is_mapped(matrix)
    assert_exact(matrix, catalogue)
    file.follow(catalogue)
    assert is_mapped(opened(file, catalogue))
    assert file.faults(catalogue) == []


@pytest.mark.parametrize("name", ["1.codes", "1.halves"])
def test_files_that_are_too_short_are_not_mapped(
    catalogue: WritingCatalogue, file: VectorFile, name: str
) -> None:
    put(catalogue, range(30))
    file.follow(catalogue)
    os.truncate(file.path / name, (file.path / name).stat().st_size - 1)
    assert file.faults(catalogue)
    matrix = opened(file, catalogue)
    assert not is_mapped(matrix)
    assert_exact(matrix, catalogue)


@pytest.mark.parametrize("name", ["1.codes", "1.halves"])
def test_damage_of_vectors_is_told_and_not_believed_where_it_is_met(
    catalogue: WritingCatalogue, file: VectorFile, name: str
) -> None:
    put(catalogue, range(30))
    file.follow(catalogue)
    size = (file.path / name).stat().st_size // (30 * EACH)
    best = brute_force(catalogue, queries()[0])[0][0]
    place = [row for (row,) in catalogue.rows("SELECT row FROM passages ORDER BY row")].index(best)
    data = bytearray((file.path / name).read_bytes())
    data[place * size : (place + 1) * size] = bytes([0x3F]) * size
    (file.path / name).write_bytes(bytes(data))
    assert file.faults(catalogue) == [f"{file.path} has another vector than the catalogue 1 times"]
    matrix = opened(file, catalogue)
    assert is_mapped(matrix)
    query = queries()[0]
    everything = len(matrix)
    found = matrix.search(query, everything, None)
    assert not is_mapped(matrix)  # all was read from the catalogue
    assert found[:K] == brute_force(catalogue, query)
    assert_exact(matrix, catalogue)


def test_files_of_another_store_are_not_used(
    catalogue: WritingCatalogue, file: VectorFile, tmp_path: Path
) -> None:
    put(catalogue, range(10))
    file.follow(catalogue)
    other = VectorFile(tmp_path, "another", DIMENSION)
    assert other.read() is None
    assert VectorFile(tmp_path, STORE, DIMENSION * 2).read() is None
    other.follow(catalogue)
    header = other.header()
    assert header and header.serial == 2 and file.read() is None


def test_a_newer_format_is_not_read(catalogue: WritingCatalogue, file: VectorFile) -> None:
    put(catalogue, range(10))
    file.follow(catalogue)
    path = file.path / "header.json"
    told = json.loads(path.read_text())
    told["header"]["packed"] = True
    path.write_text(json.dumps(told))
    assert file.read() is None
    assert_exact(opened(file, catalogue), catalogue)


def test_without_files_all_is_read_from_the_catalogue(
    catalogue: WritingCatalogue, file: VectorFile
) -> None:
    put(catalogue, range(10))
    matrix = opened(file, catalogue)
    assert not is_mapped(matrix)
    assert_exact(matrix, catalogue)
    assert not file.path.exists()  # a reader writes nothing
