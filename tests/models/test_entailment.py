"""Natural language inference with tiny models made here: loading, labels, verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Archive
from rag.errors import EncoderError
from rag.settings import Settings
from tests.answers.test_generation import GOOD, QUESTION, store
from tests.kits.bundled import bundled
from tests.kits.llm_server import scripted

__all__ = ["store"]
LABELS = {0: "CONTRADICTION", 1: "entailment", 2: "neutral"}


def model(folder: Path, favoured: int, labels: dict[int, str] = LABELS) -> str:
    """The folder of a cross-encoder that always predicts label number `favoured`."""
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification, BertTokenizer

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "ferry", "coal", "sacks"]
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    config = AutoConfig.for_model(
        "bert",
        vocab_size=len(words),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        max_position_embeddings=512,
        num_labels=len(labels),
        id2label=labels,
        label2id={label: n for n, label in labels.items()},
    )
    made = AutoModelForSequenceClassification.from_config(config)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        made.classifier.weight.zero_()
        made.classifier.bias.copy_(torch.nn.functional.one_hot(torch.tensor(favoured), len(labels)))
        made.classifier.bias.mul_(5.0)
    made.save_pretrained(folder, safe_serialization=True)
    return str(folder)


def test_probabilities_by_label(tmp_path: Path) -> None:
    from rag.models.entailment import CrossEncoderJudge

    entailed, contradicted = CrossEncoderJudge(model(tmp_path / "m", 1)).entails("coal", "ferry")
    assert entailed > 0.95 and contradicted < 0.05
    entailed, contradicted = CrossEncoderJudge(model(tmp_path / "n", 0)).entails("coal", "ferry")
    assert contradicted > 0.95 and entailed < 0.05


@pytest.mark.parametrize(("favoured", "engine"), [(1, "scripted"), (0, "extractive")])
def test_a_statement_that_the_judge_rejects_is_not_given(
    tmp_path: Path, store: Path, favoured: int, engine: str
) -> None:
    nli = model(tmp_path / "m", favoured)
    with scripted(GOOD) as server:
        settings = Settings(store=store, llm=server.spec, nli=nli)
        with Archive(settings, bundled()) as archive:
            answer = archive.ask(QUESTION)
    assert answer.engine == engine
    assert answer.statements[0].support == "verified"


def test_a_model_without_entailment_is_refused(tmp_path: Path) -> None:
    from rag.models.entailment import CrossEncoderJudge

    with pytest.raises(EncoderError, match="cannot be loaded"):
        CrossEncoderJudge(str(tmp_path / "nowhere"))
    with pytest.raises(EncoderError, match="no label 'entailment'"):
        CrossEncoderJudge(model(tmp_path / "m", 0, {0: "good", 1: "bad"}))
