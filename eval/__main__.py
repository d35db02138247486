"""python -m eval: measure Fonds, compare runs, time and fit it. Needs no language model."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.arguments import MEASUREMENTS, make_parser
from eval.training_commands import COMMANDS, own_encoder, print_json
from rag.errors import FondsError, UsageError

if TYPE_CHECKING:
    from rag.models.encoder import Encoder


def main() -> int:
    """Runs the command of the command line; returns the exit code."""
    arguments = make_parser(__doc__).parse_args()
    try:
        return _COMMANDS[arguments.command](arguments)
    except FondsError as error:
        print(f"eval: {error}", file=sys.stderr)
        return error.exit_code


def _make(arguments: argparse.Namespace) -> int:
    from eval.sets.make import make

    for name in make(arguments.data, arguments.out):
        print(arguments.out / name)
    return 0


def _run(arguments: argparse.Namespace) -> int:
    from eval.reports.report import as_text, write

    encoder = own_encoder()
    results = [_run_one(arguments, suite, arguments.out, encoder) for suite in arguments.suite]
    page = write(results, arguments.out)
    print(as_text(results))
    print(f"\n{page}")
    return 1 if any(result["failed"] for result in results) else 0


def _run_one(
    arguments: argparse.Namespace,
    folder: Path,
    out: Path,
    encoder: Encoder,
    ablation: str | None = None,
) -> dict[str, Any]:
    from eval.run import Options, run
    from eval.sets.suite import limited, load

    suite = limited(load(folder), arguments.limit)
    print(f"{suite.name} …", file=sys.stderr, flush=True)
    options = Options(
        ablation=ablation or getattr(arguments, "ablation", None),
        cache=None if arguments.no_cache else arguments.cache,
        repeat=getattr(arguments, "repeat", 1),
    )
    return run(suite, out, options, encoder)


def _ablate(arguments: argparse.Namespace) -> int:
    from eval.measures.ablation import ABLATIONS
    from eval.reports.compare import compare_folders, table

    whole, encoder = arguments.out / "whole", own_encoder()
    _run_one(arguments, arguments.suite, whole, encoder)
    for name in arguments.names or ABLATIONS:
        _run_one(arguments, arguments.suite, arguments.out / name, encoder, name)
        print(f"\n## {name}\n")
        print(table(compare_folders(whole, arguments.out / name, arguments.measure)))
    return 0


def _report(arguments: argparse.Namespace) -> int:
    from eval.reports.report import rewrite

    print(rewrite(arguments.out))
    return 0


def _compare(arguments: argparse.Namespace) -> int:
    from eval.reports.compare import compare_folders, regressions, table

    wanted = arguments.measure
    if wanted and arguments.gate:
        wanted = [*wanted, arguments.gate]
    lines = compare_folders(arguments.a, arguments.b, wanted, arguments.half)
    print(json.dumps(lines, indent=1, ensure_ascii=False) if arguments.json else table(lines))
    if not arguments.gate:
        return 0
    bad = regressions(lines, arguments.gate)
    for line in bad:
        where = f"{line['suite']}, {line['task']}"
        print(f"eval: {arguments.gate} fell in {where}: {line['difference']:+.4f}", file=sys.stderr)
    return 1 if bad else 0


def _verdicts(arguments: argparse.Namespace) -> int:
    from eval.reports import verdicts
    from rag.settings import load
    from ui_assets.session.conversations import conversations_path

    if bool(arguments.suite) != bool(arguments.corpus):
        raise UsageError("--suite and --corpus belong together: a suite names the files it is over")
    found = verdicts.read(arguments.file or conversations_path(load().directory))
    if arguments.json:
        print(json.dumps(verdicts.figures(found), indent=1, ensure_ascii=False))
    else:
        print(verdicts.as_markdown(found))
    if arguments.suite:
        n = verdicts.write(found, arguments.corpus, arguments.suite)
        print(f"{arguments.suite}: {n} questions", file=sys.stderr)
    return 0


def _baseline(arguments: argparse.Namespace) -> int:
    from eval.bench.driver import as_docs
    from eval.reports.docs_tables import as_markdown

    path: Path | None = arguments.bench
    bench = as_docs(json.loads(path.read_text(encoding="utf-8"))) if path else None
    print(as_markdown(arguments.out, bench))
    return 0


def _bench(arguments: argparse.Namespace) -> int:
    from eval.bench.driver import Plan, as_markdown, bench

    plan = Plan(
        arguments.peer,
        arguments.docs,
        arguments.questions,
        arguments.limit,
        tuple(arguments.sizes),
        arguments.encoder,
    )
    print(as_markdown(bench(plan, arguments.out)))
    print(f"\n{arguments.out / 'bench.html'}")
    return 0


def _million(arguments: argparse.Namespace) -> int:
    from eval.bench.million import as_markdown, million

    print(as_markdown(million(arguments.passages, arguments.out, arguments.beside)))
    return 0


def _follow(arguments: argparse.Namespace) -> int:
    from eval.bench.following import follow
    from rag.settings import load

    server = load({"catalogue_schema": arguments.schema}).catalogue_server()
    if server is None:
        raise UsageError("name a PostgreSQL server: set FONDS_CATALOGUE")
    print_json(follow(server, arguments.seconds, arguments.passages))
    return 0


def _measure(arguments: argparse.Namespace) -> int:
    measurement = MEASUREMENTS[arguments.command]
    given = {name: getattr(arguments, name) for name in measurement.options}
    options = {name: path for name, path in given.items() if path is not None}
    function = getattr(importlib.import_module(measurement.module), measurement.function)
    print_json(function(arguments.data, **options))
    return 0


_COMMANDS = {
    "make": _make,
    "run": _run,
    "ablate": _ablate,
    "report": _report,
    "compare": _compare,
    "verdicts": _verdicts,
    "baseline": _baseline,
    "bench": _bench,
    "million": _million,
    "follow": _follow,
    **COMMANDS,
    **dict.fromkeys(MEASUREMENTS, _measure),
}

if __name__ == "__main__":
    sys.exit(main())
