"""An archive of any size that looks like letters: seeded documents, their questions, an encoder.

Words follow Zipf's law over a made vocabulary for each language, with real words at its head. The
same seed gives the same bytes. Not here: what is measured with it (`million`).
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index_store.catalogue.entry import EncoderIdentity
from index_store.types import Vectors

SEED = 20_26
PASSAGES_PER_DOCUMENT = 10
DOCUMENTS_PER_FILE = 1_000
DIMENSION = 384
NOISE = 0.5
"""Length of the noise beside a passage's vector of length 1."""

FIRST_DAY, DAYS = date(1850, 1, 1), 36_500
SHARES = {"en": 0.4, "ru": 0.3, "de": 0.2, "fr": 0.1}
"""Of each language in the documents."""

_VOCABULARY = 60_000  # words of a language
_EXPONENT, _SHIFT = 1.05, 2.7  # of Zipf's law, as Mandelbrot wrote it
_PEOPLE, _PLACES, _COLLECTIONS = 4_000, 600, 40
_PASSAGE_WORDS = (45, 100)
_SENTENCE_WORDS = (8, 24)
_HASHED = 1 << 14  # directions of the encoder
_COMMON_LETTERS = 3  # words of so few letters have no direction

_HEADS = {
    "en": "the of and to in a that is was for it with as his on be at by had not are but from or"
    " have an they which you were her she there been their has will would more who when if out so",
    "ru": "и в не на что он с как это по но из у за от его к же для бы так до она мы они был все"
    " её вы мне было только или была уже когда ещё ему ни если были после того меня под при",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es"
    " an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über so zum",
    "fr": "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il"
    " sont la avec son cette aux mais comme on tout nous sa fait été aussi leur bien peut ces",
}
_SYLLABLES = {
    "en": "an ber con der el for ing ter mar ton ver al ment ble ran cor dis per sta hol win ley",
    "ru": "ва ни ко то ста ре про ли на мо ве ру са ди ро ка пе ше го бы тор ник ский ов ен",
    "de": "ge ver be ung lich haft stein ber gen kel sch auf mann wer den fel hau tig land eck or",
    "fr": "eau con tion mon ver pla ser ont bou lai mar ette ique ance pré dou val lon er ie ard",
}
_TITLES = {
    "en": ("Letter from {} to {}", "Note of {} for {}"),
    "ru": ("Письмо {} к {}", "Записка {} для {}"),
    "de": ("Brief von {} an {}", "Notiz von {} für {}"),
    "fr": ("Lettre de {} à {}", "Note de {} pour {}"),
}
_ASKED = {
    "en": "What did {} write about {}?",
    "ru": "Что писал {} о том, что {}?",
    "de": "Was schrieb {} über {}?",
    "fr": "Que dit {} sur {}?",
}
_WORD = re.compile(r"\w+")


