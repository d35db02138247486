"""The tokenizer of multilingual-e5-small, made from the vocabulary in its file of weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.models.e5.weights import Weights

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def tokenizer(weights: Weights) -> Tokenizer:
    """Splits text into the word pieces of XLM-R, and puts <s> and </s> around them."""
    from tokenizers import (
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    special, pieces = weights.special, weights.pieces
    named = {
        special.start: "<s>",
        special.end: "</s>",
        special.pad: "<pad>",
        special.unknown: "<unk>",
        len(pieces) - 1: "<mask>",
    }
    vocabulary = [
        (named.get(n) or piece or f"<empty {n}>", 0.0 if n in named else score)
        for n, (piece, score) in enumerate(zip(pieces, weights.scores.tolist(), strict=True))
    ]
    made = Tokenizer(models.Unigram(vocabulary, unk_id=special.unknown, byte_fallback=False))
    made.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", special.start), ("</s>", special.end)],
    )
    made.add_special_tokens(list(named.values()))
    return made
