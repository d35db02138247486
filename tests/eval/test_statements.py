"""The judged statements of real models, those over the sample archive."""

from __future__ import annotations

from pathlib import Path

from eval.probes.statements import FILE, measure, read
from eval.sets.suite import load
from rag.models import registry
from rag.settings import Settings

SUITES = Path(__file__).parents[2] / "eval" / "suites"


def test_true_statements_pass_and_false_ones_do_not() -> None:
    rows = list(read(FILE))
    assert len({row.model for row in rows}) == 2 and {row.lang for row in rows} == {"en", "ru"}
    found = measure(rows, [load(SUITES / "sample")], registry.load(Settings()))
    good, bad = found["groups"]["all"]["good"], found["groups"]["all"]["bad"]
    assert good["statements"] >= 5 and good["share"] >= 0.8
    assert bad["statements"] >= 9 and bad["passed"] == 0
