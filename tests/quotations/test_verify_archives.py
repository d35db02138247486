"""Excerpts of the development archives traced to their documents, at two sizes of store."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from index_store.store import IndexStore
from index_store.types import Document
from rag.quotations.verify import verify
from tests.kits.excerpts import Excerpt, build, documents, excerpts, large


@pytest.fixture(scope="module")
def archives() -> list[Document]:
    found = documents()
    if not found:
        pytest.skip("the development archives are not here: this clone stands alone")
    return found


@pytest.fixture(scope="module")
def store(
    archives: list[Document], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[IndexStore]:
    folder = tmp_path_factory.mktemp("archives") / "store"
    build(folder, archives)
    with IndexStore.open(folder) as opened:
        yield opened


def traced(excerpt: Excerpt, store: IndexStore, archives: list[Document]) -> str:
    """Whether the first place told is right, wrong, or none."""
    matches = verify(excerpt.text, store).matches
    if not matches:
        return "none"
    told = matches[0].citation
    # A document that has the same words is not a wrong answer.
    holders = {d.document_id: d for d in archives if excerpt.original in d.text}
    right = holders.get(told.document.document_id)
    if right is None:
        return "wrong"
    assert (told.document.archival_ref, told.document.source, told.document.date) == (
        right.archival_ref,
        right.source,
        right.date,
    )
    return "right"


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "ru"])
def test_excerpts_are_traced(store: IndexStore, archives: list[Document], lang: str) -> None:
    told = [traced(e, store, archives) for e in excerpts(archives, lang, 1000)]
    assert told.count("right") >= 990, told.count("none")
    assert told.count("wrong") <= 5


@pytest.mark.slow
def test_splices_of_two_documents_are_explained(
    store: IndexStore, archives: list[Document]
) -> None:
    chance = random.Random(3)
    told = 0
    for lang in ("en", "ru"):
        taken = [e.original for e in excerpts(archives, lang, 200, seed=5) if not e.noise]
        for _ in range(50):
            first, second = chance.sample(taken, 2)
            words = [*first.split(" ")[:12], *second.split(" ")[-12:]]
            report = verify(" ".join(words), store)
            assert report.status in ("near", "absent")
            told += report.explanation is not None and report.explanation.code == "splice"
    assert told >= 95


@pytest.mark.slow
def test_speed_at_a_hundred_thousand_passages(tmp_path: Path) -> None:
    archives = large(tmp_path / "store", 100_000)
    if not archives:
        pytest.skip("the development archives are not here: this clone stands alone")
    with IndexStore.open(tmp_path / "store") as store:
        assert len(store) >= 100_000
        verify(archives[0].text[:200], store)
        seconds = []
        for lang in ("en", "ru"):
            for excerpt in excerpts(archives, lang, 250):
                started = time.process_time()  # the machine may be shared
                verify(excerpt.text, store)
                seconds.append(time.process_time() - started)
    seconds.sort()
    p50, p95 = (1000 * seconds[int(share * len(seconds))] for share in (0.5, 0.95))
    print(f"verify at 100,000 passages: p50 {p50:.0f} ms, p95 {p95:.0f} ms")
    assert p95 <= 150
