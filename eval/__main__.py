"""python -m eval: measure Fonds, compare runs, time it. Nothing here needs a language model."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import FondsError, UsageError

if TYPE_CHECKING:
    from rag.models.encoder import Encoder

CACHE = Path("out/vectors.sqlite3")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    make = commands.add_parser("make", help="write suites over a folder of development sets")
    make.add_argument("data", type=Path, help="folder of the sets")
    make.add_argument("out", type=Path, help="where the suites go")

    run = commands.add_parser("run", help="run suites and write a report")
    run.add_argument("suite", type=Path, nargs="+", help="folder with suite.toml, or BEIR's form")
    run.add_argument("--ablation", help="leave a part of the product out; a wrong name lists all")
    run.add_argument("--repeat", type=int, default=1, help="runs that must agree byte for byte")
    _add_run_options(run)

    ablate = commands.add_parser("ablate", help="run a suite whole and with parts left out")
    ablate.add_argument("suite", type=Path)
    ablate.add_argument("names", nargs="*", help="ablations; all where none is named")
    ablate.add_argument("--measure", action="append", help="only these measures")
    _add_run_options(ablate)

    report = commands.add_parser("report", help="write the report of finished runs again")
    report.add_argument("out", type=Path, help="folder of the runs")

    compare = commands.add_parser("compare", help="B against A, question by question")
    compare.add_argument("a", type=Path, help="folder of the runs compared with")
    compare.add_argument("b", type=Path, help="folder of the runs that are compared")
    compare.add_argument("--gate", metavar="MEASURE", help="exit 1 when it fell by over 0.5 points")
    compare.add_argument("--measure", action="append", help="only these measures")
    compare.add_argument(
        "--half", choices=("reporting", "development", "all"), default="all", help="default: all"
    )
    compare.add_argument("--json", action="store_true", help="JSON instead of a table")

    verdicts = commands.add_parser("verdicts", help="what readers thought of answers in the chat")
    verdicts.add_argument("--file", type=Path, help="the chat's; default: that of the store")
    verdicts.add_argument("--suite", type=Path, help="write a suite of the approved answers here")
    verdicts.add_argument("--corpus", type=Path, nargs="+", help="the files that the suite is over")
    verdicts.add_argument("--json", action="store_true", help="JSON instead of a table")

    baseline = commands.add_parser("baseline", help="tables of finished runs as Markdown")
    baseline.add_argument("out", type=Path, nargs="+", help="folders of the runs")
    baseline.add_argument("--bench", type=Path, help="bench.json to append")

    bench = commands.add_parser("bench", help="cost in time, memory and disk, beside the peer's")
    bench.add_argument("--peer", type=Path, default=Path("../shared/peers/llamaindex_chroma.py"))
    bench.add_argument("--docs", type=Path, default=Path("../shared/data/frus/docs.jsonl"))
    bench.add_argument(
        "--questions",
        type=Path,
        default=Path("../shared/data/frus/queries_editor_summaries.jsonl"),
    )
    bench.add_argument("--limit", type=int, default=60, help="documents ingested")
    bench.add_argument("--out", type=Path, default=Path("out/bench"))
    bench.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])

    fit = commands.add_parser("fit", help="fit the weights of the evidence on development data")
    fit.add_argument("data", type=Path, help="folder of the development sets")
    fit.add_argument("--work", type=Path, default=Path("out/fit"), help="where stores are kept")
    encodings = commands.add_parser("encodings", help="how often Russian encodings are told")
    encodings.add_argument("data", type=Path, help="folder of the development sets")
    weights = commands.add_parser("weights", help="fit the shares of the lists to the encoder")
    weights.add_argument("suite", type=Path, nargs="+", help="suites with judged documents")
    weights.add_argument("--limit", type=int, help="most questions of a suite")
    weights.add_argument("--cache", type=Path, default=CACHE, help="file of known vectors")
    terms = commands.add_parser("terms", help="what is found with an archive's own terms")
    terms.add_argument("data", type=Path, help="folder of the development sets")
    copies = commands.add_parser("copies", help="how surely near-copies are told from forms")
    copies.add_argument("data", type=Path, help="folder of the development sets")
    read = commands.add_parser("constraints", help="how often dates in questions are read rightly")
    read.add_argument("data", type=Path, help="folder of the development sets")
    return parser


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("out/eval"), help="where the files go")
    parser.add_argument(
        "--limit", type=int, help="most questions of each task, instead of the suite's own limits"
    )
    parser.add_argument("--cache", type=Path, default=CACHE, help="file of known vectors")
    parser.add_argument("--no-cache", action="store_true", help="encode everything anew")


def main() -> int:
    arguments = _parser().parse_args()
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

    encoder = _encoder()
    results = [_run_one(arguments, suite, arguments.out, encoder) for suite in arguments.suite]
    page = write(results, arguments.out)
    print(as_text(results))
    print(f"\n{page}")
    return 1 if any(result["failed"] for result in results) else 0


def _encoder() -> Encoder:
    """That of the settings, loaded once for all suites."""
    from rag import Archive
    from rag.settings import load

    return Archive(load()).encoder


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

    whole, encoder = arguments.out / "whole", _encoder()
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
    from eval.reports.compare import compare_folders, fallen, table

    wanted = arguments.measure
    if wanted and arguments.gate:
        wanted = [*wanted, arguments.gate]
    lines = compare_folders(arguments.a, arguments.b, wanted, arguments.half)
    print(json.dumps(lines, indent=1, ensure_ascii=False) if arguments.json else table(lines))
    if not arguments.gate:
        return 0
    bad = fallen(lines, arguments.gate)
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
    )
    print(as_markdown(bench(plan, arguments.out)))
    print(f"\n{arguments.out / 'bench.html'}")
    return 0


def _fit(arguments: argparse.Namespace) -> int:
    from eval.training.evidence import fit

    print(json.dumps(fit(arguments.data, arguments.work), indent=2, ensure_ascii=False))
    return 0


def _encodings(arguments: argparse.Namespace) -> int:
    from eval.probes.encodings import figures

    print(json.dumps(figures(arguments.data), indent=2, ensure_ascii=False))
    return 0


def _constraints(arguments: argparse.Namespace) -> int:
    from eval.probes.constraints import measure

    print(json.dumps(measure(arguments.data), indent=2, ensure_ascii=False))
    return 0


def _weights(arguments: argparse.Namespace) -> int:
    from eval.sets.suite import limited, load
    from eval.training.fusion_weights import fit
    from rag import Archive
    from rag.settings import load as settings

    suites = [limited(load(folder), arguments.limit) for folder in arguments.suite]
    found = fit(suites, Archive(settings()).models, arguments.cache)
    print(json.dumps(found, indent=2, ensure_ascii=False))
    return 0


def _terms(arguments: argparse.Namespace) -> int:
    from eval.probes.archive_terms import measure

    print(json.dumps(measure(arguments.data), indent=2, ensure_ascii=False))
    return 0


def _copies(arguments: argparse.Namespace) -> int:
    from eval.probes.near_duplicates import measure

    print(json.dumps(measure(arguments.data), indent=2, ensure_ascii=False))
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
    "fit": _fit,
    "encodings": _encodings,
    "weights": _weights,
    "terms": _terms,
    "copies": _copies,
    "constraints": _constraints,
}

if __name__ == "__main__":
    sys.exit(main())
