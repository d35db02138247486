"""Evidence → the quotations that answer, in the archive's own words. No language model.

The best sentence comes first. Scores are log-odds, so another sentence is added where it is not
much less likely to be the answer: none in a clear case, in a doubtful one the next best of the same
document and of others. A sentence that depends on the one before it ("Him they consider a
deserter") is quoted together with it, and so is the sentence after it where only that one has the
number, time or person asked for. An enumeration is quoted whole where several things are asked for.

Not here: scores (`evidence`), whether to answer at all (`from_text`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index_store.analysis.folding import fold
from index_store.types import Hit
from rag.answers.evidence import Evidence
from rag.models import calibration
from rag.records.description import differs
from rag.records.duplicates import copied
from rag.text.enumerations import enumeration
from rag.text.languages import either
from rag.text.numbers import numbers
from rag.text.sentences import sentences

MAX_QUOTATIONS = 4
"""Quotations in an answer."""

MAX_PER_DOCUMENT = 2
"""Quotations from one document."""

MAX_DOCUMENTS = 3
"""Documents quoted."""

MOST_ASKED = 9
"""Of several things that a question asks for by their number."""

MAX_ANNOUNCING_WORDS = 14
"""Words of a sentence that announces so many things: "I ask for three things."."""

_ASKED = re.compile(
    rf"\b(?:{either(lambda x: x.questions.interrogatives)})\s+(\w+(?:\s+\w+)?)", re.I
)

_DEPENDS = re.compile(rf"\W*(?:{either(lambda x: x.answers.leans)})\b", re.I)


@dataclass(frozen=True, slots=True)
class Quotation:
    """A stretch of a document: `hit.document.text[start:end]`."""

    hit: Hit
    start: int
    end: int


def choose(evidence: Sequence[Evidence], question: str = "") -> list[Quotation]:
    """The quotations of an answer, best first; empty when there is no evidence.

    Where the question asks for several things, an enumeration is quoted whole.
    """
    if not evidence:
        return []
    best = evidence[0]
    chosen: list[Evidence] = []
    thresholds = calibration.thresholds()
    quoted: Counter[str] = Counter()
    for candidate in evidence:
        document, behind = candidate.hit.document.document_id, best.score - candidate.score
        known = document in quoted
        allowed = thresholds.same_document_log_odds if known else thresholds.other_document_log_odds
        room = quoted[document] < MAX_PER_DOCUMENT if known else len(quoted) < MAX_DOCUMENTS
        if (
            behind <= allowed
            and room
            and len(chosen) < MAX_QUOTATIONS
            and not repeats(candidate, chosen)
        ):
            chosen.append(candidate)
            quoted[document] += 1
    quotations = [_whole(item, evidence) for item in chosen]
    if count := _asked_for(question):
        quotations = [_with_items(quotation, count) for quotation in quotations]
    return joined(quotations)


def _asked_for(question: str) -> int | None:
    """How many things a question asks for: "which three places", «о каких трёх вещах»."""
    counts = [int(n) for match in _ASKED.finditer(question) for n in numbers(match[1])]
    return next((n for n in counts if 1 < n <= MOST_ASKED), None)


def _with_items(quotation: Quotation, count: int) -> Quotation:
    """The enumeration that a quotation belongs to, or the sentences after one that announces so
    many things."""
    hit, start, end = quotation.hit, quotation.start, quotation.end
    text = hit.document.text
    whole = enumeration(text, start, end)
    words = text[start:end]
    if whole != (start, end) or len(words.split()) > MAX_ANNOUNCING_WORDS:
        return Quotation(hit, *whole)
    if str(count) not in numbers(words):
        return quotation
    passage = hit.passage
    after = [passage.start + e for s, e in sentences(passage.text) if passage.start + s >= end]
    return Quotation(hit, start, after[min(count, len(after)) - 1] if after else end)


def repeats(candidate: Evidence, chosen: Sequence[Evidence]) -> bool:
    """The same words again, or another version or a copy of what is quoted already."""
    words = _words(candidate.text)
    return any(
        words == _words(item.text)
        or _versions(candidate, item)
        or copied(candidate.hit.document, item.hit.document)
        for item in chosen
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", fold(text))


def _versions(a: Evidence, b: Evidence) -> bool:
    one, other = a.hit.document, b.hit.document
    same = one.record_id == other.record_id and one.document_id != other.document_id
    return same and not differs(one)


def leans(text: str) -> bool:
    """Whether a sentence cannot stand without the one before it."""
    return _DEPENDS.match(text) is not None


def _whole(item: Evidence, evidence: Sequence[Evidence]) -> Quotation:
    """The sentence, with the one before it where it cannot stand alone, and the one after it
    where only that has the kind of thing asked for."""
    start, end = item.start, item.end
    passage = item.hit.passage
    if leans(item.text):
        before = [
            passage.start + first
            for first, last in sentences(passage.text)
            if passage.start + last <= item.start
        ]
        start = before[-1] if before else start
    if item.features.get("answer_type") == 0:
        end = next((e.end for e in evidence if _has_answer_type(e, item)), end)
    return Quotation(item.hit, start, end)


def _has_answer_type(candidate: Evidence, item: Evidence) -> bool:
    """Whether the candidate follows the item and has the kind of thing asked for."""
    if candidate.hit.passage.passage_id != item.hit.passage.passage_id:
        return False
    between = item.hit.document.text[item.end : candidate.start]
    follows = candidate.start >= item.end and not between.strip()
    return follows and candidate.features["answer_type"] > 0


def joined(quotations: Sequence[Quotation]) -> list[Quotation]:
    """Quotations of one document that touch or overlap become one, in the earlier's place."""
    out: list[Quotation] = []
    for quotation in quotations:
        for i, other in enumerate(out):
            if _touch(quotation, other):
                first, last = sorted((quotation, other), key=lambda q: q.start)
                out[i] = Quotation(first.hit, first.start, max(first.end, last.end))
                break
        else:
            out.append(quotation)
    return out


def _touch(a: Quotation, b: Quotation) -> bool:
    if a.hit.document.document_id != b.hit.document.document_id:
        return False
    first, last = sorted((a, b), key=lambda q: q.start)
    between = first.hit.document.text[first.end : last.start]
    return last.start <= first.end or not between.strip()
