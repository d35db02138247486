"""Excerpts from archives, some badly copied, and stores to look for them in.

`archives` are the development archives beside the project, `large` is a seeded store of any size
whose words follow each other as theirs do. Both have the hashing encoder's vectors: checking a
quotation uses none.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index_store.store import EncoderIdentity, Entry, IndexStore
from index_store.types import Document
from rag.readers.registry import read
from rag.text.chunking import split
from rag.text.normalization import key
from tests.conftest import SHARED
from tests.kits.hashing import HashingEncoder

ARCHIVES = ("frus", "dfat", "tolstoy_letters_ru")
NOISES = (0.02, 0.05, 0.10)
ENCODER = HashingEncoder(dimension=16)
_LETTERS = {"en": "abcdefghijklmnopqrstuvwxyz", "ru": "абвгдежзийклмнопрстуфхцчшщъыьэюя"}


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Words of a document as someone copied them; `noise` is the share of characters wrong."""

    text: str
    original: str
    document: Document
    noise: float


def documents() -> list[Document]:
    """All documents of the development archives; none where they are not here."""
    paths = [SHARED / "data" / name / "docs.jsonl" for name in ARCHIVES]
    return [d for p in paths if p.is_file() for d in read(p) if isinstance(d, Document)]


def excerpts(
    documents: Sequence[Document], lang: str, number: int, seed: int = 11
) -> Iterator[Excerpt]:
    """`number` stretches of 12 to 60 words, whole words, every fifth with noise."""
    chance = random.Random(f"{seed}/{lang}")
    written = [d for d in documents if d.lang.startswith(lang) and len(d.text.split()) > 80]
    for n in range(number):
        document = chance.choice(written)
        words = document.text.split(" ")
        length = min(chance.randint(12, 60), len(words) // 2)
        start = chance.randrange(len(words) - length)
        text = " ".join(words[start : start + length])
        share = chance.choice(NOISES) if n % 5 == 0 else 0.0
        yield Excerpt(noised(text, share, lang, chance), text, document, share)


def noised(text: str, share: float, lang: str, chance: random.Random) -> str:
    """The text with each character replaced, doubled, dropped or swapped with chance `share`."""
    out: list[str] = []
    for character in text:
        if chance.random() >= share:
            out.append(character)
            continue
        other = chance.choice(_LETTERS[lang])
        out.append(chance.choice([other, character + other, "", character + " "]))
    return "".join(out)


def put(store: IndexStore, documents: Sequence[Document]) -> None:
    """Store documents as an ingest does, with vectors by the hashing encoder."""
    entries = []
    for document in documents:
        passages = tuple(split(document))
        if not passages:
            continue
        vectors = np.stack([_vector(passage.passage_id) for passage in passages])
        entries.append(Entry(document, passages, vectors, key(document.text), document.title))
    store.put(entries)


def build(folder: Path, documents: Sequence[Document]) -> None:
    """A store of the documents in a folder."""
    identity = EncoderIdentity(ENCODER.name, ENCODER.dimension)
    with IndexStore.open(folder, write=True, encoder=identity) as store:
        for first in range(0, len(documents), 500):
            put(store, documents[first : first + 500])


def large(folder: Path, passages: int, seed: int = 7) -> list[Document]:
    """The real archives and as many invented documents as make `passages` passages."""
    real = documents()
    found = sum(len(split(document)) for document in real)
    everything = [*real]
    for document in _invented(real, seed):
        if found >= passages:
            break
        everything.append(document)
        found += len(split(document))
    build(folder, everything)
    return real


def _invented(real: Sequence[Document], seed: int) -> Iterator[Document]:
    """Endless documents whose words follow each other as in the real ones."""
    chance = random.Random(seed)
    chains: dict[str, dict[str, list[str]]] = {"en": defaultdict(list), "ru": defaultdict(list)}
    for document in real:
        words = document.text.split()
        for word, following in pairwise(words):
            chains[document.lang[:2]][word].append(following)
    openings = {lang: sorted(chain) for lang, chain in chains.items()}
    for n in count():
        model = replace(chance.choice(real), document_id=f"invented-{n}", record_id=f"invented-{n}")
        chain = chains[model.lang[:2]]
        starts = openings[model.lang[:2]]
        paragraphs = []
        for _ in range(chance.randint(4, 16)):
            word = chance.choice(starts)
            written = [word]
            for _ in range(chance.randint(40, 160)):
                choices = chain.get(word) or starts
                word = chance.choice(choices)
                written.append(word)
            paragraphs.append(" ".join(written))
        yield replace(model, text="\n\n".join(paragraphs), sha256=f"{n:064}", pages=())


def _vector(name: str) -> NDArray[np.float32]:
    return np.asarray(ENCODER.encode([name])[0], dtype=np.float32)
