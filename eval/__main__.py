"""`python -m eval run SUITE [--out DIR]`, `… bench`, `… fit DATA`, `… encodings DATA`,
`… constraints DATA`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rag.errors import FondsError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m eval", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run a suite")
    run.add_argument("suite", type=Path, help="folder with suite.toml")
    run.add_argument("--out", type=Path, default=Path("out/eval"), help="where the files go")
    bench = commands.add_parser("bench", help="ingest and query speed against the peer, one run")
    bench.add_argument("--peer", type=Path, default=Path("../shared/peers/llamaindex_chroma.py"))
    bench.add_argument("--docs", type=Path, default=Path("../shared/data/frus/docs.jsonl"))
    bench.add_argument(
        "--questions",
        type=Path,
        default=Path("../shared/data/frus/queries_editor_summaries.jsonl"),
    )
    bench.add_argument("--limit", type=int, default=60, help="documents")
    fit = commands.add_parser("fit", help="fit the weights of the evidence on development data")
    fit.add_argument("data", type=Path, help="folder of the development sets")
    fit.add_argument("--work", type=Path, default=Path("out/fit"), help="where stores are kept")
    encodings = commands.add_parser("encodings", help="how often Russian encodings are told")
    encodings.add_argument("data", type=Path, help="folder of the development sets")
    read = commands.add_parser("constraints", help="how often dates in questions are read rightly")
    read.add_argument("data", type=Path, help="folder of the development sets")
    arguments = parser.parse_args()
    try:
        if arguments.command == "run":
            from eval.run import run as run_suite
            from eval.suite import load

            result = run_suite(load(arguments.suite), arguments.out)
        elif arguments.command == "constraints":
            from eval.constraints import measure

            result = measure(arguments.data)
        elif arguments.command == "fit":
            from eval.fit import fit as run_fit

            result = run_fit(arguments.data, arguments.work)
        elif arguments.command == "encodings":
            from eval.encodings import figures

            result = figures(arguments.data)
        else:
            from eval.bench import bench as run_bench

            result = run_bench(arguments.peer, arguments.docs, arguments.questions, arguments.limit)
    except FondsError as error:
        print(f"eval: {error}", file=sys.stderr)
        return error.exit_code
    print(json.dumps(result, indent=2, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
