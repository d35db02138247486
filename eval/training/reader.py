"""Train a reader: does a passage answer a question, and where?

The question and a passage, with its document's header, go through a trained finder's transformer as
one text. From the states of the passage's word pieces come three scores of each piece: as part of
the sentences that answer, as the first and as the last piece of the words asked for. A fourth
score, of the passage, says whether it answers at all; it compares the question's mean state with
the passage's, weighted by the first scores (as sentence encoders compare sentences: Reimers and
Gurevych 2019, arXiv:1908.10084).

Embeddings and the lower layers stay as they are, as in `finder`. A run that was stopped goes on
from its last checkpoint. Not here: the examples (`reader_examples`); the product's own reader
(`rag.models.reader`).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import Trainer, TrainingArguments

from eval.sets.suite import Suite
from eval.training.finder import FROZEN, RECORD, begin, freeze, record_of
from eval.training.made_examples import Example
from eval.training.reader_examples import examples
from eval.training.trainer import SEED, options, run
from rag.models.registry import load_encoder
from rag.models.sentence_transformers import Prompts, load_model

RATE = 1e-4
DROPOUT = 0.1
HEAD_RATE = 2e-3
BATCH = 16
QUESTION, HEADER, PASSAGE = 56, 48, 220
"""Most word pieces that are read of each."""

STEPS_PER_CHECKPOINT = 100
HEADS = "heads.safetensors"
_OUTSIDE = -1e4
_UNKNOWN = -1


class Reader(nn.Module):
    """The transformer with its heads."""

    def __init__(self, body: nn.Module, width: int) -> None:
        super().__init__()
        self.body = body
        self.pieces = nn.Linear(width, 3)
        self.whole = nn.Linear(2 * width, 1)

    def forward(
        self,
        input_ids: torch.Tensor,
        part: torch.Tensor,
        labels: torch.Tensor,
        evidence: torch.Tensor,
        answer: torch.Tensor,
    ) -> dict[str, torch.Tensor]:
        """`part` is 1 for a piece of the question, 2 of the passage, 3 of the rest, 0 for padding.

        Returns the loss, and the scores (texts, pieces, 3) and (texts,).
        """
        states = self.body(input_ids=input_ids, attention_mask=(part > 0).long())[0].float()
        scores = self.pieces(states).masked_fill((part != 2)[..., None], _OUTSIDE)
        asked = (part == 1)[..., None].float()
        question = (states * asked).sum(1) / asked.sum(1)
        share = torch.softmax(scores[..., 0], 1)
        passage = (share[..., None] * states).sum(1)
        compared = torch.cat([question * passage, (question - passage).abs()], 1)
        answers = self.whole(compared)[:, 0]
        loss = _loss(scores, answers, labels, evidence, answer)
        return {"loss": loss, "scores": scores, "answers": answers}


def _loss(
    scores: torch.Tensor,
    answers: torch.Tensor,
    labels: torch.Tensor,
    evidence: torch.Tensor,
    answer: torch.Tensor,
) -> torch.Tensor:
    """Whether it answers; the evidence's share of all pieces; the first and last piece."""
    loss = functional.binary_cross_entropy_with_logits(answers, labels)
    marked = evidence.any(1)
    if marked.any():
        own = scores[marked][..., 0]
        within = own.masked_fill(~evidence[marked], _OUTSIDE)
        loss = loss + (own.logsumexp(1) - within.logsumexp(1)).mean() / 2
    known = answer[:, 0] >= 0
    if known.any():
        for side in (0, 1):
            own = scores[known][..., side + 1]
            loss = loss + functional.cross_entropy(own, answer[known][:, side]) / 4
    return loss


