"""The task "verify": quotations that Fonds should find in the archive, or not find.

Of each document drawn: a sentence as it stands, in another typography, and with a word changed;
words in an order that no document has; and an excerpt whole and with 2, 5 and 10 % of its letters
damaged, for which document, shelf-mark and date should be given. Not here: intervals (`resample`).
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from eval.measures.distortions import in_other_form, invented, mutated, noisy, vocabulary_of
from eval.measures.rows import Row, Values
from eval.sets.spans import Source
from eval.sets.suite import Split, half_of
from rag import Archive
from rag.text.sentences import sentences
from rag.types import Match, QuotationReport

EXPECTED = {"exact": "exact", "form": "normalised", "mutated": "near", "invented": "absent"}
NOISE = {"excerpt": 0.0, "excerpt 2 %": 0.02, "excerpt 5 %": 0.05, "excerpt 10 %": 0.10}
KINDS = (*EXPECTED, *NOISE)
LIMIT = 240
"""Most quotations, where the suite sets no limit."""

_SENTENCE_WORDS = (9, 40)
_EXCERPT_WORDS = 25
_VOCABULARY_TEXTS = 200


@dataclass(frozen=True, slots=True)
class Item:
    """A quotation, its kind, the document it is from, and the words as they are there."""

    kind: str
    document: str
    quotation: str
    original: str


def items(texts: Mapping[str, Source], limit: int, split: Split = "all") -> list[Item]:
    """At most `limit` quotations, from documents drawn by hash."""
    own = (name for name in texts if split in ("all", half_of(name)))
    drawn = sorted(own, key=lambda name: hashlib.sha1(f"lot {name}".encode()).hexdigest())
    vocabulary = vocabulary_of([texts[name].text for name in drawn[:_VOCABULARY_TEXTS]])
    found: list[Item] = []
    for name in drawn:
        if len(found) + len(KINDS) > max(limit, len(KINDS)):
            break
        found += _of_document(name, texts[name].text, vocabulary)
    return found


def _of_document(name: str, text: str, vocabulary: Sequence[str]) -> Iterator[Item]:
    """One item of each kind; none where the document has no sentences of suitable length."""
    draw = random.Random(f"quotations {name}")
    spans = sentences(text)
    shortest, longest = _SENTENCE_WORDS
    suitable = [(s, e) for s, e in spans if shortest <= len(text[s:e].split()) <= longest]
    long = [
        (spans[i][0], spans[i + 1][1])
        for i in range(len(spans) - 1)
        if len(text[spans[i][0] : spans[i + 1][1]].split()) >= _EXCERPT_WORDS
    ]
    if not suitable or not long:
        return
    chosen = [text[slice(*draw.choice(suitable))] for _ in range(3)]
    start, end = draw.choice(long)
    excerpt = text[start:end]
    yield Item("exact", name, chosen[0], chosen[0])
    yield Item("form", name, in_other_form(chosen[1], draw), chosen[1])
    yield Item("mutated", name, mutated(chosen[2], vocabulary, draw), chosen[2])
    yield Item("invented", name, invented(vocabulary, draw), "")
    for kind, rate in NOISE.items():
        yield Item(kind, name, noisy(excerpt, rate, draw), excerpt)


def rows(
    archive: Archive,
    texts: Mapping[str, Source],
    limit: int,
    split: Split,
    keep: Callable[[str, float], None],
) -> list[Row]:
    """A row for each item, verified by Fonds; `keep` is called with the task and the seconds."""
    out = []
    for n, item in enumerate(items(texts, limit, split)):
        failed = None
        report: QuotationReport | None = None
        top = ""
        started = time.perf_counter()
        try:
            report = archive.verify(item.quotation)
            keep("verify", time.perf_counter() - started)
            if item.kind in NOISE:
                hits = archive.search(item.quotation, k=1).hits
                top = hits[0].document.document_id if hits else ""
        except Exception as error:  # noqa: BLE001 - an error is a result, and is listed
            failed = f"{type(error).__name__}: {error}"
        holding = {name for name, s in texts.items() if item.original and item.original in s.text}
        out.append(
            Row(
                "verify",
                f"q{n:04d}-{item.kind.replace(' %', '').replace(' ', '-')}",
                item.kind,
                half_of(item.document),
                item.document,
                item.quotation,
                _values(item, report, top, holding, texts),
                failed=failed,
                details={
                    "wanted": f"{EXPECTED.get(item.kind, 'found')}: {item.document}",
                    "answer": _found(report),
                },
            )
        )
    return out


def _found(report: QuotationReport | None) -> str:
    if report is None or not report.matches:
        return report.status if report else "failed"
    return f"{report.status}: {report.matches[0].citation.document.document_id}"


def _values(
    item: Item,
    report: QuotationReport | None,
    top: str,
    holding: set[str],
    texts: Mapping[str, Source],
) -> Values:
    match = report.matches[0] if report and report.matches else None
    status = report.status if report else "failed"
    document = match.citation.document.document_id if match else ""
    located = float(document in holding)
    if item.kind in NOISE:
        return {
            "document": (located, 1.0),
            "shelf-mark": (float(_same(match, texts, holding, "archival_ref")), 1.0),
            "date": (float(_same(match, texts, holding, "date")), 1.0),
            "document by search": (float(top in holding), 1.0),
        }
    genuine = item.kind in ("exact", "form")
    standing = status in ("exact", "normalised")
    values = {
        "as expected": (float(status == EXPECTED[item.kind]), 1.0),
        "precision": (float(genuine and located > 0), float(standing)),
    }
    if genuine:
        values["recall"] = (float(standing and located > 0), 1.0)
    if holding:
        values["document"] = (located, 1.0)
    return values


def _same(match: Match | None, texts: Mapping[str, Source], holding: set[str], field: str) -> bool:
    """Whether the match is in the right document and has the field as the file gives it."""
    if match is None or match.citation.document.document_id not in holding:
        return False
    document = match.citation.document
    stored = str(getattr(document, field) or "")
    given = str(getattr(texts[document.document_id], field))
    return bool(stored) == bool(given.strip()) and (stored in given or given in stored)
