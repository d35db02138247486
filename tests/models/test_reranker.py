"""The reranker, with tiny models made here: loading, order, origins, faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Archive
from rag.errors import EncoderError
from rag.models.bundle import make
from rag.models.registry import load
from rag.models.reranker import MAX_RERANKED, CrossEncoderReranker
from rag.settings import Settings
from tests.kits.hashing import HashingEncoder
from tests.kits.letters_kit import write
from tests.models.test_entailment import model

QUESTION = "Where is the ledger?"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(Settings(store=tmp_path / "store"), HashingEncoder()) as archive:
        archive.ingest(write(tmp_path / "letters"))
        yield archive


def _reranking(archive: Archive, reranker: CrossEncoderReranker) -> Archive:
    return Archive(archive.settings, models=make(HashingEncoder(), reranker=reranker))


def test_a_model_by_path_scores_pairs(tmp_path: Path) -> None:
    reranker = CrossEncoderReranker(model(tmp_path / "m", 0, {0: "relevance"}))
    scores = reranker.scores("coal", ["ferry", "coal sacks"])
    assert len(scores) == 2 and all(score > 0.9 for score in scores)
    assert reranker.scores("coal", []) == []


def test_hits_are_sorted_by_the_rerankers_scores(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = archive.search(QUESTION)
    reranker = CrossEncoderReranker("never loaded")
    backwards = {hit.passage.text: float(hit.rank) for hit in plain.hits}
    monkeypatch.setattr(
        reranker, "scores", lambda question, texts: [backwards[text] for text in texts]
    )
    with _reranking(archive, reranker) as other:
        again = other.search(QUESTION).hits
        assert [h.passage for h in again] == [h.passage for h in reversed(plain.hits)]
        assert [h.rank for h in again] == [h.rank for h in plain.hits]
        assert [h.score for h in again] == sorted((h.score for h in again), reverse=True)
        assert again[0].origins["reranker"].score == len(plain.hits)
        assert other.search(QUESTION, k=1).hits == again[:1], "chosen from all reranked hits"
        first, second = (a.ask(QUESTION).record["settings_sha256"] for a in (archive, other))
        assert first != second
    assert len(plain.hits) <= MAX_RERANKED


def test_settings_name_it(archive: Archive, tmp_path: Path) -> None:
    settings = Settings(store=archive.settings.store, reranker=str(tmp_path / "no-model"))
    reranker = load(settings, HashingEncoder()).reranker
    assert reranker is not None
    with pytest.raises(EncoderError, match="FONDS_RERANKER"):
        reranker.load()
    three = model(tmp_path / "three", 0)
    with pytest.raises(EncoderError, match="3 scores a pair"):
        CrossEncoderReranker(three).load()
