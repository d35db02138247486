"""Excerpts from archives, some copied with mistakes, and stores to find them in.

`documents` are those of the development archives beside the project; `large` builds a store of
any size with invented documents like them, always the same ones for a seed. Vectors come from the
hashing encoder, because checking a quotation uses none.
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
NOISE_SHARES = (0.02, 0.05, 0.10)
ENCODER = HashingEncoder(dimension=16)
_LETTERS = {"en": "abcdefghijklmnopqrstuvwxyz", "ru": "абвгдежзийклмнопрстуфхцчшщъыьэюя"}


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Words of a document as someone copied them; `noise` is the share of wrong characters."""

    text: str
    original: str
    document: Document
    noise: float


def documents() -> list[Document]:
    """All documents of the development archives; none where the archives are missing."""
    paths = [SHARED / "data" / name / "docs.jsonl" for name in ARCHIVES]
    return [d for p in paths if p.is_file() for d in read(p) if isinstance(d, Document)]


def excerpts(
    documents: Sequence[Document], lang: str, number: int, seed: int = 11
) -> Iterator[Excerpt]:
    """`number` excerpts of 12 to 60 whole words, every fifth with noise."""
    rng = random.Random(f"{seed}/{lang}")
    written = [d for d in documents if d.lang.startswith(lang) and len(d.text.split()) > 80]
    for n in range(number):
        document = rng.choice(written)
        words = document.text.split(" ")
        length = min(rng.randint(12, 60), len(words) // 2)
        start = rng.randrange(len(words) - length)
        text = " ".join(words[start : start + length])
        share = rng.choice(NOISE_SHARES) if n % 5 == 0 else 0.0
        yield Excerpt(noised(text, share, lang, rng), text, document, share)


def noised(text: str, share: float, lang: str, rng: random.Random) -> str:
    """The text with each character changed with probability `share`.

    A changed character is replaced, or deleted, or gets another letter or a space beside it.
    """
    out: list[str] = []
    for character in text:
        if rng.random() >= share:
            out.append(character)
            continue
        other = rng.choice(_LETTERS[lang])
        out.append(rng.choice([other, character + other, "", character + " "]))
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
    """A store of the real archives and of invented documents, `passages` passages or more.

    Returns the real documents.
    """
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
    """Endless documents from a Markov chain over the words of the real ones."""
    rng = random.Random(seed)
    chains: dict[str, dict[str, list[str]]] = {"en": defaultdict(list), "ru": defaultdict(list)}
    for document in real:
        words = document.text.split()
        for word, following in pairwise(words):
            chains[document.lang[:2]][word].append(following)
    openings = {lang: sorted(chain) for lang, chain in chains.items()}
    for n in count():
        model = replace(rng.choice(real), document_id=f"invented-{n}", record_id=f"invented-{n}")
        chain = chains[model.lang[:2]]
        starts = openings[model.lang[:2]]
        paragraphs = []
        for _ in range(rng.randint(4, 16)):
            word = rng.choice(starts)
            written = [word]
            for _ in range(rng.randint(40, 160)):
                choices = chain.get(word) or starts
                word = rng.choice(choices)
                written.append(word)
            paragraphs.append(" ".join(written))
        yield replace(model, text="\n\n".join(paragraphs), sha256=f"{n:064}", pages=())


def _vector(name: str) -> NDArray[np.float32]:
    return np.asarray(ENCODER.encode([name])[0], dtype=np.float32)
