"""The sentences that a language model points at → quotations, and what it says of them.

Code numbers the likeliest sentences; the model says whether they answer and which. Code quotes
these from the store, after those that it chose itself (a small model alone chooses worse), and
shows a statement of the model only where the sentences bear it out. How
surely the model said yes counts beside what the reader found (`rag.models.calibration`): where both
doubt, the answer is doubtful too, or none.

Not here: the model's side of it (`rag.llm.points`), prose with markers (`generation`).
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from index_store.types import Hit
from rag.answers import messages
from rag.answers.abstention import abstain
from rag.answers.draft import Draft, cite_all
from rag.answers.evidence import Evidence
from rag.answers.grounding import Checker, says_something
from rag.answers.inquiry import Inquiry
from rag.answers.selection import MAX_QUOTATIONS, Quotation, joined
from rag.errors import ModelError
from rag.llm import output, prompts
from rag.llm.points import Form, Point, PointReader
from rag.models import calibration
from rag.models.bundle import LanguageModel
from rag.types import AnswerEvent, Citation, Statement

MAX_SENTENCES = 40
"""Sentences that a model is shown."""

LEAST_SAID = 3
"""Words that carry meaning in a statement; with fewer it says nothing."""

UNSURE = 1.01
"""No confidence is a clear answer where the model says no."""

WORTH_ASKING = 0.03
"""Confidence below which a model's yes would not make an answer."""


@dataclass(frozen=True, slots=True)
class Pointed:
    """The draft in the model's choice, or as it was with a notice; whether text was streamed."""

    draft: Draft
    was_streamed: bool = False


def may_help(draft: Draft, inquiry: Inquiry) -> bool:
    """Whether the draft quotes sentences, or is an abstention though some may answer."""
    if draft.abstention is None:
        return bool(draft.statements) and all(s.kind == "quotation" for s in draft.statements)
    if draft.abstention.reason == "outside_filters" or draft.query.contradicted:
        return False
    found = inquiry.findings(draft.query)
    return bool(found.sentences) and found.confidence >= WORTH_ASKING


def write(
    draft: Draft, llm: LanguageModel, inquiry: Inquiry
) -> Generator[AnswerEvent, None, Pointed]:
    """The answer as the model gives it, in pieces. `draft` is the extractive one, not yet judged;
    the answer is judged by both. Raises EncoderError."""
    evidence, lang = inquiry.models.evidence, draft.query.lang
    found = inquiry.findings(draft.query)
    offered = offered_of(found.sentences, llm.reads)
    form = Form(len(offered), llm.mode == "statements")
    reader = PointReader(len(offered))
    answer = _Answer(draft, offered, Checker(inquiry.store, inquiry.models), inquiry)
    try:
        with closing(llm.write(form.system, user(draft.query.text, offered), form)) as writing:
            for piece in writing:
                if piece.read is not None:
                    yield AnswerEvent("", read=piece.read)
                for point in reader.feed(piece, piece.chances):
                    yield from answer.add(point, together(found.confidence, reader))
        for point in reader.close():
            yield from answer.add(point, together(found.confidence, reader))
    except ModelError as error:
        notice = messages.fault(lang, llm.name, error.fault, error.detail)
        return Pointed(replace(draft, notice=notice).judged(evidence.clear), answer.begun)
    if answer.citations:
        return Pointed(replace(answer.made(), engine=llm.name), True)
    confidence = together(found.confidence, reader)
    unlikely = confidence < evidence.threshold
    if reader.answered is None or (reader.answered and not unlikely):  # no number that was offered
        notice = messages.fault(lang, llm.name, "nonsense")
        return Pointed(replace(draft, notice=notice).judged(evidence.clear), answer.begun)
    if draft.abstention or unlikely:
        silent = draft if draft.abstention else abstain(draft.query, inquiry)
        return Pointed(replace(silent, confidence=confidence, engine=llm.name))
    notice = messages.no_answer(lang, llm.name)
    judged = replace(draft, confidence=confidence, notice=notice).judged(UNSURE)
    return Pointed(judged)


def together(found: float, reader: PointReader) -> float:
    """The probability of an answer from what was found without the model and what it says."""
    weights = calibration.pointing()
    said = reader.probability
    if said is None:  # the model does not tell how sure it is
        said = weights.yes if reader.answered else weights.no
    log_odds = weights.intercept + weights.found * _log_odds(found)
    log_odds += weights.said * _log_odds(said)
    return round(1 / (1 + math.exp(-log_odds)), 6)


def _log_odds(probability: float) -> float:
    kept = min(0.999, max(0.001, probability))
    return math.log(kept / (1 - kept))


def offered_of(sentences: Sequence[Evidence], chars: int) -> list[Evidence]:
    """The best sentences of so many characters together, at least one; those of a passage
    together and in order, the best passage first."""
    chosen: list[Evidence] = []
    size = 0
    for sentence in sentences[:MAX_SENTENCES]:
        size += len(sentence.text)
        if chosen and size > chars:
            break
        chosen.append(sentence)
    passages = list(dict.fromkeys(_place(s) for s in chosen))
    return sorted(chosen, key=lambda s: (passages.index(_place(s)), s.start))


def _place(sentence: Evidence) -> tuple[str, int]:
    return sentence.hit.document.document_id, sentence.hit.passage.start


def user(question: str, offered: Sequence[Evidence]) -> str:
    """The numbered sentences, each passage under its document's title, then the question."""
    lines: list[str] = []
    before = None
    for n, sentence in enumerate(offered, 1):
        if _place(sentence) != before:
            before = _place(sentence)
            lines.append(f"({prompts.heading(sentence.hit.document)})")
        lines.append(f"{n}. {prompts.on_one_line(sentence.text)}")
    return "\n".join([*lines, "", f"Question: {prompts.on_one_line(question)}"])


