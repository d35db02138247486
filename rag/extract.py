"""Evidence → the quotations that answer, in the archive's own words. No LLM.

The best sentence comes first; another is added only when it is nearly as good and says
something of the question that those before it do not. A sentence that leans on the one before
it ("Him they consider a deserter") is quoted together with it, and so is the sentence after it
where that has the number, time or person asked for and it has not itself.

Not here: scores (`evidence`), whether to answer at all (`ask`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index_store.types import Hit
from rag.evidence import Evidence
from rag.sentences import sentences

MOST = 3
"""Quotations in an answer."""

NEARLY = 0.85
"""Share of the best score that a further quotation must reach."""

_LEANS = re.compile(
    r"\W*(?:he|she|it|they|him|her|them|his|its|their|this|that|these|those|such|"
    r"moreover|but|however|therefore|then|thus|so|and|also|both|"
    r"(?:of|from|for|with|in|to|by|on|after|before) (?:them|it|this|that|these|those|which|whom)|"
    r"он|она|оно|они|его|её|ее|их|им|ему|ей|это|этот|эта|эти|тот|та|те|такой|такая|такие|"
    r"(?:из|от|у|с|к|в|на|для|о|об|по|за|после|до) "
    r"(?:них|него|неё|нее|ней|ним|ними|этого|этой|этих|этом|этому|этим|того|тех|том)|"
    r"но|однако|поэтому|затем|тогда|также|а|и|притом|причём|причем|оба|обе)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quotation:
    """A stretch of a document: `hit.document.text[start:end]`."""

    hit: Hit
    start: int
    end: int


def choose(evidence: Sequence[Evidence]) -> list[Quotation]:
    """The quotations of an answer, best first; empty when there is no evidence."""
    if not evidence:
        return []
    best = evidence[0]
    chosen = [best]
    covered = set(best.covered)
    for candidate in evidence[1:]:
        if len(chosen) == MOST or candidate.score < NEARLY * best.score:
            break
        if candidate.covered - covered and not _repeats(candidate, chosen):
            chosen.append(candidate)
            covered |= candidate.covered
    return _joined([_whole(item, evidence) for item in chosen])


def _repeats(candidate: Evidence, chosen: Sequence[Evidence]) -> bool:
    """The same words in another document or version of the record."""
    return any(candidate.text == item.text for item in chosen)


def _whole(item: Evidence, evidence: Sequence[Evidence]) -> Quotation:
    """The sentence, with the one before it where it cannot stand alone, and the one after it
    where only that has the kind of thing asked for."""
    start, end = item.start, item.end
    passage = item.hit.passage
    if _LEANS.match(item.text):
        before = [
            passage.start + first
            for first, last in sentences(passage.text)
            if passage.start + last <= item.start
        ]
        start = before[-1] if before else start
    if item.features.get("answer_type") == 0:
        end = next((e.end for e in evidence if _tells(e, item)), end)
    return Quotation(item.hit, start, end)


def _tells(candidate: Evidence, item: Evidence) -> bool:
    """Whether the candidate follows the item and has the kind of thing asked for."""
    if candidate.hit.passage.passage_id != item.hit.passage.passage_id:
        return False
    between = item.hit.document.text[item.end : candidate.start]
    follows = candidate.start >= item.end and not between.strip()
    return follows and candidate.features["answer_type"] > 0


def _joined(quotations: Sequence[Quotation]) -> list[Quotation]:
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
