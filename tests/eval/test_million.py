"""The made archive of `eval million` is the same each time, and its parts measure what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval.bench import made_archive, million, million_parts
from index_store.types import Document
from rag.text.chunking import split

PASSAGES = 400


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_archive, "DOCUMENTS_PER_FILE", 20)
    monkeypatch.setattr(made_archive, "_VOCABULARY", 2_000)
    made_archive._vocabulary.cache_clear()
    monkeypatch.setattr(million_parts, "QUESTIONS", 12)


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    return figures


def test_the_archive_is_the_same_each_time_and_begins_the_same(tmp_path: Path) -> None:
    paths = made_archive.write(tmp_path / "a", PASSAGES)
    again = made_archive.write(tmp_path / "b", PASSAGES)
    assert [p.read_bytes() for p in paths] == [p.read_bytes() for p in again]
    less = made_archive.write(tmp_path / "c", PASSAGES // 2)
    assert [p.read_bytes() for p in less] == [p.read_bytes() for p in paths[: len(less)]]


def test_an_archive_that_was_cut_off_is_written_to_the_end(tmp_path: Path) -> None:
    whole = [path.read_bytes() for path in made_archive.write(tmp_path / "a", PASSAGES)]
    (first, *rest) = made_archive.write(tmp_path / "b", PASSAGES)
    for path in rest:
        path.unlink()
    first.with_suffix(".new").write_text("half of a line", encoding="utf-8")
    assert [p.read_bytes() for p in made_archive.write(tmp_path / "b", PASSAGES)] == whole


def test_each_paragraph_becomes_a_passage_and_each_question_has_its_document(
    tmp_path: Path,
) -> None:
    documents = {}
    for path in made_archive.write(tmp_path, PASSAGES):
        for line in path.read_text(encoding="utf-8").splitlines():
            made = json.loads(line)
            documents[made["id"]] = made
            document = Document(made["id"], made["id"], made["lang"], made["text"])
            texts = [passage.text for passage in split(document)]
            assert texts == made["text"].split("\n\n")
    assert len(documents) == PASSAGES // 10
    assert {made["lang"] for made in documents.values()} == set(made_archive.SHARES)
    for question, source in made_archive.questions(PASSAGES, 12):
        assert documents[source]["author"] in question


def test_passages_are_near_the_questions_of_their_words_and_not_equal() -> None:
    encoder = made_archive.HashingEncoder()
    texts = ["the harbour froze before the grain came", "kerosene and boots for the expedition"]
    passages, queries = encoder.encode_passages(texts), encoder.encode_queries(texts)
    cosines = passages @ queries.T
    assert np.allclose(np.linalg.norm(passages, axis=1), 1, atol=1e-5)
    assert (np.diag(cosines) > 0.8).all() and (np.diag(cosines) < 0.99).all()
    assert np.abs(cosines - np.diag(np.diag(cosines))).max() < 0.3
    assert np.array_equal(passages, made_archive.HashingEncoder().encode_passages(texts))


def test_the_parts_measure_an_archive_and_go_on_where_they_were_cut_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    docs, store, notes = str(tmp_path / "docs"), str(tmp_path / "store"), str(tmp_path / "notes")
    million_parts.ingest(docs, PASSAGES // 2, store, notes)
    assert printed(capsys)["passages"] == PASSAGES // 2
    before = json.loads(Path(notes).read_text(encoding="utf-8"))[-1][1]
    million_parts.ingest(docs, PASSAGES, store, notes)
    row: dict[str, Any] = {"passages": PASSAGES, "ingest": printed(capsys)}
    assert row["ingest"]["passages"] == PASSAGES
    assert row["ingest"]["seconds"] > before > 0

    million_parts.again(docs, PASSAGES, store)
    row["again"] = printed(capsys)
    assert (row["again"]["unchanged"], row["again"]["changed"]) == (PASSAGES // 10, 0)
    million_parts.sizes(store)
    row["sizes"] = printed(capsys)
    assert row["sizes"]["vectors"] == PASSAGES * made_archive.DIMENSION * 2
    lines = (line for path in Path(docs).iterdir() for line in path.read_bytes().splitlines())
    assert row["sizes"]["texts"] == sum(len(json.loads(line)["text"].encode()) for line in lines)
    million_parts.cold(PASSAGES, store)
    row["cold"] = printed(capsys)
    million_parts.warm(PASSAGES, store)
    row["warm"] = printed(capsys)
    assert row["warm"]["plain"]["source_found"] > 0.8
    assert row["warm"]["author"]["source_found"] == 1
    million_parts.exactness(PASSAGES, store)
    row["exactness"] = printed(capsys)
    assert row["exactness"]["store"] == {"hits": 1.0, "first_tens": 1.0}
    assert "graph" not in row["exactness"]

    million_parts.add_chroma(store, str(tmp_path / "chroma.json"))
    assert printed(capsys)["seconds"] > 0
    million_parts.exactness(PASSAGES, store)
    row["graph"] = printed(capsys)
    assert row["graph"]["graph"]["hits"] > 0.9

    row["commands"] = {"list": 0.5, "list_part": 0.4, "list_all": 0.7, "verify": 0.4}
    table = million.as_markdown([row])
    assert f"| {PASSAGES:,} |" in table
    assert all(f"| {target.name}, {target.unit} |" in table for target in million.TARGETS)
    assert "| peer: storing, s | | – |" in table


def test_shares_count_ties_as_right() -> None:
    best = [("a", 0.9), *((f"t{n}", 0.5) for n in range(12))]
    right = {"a", *(f"t{n}" for n in range(3, 12))}
    assert million_parts._shares([best], [right]) == {"hits": 1.0, "first_tens": 1.0}
    wrong = {"x", *(f"t{n}" for n in range(9))}
    assert million_parts._shares([best], [wrong]) == {"hits": 0.9, "first_tens": 0.0}
