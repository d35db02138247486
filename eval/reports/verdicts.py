"""Readers' verdicts on answers in the chat: `python -m eval verdicts`.

The chat keeps a verdict, good or bad, and a reason with an answer. Here they become figures with
intervals, a list of the bad answers, and on request a suite. An approved answer becomes a question
whose gold is what was cited, an approved abstention one that the archive does not answer. Of a
question asked more than once the last verdict counts.

Not here: whose verdict it was (the chat does not say), and the turns before a question; a follow-up
question is in the suite without them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.measures import estimates
from eval.measures.resample import bootstrap
from eval.sets.made import Made
from eval.sets.make import write_suite
from rag.errors import UsageError
from rag.text.detection import language_of
from ui_assets.session.conversations import Conversations


@dataclass(frozen=True, slots=True)
class Verdict:
    """One verdict; `answer` has the fields of a VerifiedAnswer as the chat stores them."""

    question: str
    good: bool
    reason: str
    answer: Mapping[str, Any]

    @property
    def answered(self) -> bool:
        """Whether Fonds answered, rather than abstained."""
        return bool(self.answer["status"] == "answered")


def read(path: Path) -> list[Verdict]:
    """The last verdict on every question under each of its filters, in the order of questions.

    Raises UsageError where there is no such file, ConversationsError where it is of another kind.
    """
    if not path.is_file():
        raise UsageError(f"{path} is not there; name the chat's file of conversations with --file")
    conversations = Conversations(path)
    try:
        judged = conversations.judged()
    finally:
        conversations.close()
    last: dict[tuple[str, str], Verdict] = {}
    for row in judged:
        if answer := row["answer"]:
            verdict = Verdict(row["question"], row["verdict"] > 0, row["reason"] or "", answer)
            last[verdict.question, repr(sorted(answer["filters"].items()))] = verdict
    return list(last.values())


def figures(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Shares of good answers, and the AUROC of the confidence for them, with 95 % intervals."""
    out = []
    for name, part in (
        ("good", list(verdicts)),
        ("good, of answers", [v for v in verdicts if v.answered]),
        ("good, of silences", [v for v in verdicts if not v.answered]),
    ):
        good = [v.good for v in part]
        statistics = {name: estimates.mean(good, [1.0] * len(good))}
        if name == "good, of answers":
            confidence = [float(v.answer["confidence"]) for v in part]
            statistics["AUROC of confidence"] = estimates.auroc(confidence, good)
        found = bootstrap(statistics, [v.question for v in part])
        out += [{"measure": measure, **of.to_dict()} for measure, of in found.items()]
    return out


def as_markdown(verdicts: Sequence[Verdict]) -> str:
    """The figures as a table, and the bad answers with the reasons given."""
    out = ["| measure | value | 95 % | n |", "|---|---:|---|---:|"]
    out += [
        f"| {x['measure']} | {x['value']:.3f} | {x['low']:.3f} … {x['high']:.3f} | {x['n']} |"
        for x in figures(verdicts)
    ]
    bad = [v for v in verdicts if not v.good]
    if bad:
        out += ["", "Thought bad:", ""]
    for v in bad:
        judged = f"confidence {v.answer['confidence']:.2f}, {v.answer['status']}"
        reason = f": {' '.join(v.reason.split())}" if v.reason else ""
        out.append(f"- {' '.join(v.question.split())} ({judged}){reason}")
    return "\n".join(out)


def write(verdicts: Sequence[Verdict], corpus: Sequence[Path], folder: Path) -> int:
    """Writes a suite of the approved answers over this corpus; returns its number of questions.

    Raises UsageError where no answer was approved.
    """
    questions = list(_questions(verdicts))
    if not questions:
        raise UsageError("no answer was approved, so there is nothing to make a suite of")
    made = Made(
        folder.resolve().name,
        "Questions of readers whose answers they approved; gold is what was cited",
        "the archive's own",
        ("retrieval", "answers", "abstention"),
        questions,
        [path.resolve() for path in corpus],
    )
    write_suite(made, folder)
    return len(questions)


def _questions(verdicts: Sequence[Verdict]) -> Iterator[dict[str, Any]]:
    for v in verdicts:
        if v.good:
            filters = {k: value for k, value in v.answer["filters"].items() if value}
            named = f"{v.question}\0{sorted(filters.items())}"
            cited = [(c["document"]["document_id"], c["start"], c["end"]) for c in _cited(v)]
            yield {
                "id": hashlib.sha1(named.encode(), usedforsecurity=False).hexdigest()[:12],
                "text": v.question,
                "lang": language_of(v.question),
                "answerable": v.answered,
                "gold_docs": list(dict.fromkeys(document for document, _, _ in cited)),
                "gold_spans": cited,
                **({"filters": filters} if filters else {}),
            }


def _cited(verdict: Verdict) -> Sequence[Mapping[str, Any]]:
    cited: Sequence[Mapping[str, Any]] = verdict.answer["citations"] if verdict.answered else ()
    return cited
