"""Are documents found whose words text recognition misread, and clean quotations of them?

The corpus of each suite is misread (`measures.misreadings`), seeded by the document's id, and all
its documents are marked with `ocr_noise`, so that the same is measured at any rate. The suite's
questions are asked with words alone and with vectors, without and with the misreadings of their
words (`rag.retrieval.misreadings`). Quotations are clean words of the documents, and words in an
order that no document has. The reader does not rank, for it only orders what was found.
Not here: retrieval from clean texts (`run`).
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np

from eval.measures import retrieval
from eval.measures.ablation import applied
from eval.measures.cached_encoder import CachedEncoder
from eval.measures.distortions import invented, vocabulary_of
from eval.measures.misreadings import Misread, misread
from eval.sets.jsonl import read_lines
from eval.sets.suite import EvalQuestion, Suite
from index_store.store import EncoderIdentity
from index_store.types import Document, DocumentWarning, Vectors
from rag import Archive
from rag.errors import FondsError, UsageError
from rag.models.encoder import Encoder
from rag.readers.scans.parts import find_documents
from rag.records import warnings
from rag.records.warnings import ocr_noise
from rag.settings import load
from rag.types import Failure, Match

RATES = (0.0, 0.05, 0.1)
QUOTATIONS = 200
_QUOTED_WORDS = (8, 40)
_CODE = "ocr_noise"

Texts = Mapping[str, tuple[str, Misread]]
"""Document id → its text as it is, and misread."""


def measure(
    suites: Sequence[Suite], encoder: Encoder, cache: Path | None, vectors: bool
) -> list[dict[str, Any]]:
    """A row for each suite, rate and way of searching; see `as_markdown`.

    `cache` is the file of cached vectors; without `vectors` words alone are measured. Raises
    UsageError for a corpus that is not in JSON Lines.
    """
    constant = _Constant(encoder.identity)
    rows: list[dict[str, Any]] = []
    for suite in suites:
        for rate in RATES:
            rows += _with_encoder(suite, rate, constant, "lexical")
            if vectors:
                cached = CachedEncoder(encoder, cache) if cache else None
                rows += _with_encoder(suite, rate, cached or encoder, "no-rerank")
                if cached:
                    cached.close()
    return rows


def _with_encoder(
    suite: Suite, rate: float, encoder: Encoder, ablation: str
) -> Iterator[dict[str, Any]]:
    by_words = ablation == "lexical"
    with tempfile.TemporaryDirectory(prefix="fonds-eval-") as name:
        folder = Path(name)
        texts = _write_misread(suite.corpus, rate, folder / "corpus.jsonl")
        settings = load({"store": folder / "store"})
        with Archive(settings, encoder) as archive, marked() as own:
            report = archive.ingest(folder / "corpus.jsonl")
        if report.failures:
            raise FondsError(f"{report.failures[0].path}: {report.failures[0].error}")
        row = {"suite": suite.name, "rate": rate, "by": "words" if by_words else "words, vectors"}
        questions = suite.asked("retrieval")
        with applied(ablation), Archive(settings, encoder) as archive:
            with applied("no-misreadings"):
                row["before"] = scores(archive, questions)
            row["after"] = scores(archive, questions)
            row["warned by itself"] = round(len(own) / len(texts), 3)
            if by_words:
                row["quotations"] = verified(archive, texts)
        yield row


class _Constant:
    """Gives every text the same vector: for searches in which vectors have no part."""

    languages: frozenset[str] | None = frozenset()

    def __init__(self, identity: EncoderIdentity) -> None:
        self.identity = identity

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        out = np.zeros((len(texts), self.identity.dimension), dtype=np.float32)
        out[:, 0] = 1.0
        return out

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self.encode_queries(texts)


def _write_misread(corpus: Sequence[Path], rate: float, path: Path) -> Texts:
    """Writes the documents of the corpus, misread, as JSON Lines."""
    texts = {}
    with path.open("w", encoding="utf-8") as out:
        for file in find_documents(corpus):
            if isinstance(file, Failure) or file.suffix != ".jsonl":
                raise UsageError(f"{file}: only a corpus in JSON Lines can be misread")
            for row in read_lines(file):
                read = misread(row["text"], rate, random.Random(f"{row['id']} {rate}"))
                texts[row["id"]] = row["text"], read
                out.write(json.dumps({**row, "text": read.text}, ensure_ascii=False) + "\n")
    return texts


@contextlib.contextmanager
def marked() -> Iterator[list[str]]:
    """Every document that is ingested gets the warning; yields the ids of those that have it by
    themselves."""
    own: list[str] = []
    given = DocumentWarning(_CODE, "The text is misread for a measurement.")

    def check(document: Document) -> Iterator[DocumentWarning]:
        own.extend(document.document_id for _ in ocr_noise.check(document))
        yield given

    before = warnings.CHECKS
    warnings.CHECKS = (*(c for c in before if c is not ocr_noise.check), check)
    try:
        yield own
    finally:
        warnings.CHECKS = before


def scores(archive: Archive, questions: Sequence[EvalQuestion]) -> dict[str, float]:
    """Mean R@10 and nDCG@10 of documents, and the median milliseconds of a search."""
    rankings: dict[str, list[str]] = {}
    seconds = []
    for q in questions:
        started = time.perf_counter()
        hits = archive.search(q.text, 100, q.filters).hits
        seconds.append(time.perf_counter() - started)
        rankings[q.id] = list(dict.fromkeys(hit.document.document_id for hit in hits))
    values = retrieval.scores({q.id: q.grades for q in questions}, rankings).values()
    means = {name: round(fmean(v[name] for v in values), 3) for name in ("R@10", "nDCG@10")}
    return {**means, "ms": round(1000 * median(seconds), 1)}


def verified(archive: Archive, texts: Texts) -> dict[str, float]:
    """Of clean quotations of 8 to 40 words: the shares found, and found at the right place; of
    words in an order that no document has the share called similar; the median milliseconds."""
    draw = random.Random("quotations of misread texts")
    names = sorted(n for n, (text, _) in texts.items() if len(text.split()) > _QUOTED_WORDS[1])
    vocabulary = vocabulary_of([text for text, _ in texts.values()])
    found = right = false = 0
    seconds = []
    for _ in range(QUOTATIONS if names else 0):
        quotation = _quoted(texts[draw.choice(names)][0], draw)
        started = time.perf_counter()
        matches = archive.verify(quotation).matches
        seconds.append(time.perf_counter() - started)
        found += bool(matches)
        right += any(_is_right(match, quotation, texts) for match in matches)
        other = invented(vocabulary, draw, draw.randint(*_QUOTED_WORDS))
        false += bool(archive.verify(other).matches)
    asked = max(1, len(seconds))
    return {
        "found": round(found / asked, 3),
        "right place": round(right / asked, 3),
        "false": round(false / asked, 3),
        "ms": round(1000 * median(seconds or [0.0]), 1),
    }


def _quoted(text: str, draw: random.Random) -> str:
    words = list(re.finditer(r"\S+", text))
    count = draw.randint(*_QUOTED_WORDS)
    first = draw.randrange(len(words) - count + 1)
    return text[words[first].start() : words[first + count - 1].end()]


def _is_right(match: Match, quotation: str, texts: Texts) -> bool:
    """Whether the match covers more than half of a place where the quotation stood."""
    text, read = texts[match.citation.document.document_id]
    for place in re.finditer(re.escape(quotation), text):
        start, end = read.places[place.start()], read.places[place.end()]
        covered = min(end, match.citation.end) - max(start, match.citation.start)
        if 2 * covered > end - start:
            return True
    return False


def as_markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """Two tables: the search, and the quotations."""
    lines = [
        "| suite | letters misread | by | R@10, before → after | nDCG@10 | ms | warned by itself |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        pairs = [f"{row['before'][m]} → {row['after'][m]}" for m in ("R@10", "nDCG@10", "ms")]
        cells = [row["suite"], f"{row['rate']:.0%}", row["by"], *pairs, row["warned by itself"]]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += ["", "| suite | letters misread | found | right place | false | ms |"]
    lines.append("|---|---|---|---|---|---|")
    for row in rows:
        if given := row.get("quotations"):
            cells = [row["suite"], f"{row['rate']:.0%}", *given.values()]
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)
