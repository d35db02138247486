"""A small archive in memory for the tests of the chat.

It chooses its answer by the first word of the question and searches nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from index_store.types import Document, Hit
from rag.errors import NotStored, StoreError
from rag.types import (
    Abstention,
    Citation,
    Constraint,
    Counterpart,
    Difference,
    Failure,
    Filters,
    IngestReport,
    Match,
    QuotationReport,
    SearchResult,
    ShownDocument,
    Statement,
    Turn,
    VerifiedAnswer,
)
from tests.kits.fake_documents import (
    ALL,
    EVIL,
    HOSTILE,
    LINDKVIST,
    LINDQVIST,
    LOG,
    VECTOR_DOCUMENTS,
    cited,
    passages,
)
from tests.kits.fake_pages import DRAWN, DrawnPages, quoted, quoted_over_pages
from tests.kits.vectors import VECTORS
from ui_assets.model import Progress

NO_FILTERS = Filters()

SLOW_SECONDS = 2.0  # how long a slow answer takes


class FakeArchive(DrawnPages):
    """Answers by the first word: shelf-mark, evil, vectors, drawn, log, owner, slow, fault or
    crash; any other question is answered about the ferry. Keeps the arguments of every `ask`."""

    def __init__(self, documents: Mapping[str, Document] = ALL) -> None:
        self.histories: list[tuple[Turn, ...]] = []
        self.filters: list[Filters] = []
        self.without: list[tuple[str, ...]] = []
        self.stored = dict(documents)
        super().__init__(DRAWN.document_id in self.stored)

    def ask(
        self,
        question: str,
        filters: Filters = NO_FILTERS,
        history: Sequence[Turn] = (),
        without: Sequence[str] = (),
    ) -> VerifiedAnswer:
        self.without.append(tuple(without))
        self.histories.append(tuple(history))
        self.filters.append(filters)
        match re.findall(r"[\w-]+", question.lower())[0]:
            case "fault":
                raise StoreError("the catalogue cannot be read: disk I/O error; run `fonds doctor`")
            case "crash":
                raise ZeroDivisionError("a mistake in the program")
            case "owner":
                return abstained(question)
            case "slow":
                time.sleep(SLOW_SECONDS)
            case "drawn":
                quotation = quoted_over_pages() if "over" in question else quoted()
                statement = Statement(quotation.quote, "quotation", (1,), "verified")
                return answered(question, [statement], [quotation])
            case "log":
                citation = cited(1, LOG, "Day 6. The ice stood as on day 5.")
                statement = Statement(citation.quote, "quotation", (1,), "verified")
                return answered(question, [statement], [citation])
            case "vectors":
                return answered(question, *vectors())
            case "evil":
                return answered(question, *evil())
            case "shelf-mark":
                fields = {"archival_ref": LINDQVIST.archival_ref or "not given"}
                text = "The shelf-mark of the letter is given."
                statement = Statement(text, "record", (1,), "verified", fields)
                return answered(question, [statement], [cited(1, LINDQVIST, "V. Lindqvist")])
        answer = answered(question, *ferry(filters.exclude))
        constraints = tuple(c for c in answer.constraints if c.field not in without)
        return replace(answer, constraints=constraints)

    def search(self, question: str, k: int = 10, filters: Filters = NO_FILTERS) -> SearchResult:
        hit = Hit(passages(LINDQVIST)[1], LINDQVIST, 1, 1.0)
        return SearchResult(question, (hit,), filters, {})

    def verify(self, quotation: str, document_id: str | None = None) -> QuotationReport:
        """Exact, near if the quotation has Tuesday for Monday, or absent."""
        for words, differences in (
            (quotation, ()),
            (quotation.replace("Tuesday", "Monday"), (Difference("Tuesday", "Monday"),)),
        ):
            for document in self.stored.values():
                if words in document.text:
                    status: Any = "near" if differences else "exact"
                    citation = self.located(cited(1, document, words))
                    match = Match(status, citation, differences)
                    return QuotationReport(quotation, status, (match,))
        return QuotationReport(quotation, "absent", ())

    def show(self, document_id: str) -> ShownDocument:
        if document_id not in self.stored:
            raise NotStored(f"{document_id} is not in the store")
        document = self.stored[document_id]
        return ShownDocument(document, passages(document))

    def documents(self, filters: Filters = NO_FILTERS) -> Sequence[Document]:
        return [
            d
            for d in self.stored.values()
            if d.document_id not in filters.exclude
            and (filters.lang in (None, d.lang))
            and (filters.author in (None, d.author))
            and (not filters.date_from or (d.date_to or "") >= filters.date_from)
            and (not filters.date_to or (d.date_from or "9") <= f"{filters.date_to}-12-31")
        ]

    def info(self) -> Mapping[str, Any]:
        return {"documents": len(self.stored)}

    def ingest(self, paths: Sequence[Path], *, progress: Progress | None = None) -> IngestReport:
        """Text files become documents; a file with a NUL character fails."""
        failures = []
        for n, path in enumerate(paths, 1):
            text = path.read_text(encoding="utf-8")
            if "\0" in text:
                failures.append(Failure(str(path), "is not text; save it as UTF-8"))
            else:
                self.stored[path.stem] = Document(path.stem, path.stem, "en", text, title=text[:40])
            if progress:
                progress(n, len(paths), n)
        added = len(paths) - len(failures)
        return IngestReport(added, 0, 0, 0, len(failures), added, (), tuple(failures), 0.1)


def answered(
    question: str, statements: Sequence[Statement], citations: Sequence[Citation]
) -> VerifiedAnswer:
    """An answer made of these statements."""
    return VerifiedAnswer(
        question=question,
        status="answered",
        confidence=0.9,
        answer=" ".join(statement.text for statement in statements),
        statements=tuple(statements),
        citations=tuple(citations),
        hits=(),
        constraints=(Constraint("date_from", "1907-11-01", "inferred", True),),
        abstention=None,
        engine="extractive",
        filters=Filters(),
        record={},
        seconds={"total": 0.05},
    )


def abstained(question: str) -> VerifiedAnswer:
    """An abstention; the letter to Orlova is the nearest document, found twice."""
    hits = tuple(
        Hit(passage, LINDQVIST, rank, 1 / rank)
        for rank, passage in enumerate(passages(LINDQVIST)[1:3], 1)
    )
    message = "The archive speaks of the ferry, but does not say who owned it."
    return VerifiedAnswer(
        question=question,
        status="abstained",
        confidence=0.1,
        answer=message,
        statements=(),
        citations=(),
        hits=hits,
        constraints=(),
        abstention=Abstention("silent", message, hits),
        engine="extractive",
        filters=Filters(),
        record={},
        seconds={"total": 0.05},
    )


def evil() -> tuple[list[Statement], list[Citation]]:
    """One hostile document, cited by every kind of statement."""
    statements = [
        Statement(HOSTILE, "quotation", (1,), "verified"),
        Statement(f"{HOSTILE} [1] [7]", "prose", (1,), "unsupported"),
        Statement(HOSTILE, "record", (1,), "verified", {HOSTILE: HOSTILE}),
    ]
    return statements, [cited(1, EVIL, HOSTILE)]


def vectors() -> tuple[list[Statement], list[Citation]]:
    """Every attack vector, quoted from a document full of it and repeated in prose."""
    citations = [cited(n, d, VECTORS[n - 1]) for n, d in enumerate(VECTOR_DOCUMENTS, 1)]
    statements = [Statement(c.quote, "quotation", (c.n,), "verified") for c in citations]
    statements += [Statement(f"{c.quote} [{c.n}]", "prose", (c.n,), "supported") for c in citations]
    return statements, citations


def ferry(exclude: Sequence[str] = ()) -> tuple[list[Statement], list[Citation]]:
    """A quotation across two paragraphs and a Russian one with its counterpart; only the Russian
    one if the English document is excluded."""
    crossing = cited(1, LINDQVIST, "for coal.\n\nThey promised forty sacks.")
    words = "Паром не ходит с понедельника."
    russian = cited(2, LINDKVIST, words)
    english = cited(3, LINDQVIST, "The ferry has not run since Monday")
    russian = Citation(
        **{name: getattr(russian, name) for name in Citation.__slots__ if name != "counterpart"},
        counterpart=Counterpart("lindqvist-en", english.start, english.end, english.quote),
    )
    if LINDQVIST.document_id in exclude:
        return [Statement(words, "quotation", (2,), "verified")], [russian]
    statements = [
        Statement(words, "quotation", (2,), "verified"),
        Statement(crossing.quote, "quotation", (1,), "verified"),
        Statement("The ferry stood still [2] for want of coal.", "prose", (1, 2), "supported"),
    ]
    return statements, [crossing, russian]
