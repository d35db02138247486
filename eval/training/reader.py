"""Fit `rag/models/comprehension.npz`: where does a passage answer a question?
`python -m eval.training.reader DATA`

The examples are those of `reader_examples`. The body stays as it is: what is fitted are
matrices of rank `RANK` beside its own, biases and norms, and the scores of a piece. Needs torch
and some half an hour of two cores.

Not here: how the scores are used (`rag.models.reader`, `rag.answers.evidence`).
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from eval.training.data_hashes import data_sha256
from eval.training.reader_examples import FILES, Example, examples
from rag.models.bundled import BilingualEncoder, bundled_encoder
from rag.models.minilm import END, START
from rag.models.minilm_graph import EPSILON, HEADS, LAYERS, WIDTH
from rag.models.reader import FILE

RANK = 16
EPOCHS = 4
RATE = 1e-3
BATCH = 16
QUESTION, PASSAGE = 48, 300
"""Pieces of a question and of a passage that are read in training."""


class _Linear(nn.Module):
    """A layer of the body, as the graph multiplies, with a fitted difference of low rank."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        super().__init__()
        self.weight = weight
        inputs, outputs = weight.shape
        self.down = nn.Parameter(torch.randn(inputs, RANK) / math.sqrt(inputs))
        self.up = nn.Parameter(torch.zeros(RANK, outputs))
        self.bias = nn.Parameter(bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ (self.weight + self.down @ self.up) + self.bias


_OWN = {"down": "weight.down", "up": "weight.up"}


class _Norm(nn.Module):
    def __init__(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.layer_norm(x, (WIDTH,), self.weight, self.bias, EPSILON)


class Body(nn.Module):
    """The graph of `rag.models.minilm_graph` in torch, for fitting.

    Parts have the names of its weights, with `/` for `.`, which torch keeps for itself.
    """

    def __init__(self, encoder: BilingualEncoder, dropout: float = 0.1) -> None:
        super().__init__()
        own = {name: torch.tensor(value) for name, value in encoder.model.weights.items()}
        self.positions = torch.tensor(encoder.model.positions)
        self.types = nn.Parameter(torch.tensor(encoder.model.types))
        self.dropout = dropout
        self.parts = nn.ModuleDict()
        for name in sorted({name.rpartition(".")[0] for name in own}):
            weight, bias = own[f"{name}.weight"], own[f"{name}.bias"]
            part = _Linear(weight, bias) if weight.ndim == 2 else _Norm(weight, bias)
            self.parts[name.replace(".", "/")] = part
        self.head = nn.Linear(WIDTH, 2)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, rows: torch.Tensor, types: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """Input rows float32 (texts, pieces, width), types and `real` (texts, pieces) → scores of
        the pieces as first and last of an answer, float32 (texts, pieces, 2)."""
        texts, pieces, _ = rows.shape
        x = rows + self.positions[:pieces] + self.types[types]
        x = self._dropped(self._part("embeddings/LayerNorm", x))
        for n in range(LAYERS):
            layer = f"encoder/layer/{n}"
            query, key, value = (
                self._part(f"{layer}/qkv", x)
                .view(texts, pieces, 3, HEADS, WIDTH // HEADS)
                .permute(2, 0, 3, 1, 4)
            )
            attended = functional.scaled_dot_product_attention(
                query, key, value, attn_mask=real[:, None, None, :]
            )
            attended = attended.transpose(1, 2).reshape(texts, pieces, WIDTH)
            attended = self._dropped(self._part(f"{layer}/attention/output/dense", attended))
            x = self._part(f"{layer}/attention/output/LayerNorm", x + attended)
            inner = functional.gelu(self._part(f"{layer}/intermediate/dense", x))
            outer = self._dropped(self._part(f"{layer}/output/dense", inner))
            x = self._part(f"{layer}/output/LayerNorm", x + outer)
        scores: torch.Tensor = self.head(x.float())
        return scores

    def _part(self, name: str, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.parts[name](x)
        return found

    def _dropped(self, x: torch.Tensor) -> torch.Tensor:
        return functional.dropout(x, self.dropout, self.training)

    def tuned(self) -> dict[str, np.ndarray[Any, np.dtype[np.float16]]]:
        """What was fitted, under the names that `rag.models.reader` knows."""
        found: dict[str, torch.Tensor] = {
            "types": self.types,
            "head.weight": self.head.weight.T,
            "head.bias": self.head.bias,
        }
        for name, part in self.parts.items():
            found |= {
                f"{name.replace('/', '.')}.{_OWN.get(kind, kind)}": value
                for kind, value in part.named_parameters()
            }
        return {name: value.detach().numpy().astype(np.float16) for name, value in found.items()}


class _Placed:
    """Examples as the body reads them; remembers each text."""

    def __init__(self, encoder: BilingualEncoder) -> None:
        self._encoder = encoder
        self._start, self._end = encoder.model.word_rows[[START, END]]
        self._known: dict[str, tuple[np.ndarray[Any, Any], list[int]]] = {}

    def batch(self, chosen: Sequence[Example], draw: random.Random) -> dict[str, torch.Tensor]:
        """Padded tensors; `allowed` are the pieces that may be marked, `marks` those that are."""
        read = [self._example(example, draw) for example in chosen]
        shape = len(read), max(len(rows) for rows, _, _ in read)
        rows = torch.zeros(*shape, WIDTH)
        types = torch.zeros(shape, dtype=torch.long)
        real, allowed = torch.zeros(shape, dtype=torch.bool), torch.zeros(shape, dtype=torch.bool)
        marks = torch.zeros(len(read), 2, dtype=torch.long)
        for n, (own, before, mark) in enumerate(read):
            length = len(own)
            rows[n, :length] = torch.from_numpy(own)
            types[n, before:length] = 1
            real[n, :length] = True
            allowed[n, 0] = allowed[n, before : length - 1] = True
            marks[n] = torch.tensor(mark)
        return {"rows": rows, "types": types, "real": real, "allowed": allowed, "marks": marks}

    def _example(
        self, example: Example, draw: random.Random
    ) -> tuple[np.ndarray[Any, Any], int, tuple[int, int]]:
        """The rows, where the passage begins, and the marked pieces: the first one for none."""
        asked = self._rows(example.question)[0][:QUESTION]
        passage, starts = self._rows(example.passage)
        before, mark = len(asked) + 2, (0, 0)
        cut = draw.randint(0, max(0, len(starts) - PASSAGE))
        if example.span is not None:
            first = int(np.searchsorted(starts, example.span[0], "right")) - 1
            last = int(np.searchsorted(starts, example.span[1])) - 1
            cut = min(max(cut, last - PASSAGE + 1), first)
            mark = first - cut + before, min(last - cut, PASSAGE - 1) + before
        window = passage[cut : cut + PASSAGE]
        parts = [self._start[None], asked, self._end[None], window, self._end[None]]
        return np.concatenate(parts), before, mark

    def _rows(self, text: str) -> tuple[np.ndarray[Any, Any], list[int]]:
        if text not in self._known:
            self._known[text] = self._encoder.placed_rows(text)
        return self._known[text]


def fit(found: Sequence[Example], seed: int = 0) -> Body:
    """The body fitted to the examples. Deterministic on one machine."""
    torch.manual_seed(seed)
    draw = random.Random(seed)
    encoder = bundled_encoder()
    placed, body = _Placed(encoder), Body(encoder)
    head = list(body.head.parameters())
    rest = [value for name, value in body.named_parameters() if not name.startswith("head.")]
    optimizer = torch.optim.AdamW(
        [{"params": rest, "lr": RATE}, {"params": head, "lr": 3 * RATE}], weight_decay=0.01
    )
    steps = EPOCHS * (len(found) // BATCH)
    warm = max(1, steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda n: min((n + 1) / warm, (steps - n) / (steps - warm))
    )
    body.train()
    batches = _batches(found, draw)
    started, losses = time.perf_counter(), []
    for step in range(steps):
        batch = placed.batch(next(batches), draw)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = body(batch["rows"], batch["types"], batch["real"])
        scores = scores.float().masked_fill(~batch["allowed"][:, :, None], -1e4)
        loss = functional.cross_entropy(scores, batch["marks"])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([*rest, *head], 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % 50 == 49:
            seconds = time.perf_counter() - started
            print(
                f"{step + 1} of {steps}: {np.mean(losses[-50:]):.3f}, {seconds:.0f} s", flush=True
            )
    return body.eval()


def _batches(found: Sequence[Example], draw: random.Random) -> Iterator[list[Example]]:
    """Batches of passages of like length, in an order in a new random order each epoch."""
    while True:
        order = draw.sample(found, len(found))
        for at in range(0, len(order), 16 * BATCH):
            like = sorted(order[at : at + 16 * BATCH], key=lambda example: len(example.passage))
            batches = [like[i : i + BATCH] for i in range(0, len(like), BATCH)]
            yield from draw.sample(batches, len(batches))


def save(body: Body, target: Path) -> str:
    """Writes the weights; returns the SHA-256 of the file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **body.tuned())
    target.write_bytes(buffer.getvalue())
    return hashlib.sha256(buffer.getvalue()).hexdigest()


def tell(sha256: str, data: Path, count: int) -> None:
    """Writes beside the weights what they were made from."""
    told = {
        "made_by": "python -m eval.training.reader",
        "sha256": sha256,
        "bytes": FILE.stat().st_size,
        "examples": count,
        "data_sha256": data_sha256(data, FILES),
        "licence": "CC BY-SA 4.0, as that of the data (SQuAD 2.0 and XQuAD)",
    }
    FILE.with_suffix(".json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the development sets")
    given = parser.parse_args()
    learned_from = examples(given.data)
    tell(save(fit(learned_from), FILE), given.data, len(learned_from))