def supported(
    statement: str, quotations: Sequence[Quotation], checker: Checker
) -> tuple[str, list[bool]]:
    """The statement in plain words, and which of the quotations bear it out; none where it has a
    link, a shelf-mark or anything else that a model must not write."""
    written = output.read(statement)
    parts = ["".join(span.text for span in one.words) for one in written]
    plain = " ".join(parts)
    none = [False for _ in quotations]
    if not says_something(plain, LEAST_SAID) or any(one.is_tainted for one in written):
        return plain, none
    bearing = [_bearing(part, quotations, checker) for part in parts if says_something(part)]
    if not bearing or not all(map(any, bearing)):
        return plain, none
    return plain, [any(held) for held in zip(*bearing, strict=True)]


def _bearing(text: str, quotations: Sequence[Quotation], checker: Checker) -> list[bool]:
    """Which quotations bear a sentence out: each alone, else those of a document together."""
    alone = [checker.check(text, text, _alone(q)).missing is None for q in quotations]
    if any(alone):
        return alone
    for name in dict.fromkeys(q.hit.document.document_id for q in quotations):
        own = [q for q in quotations if q.hit.document.document_id == name]
        if len(own) > 1 and checker.check(text, text, _together(own)).missing is None:
            return [q in own for q in quotations]
    return alone


def _together(quotations: Sequence[Quotation]) -> Hit:
    """A hit of one document with these quotations of it alone, one after the other."""
    first = quotations[0].hit
    text = " ".join(_alone(q).passage.text for q in quotations)
    return replace(first, passage=replace(first.passage, start=0, end=len(text), text=text))


def _alone(quotation: Quotation) -> Hit:
    """The hit with no more of its passage than is quoted."""
    hit, start, end = quotation.hit, quotation.start, quotation.end
    text = hit.document.text[start:end]
    return replace(hit, passage=replace(hit.passage, start=start, end=end, text=text))


class _Answer:
    """The answer so far."""

    def __init__(
        self, draft: Draft, offered: Sequence[Evidence], checker: Checker, inquiry: Inquiry
    ) -> None:
        self._draft, self._offered, self._checker = draft, offered, checker
        self._inquiry = inquiry
        self._parts: list[str] = []
        self._statements: list[Statement] = []
        self.citations: list[Citation] = []

    @property
    def begun(self) -> bool:
        return bool(self._parts)

    def add(self, point: Point, confidence: float) -> Generator[AnswerEvent, None, None]:
        """The statement of a point, where its sentences bear it out, and those not quoted yet;
        nothing where reader and model together doubt too much."""
        if confidence < self._inquiry.models.evidence.threshold:
            return
        if not self._parts:
            yield from self._begin(confidence)
        sentences = [self._offered[n - 1] for n in point.sentences]
        chosen = joined([Quotation(s.hit, s.start, s.end) for s in sentences])
        room = max(0, MAX_QUOTATIONS - len(self.citations))
        fresh = [q for q in chosen if self._quoting(q) is None][:room]
        cited = cite_all(fresh, self._inquiry.store, len(self.citations) + 1)
        self.citations += cited
        if said := self._statement(point.statement, chosen):
            numbers = "".join(f" [{n}]" for n in said.citations)
            yield self._piece(f"{said.text}{numbers}", said)
        for citation in cited:
            yield self._quotation(citation)

    def _begin(self, confidence: float) -> Generator[AnswerEvent, None, None]:
        """The heading, and what Fonds quotes by itself."""
        clear = self._inquiry.models.evidence.clear
        given = replace(self._draft, abstention=None, confidence=confidence)
        self._draft = given.judged(clear, quotes=True)
        if self._draft.heading:
            yield AnswerEvent(f"{self._draft.heading}\n\n")
        for citation in self._draft.citations:
            self.citations.append(citation)
            yield self._quotation(citation)

    def _quotation(self, citation: Citation) -> AnswerEvent:
        statement = Statement(citation.quote, "quotation", (citation.n,), "verified")
        lang = citation.document.lang
        return self._piece(messages.quoted(citation.quote, lang, citation.n), statement)

    def _piece(self, text: str, statement: Statement) -> AnswerEvent:
        gap = "\n\n" if self._parts else ""
        self._parts.append(text)
        self._statements.append(statement)
        own = tuple(c for c in self.citations if c.n in statement.citations)
        return AnswerEvent(gap + text, statement=statement, citations=own)

    def _quoting(self, quotation: Quotation) -> Citation | None:
        """The citation that has the quotation or some of it."""
        name, start, end = quotation.hit.document.document_id, quotation.start, quotation.end
        for citation in self.citations:
            same = citation.document.document_id == name
            if same and citation.start < end and start < citation.end:
                return citation
        return None

    def _statement(self, text: str, chosen: Sequence[Quotation]) -> Statement | None:
        """The model's words, where quotations that are cited bear them out."""
        plain, borne = supported(text, chosen, self._checker)
        holding = [q for q, holds in zip(chosen, borne, strict=True) if holds]
        numbers = dict.fromkeys(c.n for q in holding if (c := self._quoting(q)) is not None)
        return Statement(plain, "prose", tuple(numbers), "supported") if numbers else None

    def made(self) -> Draft:
        """The whole answer."""
        return replace(
            self._draft,
            answer="\n\n".join(self._parts),
            statements=tuple(self._statements),
            citations=tuple(self.citations),
        )
