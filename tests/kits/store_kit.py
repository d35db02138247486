"""What the tests of the store share: small invented letters as entries."""

from __future__ import annotations

import hashlib
import random
import re
import subprocess
import sys
from pathlib import Path

from index_store.store import EncoderIdentity, Entry
from index_store.types import Document, DocumentWarning, Passage
from index_store.vectors import index
from tests.kits import engine_kit
from tests.kits.hashing import HashingEncoder

ROOT = Path(__file__).resolve().parents[2]
ENCODER = HashingEncoder(dimension=32)
IDENTITY = EncoderIdentity(ENCODER.name, ENCODER.dimension)
# Chroma writes its segment files at once, as it does by itself after a thousand rows
EAGER = {**index.HNSW_SETTINGS, "sync_threshold": 2}
WORDS = [
    *("grain", "harbour", "ledger", "frost", "envoy", "canal", "lantern", "ministry", "orchard"),
    *("зерно", "гавань", "мороз", "посол", "канал", "фонарь", "министерство", "сад", "пошлина"),
]


def entry(document_id: str, *paragraphs: str, **fields: object) -> Entry:
    """An entry whose passages are the paragraphs; `fields` are of the document."""
    text = "\n\n".join(paragraphs)
    passages, start = [], 0
    for ordinal, paragraph in enumerate(paragraphs):
        end = start + len(paragraph)
        name = f"{document_id}#{ordinal}"
        passages.append(Passage(name, document_id, ordinal, start, end, paragraph))
        start = end + 2
    values: dict[str, object] = {
        "record_id": document_id,
        "lang": "en",
        "title": f"Letter {document_id}",
        "path": f"letters/{document_id}.txt",
        **fields,
    }
    seal = hashlib.sha256(repr((text, sorted(values.items(), key=str))).encode()).hexdigest()
    document = Document(document_id=document_id, text=text, sha256=seal, **values)  # type: ignore[arg-type]
    key = "".join(re.findall(r"\w+", text))
    vectors = ENCODER.encode(list(paragraphs))
    return Entry(document, tuple(passages), vectors, key, document.title)


def letter(number: int, seed: int = 0, paragraphs: int = 3) -> Entry:
    """A random letter, the same for the same arguments; each paragraph has words of its own."""
    chance = random.Random(f"{seed}/{number}")
    texts = [
        " ".join([*chance.choices(WORDS, k=8), f"mark{seed}x{number}x{part}"])
        for part in range(paragraphs)
    ]
    dated = chance.random() < 0.8
    first = f"19{chance.randint(20, 40)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    last = f"{first[:2]}{chance.randint(41, 50)}{first[4:]}"
    return entry(
        f"d{number}",
        *texts,
        lang=chance.choice(["en", "ru"]),
        kind=chance.choice(["original", "translation"]),
        date=first[:4] if dated else None,
        date_from=first if dated and chance.random() < 0.8 else None,
        date_to=last if dated else None,
        author=chance.choice([None, "A. Berg", "И. Сомов"]),
        recipient=chance.choice([None, "C. Dahl"]),
        collection=chance.choice([None, "Papers", "Бумаги"]),
        warnings=(DocumentWarning("undated", "no date"),) if not dated else (),
        pages=((0, "1"), (10, "2 об.")),
        extra={"box": number},
    )


def run_python(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs `code` in another process, with the project importable."""
    return subprocess.run(
        [sys.executable, "-c", f"import {engine_kit.__name__}\n{code}", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
