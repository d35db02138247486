"""The reranker, with tiny models made here: loading, order, origins, faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Archive
from rag.errors import EncoderError
from rag.models.reranker import RERANKED, Reranker
from rag.settings import Settings
from tests.kits.letters_kit import Encoder, write
from tests.models.test_entailment import model

QUESTION = "Where is the ledger?"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(Settings(store=tmp_path / "store"), Encoder()) as archive:
        archive.ingest(write(tmp_path / "letters"))
        yield archive


def _reranking(archive: Archive, reranker: Reranker) -> Archive:
    from rag.models.registry import Tuned

    return Archive(archive.settings, Tuned(Encoder(), None, None, reranker))


def test_a_model_by_path_scores_pairs(tmp_path: Path) -> None:
    reranker = Reranker(model(tmp_path / "m", 0, {0: "relevance"}))
    scores = reranker.scores("coal", ["ferry", "coal sacks"])
    assert len(scores) == 2 and all(score > 0.9 for score in scores)
    assert reranker.scores("coal", []) == []


def test_the_order_is_the_rerankers(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = archive.search(QUESTION)
    reranker = Reranker("never loaded")
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
        assert other.search(QUESTION, k=1).hits == again[:1], "chosen among all that are reranked"
        first, second = (a.ask(QUESTION).record["settings_sha256"] for a in (archive, other))
        assert first != second
    assert len(plain.hits) <= RERANKED


def test_settings_name_it(archive: Archive, tmp_path: Path) -> None:
    settings = Settings(store=archive.settings.store, reranker=str(tmp_path / "no-model"))
    from rag.models.registry import load

    tuned = load("bundled", None, None, settings.reranker)
    with pytest.raises(EncoderError, match="FONDS_RERANKER"):
        tuned.reranker.load()  # type: ignore[attr-defined]
    three = model(tmp_path / "three", 0)
    with pytest.raises(EncoderError, match="3 scores a pair"):
        Reranker(three).load()
