"""Hits → an answer in prose by a language model, every statement of it checked by code.

The model's text is read as statements. Quoted words are placed in the passages that it names, or
lose their marks; prose is checked against them (`grounding`). Beside words only the numbers in
brackets are taken from it, and only to know where to look: every citation is built from the store.
With nothing left, or a fault at the endpoint, the reader gets the extractive answer and the reason.

Not here: the endpoint (`rag.llm`), whether there is evidence at all (`from_text`).
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

from index_store.types import Hit
from rag.answers import messages
from rag.answers.grounding import Checker, Verdict
from rag.citations.citation import cite
from rag.errors import ModelError
from rag.llm import prompts
from rag.llm.output import StatementParser, TextSpan, Written, unlinked
from rag.models.bundle import LanguageModel
from rag.quotations.ellipses import Segment, parts
from rag.quotations.exact_match import Place, places
from rag.text.normalization import Keyed, key
from rag.types import AnswerEvent, Citation, Statement, Support


@dataclass(frozen=True, slots=True)
class Prose:
    """What was taken from the model; `notice` says why where nothing was.

    `was_streamed`: statements were streamed that are no longer valid.
    """

    answer: str = ""
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    notice: str | None = None
    was_streamed: bool = False


def write(
    question: str,
    earlier: str | None,
    lang: str,
    hits: Sequence[Hit],
    llm: LanguageModel,
    strict: bool,
    checker: Checker,
) -> Generator[AnswerEvent, None, Prose]:
    """Pieces of the answer as its statements are checked; returns the whole as `Prose`.

    `earlier` is the question before, where there was one. With `strict`, statements that no passage
    supports are left out, else they are marked.
    """
    offered = prompts.offered(hits, llm.reads)
    draft = _Answer(offered, checker, lang, strict)
    parser, said = StatementParser(), ""
    try:
        for text in llm.write(prompts.SYSTEM, prompts.user(question, earlier, offered)):
            said += text
            for written in parser.feed(text):
                yield from draft.add(written)
        for written in parser.close():
            yield from draft.add(written)
    except ModelError as error:
        return draft.empty(messages.fault(lang, llm.name, error.fault, error.detail))
    if any(statement.support != "unsupported" for statement in draft.statements):
        return Prose(draft.answer, tuple(draft.statements), tuple(draft.citations))
    if _is_no_answer(said):
        return draft.empty(messages.no_answer(lang, llm.name))
    fault = "nonsense" if not draft.seen else "unsupported"
    return draft.empty(messages.fault(lang, llm.name, fault))


def _is_no_answer(said: str) -> bool:
    return prompts.NO_ANSWER in said.upper() and len(said) < 200


@dataclass(slots=True)
class _Answer:
    """The answer so far."""

    offered: Sequence[Hit]
    checker: Checker
    lang: str
    strict: bool
    answer: str = ""
    seen: int = 0
    statements: list[Statement] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    keyed: dict[str, Keyed] = field(default_factory=dict)

    def add(self, written: Written) -> Iterator[AnswerEvent]:
        """The statement as a piece of text, where it is shown."""
        self.seen += 1
        statement = self._statement(written)
        if statement.support == "unsupported" and self.strict:
            return
        self.statements.append(statement)
        text = statement.text
        if statement.kind == "quotation":
            text = messages.marked(unlinked(text), self.lang)
        if statement.support == "unsupported":
            text += f" ({messages.unsupported(self.lang)})"
        text += "".join(f" [{n}]" for n in statement.citations)
        gap = "" if not self.answer else "\n\n" if written.opens else " "
        self.answer += gap + text
        cited = tuple(self.citations[n - 1] for n in statement.citations)
        yield AnswerEvent(gap + text, statement=statement, citations=cited)

    def empty(self, notice: str) -> Prose:
        """An empty result with the reason."""
        return Prose(notice=notice, was_streamed=bool(self.statements))

    def _statement(self, written: Written) -> Statement:
        named = [self.offered[n - 1] for n in written.markers if 0 < n <= len(self.offered)]
        found = [self._read(written, hit) for hit in named]
        supporting = [reading for reading in found if reading and reading.verdict.missing is None]
        if not written.markers:  # the model forgot to say: the first that supports it
            for hit in self.offered:
                reading = self._read(written, hit)
                if reading and reading.verdict.missing is None:
                    supporting = [reading]
                    break
        if not supporting or written.is_tainted:
            return Statement(_plain(written.words), "prose", (), "unsupported")
        first = supporting[0]
        numbers = dict.fromkeys(
            self._cite(reading.hit, start, end)
            for reading in supporting
            for start, end in reading.spans
        )
        support: Support = (
            "verified" if all(r.verdict.support == "verified" for r in supporting) else "supported"
        )
        if first.is_quotation:
            n = next(iter(numbers))
            return Statement(self.citations[n - 1].quote, "quotation", tuple(numbers), "verified")
        return Statement(first.text, "prose", tuple(numbers), support)

    def _read(self, written: Written, hit: Hit) -> StatementCheck | None:
        """The statement checked against this passage; None where a quotation is not there."""
        keyed = self._keyed(hit)
        shown, prose, spans = "", "", []
        for words in written.words:
            if not words.quoted:
                shown, prose = shown + words.text, prose + words.text
                continue
            placed = _place(words.text, keyed, hit)
            if placed is None:
                return None
            stored = " … ".join(unlinked(keyed.text[p.start : p.end]) for p in placed)
            shown += messages.marked(" ".join(stored.split()), self.lang)
            prose += " "
            spans += [(p.start, p.end) for p in placed]
        bare = not re.search(r"[^\W_]", prose)
        if bare and len(spans) == 1:
            return StatementCheck(hit, shown, spans, Verdict("verified", *spans[0], 1.0), True)
        verdict = self.checker.check(_plain(written.words), prose, hit)
        if bare:
            verdict = Verdict("verified", *spans[0], 1.0)
        return StatementCheck(hit, shown, spans or [(verdict.start, verdict.end)], verdict, False)

    def _keyed(self, hit: Hit) -> Keyed:
        """The document's text prepared for placing quotations, once for the answer."""
        name = hit.document.document_id
        if name not in self.keyed:
            self.keyed[name] = Keyed(hit.document.text)
        return self.keyed[name]

    def _cite(self, hit: Hit, start: int, end: int) -> int:
        """The number of the citation of these words, a new one where there is none yet."""
        for citation in self.citations:
            place = (citation.document.document_id, citation.start, citation.end)
            if place == (hit.document.document_id, start, end):
                return citation.n
        n = len(self.citations) + 1
        self.citations.append(cite(n, hit.document, hit.passage, start, end))
        return n


@dataclass(frozen=True, slots=True)
class StatementCheck:
    """A statement beside one passage: as shown, and the spans of the document it rests on."""

    hit: Hit
    text: str
    spans: Sequence[tuple[int, int]]
    verdict: Verdict
    is_quotation: bool


def _place(quotation: str, keyed: Keyed, hit: Hit) -> list[Place] | None:
    """Where the quotation's stretches stand one after another, in the passage if they do there.

    None where one of them is not in the document or has fewer than three letters.
    """
    found: list[Place] = []
    least = hit.passage.start
    for stretch in parts(quotation):
        stretch = stretch.strip(" .,;:!?…") or stretch
        if len(key(stretch)) < 3:
            return None
        standing = list(places(keyed, [Segment(stretch)]))
        place = next((p for p in standing if p.start >= least), None)
        if place is None and not found:
            place = next(iter(standing), None)
        if place is None:
            return None
        found.append(place)
        least = place.end
    return found or None


def _plain(words: Sequence[TextSpan]) -> str:
    """The statement without any quotation marks."""
    return " ".join("".join(w.text for w in words).split())
