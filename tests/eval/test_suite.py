"""Suites: the halves, the draw, BEIR folders, what is wrong with one, and making them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from eval.sets.make import make
from eval.sets.suite import EvalQuestion, Suite, half_of, is_development, limited, load
from rag.errors import UsageError


def write(path: Path, *rows: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")


def suite_in(folder: Path, questions: list[dict[str, Any]], more: str = "") -> Path:
    write(folder / "corpus.jsonl", {"id": "a", "text": "Some words."})
    write(folder / "questions.jsonl", *questions)
    (folder / "suite.toml").write_text(
        f'name = "small"\ncorpus = ["corpus.jsonl"]\nquestions = "questions.jsonl"\n{more}'
    )
    return folder


def test_the_shipped_suite_loads() -> None:
    suite = load(Path(__file__).resolve().parents[2] / "eval" / "suites" / "sample")
    assert len(suite.questions) == 40
    assert all(path.exists() for path in suite.corpus)
    assert len(suite.asked("retrieval")) == 30
    assert {q.half for q in suite.questions} == {"development", "reporting"}


def test_dialogues_are_questions_with_a_history() -> None:
    folder = Path(__file__).resolve().parents[2] / "eval" / "suites" / "sample-dialogues"
    suite = load(folder)
    assert len(suite.questions) == 90
    first, second, third = suite.questions[:3]
    assert (first.history, first.group, third.group) == ((), "turn 1", "turn 3")
    assert [turn.question for turn in third.history] == [first.text, second.text]
    assert third.history[0].answer == first.quotes[0]
    assert first.cluster == third.cluster
    assert first.half == second.half == third.half


def test_a_dialogue_without_its_gold_is_named(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"id": "d", "turns": [{"question": "?"}]}]
    with pytest.raises(UsageError, match=r"questions\.jsonl:1: 'gold_documents' is missing"):
        load(suite_in(tmp_path, rows))


def test_one_half_only(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": f"q{n}", "text": "?", "gold_docs": [f"d{n}"]} for n in range(20)
    ]
    whole = load(suite_in(tmp_path, rows)).asked("answers")
    half = load(suite_in(tmp_path, rows, 'split = "reporting"\n')).asked("answers")
    assert half == [q for q in whole if q.half == "reporting"]
    assert 0 < len(half) < 20
    with pytest.raises(UsageError, match="split is 'test'"):
        load(suite_in(tmp_path, rows, 'split = "test"\n'))


def test_the_halves_are_told_by_the_first_gold_document(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "q1", "text": "?", "gold_docs": ["a", "b"]},
        {"id": "q2", "text": "?"},
    ]
    first, second = load(suite_in(tmp_path, rows)).questions
    assert (first.key, second.key) == ("a", "q2")
    even = int(hashlib.sha1(b"a").hexdigest(), 16) % 2 == 0
    assert is_development("a") == even == (first.half == "development")
    assert first.answerable
    assert not second.answerable


def test_limits_draw_the_same_questions_everywhere() -> None:
    questions = tuple(EvalQuestion(f"q{n}", "?", "en", "en", {"a": 1}) for n in range(50))
    suite = Suite("s", (), questions, limits={"answers": 5})
    drawn = [q.id for q in suite.asked("answers")]
    assert len(drawn) == 5
    assert drawn == sorted(drawn, key=lambda name: int(name[1:]))
    backwards = Suite("s", (), questions[::-1], limits={"answers": 5})
    assert {q.id for q in backwards.asked("answers")} == set(drawn)
    more = {q.id for q in limited(suite, 6).asked("answers")}
    assert set(drawn) < more
    assert len(limited(suite, 0).asked("answers")) == 50


def test_qrels_replace_gold(tmp_path: Path) -> None:
    rows = [{"id": "q1", "text": "?"}, {"id": "q2", "text": "?"}]
    folder = suite_in(tmp_path, rows, 'qrels = "qrels.txt"\n')
    (folder / "qrels.txt").write_text("q1 0 a 2\nq1 0 b 0\n")
    first, second = load(folder).questions
    assert first.grades == {"a": 2}
    assert not second.gold


def test_a_beir_folder_is_a_suite(tmp_path: Path) -> None:
    write(tmp_path / "corpus.jsonl", {"_id": "d1", "title": "", "text": "Words."})
    write(tmp_path / "queries.jsonl", {"_id": "q1", "text": "?"}, {"_id": "q2", "text": "?"})
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\n")
    (tmp_path / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\nq2\td1\t1\n")
    suite = load(tmp_path)
    assert suite.tasks == ("retrieval",)
    assert [(q.id, q.grades) for q in suite.questions] == [("q1", {"d1": 2})]


@pytest.mark.parametrize(
    ("rows", "more", "told"),
    [
        ([{"id": "q"}], "", "questions.jsonl:1: 'text'"),
        ([{"id": "a b", "text": "?"}], "", "without spaces"),
        ([{"id": "q", "text": "?"}] * 2, "", "twice"),
        ([{"id": "q", "text": "?"}], 'tasks = ["dance"]', "dance"),
        ([{"id": "q", "text": "?", "filters": {"shoe": 3}}], "", "shoe"),
        ([{"id": "q", "text": "?"}], 'qrels = "none"', "none"),
        ([{"id": "q", "text": "?"}], "nonsense", "suite.toml"),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, rows: list[dict[str, Any]], more: str, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        load(suite_in(tmp_path, rows, more))


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name a suite's folder"):
        load(tmp_path / "nowhere")


def test_make_writes_what_load_reads(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    passages = [
        {"id": f"{title}-p0", "title": title, "lang": "en", "text": f"{title} has 1928 words."}
        for title in ("One", "Two")
    ]
    write(data / "squad2_dev" / "passages.jsonl", *passages)
    questions = [
        {"id": f"{title}-{n}", "text": "How many?", "source_passage": f"{title}-p0",
         "answerable": n == 0, "answers": ["1928"] if n == 0 else []}
        for title in ("One", "Two") for n in range(2)
    ]  # fmt: skip
    write(data / "squad2_dev" / "questions.jsonl", *questions)
    assert make(data, out) == ["squad2-removed", "squad2-adversarial"]
    removed = load(out / "squad2-removed")
    assert [(q.id, q.answerable) for q in removed.questions] == [("One-0", True), ("Two-0", False)]
    assert "Two has" not in removed.corpus[0].read_text(encoding="utf-8")
    assert any(anchor.measure == "AUROC" for anchor in removed.anchors)
    adversarial = load(out / "squad2-adversarial")
    assert sum(q.answerable for q in adversarial.questions) == 2
    assert adversarial.corpus[0] == (data / "squad2_dev" / "passages.jsonl").resolve()


def test_near_misses_stay_in_the_half_of_their_document(tmp_path: Path) -> None:
    data = tmp_path / "data"
    documents = [
        {"id": f"d{n}", "lang": "ru" if n else "en", "text": "The ice broke in May."}
        for n in range(6)
    ]
    common = {"text_en": "When?", "text_ru": "Когда?", "asks": "when"}
    questions = [
        common
        | {"id": f"{d['id']}-{kind}", "source_doc": d["id"], "answerable": kind == "q"}
        | ({"gold_docs": [d["id"]], "gold_spans": [[d["id"], 17, 20]]} if kind == "q" else {})
        for d in documents
        for kind in ("q", "m")
    ]
    write(data / "archive_train" / "docs.jsonl", *documents)
    write(data / "archive_train" / "questions.jsonl", *questions)
    assert make(data, tmp_path / "out") == ["archive_train"]
    found = load(tmp_path / "out" / "archive_train").questions
    assert [(q.id, q.group, q.answerable) for q in found[:4]] == [
        ("d0-q-en", "en→en", True),
        ("d0-q-ru", "ru→en", True),
        ("d0-m-en", "en→en", False),
        ("d0-m-ru", "ru→en", False),
    ]
    assert {q.group for q in found[4:]} == {"en→ru", "ru→ru"}
    assert {(q.cluster, q.half) for q in found} == {
        (d["id"], half_of(str(d["id"]))) for d in documents
    }


def test_make_without_data(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="squad2_dev"):
        make(tmp_path, tmp_path / "out")


SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def test_make_over_the_development_sets(tmp_path: Path) -> None:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not here: this clone stands alone")
    suites = {name: load(tmp_path / name) for name in make(SHARED, tmp_path)}
    assert len(suites) == 10
    assert {name for name, suite in suites.items() if not suite.trained} == {"frus", "archives"}
    many = suites["xquad-more"].questions
    assert len({q.group for q in many}) == 16
    for question in many[:200]:
        assert question.group.endswith(str(question.filters.lang))
    groups = {q.group for q in suites["xquad"].questions}
    assert groups == {"en→en", "en→ru", "en→mixed", "ru→en", "ru→ru", "ru→mixed"}
    by_pair: dict[str, set[str]] = {}
    for q in suites["xquad"].questions:
        by_pair.setdefault(q.id.split("-")[0], set()).add(q.half)
    assert all(len(halves) == 1 for halves in by_pair.values())
    archives = suites["archives"].questions
    assert sum(not q.answerable for q in archives) == 90
    assert sum(bool(q.filters.to_dict()) for q in archives) == 32
    trained = suites["archive_train"].questions
    assert len(trained) == 2 * 3718
    near_misses = {q.id.rpartition("-")[0] for q in trained if not q.answerable}
    assert len(near_misses) == 956
    halves: dict[str, set[str]] = {}
    for q in trained:
        halves.setdefault(q.cluster, set()).add(q.half)
    assert all(len(half) == 1 for half in halves.values()), "a document is in one half"
