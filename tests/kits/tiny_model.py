"""A tiny BERT with random weights, saved as a model of sentence-transformers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

WORDS = ("coal", "bread", "ice", "query", ":")


def tiny_model(
    folder: Path,
    prompts: dict[str, str] | None = None,
    words: Sequence[str] = WORDS,
    layers: int = 1,
) -> str:
    """The path of the model, 16 numbers wide, which knows these words."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizer

    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(known), encoding="utf-8")
    body = folder / "body"
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(body)
    config = BertConfig(
        vocab_size=len(known),
        hidden_size=16,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=16,
    )
    torch.manual_seed(0)
    BertModel(config).save_pretrained(body)
    modules = [Transformer(str(body), max_seq_length=12), Pooling(16)]
    model = folder / "model"
    SentenceTransformer(modules=modules, prompts=prompts).save(str(model))
    return str(model)
