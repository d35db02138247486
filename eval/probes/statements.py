"""Are a language model's statements kept that are true, and dropped that are not?

`collect` asks a real model to state what the sentences of a suite's corpus say, as the product
does, and writes each statement with the places of the sentences that it rests on. People then judge
them: `good` is true where the sentences bear the statement out. `measure` tells how many of the
good and of the bad ones pass the product's checks. The judged ones are in `FILE`; they have the
models' words alone, the places of sentences instead of these, and a hash instead of each question.

Not here: the checks (`rag.answers.grounding`, `rag.answers.pointing`).
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.run import load_corpus
from eval.sets.suite import EvalQuestion, Suite
from index_store.types import Document, Hit, Passage
from rag import Archive
from rag.answers import pointing
from rag.answers.grounding import Checker
from rag.answers.inquiry import Inquiry
from rag.answers.selection import Quotation, joined
from rag.errors import ModelError
from rag.llm.points import Form, PointReader
from rag.models.bundle import LanguageModel, Models
from rag.questions.query import understand
from rag.settings import load
from rag.types import Filters

FILE = Path(__file__).parents[1] / "suites" / "statements.jsonl"
SEED = 11


@dataclass(frozen=True, slots=True)
class Judged:
    """A statement and the places (document id, start, end) of the sentences that it rests on."""

    model: str
    suite: str
    question: str
    lang: str
    spans: tuple[tuple[str, int, int], ...]
    statement: str
    good: bool | None = None


def collect(
    suites: Sequence[Suite],
    models: Models,
    llm: LanguageModel,
    limit: int,
    out: Path,
    cache: Path | None,
) -> int:
    """Asks `limit` development questions of each language and suite; appends to `out`.

    A question that `out` has already is not asked again. Returns the number of statements written.
    """
    asked = {(row.model, row.suite, row.question) for row in read(out)} if out.exists() else set()
    count = 0
    for suite in suites:
        with _loaded(suite, models, cache) as archive:
            inquiry = Inquiry(archive.store, models)
            for question in _drawn(suite, limit):
                if (llm.name, suite.name, question.text) in asked:
                    continue
                rows = list(_stated(suite.name, question.text, question.lang, inquiry, llm))
                with out.open("a", encoding="utf-8") as file:
                    for row in rows:
                        file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
                count += len(rows)
    return count


def measure(rows: Sequence[Judged], suites: Sequence[Suite], models: Models) -> dict[str, Any]:
    """The shares of good and of bad statements that pass, by model and language.

    Statements over other corpora than those of `suites` are left out. `errors` are the good ones
    that were dropped and the bad ones that passed.
    """
    results: list[tuple[Judged, bool]] = []
    for suite in suites:
        own = [row for row in rows if row.suite == suite.name and row.good is not None]
        if own:
            with _loaded(suite, models, None) as archive:
                results += [(row, passes(row, archive, models)) for row in own]
    groups = {"all": results}
    for row, passed in results:
        groups.setdefault(row.model, []).append((row, passed))
        groups.setdefault(row.lang, []).append((row, passed))
    wrong = [asdict(row) for row, passed in results if passed != row.good]
    return {"groups": {name: _shares(own) for name, own in groups.items()}, "errors": wrong}


def passes(row: Judged, archive: Archive, models: Models) -> bool:
    """Whether the product would keep the statement."""
    checker = Checker(archive.store, models)
    quotations = [_quotation(archive.store.document(name), a, b) for name, a, b in row.spans]
    return any(pointing.supported(row.statement, joined(quotations), checker)[1])


def read(file: Path) -> Iterator[Judged]:
    """The statements of a file."""
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        row["spans"] = tuple((name, start, end) for name, start, end in row["spans"])
        yield Judged(**row)


def _shares(rows: Sequence[tuple[Judged, bool]]) -> dict[str, dict[str, float]]:
    """Of the good and of the bad statements: how many, and the share that passed."""
    out = {}
    for name, good in (("good", True), ("bad", False)):
        own = [passed for row, passed in rows if row.good is good]
        share = round(sum(own) / len(own), 4) if own else 0.0
        out[name] = {"statements": len(own), "passed": sum(own), "share": share}
    return out


@contextmanager
def _loaded(suite: Suite, models: Models, cache: Path | None) -> Iterator[Archive]:
    with (
        tempfile.TemporaryDirectory(prefix="fonds-eval-") as folder,
        Archive(load({"store": Path(folder) / "store"}), models=models) as archive,
    ):
        load_corpus(archive, suite, cache)
        yield archive


def _drawn(suite: Suite, limit: int) -> Iterator[EvalQuestion]:
    """Development questions that the corpus answers, as many of each language."""
    draw = random.Random(SEED)
    own = [q for q in suite.questions if q.half == "development" and q.answerable]
    for lang in sorted({q.lang for q in own}):
        of_lang = [q for q in own if q.lang == lang]
        yield from draw.sample(of_lang, min(limit, len(of_lang)))


def _stated(
    suite: str, question: str, lang: str, inquiry: Inquiry, llm: LanguageModel
) -> Iterator[Judged]:
    query = understand(question, Filters(), inquiry.store)
    offered = pointing.offered_of(inquiry.findings(query).sentences, llm.reads)
    if not offered:
        return
    form, reader = Form(len(offered), stating=True), PointReader(len(offered))
    points = []
    try:
        for piece in llm.write(form.system, pointing.user(question, offered), form):
            points += reader.feed(piece, piece.chances)
    except ModelError as error:
        print(f"{question}: {error}", file=sys.stderr, flush=True)
    for point in points:
        named = [offered[n - 1] for n in point.sentences]
        spans = tuple((s.hit.document.document_id, s.start, s.end) for s in named)
        yield Judged(llm.name, suite, question, lang, spans, point.statement)


def _quotation(document: Document, start: int, end: int) -> Quotation:
    passage = Passage(
        f"{document.document_id}#0", document.document_id, 0, start, end, document.text[start:end]
    )
    return Quotation(Hit(passage, document, 1, 1.0), start, end)
