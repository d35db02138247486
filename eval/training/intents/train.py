"""Train what tells questions about records from questions about what documents say.

A logistic regression for each thing that can be asked of a record (its shelf-mark, its date, what
it is about), over the encoder's vectors of questions. The wordings are invented (`phrasings.toml`),
in five languages; the other questions are those of suites. Because the encoder is multilingual,
other wordings and languages are met as well: the figures are of wordings left out.

Not here: what is done with such a question (`rag.questions`).
"""

from __future__ import annotations

import json
import random
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression

from eval.sets.suite import Suite
from index_store.analysis.folding import fold
from index_store.analysis.stemming import is_stop_word
from rag.models.encoder import Encoder
from rag.models.intents import ASKS, FILE, LIKELY
from rag.questions.frame import frame
from rag.text.words import WORD

PHRASINGS = Path(__file__).with_name("phrasings.toml")
FILLED = 12
"""Questions made of a wording, each with other documents."""

OTHERS = 1200
"""Questions of a suite."""

FOLDS = 5
KINDS = ("kind", "nom", "gen", "prep", "ins")
"""Lists of words for documents in the file of wordings, some in several grammatical cases."""

_BLANK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what it asks of a record, and the number of its wording."""

    text: str
    asks: frozenset[str]
    wording: int


def train(suites: Sequence[Suite], encoder: Encoder, target: Path = FILE) -> dict[str, Any]:
    """Writes the file of the product; returns precision and recall on wordings left out."""
    rows = examples(suites)
    keep = frozenset(asking_words())
    vectors = encoder.encode_queries([frame(row.text, keep) for row in rows])
    labels = np.array([[name in row.asks for name in ASKS] for row in rows])
    fold_of = np.array([row.wording % FOLDS for row in rows])
    held = np.zeros(labels.shape)
    for n in range(FOLDS):
        weights, bias = _fit(vectors[fold_of != n], labels[fold_of != n])
        held[fold_of == n] = vectors[fold_of == n] @ weights + bias
    weights, bias = _fit(vectors, labels)
    told = {
        "encoder": encoder.identity.name,
        "asks": json.dumps(ASKS),
        "asking": json.dumps(asking_words(), ensure_ascii=False),
        "documents": json.dumps(document_words(), ensure_ascii=False),
    }
    values = {"weights": weights.astype(np.float32), "bias": bias.astype(np.float32)}
    save_file(values, target, metadata=told)
    return {"questions": len(rows), "left_out": _figures(held > _log_odds(LIKELY), labels)}


def _fit(
    vectors: NDArray[np.float32], labels: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    fitted = [LogisticRegression(C=30.0, max_iter=1000).fit(vectors, own) for own in labels.T]
    return np.stack([m.coef_[0] for m in fitted], 1), np.array([m.intercept_[0] for m in fitted])


def _log_odds(p: float) -> float:
    return float(np.log(p / (1 - p)))


def _figures(found: NDArray[np.bool_], labels: NDArray[np.bool_]) -> dict[str, Any]:
    other = ~labels.any(axis=1)
    out: dict[str, Any] = {"others taken for one": round(float(found[other].any(axis=1).mean()), 4)}
    for n, name in enumerate(ASKS):
        right = int((found[:, n] & labels[:, n]).sum())
        out[name] = {
            "precision": round(right / max(1, int(found[:, n].sum())), 3),
            "recall": round(right / max(1, int(labels[:, n].sum())), 3),
        }
    return out


def examples(suites: Sequence[Suite], seed: int = 0) -> list[Asked]:
    """Questions of all wordings, and questions of the suites that ask none of it."""
    draw = random.Random(seed)
    given = tomllib.loads(PHRASINGS.read_text(encoding="utf-8"))
    mentions = given["mentions"]
    found: list[Asked] = []
    for number, (asks, lang, wording) in enumerate(wordings(given)):
        for _ in range(FILLED):
            found.append(Asked(_filled(wording, mentions[lang], draw), asks, number))
    number = len(found)
    for suite in suites:
        texts = list(dict.fromkeys(q.text for q in suite.questions if q.learned))
        for text in draw.sample(texts, min(OTHERS, len(texts))):
            found.append(Asked(text, frozenset(), number := number + 1))
    return found


def wordings(given: dict[str, Any]) -> list[tuple[frozenset[str], str, str]]:
    """What each wording asks, its language, and the wording."""
    single = [(frozenset({name}), given[name]) for name in ASKS]
    joined = [
        (frozenset(row["asks"]), {k: v for k, v in row.items() if k != "asks"})
        for row in given["joined"]
    ]
    return [
        (asks, lang, wording)
        for asks, by_language in [*single, *joined]
        for lang, own in by_language.items()
        for wording in own
    ]


def _filled(wording: str, mentions: dict[str, list[str]], draw: random.Random) -> str:
    """The wording with its blanks filled, also those in what fills them."""
    while _BLANK.search(wording):
        wording = _BLANK.sub(lambda blank: draw.choice(mentions[blank[1]]), wording, count=1)
    return wording[0].upper() + wording[1:]


def asking_words() -> list[str]:
    """The words of the wordings and for documents, folded: they do not tell which is meant."""
    given = tomllib.loads(PHRASINGS.read_text(encoding="utf-8"))
    texts = [_BLANK.sub(" ", wording) for _, _, wording in wordings(given)]
    return sorted({*_words(texts), *document_words()})


def document_words() -> list[str]:
    """The words for a document that stand alone in the mentions, folded."""
    given = tomllib.loads(PHRASINGS.read_text(encoding="utf-8"))
    return sorted(
        word
        for lang, own in given["mentions"].items()
        for words in (own.get(name, ()) for name in ("doc", *KINDS))
        for word in _words([mention for mention in words if "{" not in mention])
        if not is_stop_word(word, lang)
    )


def _words(texts: Sequence[str]) -> set[str]:
    words = {fold(word) for text in texts for word in WORD.findall(text)}
    return {word for word in words if len(word) > 2}
