"""Exact search and its spread against brute force, where all, many and few passages are allowed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index_store.catalogue.connection import Place
from index_store.catalogue.entry import Entry
from index_store.catalogue.schema import create
from index_store.catalogue.writing import WritingCatalogue
from index_store.types import Document, Passage
from index_store.vectors.exact import Matrix

DOCUMENTS, EACH, DIMENSION, K = 700, 4, 24, 40


@pytest.fixture(scope="module")
def stored() -> NDArray[np.float32]:
    """As the catalogue keeps them: rounded to float16."""
    made = np.random.default_rng(5).normal(size=(DOCUMENTS * EACH, DIMENSION)) + 0.2
    rounded = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float16)
    return np.asarray(rounded, dtype=np.float32)


@pytest.fixture(scope="module")
def vectors(stored: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(stored / np.linalg.norm(stored, axis=1, keepdims=True))


@pytest.fixture(scope="module")
def matrix(stored: NDArray[np.float32], tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    return loaded(stored, tmp_path_factory.mktemp("dense"))


def loaded(vectors: NDArray[np.float32], folder: Path) -> Matrix:
    """The vectors out of a catalogue, the passages of a document together."""
    entries = []
    for n in range(DOCUMENTS):
        name = f"d{n:03}"
        passages = tuple(Passage(f"{name}#{i}", name, i, i, i + 1, "word"[i]) for i in range(EACH))
        own = vectors[n * EACH : (n + 1) * EACH]
        entries.append(
            Entry(Document(name, name, "en", "word", sha256=name), passages, own, "", "")
        )
    catalogue = WritingCatalogue(Place(folder))
    create(catalogue.engine, "none", DIMENSION, "test")
    catalogue.put(entries)
    matrix = Matrix(DIMENSION)
    matrix.refresh(catalogue)
    catalogue.close()
    return matrix


def chosen(matrix: Matrix, every: int | None) -> NDArray[np.int64] | None:
    return None if every is None else matrix.places(np.arange(1, DOCUMENTS + 1, every))


@pytest.mark.parametrize("every", [None, 2, 9])
def test_the_best_are_those_of_brute_force(
    matrix: Matrix, vectors: NDArray[np.float32], every: int | None
) -> None:
    for query in vectors[:20]:
        places = chosen(matrix, every)
        among = np.arange(len(vectors)) if places is None else places
        scores = vectors[among].astype(np.float64) @ query.astype(np.float64)
        best = np.lexsort((among, -np.round(scores, 7)))[:K]
        found = matrix.search(query, K, places)
        assert [row for row, _ in found[:K]] == [int(matrix.rows[p]) for p in among[best]]
        assert [score for _, score in found[:K]] == pytest.approx(scores[best], abs=1e-6)


@pytest.mark.parametrize("every", [None, 2, 9, 5000])
def test_the_spread_is_that_of_all_that_are_allowed(
    matrix: Matrix, vectors: NDArray[np.float32], every: int | None
) -> None:
    for query in vectors[:20]:
        places = chosen(matrix, every)
        among = np.arange(len(vectors)) if places is None else places
        scores = vectors[among] @ query
        spread = matrix.stats(query, places)
        assert spread.count == len(among)
        sampled = len(among) > 1000
        tolerance = 4 * float(scores.std()) / 1000**0.5 if sampled else 2e-5
        assert spread.mean == pytest.approx(float(scores.mean()), abs=tolerance)
        assert spread.deviation == pytest.approx(float(scores.std()), abs=tolerance)
        assert matrix.stats(query, places) == spread


def test_nothing_allowed_has_no_spread(matrix: Matrix, vectors: NDArray[np.float32]) -> None:
    spread = matrix.stats(vectors[0], np.empty(0, dtype=np.int64))
    assert (spread.count, spread.mean, spread.deviation) == (0, 0.0, 0.0)