def write(folder: Path, passages: int) -> list[Path]:
    """Writes the archive as JSON Lines, a thousand documents a file; returns its files.

    A file that is there is kept: it is written under another name and renamed when it is whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = -(-passages // PASSAGES_PER_DOCUMENT)
    paths = []
    for number in range(-(-wanted // DOCUMENTS_PER_FILE)):
        path = folder / f"letters-{number:04}.jsonl"
        if not path.exists():
            count = min(DOCUMENTS_PER_FILE, wanted - number * DOCUMENTS_PER_FILE)
            lines = [json.dumps(d, ensure_ascii=False) for d in documents(number, count)]
            draft = path.with_suffix(".new")
            draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
            draft.replace(path)
        paths.append(path)
    return paths


def documents(file: int, count: int = DOCUMENTS_PER_FILE) -> Iterator[dict[str, Any]]:
    """The documents of a file by its number, as the lines of JSON say them."""
    draw = np.random.default_rng([SEED, file])
    languages = draw.choice(list(SHARES), size=DOCUMENTS_PER_FILE, p=list(SHARES.values()))
    for n in range(count):
        lang = str(languages[n])
        author, recipient = (_person(lang, int(i)) for i in draw.integers(_PEOPLE, size=2))
        day = FIRST_DAY + timedelta(days=int(draw.integers(DAYS)))
        place = _name(lang, 1, int(draw.integers(_PLACES)))
        texts = [_passage(draw, lang) for _ in range(PASSAGES_PER_DOCUMENT)]
        texts[0] = f"{place}, {day.day}.{day.month}.{day.year}. {texts[0]}"
        title = _TITLES[lang][int(draw.integers(2))].format(author, recipient)
        yield {
            "id": f"made-{file * DOCUMENTS_PER_FILE + n:07}",
            "title": title,
            "lang": lang,
            "date": day.isoformat(),
            "author": author,
            "recipient": recipient,
            "place": place,
            "collection": f"Collection {int(draw.integers(_COLLECTIONS)):02}",
            "archival_ref": f"F. {file}, op. {n // 100}, d. {n}",
            "text": "\n\n".join(texts),
        }


def questions(passages: int, count: int) -> list[tuple[str, str]]:
    """(question, id of the document it was made of), spread over an archive of this size."""
    made = []
    wanted = -(-passages // PASSAGES_PER_DOCUMENT)
    draw = np.random.default_rng([SEED, 1 << 30])
    chosen = np.sort(draw.choice(wanted, size=min(count, wanted), replace=False))
    for n in chosen:
        file, line = divmod(int(n), DOCUMENTS_PER_FILE)
        document = next(d for i, d in enumerate(documents(file)) if i == line)
        common = set(_HEADS[document["lang"]].split())
        texts = document["text"].split("\n\n")
        words = [w for w in _WORD.findall(texts[int(draw.integers(len(texts)))]) if len(w) > 3]
        words = [w for w in words if w.lower() not in common]
        start = int(draw.integers(max(1, len(words) - 5)))
        about = " ".join(words[start : start + 5]).lower()
        made.append((_ASKED[document["lang"]].format(document["author"], about), document["id"]))
    return made


def _passage(draw: np.random.Generator, lang: str) -> str:
    """A paragraph of sentences."""
    words, cumulated = _vocabulary(lang)
    size = int(draw.integers(*_PASSAGE_WORDS))
    chosen = np.searchsorted(cumulated, draw.random(size))
    out, left = [], 0
    for n, i in enumerate(chosen):
        word = words[i]
        if left == 0:
            left = int(draw.integers(*_SENTENCE_WORDS))
            word = word.capitalize()
        left -= 1
        last = left == 0 or n == size - 1
        out.append(word + ("." if last else "," if left % 9 == 4 else ""))
    return " ".join(out)


@lru_cache(maxsize=len(SHARES))
def _vocabulary(lang: str) -> tuple[list[str], NDArray[np.float64]]:
    """Words by falling frequency, and the sums of their frequencies up to each."""
    draw = np.random.default_rng([SEED, 1 << 29, list(SHARES).index(lang)])
    syllables = _SYLLABLES[lang].split()
    words = dict.fromkeys(_HEADS[lang].split())
    while len(words) < _VOCABULARY:
        size = int(draw.integers(2, 5))
        words["".join(syllables[int(i)] for i in draw.integers(len(syllables), size=size))] = None
    weights = 1 / (np.arange(_VOCABULARY) + _SHIFT) ** _EXPONENT
    return list(words), np.cumsum(weights / weights.sum())


def _person(lang: str, number: int) -> str:
    return f"{_name(lang, 2, number % 97)} {_name(lang, 3, number)}"


@lru_cache(maxsize=100_000)
def _name(lang: str, kind: int, number: int) -> str:
    draw = np.random.default_rng([SEED, 1 << 28, list(SHARES).index(lang), kind, number])
    syllables = _SYLLABLES[lang].split()
    size = 2 if kind == 2 else 3
    return "".join(syllables[int(i)] for i in draw.integers(len(syllables), size=size)).capitalize()


class HashingEncoder:
    """An Encoder without a model: a fixed direction for each hash of a word, summed.

    A passage also gets noise that depends on its text alone, so that no two are equal.
    """

    languages: frozenset[str] | None = None

    def __init__(self) -> None:
        draw = np.random.default_rng([SEED, 1 << 27])
        self._directions = draw.normal(size=(_HASHED, DIMENSION)).astype(np.float32)

    @property
    def identity(self) -> EncoderIdentity:
        return EncoderIdentity("hashing", DIMENSION)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Float32 of shape (len(texts), 384), rows of norm 1."""
        return np.stack([_unit(self._sum(text)) for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """As `encode_queries`, each row with its noise."""
        rows = self.encode_queries(texts)
        for row, text in zip(rows, texts, strict=True):
            draw = np.random.default_rng(zlib.crc32(text.encode()))
            noise = draw.standard_normal(DIMENSION, dtype=np.float32)
            row[:] = _unit(row + NOISE * _unit(noise))
        return rows

    def _sum(self, text: str) -> Vectors:
        words = {w for w in _WORD.findall(text.lower()) if len(w) > _COMMON_LETTERS}
        rows = sorted(zlib.crc32(word.encode()) % _HASHED for word in words or {text})
        return np.asarray(self._directions[rows].sum(axis=0))


def _unit(vector: Vectors) -> Vectors:
    return np.asarray(vector / np.linalg.norm(vector))