class _Pieces:
    """Examples as word pieces; a long passage is cut to a window around its evidence."""

    def __init__(self, tokenizer: Any, prompts: Prompts) -> None:
        self._tokenizer, self._prompts = tokenizer, prompts
        self._start, self._end = tokenizer.cls_token_id, tokenizer.sep_token_id

    def _read(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        read = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        return read["input_ids"], read["offset_mapping"]

    def example(self, given: Example) -> dict[str, Any]:
        """The word pieces of an example, the part that each belongs to, and its gold."""
        query, _ = self._read(self._prompts.query or "")
        asked = self._read(given.question)[0][:QUESTION]
        before, _ = self._read(self._prompts.passage or "")
        header = self._read(given.header)[0][:HEADER]
        text, places = self._read(given.passage)
        cut = 0
        if given.evidence and len(text) > PASSAGE:
            first = next((i for i, p in enumerate(places) if p[1] > given.evidence[0]), 0)
            cut = max(0, min(first - PASSAGE // 3, len(text) - PASSAGE))
        text, places = text[cut : cut + PASSAGE], places[cut : cut + PASSAGE]
        ids = [self._start, *query, *asked, self._end, *before, *header, self._end, *text]
        part = [3, *[3] * len(query), *[1] * len(asked), 3, *[3] * (len(before) + len(header) + 1)]
        at = len(part)
        evidence = _inside(places, given.evidence)
        answer = _inside(places, given.answer)
        return {
            "input_ids": [*ids, self._end],
            "part": [*part, *[2] * len(text), 3],
            "labels": float(given.answers),
            "evidence": [i + at for i in evidence],
            "answer": [answer[0] + at, answer[-1] + at] if answer else [_UNKNOWN] * 2,
            "length": len(ids),
        }


def _inside(places: Sequence[tuple[int, int]], span: tuple[int, int] | None) -> list[int]:
    """The pieces that overlap the span."""
    if span is None:
        return []
    return [i for i, (start, end) in enumerate(places) if start < span[1] and span[0] < end]


def collate(rows: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
    """A padded batch."""
    shape = len(rows), max(len(row["input_ids"]) for row in rows)
    ids, part = torch.ones(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    evidence = torch.zeros(shape, dtype=torch.bool)
    for n, row in enumerate(rows):
        ids[n, : len(row["input_ids"])] = torch.tensor(row["input_ids"])
        part[n, : len(row["part"])] = torch.tensor(row["part"])
        evidence[n, row["evidence"]] = True
    return {
        "input_ids": ids,
        "part": part,
        "labels": torch.tensor([row["labels"] for row in rows]),
        "evidence": evidence,
        "answer": torch.tensor([row["answer"] for row in rows]),
    }


def train(
    suites: Sequence[Suite],
    base: str,
    out: Path,
    epochs: float = 3.0,
    negatives: str | None = None,
) -> dict[str, Any]:
    """Trains a reader that begins with the finder `base`, into the folder `out`.

    `negatives` is the model whose errors are learned from, by default `base`. Returns the record.
    The same examples give the same weights on one machine. Raises EncoderError where `base` cannot
    be loaded, UsageError where `out` holds another run.
    """
    found = examples(suites, load_encoder(negatives or base))
    told = json.dumps([asdict(example) for example in found], ensure_ascii=True)
    record: dict[str, Any] = {
        "made_by": "python -m eval train --part reader",
        "base": base,
        "base_made_by": record_of(base),
        "negatives": negatives,
        "suites": {suite.name: suite.licence for suite in suites},
        "examples": len(found),
        "answering": sum(example.answers for example in found),
        "examples_sha256": hashlib.sha256(told.encode()).hexdigest(),
        "epochs": epochs,
        "seed": SEED,
    }
    begin(out, record)
    started = time.perf_counter()
    model = load_model("SentenceTransformer", base, "encoder")
    freeze(model, FROZEN, DROPOUT)
    pieces = _Pieces(model.tokenizer, Prompts().with_defaults(model))
    torch.manual_seed(SEED)
    reader = Reader(model[0].auto_model, model.get_embedding_dimension())
    record["loss"] = _run(reader, [pieces.example(one) for one in found], out, epochs)
    save(reader, model, out)
    record["seconds"] = round(time.perf_counter() - started)
    (out / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return record


def _run(reader: Reader, rows: Sequence[dict[str, Any]], out: Path, epochs: float) -> list[float]:
    """Trains, from the last checkpoint where there is one; the losses in order."""
    heads = [*reader.pieces.parameters(), *reader.whole.parameters()]
    body = [value for value in reader.body.parameters() if value.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": RATE}, {"params": heads, "lr": HEAD_RATE}], weight_decay=0.01
    )
    checkpoints = out / "checkpoints"
    steps = max(1, round(epochs * len(rows) / BATCH))
    warm = max(1, steps // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda n: min((n + 1) / warm, max(0.02, (steps - n) / (steps - warm + 1)))
    )
    arguments = TrainingArguments(
        max_steps=steps,
        train_sampling_strategy="group_by_length",
        remove_unused_columns=False,
        logging_steps=20,
        **options(checkpoints, BATCH, STEPS_PER_CHECKPOINT),
    )
    trainer = Trainer(
        model=reader,
        args=arguments,
        train_dataset=list(rows),
        data_collator=collate,
        optimizers=(optimizer, schedule),
    )
    return run(trainer, checkpoints)


def save(reader: Reader, model: Any, out: Path) -> None:
    """Writes the transformer as a model of sentence-transformers, and the heads beside it."""
    from safetensors.torch import save_file

    model.save(str(out), create_model_card=False)
    heads = {name: value for name, value in reader.state_dict().items() if "body." not in name}
    save_file(heads, out / HEADS)
