"""Runs a suite: loads its corpus into a new store, does its tasks, writes the results.

Files written: `NAME.run` and `NAME.qrels` (documents), `NAME.passages.run` and `.qrels`, in
TREC's form; `NAME.questions.jsonl`, a line for each question and task; `NAME.answers.jsonl`;
`NAME.json`, the figures. All but the last are equal byte for byte in every run of the same code on
the same data. Not here: the report of several suites (`reports.report`).
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import index_store
import rag
from eval.measures import quotations, tasks
from eval.measures.ablation import applied
from eval.measures.cached_encoder import CachedEncoder
from eval.measures.tasks import Outcome
from eval.reports.summary import summary
from eval.sets import trec
from eval.sets.spans import sources
from eval.sets.suite import Suite
from rag import Archive, FondsError
from rag.models.encoder import Encoder
from rag.settings import Settings, load
from rag.version import VERSION

FILES = ("run", "qrels", "passages.run", "passages.qrels", "questions.jsonl", "answers.jsonl")


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: the ablation, the file of cached vectors, repetitions that must agree."""

    ablation: str | None = None
    cache: Path | None = None
    repeat: int = 1


def run(
    suite: Suite, out: Path, options: Options = Options(), encoder: Encoder | None = None
) -> dict[str, Any]:
    """Runs a suite, writes its files to `out` and returns its figures.

    Without an encoder that of the settings is used. Raises FondsError where a file of the corpus
    cannot be read, or where repetitions differ.
    """
    out.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    hashes: dict[str, str] = {}
    for n in range(options.repeat):
        outcome, config = _once(suite, options, encoder)
        _write(out, suite, outcome)
        before, hashes = hashes, _hashes(out, suite.name)
        if n and before != hashes:
            differing = sorted(name for name in hashes if hashes[name] != before.get(name))
            raise FondsError(f"run {n + 1} differs from the one before in {', '.join(differing)}")
    config |= {"sha256": hashes, "runs_alike": options.repeat}
    config["seconds"]["whole"] = round(time.perf_counter() - started, 1)
    result = summary(suite, outcome, config)
    text = json.dumps(result, indent=1, ensure_ascii=False)
    (out / f"{suite.name}.json").write_text(text + "\n", encoding="utf-8")
    return result


def _once(
    suite: Suite, options: Options, encoder: Encoder | None
) -> tuple[Outcome, dict[str, Any]]:
    outcome = Outcome()
    with (
        applied(options.ablation),
        tempfile.TemporaryDirectory(prefix="fonds-eval-") as folder,
        Archive(load({"store": Path(folder) / "store"}), encoder) as archive,
    ):
        loading = load_corpus(archive, suite, options.cache)
        texts = sources(suite.corpus)
        started = time.perf_counter()
        if "retrieval" in suite.tasks:
            tasks.search_all(archive, suite, texts, outcome)
        if "sentences" in suite.tasks:
            tasks.rank_sentences(archive, suite, texts, outcome)
        if {"answers", "abstention"} & set(suite.tasks):
            tasks.ask_all(archive, suite, texts, outcome)
        if "verify" in suite.tasks:
            limit = suite.limits.get("verify") or quotations.LIMIT
            outcome.rows += quotations.rows(archive, texts, limit, suite.split, outcome.keep)
        config = {
            "version": VERSION,
            "code_sha256": _code_sha256(),
            "ablation": options.ablation,
            "settings": _settings(archive.settings),
            "encoder": archive.encoder.identity.name,
            "store_sha256": archive.store.sha256(),
            "corpus": loading,
            "questions": len(suite.questions),
            "limits": dict(suite.limits),
            "split": suite.split,
            "cpus": os.cpu_count(),
            "asked": dict(Counter(row.task for row in outcome.rows)),
            "seconds": {
                "loading": loading.pop("seconds"),
                "tasks": round(time.perf_counter() - started, 1),
            },
        }
    return outcome, config


def load_corpus(archive: Archive, suite: Suite, cache: Path | None) -> dict[str, Any]:
    """Ingests the corpus, with the cache of vectors if there is one; returns its sizes and hash.

    Raises FondsError where a file cannot be read.
    """
    encoder = CachedEncoder(archive.encoder, cache) if cache else archive.encoder
    with Archive(archive.settings, encoder) as loader:
        report = loader.ingest(suite.corpus)
    if report.failures:
        first = report.failures[0]
        raise FondsError(f"{first.path}: {first.error}; a suite's corpus must read whole")
    loaded: dict[str, Any] = {
        "documents": report.added,
        "passages": report.passages,
        "sha256": _digest(suite.corpus),
        "encoded": encoder.encoded if isinstance(encoder, CachedEncoder) else report.passages,
        "seconds": report.seconds,
    }
    if isinstance(encoder, CachedEncoder):
        encoder.close()
    return loaded


def _digest(paths: tuple[Path, ...]) -> str:
    """SHA-256 of the corpus files in order of their names."""
    whole = hashlib.sha256()
    files = (f for path in paths for f in (sorted(path.rglob("*")) if path.is_dir() else [path]))
    for file in files:
        if file.is_file():
            whole.update(file.read_bytes())
    return whole.hexdigest()


def _code_sha256() -> str:
    """SHA-256 of the source and data files of Fonds, by which figures of different code differ."""
    whole = hashlib.sha256()
    for package in (index_store, rag):
        folder = Path(str(package.__file__)).parent
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                whole.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
    return whole.hexdigest()


def _settings(settings: Settings) -> dict[str, Any]:
    """The settings that can change a figure; the place of the store or a port cannot."""
    left_out = ("store", "host", "port", "debug")
    return {s["name"]: s["value"] for s in settings.describe() if s["name"] not in left_out}


def _write(out: Path, suite: Suite, outcome: Outcome) -> None:
    tag = f"fonds-{VERSION}"
    for level, infix in (("documents", ""), ("passages", "passages.")):
        if outcome.rankings[level]:
            trec.write_run(out / f"{suite.name}.{infix}run", outcome.rankings[level], tag)
            grades = outcome.grades[level].items()
            trec.write_qrels(out / f"{suite.name}.{infix}qrels", grades)
    _write_lines(out / f"{suite.name}.questions.jsonl", [row.to_json() for row in outcome.rows])
    if outcome.answers:
        lines = [_line(question, answer) for question, answer in outcome.answers.items()]
        _write_lines(out / f"{suite.name}.answers.jsonl", lines)


def _line(question: str, answer: Mapping[str, Any]) -> str:
    return json.dumps({"id": question, **answer}, ensure_ascii=False)


def _write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _hashes(out: Path, name: str) -> dict[str, str]:
    """SHA-256, by name, of the files that must not differ between runs."""
    paths = [out / f"{name}.{kind}" for kind in FILES]
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in paths if p.is_file()}
