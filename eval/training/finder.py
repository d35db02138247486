"""Train an encoder to find passages: questions and their passages closer than all others.

The loss contrasts each question's passage with the other passages of its batch (InfoNCE; van den
Oord and others 2018, arXiv:1807.03748). The trainer of sentence-transformers does the work, on an
accelerator where torch finds one. Embeddings and the lower layers stay as they are: they know the
languages that the examples do not have. A run that was stopped goes on from its last checkpoint.

What comes out is a folder for the setting `encoder`. Not here: the examples (`finder_examples`),
and the weights of the lists, which `python -m eval weights` fits to the new encoder.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.sets.suite import Suite
from eval.training.finder_examples import Pair, examples
from eval.training.hard_negatives import hard_negatives
from eval.training.trainer import SEED, options, run
from rag.errors import UsageError
from rag.models.registry import load_encoder
from rag.models.sentence_transformers import Prompts, load_model

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from transformers import TrainerCallback

RATE = 5e-5
BATCH = 32
SCALE = 50.0
"""Cosines are multiplied by this before the softmax: a temperature of .02."""

FROZEN = 0.5
"""The share of the layers, from below, that stay as they are."""

WINDOW = 220
"""Most word pieces of a text in training."""

STEPS_PER_CHECKPOINT = 50
RECORD = "training.json"


def train(
    suites: Sequence[Suite],
    base: str,
    out: Path,
    epochs: float = 1.0,
    negatives: str | None = None,
    callbacks: Sequence[TrainerCallback] = (),
) -> dict[str, Any]:
    """Trains `base`, a model of sentence-transformers, into the folder `out`; returns the record.

    `negatives` is a trained model; each pair then has a passage beside it that this model takes for
    an answer and that is none. The same examples give the same weights on one machine. Raises
    EncoderError where `base` cannot be loaded; UsageError where a package is missing, the suites
    have too few examples, or `out` holds another run.
    """
    missing = [name for name in ("accelerate", "datasets") if find_spec(name) is None]
    if missing:
        raise UsageError(f'training needs {" and ".join(missing)}: pip install -e ".[train]"')
    found = examples(suites)
    if len(found.pairs) < BATCH:
        names = ", ".join(suite.name for suite in suites)
        raise UsageError(f"{names}: {len(found.pairs)} examples; a batch alone needs {BATCH}")
    record: dict[str, Any] = {
        "made_by": "python -m eval train",
        "base": base,
        "base_made_by": record_of(base),
        "negatives": negatives,
        "negatives_made_by": record_of(negatives) if negatives else None,
        "suites": {suite.name: suite.licence for suite in suites},
        "pairs": len(found.pairs),
        "pairs_sha256": _sha256(found.pairs),
        "epochs": epochs,
        "seed": SEED,
    }
    begin(out, record)
    started = time.perf_counter()
    model: SentenceTransformer = load_model("SentenceTransformer", base, "encoder")
    window, model.max_seq_length = model.max_seq_length, WINDOW
    freeze(model, FROZEN)
    columns = {
        "question": [pair.question for pair in found.pairs],
        "passage": [pair.passage for pair in found.pairs],
    }
    if negatives:
        columns["negative"] = [one for (one,) in hard_negatives(found, load_encoder(negatives))]
    groups = [pair.group for pair in found.pairs]
    record["loss"] = _run(model, columns, groups, out, epochs, callbacks)
    model.max_seq_length = window
    model.save(str(out), create_model_card=False)
    record["seconds"] = round(time.perf_counter() - started)
    (out / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return record


def record_of(base: str) -> dict[str, Any] | None:
    """The record of the training that made the model, None for a model not made here."""
    path = Path(base) / RECORD
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _sha256(found: Sequence[Pair]) -> str:
    text = json.dumps([asdict(pair) for pair in found], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def begin(out: Path, record: dict[str, Any]) -> None:
    """Writes the record of a new run; UsageError where the folder holds another run."""
    path = out / RECORD
    if path.exists():
        before = json.loads(path.read_text(encoding="utf-8"))
        if any(before.get(name) != value for name, value in record.items()):
            raise UsageError(f"{path} is of another run; name another folder, or remove this one")
    out.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def freeze(model: SentenceTransformer, share: float, dropout: float = 0.0) -> None:
    """Keeps the embeddings and this share of the layers; the other layers get the dropout.

    It is of their outputs, not of the attention, which is slow with it on processors.

    Raises UsageError for a model that is not built like BERT.
    """
    from torch import nn

    body: Any = model[0].auto_model
    try:
        layers = body.encoder.layer
    except AttributeError as error:
        kind = type(body).__name__
        raise UsageError(f"{kind} is not built like BERT; begin with another model") from error
    kept = int(share * len(layers))
    for part in (body.embeddings, *layers[:kept]):
        part.requires_grad_(False)
    learning = {id(part) for layer in layers[kept:] for part in layer.modules()}
    for name, part in body.named_modules():
        if isinstance(part, nn.Dropout):
            part.p = dropout if id(part) in learning and ".output." in name else 0.0


def _run(
    model: SentenceTransformer,
    columns: dict[str, list[str]],
    groups: Sequence[str],
    out: Path,
    epochs: float,
    callbacks: Sequence[TrainerCallback],
) -> list[float]:
    """Trains, from the last checkpoint where there is one; the losses in order.

    No two examples of a group are in one batch, where each passage counts as wrong for all other
    questions.
    """
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.base.sampler import NoDuplicatesBatchSampler
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    checkpoints, prompts = out / "checkpoints", Prompts().with_defaults(model)
    prompt_of = {"question": prompts.query or "", "passage": prompts.passage or ""}
    prompt_of["negative"] = prompt_of["passage"]
    told_apart = Dataset.from_dict({"group": groups, "passage": columns["passage"]})

    class Trainer(SentenceTransformerTrainer):
        def get_batch_sampler(self, dataset: Any, *args: Any, **options: Any) -> Any:
            return NoDuplicatesBatchSampler(told_apart, *args, **options)

    arguments = SentenceTransformerTrainingArguments(
        num_train_epochs=epochs,
        learning_rate=RATE,
        weight_decay=0.01,
        warmup_steps=0.1,
        prompts={name: prompt_of[name] for name in columns},
        logging_steps=10,
        **options(checkpoints, BATCH, STEPS_PER_CHECKPOINT),
    )
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_dict(columns),
        loss=MultipleNegativesRankingLoss(model, scale=SCALE),
        callbacks=list(callbacks),
    )
    return run(trainer, checkpoints)
