"""What a language needs to word answers and abstentions, beside `rag.text.language`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rag.types import AbstentionReason


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of one language; {} and {name} are filled in.

    `kinds` are what a text can be: original, translation, one by a machine ("AI"). `faults` say
    what a language model did, `silence` why there is no answer. `listed` gives the sentence over a
    list from the numbers of documents and records and what they mention.
    """

    contradicted: str
    no_phrase: str
    none_listed: str
    namesakes: str
    unknown_names: str
    doubtful: str
    kinds: Mapping[str, str]
    no_other_version: str
    another_text: str
    no_doubts: str
    silence: Mapping[AbstentionReason, str]
    mentioned: str
    no_hits: str
    nearest: str
    faults: Mapping[str, str]
    extractive_instead: str
    rewriting_failed: str
    unsupported: str
    listed: Callable[[int, int, str | None], str]
    shown: str
