"""A whole run over a small suite: files, determinism, faults, comparison, gate and report."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import numpy as np
import pytest

from eval import __main__ as command
from eval.bench.driver import as_docs, ratios
from eval.measures import ablation, rows
from eval.measures.cached_encoder import CachedEncoder, digest
from eval.reports import docs_tables
from eval.reports.compare import compare, compare_folders, regressions
from eval.reports.report import as_html, as_markdown, rewrite, write
from eval.run import Options, run
from eval.sets.suite import Suite, load
from index_store.types import Vectors
from rag import Archive
from rag.errors import FondsError, UsageError
from rag.models import calibration
from rag.models.bundled import bundled_encoder
from tests.eval.test_bench import RESULT
from tests.eval.test_suite import suite_in
from tests.eval.test_suite import write as write_rows
from tests.kits.hashing import HashingEncoder

DOCUMENTS = [
    {
        "id": f"letter-{n}",
        "lang": "en",
        "title": f"Letter {n}",
        "date": f"19{30 + n}",
        "source": f"Book {n}",
        "archival_ref": f"F. {n}. Op. 1",
        "text": f"The {animal} was seen near the {place} in great numbers that winter by us. "
        f"We counted them twice from the shore, and nobody would believe our tally of {n}7. "
        f"Please send the {goods} before the ice closes, for the men are already asking.",
    }
    for n, (animal, place, goods) in enumerate(
        [("walrus", "cape", "kerosene"), ("seal", "island", "boots"), ("bear", "strait", "flour")]
    )
]
QUESTIONS: list[dict[str, Any]] = [
    {"id": "q1", "text": "Where was the walrus seen?", "gold_docs": ["letter-0"],
     "gold_quotes": ["near the cape"], "answer_strings": ["cape"]},
    {"id": "q2", "text": "What <b>goods</b> are asked for beside the bear?",
     "gold_docs": ["letter-2"], "gold_quotes": ["send the flour"]},
    {"id": "q3", "text": "Who was the king of Spain?", "answerable": False},
]  # fmt: skip


class Hashing(HashingEncoder):
    """The hashing encoder; counts the texts that it encodes."""

    def __init__(self, name: str = "hashing") -> None:
        super().__init__(64, name)
        self.calls = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.calls += len(texts)
        return super().encode(texts)


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    folder = suite_in(
        tmp_path / "small", QUESTIONS,
        'tasks = ["retrieval", "sentences", "answers", "abstention", "verify"]\n'
        '[[anchors]]\nmeasure = "RR"\nvalue = 0.5\nwhat = "peer & co"\n',
    )  # fmt: skip
    write_rows(folder / "corpus.jsonl", *DOCUMENTS)
    return load(folder)


@pytest.fixture
def finished(suite: Suite, tmp_path: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    out = tmp_path / "out"
    yield run(suite, out, encoder=Hashing()), out


def test_three_runs_are_alike(suite: Suite, tmp_path: Path) -> None:
    result = run(suite, tmp_path / "out", Options(repeat=3), Hashing())
    assert result["config"]["runs_alike"] == 3
    assert set(result["config"]["sha256"]) == {
        f"small.{kind}"
        for kind in (
            "run", "qrels", "passages.run", "passages.qrels", "questions.jsonl", "answers.jsonl",
        )
    }  # fmt: skip


def test_the_figures(finished: tuple[dict[str, Any], Path]) -> None:
    result, out = finished
    assert result["failed"] == []
    assert result["config"]["asked"] == {
        "retrieval": 2, "passages": 2, "sentences": 2, "answers": 3, "verify": 24,
    }  # fmt: skip
    figures = {(x["task"], x["group"], x["measure"]): x for x in result["figures"]}
    assert figures["retrieval", "all", "RR"]["anchors"] == [{"value": 0.5, "what": "peer & co"}]
    assert figures["verify", "exact", "as expected"]["all"]["value"] == 1.0
    assert figures["verify", "form", "as expected"]["all"]["value"] == 1.0
    assert figures["verify", "excerpt", "shelf-mark"]["all"]["value"] == 1.0
    assert not [x for x in result["figures"] if x["measure"] == "ECE"], "three questions"
    for line in result["figures"]:
        assert line["all"]["low"] <= line["all"]["value"] <= line["all"]["high"]
    run_lines = (out / "small.run").read_text().splitlines()
    assert run_lines[0].split()[:4] == ["q1", "Q0", "letter-0", "1"]
    assert (out / "small.qrels").read_text() == "q1 0 letter-0 1\nq2 0 letter-2 1\n"


def test_a_fault_counts_as_zero_and_is_listed(
    suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = run(suite, tmp_path / "good", encoder=Hashing())

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(Archive, "ask", broken)
    bad = run(suite, tmp_path / "bad", encoder=Hashing())
    assert {(f["task"], f["id"]) for f in bad["failed"]} == {
        ("answers", q["id"]) for q in QUESTIONS
    }
    figures = {(x["task"], x["measure"]): x["all"]["value"] for x in bad["figures"]}
    assert figures["answers", "right document"] == 0.0
    assert figures["answers", "error rate"] == 1.0
    assert figures["answers", "false-answer rate"] == 1.0
    assert "the disk is gone" in as_markdown([bad])
    assert "the disk is gone" in as_html([bad])
    assert good["failed"] == []
    with pytest.raises(UsageError, match="no such measure"):
        regressions(compare_folders(tmp_path / "good", tmp_path / "bad"), "grace")


def _row(name: str, value: float) -> rows.Row:
    return rows.Row("retrieval", name, "en", "reporting", name, "?", {"RR": (value, 1.0)})


def test_a_question_that_a_run_lacks_counts_as_failed() -> None:
    a = [_row("q1", 1.0), _row("q2", 1.0)]
    (line,) = compare("s", a, a[:1])
    assert (line["a"], line["b"], line["n"]) == (1.0, 0.5, 2)
    (line,) = compare("s", a[:1], a)
    assert (line["a"], line["b"]) == (0.5, 1.0)


def test_a_failure_has_the_greatest_bias() -> None:
    row = rows.Row("retrieval", "q", "en→mixed", "reporting", "a", "?",
                   {"RR": (1.0, 1.0), "language bias": (2.0, 1.0)})  # fmt: skip
    assert rows.missing(row).values == {"RR": (0.0, 1.0), "language bias": (100.0, 1.0)}


def test_half_of_a_suite(suite: Suite, tmp_path: Path) -> None:
    whole = run(suite, tmp_path / "whole", encoder=Hashing())["config"]["asked"]
    parts = [
        run(replace(suite, split=half), tmp_path / half, encoder=Hashing())["config"]["asked"]
        for half in ("development", "reporting")
    ]
    for task, n in whole.items():
        assert sum(part.get(task, 0) for part in parts) == n, task


def test_tables_for_the_docs(finished: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    result, out = finished
    told = docs_tables.as_markdown([out])
    rr = next(x for x in result["figures"] if (x["task"], x["measure"]) == ("retrieval", "RR"))
    assert f"{rr['all']['value']:.3f}" in told
    assert "## Abstention" in told
    assert "| small | 3 | 3 | 3 | retrieval 2, passages 2, sentences 2, answers 3" in told
    measured = {**RESULT, "cpus": 2, "load": 9.5, "ratios": ratios(RESULT)}
    told = docs_tables.as_markdown([out], as_docs(measured))
    assert "load average 9.5" in told
    assert "Other jobs ran there" in told
    assert "| ingest, characters a second | 2,000" in told
    with pytest.raises(UsageError, match="no finished runs"):
        docs_tables.as_markdown([tmp_path / "nothing"])


def test_rows_are_read_as_written(finished: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    _, out = finished
    found = rows.read(out / "small.questions.jsonl")
    lines = (out / "small.questions.jsonl").read_text(encoding="utf-8").splitlines()
    assert [row.to_json() for row in found] == lines
    (tmp_path / "other.jsonl").write_text('{"id": 1}\n')
    with pytest.raises(UsageError, match="not written by"):
        rows.read(tmp_path / "other.jsonl")


@pytest.mark.parametrize(("fall", "code"), [(0.0, 0), (0.2, 1), (-0.2, 0)])
def test_the_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fall: float, code: int) -> None:
    for name, drop in (("a", 0.0), ("b", fall)):
        (tmp_path / name).mkdir()
        lines = [_row(f"q{n}", 0.5 + n / 100 - drop).to_json() for n in range(20)]
        (tmp_path / name / "s.questions.jsonl").write_text("\n".join(lines) + "\n")
    given = ["eval", "compare", str(tmp_path / "a"), str(tmp_path / "b"), "--gate", "RR"]
    monkeypatch.setattr("sys.argv", given)
    assert command.main() == code


def test_the_gate_knows_that_errors_should_fall() -> None:
    line = {"measure": "error rate", "low": 0.02, "high": 0.3}
    assert regressions([line], "error rate") == [line]
    assert regressions([line | {"low": -0.3, "high": -0.02}], "error rate") == []


def test_compare_needs_something_in_common(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["eval", "compare", str(tmp_path), str(tmp_path)])
    assert command.main() == 2
    assert "no suite in common" in capsys.readouterr().err


def test_the_page_stands_alone_and_escapes(finished: tuple[dict[str, Any], Path]) -> None:
    result, out = finished
    page = write([result, {**result, "suite": "second"}], out)
    html = page.read_text(encoding="utf-8")
    assert not re.search(r"(?:src|href)=(?![\"']#)", html)
    assert "url(" not in html
    assert "@import" not in html
    assert "<b>goods</b>" not in html
    assert "&lt;b&gt;goods" in html
    assert "peer &amp; co" in html
    assert 'id="second"' in html
    assert html.count("<svg") >= 8
    assert json.loads((out / "report.json").read_text(encoding="utf-8"))["suites"][0] == result
    assert rewrite(out) == page


@pytest.mark.parametrize("name", ablation.ABLATIONS)
def test_every_ablation_changes_its_targets_and_is_undone(name: str) -> None:
    targets = [(resolve_name(place), attribute) for place, attribute, _ in ablation.ABLATIONS[name]]
    before = [getattr(owner, attribute) for owner, attribute in targets]
    with ablation.applied(name):
        for (owner, attribute), old in zip(targets, before, strict=True):
            assert getattr(owner, attribute) != old, attribute
    assert [getattr(owner, attribute) for owner, attribute in targets] == before


def test_an_ablation_leaves_out_what_it_names() -> None:
    name = bundled_encoder().identity.name
    with ablation.applied("dense"):
        weights = calibration.for_encoder(name).fusion_weights
        assert weights["lexical"] == 0.0 and weights["dense"] > 0.0
    with ablation.applied("no-likely"):
        assert calibration.thresholds().likely_boost == 0.0
    with pytest.raises(UsageError, match="known are lexical"), ablation.applied("luck"):
        pass


def test_an_ablation_whose_target_has_gone_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = (("rag.retrieval.candidates", "NO_SUCH_NAME", lambda old: old),)
    monkeypatch.setitem(ablation.ABLATIONS, "gone", gone)
    with pytest.raises(UsageError, match="NO_SUCH_NAME any more"), ablation.applied("gone"):
        pass


@pytest.mark.parametrize("name", ablation.ABLATIONS)
def test_every_ablation_still_finds_and_answers(suite: Suite, tmp_path: Path, name: str) -> None:
    """An ablation that no longer fits the code fails, or finds nothing."""
    own = replace(suite, tasks=("retrieval", "answers"))
    result = run(own, tmp_path / name, Options(ablation=name), Hashing())
    assert result["failed"] == []
    figures = {(x["task"], x["measure"]): x["all"]["value"] for x in result["figures"]}
    assert figures["retrieval", "R@100"] == 1.0
    assert figures["retrieval", "RR"] > 0.5


def test_rank_fusion_by_hand() -> None:
    (_, _, change) = ablation.ABLATIONS["rank-fusion-60"][0]
    lists: dict[str, Any] = {
        "en": ({"dense": {"a": 0.9, "b": 0.1}, "lexical": {"b": 5.0}}, {}),
        "ru": ({"dense": {"c": 1}}, {}),
    }
    fused = change(None)(lists, {"dense": 0.4, "lexical": 0.1})
    assert fused == [("b", 1 / 62 + 1 / 61), ("a", 1 / 61), ("c", 1 / 61)]
    assert change(None)(lists, {"dense": 0.4, "lexical": 0.0})[0] == ("a", 1 / 61)


def test_an_ablation_changes_the_run(suite: Suite, tmp_path: Path) -> None:
    result = run(suite, tmp_path / "lexical", Options(ablation="lexical"), Hashing())
    assert result["config"]["ablation"] == "lexical"
    answers = (tmp_path / "lexical" / "small.answers.jsonl").read_text(encoding="utf-8")
    assert '"dense"' not in answers


def test_vectors_are_encoded_once(tmp_path: Path) -> None:
    inner = Hashing()
    texts = ["one", "two", "one"]
    first = CachedEncoder(inner, tmp_path / "v.sqlite3")
    vectors = first.encode_passages(texts)
    assert first.encoded == 2
    first.close()
    again = CachedEncoder(inner, tmp_path / "v.sqlite3")
    before = inner.calls
    assert np.array_equal(again.encode_passages(texts), vectors)
    assert (again.encoded, inner.calls) == (0, before)
    again.close()
    assert digest(inner) == digest(Hashing())
    assert digest(inner) != digest(Hashing("another"))


def test_a_beir_folder_runs_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "beir"
    documents = [{"_id": d["id"], "title": "", "text": d["text"]} for d in DOCUMENTS]
    write_rows(folder / "corpus.jsonl", *documents)
    write_rows(folder / "queries.jsonl", {"_id": "q", "text": "walrus near the cape"})
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\tletter-0\t1\n")
    result = run(load(folder), tmp_path / "out", encoder=Hashing())
    figures = {(x["task"], x["measure"]): x["all"]["value"] for x in result["figures"]}
    assert figures["retrieval", "RR"] == 1.0


def test_what_a_corpus_cannot_be_read_for_stops_the_run(suite: Suite, tmp_path: Path) -> None:
    suite.corpus[0].write_text('{"id": "x"\n', encoding="utf-8")
    with pytest.raises(FondsError, match="must read whole"):
        run(suite, tmp_path / "out", encoder=Hashing())


@pytest.mark.slow
def test_the_sample_suite_runs_alike_three_times(tmp_path: Path) -> None:
    suite = load(Path(command.__file__).parent / "suites" / "sample")
    result = run(suite, tmp_path, Options(repeat=3))
    assert result["config"]["runs_alike"] == 3
    figures = {(x["task"], x["group"], x["measure"]): x for x in result["figures"]}
    for measure in ("quotation fidelity", "provenance"):
        assert figures["answers", "all", measure]["all"]["value"] == 1.0
