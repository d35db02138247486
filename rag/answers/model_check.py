"""What a language model is good for: `fonds llm check`.

Twenty questions over the invented sample archive, twelve of them with an answer. The model is shown
the sentences that Fonds would show it, and asked to choose and to say what they say. Measured are
its speed, how often it chose a sentence with the answer, how often it said no where there is none,
how well its yes tells the two apart, and how many of its statements the checks bear out.

Not here: how it is asked (`pointing`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rag.answers.grounding import Checker
from rag.answers.inquiry import Inquiry
from rag.answers.pointing import offered_of, supported, user
from rag.answers.selection import Quotation, joined
from rag.errors import ModelError
from rag.llm.points import Form, PointReader
from rag.models.bundle import LanguageModel
from rag.questions.query import understand
from rag.types import Filters

ANSWERED, UNANSWERED = 12, 8
"""Questions asked of each kind."""

OF_THE_ANSWER = ("timeout", "cut", "nonsense", "empty")
"""Faults of one answer, which count against the model."""

CHOOSES, TELLS_APART, STATES = 0.6, 0.65, 0.7
"""From what share of right choices, from what area under the curve of its yes, and from what share
of statements borne out a model is of use."""


@dataclass(slots=True)
class ModelReport:
    """What was found. `seconds` are of each question, `tokens` of the answers, `probabilities` of
    yes for questions with and without an answer."""

    name: str
    seconds: list[float] = field(default_factory=list)
    writing: float = 0.0
    tokens: int = 0
    chose_right: int = 0
    said_no: int = 0
    malformed: int = 0
    statements: int = 0
    borne_out: int = 0
    probabilities: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})

    @property
    def tells_apart(self) -> float | None:
        """How often its yes is surer where there is an answer (area under the ROC curve); None
        where it tells no probabilities."""
        yes, no = self.probabilities[True], self.probabilities[False]
        if not yes or not no:
            return None
        pairs = [(a > b) + (a == b) / 2 for a in yes for b in no]
        return sum(pairs) / len(pairs)

    @property
    def advice(self) -> str:
        """A sentence."""
        chooses = self.chose_right / ANSWERED >= CHOOSES
        apart = self.tells_apart
        states = self.statements > 0 and self.borne_out / self.statements >= STATES
        if not chooses:
            return "Too weak to choose: leave FONDS_LLM unset, or take a larger model."
        if apart is not None and apart < TELLS_APART:
            return "It chooses, but its yes is worth little: FONDS_LLM_MODE=points at most."
        if states:
            return "It chooses and states well: FONDS_LLM_MODE=statements."
        return "It chooses well: FONDS_LLM_MODE=points."

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        apart = self.tells_apart
        return {
            "model": self.name,
            "questions": len(self.seconds),
            "seconds_per_question": round(median(self.seconds), 1),
            "tokens_per_second": round(self.tokens / self.writing, 1) if self.writing else None,
            "chose_right": [self.chose_right, ANSWERED],
            "said_no": [self.said_no, UNANSWERED],
            "tells_apart": None if apart is None else round(apart, 3),
            "statements_borne_out": [self.borne_out, self.statements],
            "malformed": self.malformed,
            "advice": self.advice,
        }


def check(
    llm: LanguageModel,
    inquiry: Inquiry,
    questions: Path,
    asked: Callable[[int, int], None] = lambda n, of: None,
) -> ModelReport:
    """Asks the questions over the sample archive. `asked` is told how many are done.

    Raises EncoderError, and ModelError for a model that cannot be asked at all.
    """
    report = ModelReport(llm.name)
    drawn = list(_drawn(questions))
    for n, question in enumerate(drawn, 1):
        _ask(question, llm, inquiry, report)
        asked(n, len(drawn))
    return report


def _drawn(questions: Path) -> Iterator[Mapping[str, Any]]:
    """The first questions that sentences answer, and the first that nothing does."""
    left = {True: ANSWERED, False: UNANSWERED}
    for line in questions.read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        kind = question["answerable"]
        if (question["gold_quotes"] or not kind) and left[kind]:
            left[kind] -= 1
            yield question


def _ask(
    question: Mapping[str, Any], llm: LanguageModel, inquiry: Inquiry, report: ModelReport
) -> None:
    query = understand(question["text"], Filters(), inquiry.store)
    offered = offered_of(inquiry.findings(query).sentences, llm.reads)
    form, reader = Form(len(offered), stating=True), PointReader(len(offered))
    started = time.perf_counter()
    begun, points = started, []
    try:
        for piece in llm.write(form.system, user(question["text"], offered), form):
            if piece and not reader.text:
                begun = time.perf_counter()
            report.tokens += bool(piece)
            points += reader.feed(piece, piece.chances)
    except ModelError as error:
        if error.fault not in OF_THE_ANSWER:
            raise
    points += reader.close()
    report.seconds.append(time.perf_counter() - started)
    report.writing += time.perf_counter() - begun
    report.malformed += reader.answered is None
    if reader.probability is not None:
        report.probabilities[question["answerable"]].append(reader.probability)
    if not question["answerable"]:
        report.said_no += reader.answered is False
        return
    chosen = [offered[n - 1].text for point in points for n in point.sentences]
    gold = [" ".join(quote.split()) for quote in question["gold_quotes"]]
    right = any(quote in " ".join(text.split()) for quote in gold for text in chosen)
    report.chose_right += bool(reader.answered) and right
    checker = Checker(inquiry.store, inquiry.models)
    for point in points:
        if point.statement:
            named = [offered[n - 1] for n in point.sentences]
            quotations = joined([Quotation(one.hit, one.start, one.end) for one in named])
            report.statements += 1
            report.borne_out += any(supported(point.statement, quotations, checker)[1])
