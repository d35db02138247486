"""Do terms learned from an archive's parallel texts improve search in other parallel texts?

The sentences of the sample archive (by record) and of the "Letter to a Hindoo" (by stretch) are
split in four folds. With the terms learned from three folds, each sentence of the fourth is a
question that should find its translation among all paragraphs of the other language, by words
alone. The figures are mean reciprocal ranks.

Not here: how terms are learned (`rag.retrieval.term_mining`), people's questions (`eval run`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np

import samples
from eval.measures.estimates import mean
from eval.measures.resample import compare
from eval.sets.jsonl import read_lines
from index_store.store import EncoderIdentity, Entry, IndexStore
from index_store.types import Document, Filter, Passage
from rag.models import lexicon as lexicons
from rag.models.lexicon import LANGUAGES, Lexicon, other_language
from rag.readers.registry import read
from rag.readers.sandbox import ParserSandbox
from rag.readers.scans.parts import find_documents
from rag.records import alignment, warnings
from rag.retrieval.archive_terms import language_pair
from rag.retrieval.query_expansion import expand_query
from rag.retrieval.term_mining import mine_translations, unexplained
from rag.types import Failure

FOLDS = 4
DEPTH = 50

Texts = tuple[str, str]
Block = tuple[Texts, list[Texts]]
"""A paragraph in English and Russian, and its sentences in both."""


def measure(data: Path) -> dict[str, Any]:
    """Mean reciprocal ranks without and with the terms, with interval and p of the difference."""
    records = list(_sample())
    parts = [records[n::FOLDS] for n in range(FOLDS)]
    sample = [[block for texts in part for block in _blocks(*texts)] for part in parts]
    row = read_lines(data / "parallel" / "tolstoy_hindoo_en_ru.jsonl")[0]
    blocks = _blocks("\n\n".join(row["en"]), "\n\n".join(row["ru"]))
    edges = [n * len(blocks) // FOLDS for n in range(FOLDS + 1)]
    hindoo = [blocks[a:b] for a, b in pairwise(edges)]
    return {"sample": _figures(sample), "hindoo": _figures(hindoo)}


def _sample() -> Iterator[Texts]:
    with ParserSandbox() as apart:
        for path in find_documents([samples.ARCHIVE]):
            if isinstance(path, Failure):
                continue
            documents = [d for d in read(path, apart) if not isinstance(d, Failure)]
            for _, versions in groupby(documents, key=lambda d: d.record_id):
                if both := language_pair(list(warnings.examine(list(versions)))):
                    yield both[0].text, both[1].text


def _blocks(en: str, ru: str) -> list[Block]:
    blocks = []
    for pair in alignment.paragraphs(en, ru):
        a, b = en[slice(*pair.left)], ru[slice(*pair.right)]
        inner = alignment.sentence_pairs(a, b)
        blocks.append(((a, b), [(a[slice(*p.left)], b[slice(*p.right)]) for p in inner]))
    return blocks


def _figures(folds: Sequence[Sequence[Block]]) -> dict[str, Any]:
    base = lexicons.bundled()
    found: dict[str, tuple[list[float], list[float], list[str]]] = {
        lang: ([], [], []) for lang in LANGUAGES
    }
    with tempfile.TemporaryDirectory() as folder, _store(folds, Path(folder)) as store:
        for n, fold in enumerate(folds):
            others = (block for m, other in enumerate(folds) if m != n for block in other)
            rest = [texts for _, sentences in others for texts in sentences]
            taught = base.with_archive_terms(
                mine_translations((unexplained(*t, base) for t in rest), len(rest))
            )
            for m, (_, sentences) in enumerate(fold):
                for texts in sentences:
                    for text, lang in zip(texts, LANGUAGES, strict=True):
                        wanted = f"{n}-{m}-{other_language(lang)}"
                        found[lang][0].append(_reciprocal(text, wanted, base, store))
                        found[lang][1].append(_reciprocal(text, wanted, taught, store))
                        found[lang][2].append(f"{n}-{m}")
    return {f"{lang}→{other_language(lang)}": _compared(*found[lang]) for lang in LANGUAGES}


def _compared(
    without: Sequence[float], taught: Sequence[float], clusters: Sequence[str]
) -> dict[str, Any]:
    rr = mean([*without, *taught], [1.0] * (2 * len(clusters)))
    differences = np.array(taught) - np.array(without)
    return asdict(compare({"RR": rr}, clusters, {"RR": differences})["RR"])


def _reciprocal(text: str, wanted: str, lexicon: Lexicon, store: IndexStore) -> float:
    to = wanted.rsplit("-", 1)[1]
    asked = expand_query(text, to, lexicon, store.stems_from)
    found = store.lexical_search(asked, DEPTH, Filter(lang=to), level="document")
    return next((1 / n for n, hit in enumerate(found, 1) if hit.passage_id == wanted), 0.0)


def _store(folds: Sequence[Sequence[Block]], folder: Path) -> IndexStore:
    """A store of paragraphs, each a document. Vectors are not used."""
    store = IndexStore.open(folder / "store", write=True, encoder=EncoderIdentity("none", 1))
    store.put(
        [
            _entry(f"{n}-{m}-{lang}", lang, text)
            for n, fold in enumerate(folds)
            for m, (texts, _) in enumerate(fold)
            for lang, text in zip(LANGUAGES, texts, strict=True)
        ]
    )
    return store


def _entry(name: str, lang: str, text: str) -> Entry:
    document = Document(
        document_id=name, record_id=name, lang=lang, kind="original", title="", text=text,
        path=name, sha256="0" * 64,
    )  # fmt: skip
    passage = Passage(f"{name}#0", name, 0, 0, len(text), text)
    return Entry(document, (passage,), np.ones((1, 1), np.float32), "", "")
