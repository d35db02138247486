"""An archive of any size out of the sample's sentences, and what an ingest and searches in it cost.

`python -m tests.faults.size` runs one of them in a process of its own and prints JSON: what
memory it took is the process's peak. The encoder hashes words, so that the store is measured.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np

import samples
from index_store.types import Document
from rag.archive import Archive
from rag.models.encoder import Vectors
from rag.readers.registry import read
from rag.settings import Settings
from rag.text.chunking import split
from rag.text.sentences import sentences
from rag.types import Filters
from tests.kits.hashing import HashingEncoder

PARAGRAPHS = 5  # of a document
A_FILE = 500  # documents
PEOPLE = ["A. Berg", "C. Dahl", "E. Falk", "И. Сомов", "О. Рябов", "Н. Лужин"]
_QUOTED = set('"“”«»')  # a phrase in them is demanded of every hit
FILTERS = {
    "none": Filters(),
    "language": Filters(lang="ru"),
    "dates": Filters(date_from="1925", date_to="1929"),
    "author": Filters(author="A. Berg"),
    "collection": Filters(collection="Papers 3"),
    "kind": Filters(kind="original"),
    "all": Filters(date_from="1921", lang="en", author="A. Berg", kind="original"),
}


class CountingEncoder(HashingEncoder):
    """The hashing encoder in the dimension of the bundled one; counts what it encodes."""

    def __init__(self) -> None:
        super().__init__(dimension=384)
        self.encoded = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded += len(texts)
        return super().encode(texts)


@cache
def _sentences(lang: str) -> list[str]:
    """Of the sample's pages in this language's letters."""
    found = []
    for path in sorted(samples.ARCHIVE.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        told = (text[start:end] for start, end in sentences(text))
        found += [one for one in told if len(one.split()) > 6 and "\n" not in one]
    russian = [sum("а" <= letter <= "я" for letter in one) > len(one) / 2 for one in found]
    return [one for one, is_russian in zip(found, russian, strict=True)
            if is_russian == (lang == "ru")]  # fmt: skip


def letters(documents: int, seed: int = 0) -> list[dict[str, object]]:
    """Invented letters as JSON Lines have them, the same for the same arguments."""
    return [_letter(n, seed) for n in range(documents)]


def _letter(number: int, seed: int) -> dict[str, object]:
    chance = random.Random(f"size {seed}/{number}")
    lang = "ru" if number % 2 else "en"
    pool = _sentences(lang)

    def paragraph(part: int) -> str:
        told = [_varied(one, chance) for one in chance.choices(pool, k=chance.randint(5, 8))]
        return f"{' '.join(told)} Mark {number}x{part}."

    return {
        "id": f"letter-{number}",
        "lang": lang,
        "title": f"Letter {number}",
        "date": f"19{chance.randint(20, 39)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "author": chance.choice(PEOPLE),
        "recipient": chance.choice(PEOPLE),
        "kind": chance.choice(["original", "translation"]),
        "collection": f"Papers {chance.randint(1, 9)}",
        "text": "\n\n".join(paragraph(part) for part in range(PARAGRAPHS)),
    }


def _varied(sentence: str, chance: random.Random) -> str:
    """The sentence with a word or two exchanged for words of others, so that texts differ."""
    words = sentence.split()
    words[chance.randrange(len(words))] = f"{chance.choice('абвгдежз')}{chance.randint(0, 2_000)}"
    return " ".join(words)


def write(folder: Path, documents: int) -> None:
    """The letters as files of JSON Lines."""
    folder.mkdir(parents=True)
    for start in range(0, documents, A_FILE):
        numbers = range(start, min(start + A_FILE, documents))
        lines = (json.dumps(_letter(n, 0), ensure_ascii=False) for n in numbers)
        (folder / f"{start:07}.jsonl").write_text("\n".join(lines), encoding="utf-8")


def passages(folder: Path) -> int:
    """How many passages the letters are to be: a long paragraph is cut in two."""
    found = (item for path in sorted(folder.iterdir()) for item in read(path))
    return sum(len(split(item)) for item in found if isinstance(item, Document))


def ingest(store: Path, folder: Path) -> dict[str, object]:
    """One ingest, with what it encoded and the memory it took."""
    encoder = CountingEncoder()
    started = time.perf_counter()
    with Archive(Settings(store=store), encoder) as archive:
        report = archive.ingest([folder])
        size = archive.info()["bytes"]
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "documents": report.to_dict()["documents"],
        "passages": report.passages,
        "encoded": encoder.encoded,
        "bytes": size,
    }


def search(store: Path, count: int) -> dict[str, object]:
    """Milliseconds of searches with a warm store, by filter, the encoding included."""
    chance = random.Random("questions")
    told = (one for one in chain(_sentences("en"), _sentences("ru")) if not _QUOTED & set(one))
    words = [one.split() for one in told]
    out: dict[str, object] = {}
    with Archive(Settings(store=store), CountingEncoder()) as archive:
        for name, filters in FILTERS.items():
            taken = []
            for n in range(count + 5):
                chosen = chance.choice(words)
                at = chance.randrange(max(1, len(chosen) - 6))
                started = time.perf_counter()
                found = archive.search(" ".join(chosen[at : at + 6]), 10, replace(filters))
                if n >= 5:
                    taken.append(1000 * (time.perf_counter() - started))
                assert found.hits
            out[name] = {q: round(float(np.percentile(taken, q)), 1) for q in (50, 95)}
    return out


def main() -> None:
    what, store, other = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    told = ingest(store, Path(other)) if what == "ingest" else search(store, int(other))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**told, "peak_mb": round(peak)}))


if __name__ == "__main__":
    main()
