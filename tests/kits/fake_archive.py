"""A small archive in memory for the tests of the chat: invented letters, some of them hostile.

It answers by the first word of the question and searches nothing. Run as a module it is served
by the real `ui.main`, on the host and port of the settings; see `main` for its argument.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from index_store.types import Document, DocumentWarning, Hit, Passage
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
from tests.kits.vectors import VECTORS
from ui_assets.model import ArchiveLike, Progress

HOSTILE = (
    '<script>window.hacked = 1</script><img src="http://evil.example/x.png" onerror="hacked=1">'
    '"><svg onload=hacked=1> **bold** [a](http://evil.example) ![](http://evil.example/y.png) '
    "$x^2$ ${hacked=1} {{hacked}} `code` </blockquote></style><style>body{display:none}"
)

NO_FILTERS = Filters()

LETTER = """Dear Anna Petrovna,

The ferry has not run since Monday. The ice came early this year, and the pilots
refuse to cross before the lamps are mended. I asked the harbour office for coal.

They promised forty sacks. The ferry has not run since Monday, they say, as though I
did not know it.

Yours,
V. Lindqvist"""

PISMO = """Дорогая Анна Петровна!

Паром не ходит с понедельника. Лёд стал рано, и лоцманы отказываются идти, пока не починят фонари.

Ваш В. Линдквист"""

LINDQVIST = Document(
    document_id="lindqvist-en",
    record_id="lindqvist",
    lang="en",
    text=LETTER,
    kind="translation",
    translator="AI",
    title="V. Lindqvist to A. P. Orlova, on the ferry",
    date="1907-11-14",
    date_from="1907-11-14",
    date_to="1907-11-14",
    date_text="14. XI. 07",
    author="V. Lindqvist",
    recipient="A. P. Orlova",
    source="Letters from the Strait, 1900–1910, pp. 31–32",
    archival_ref="Harbour Archive F. 3. Op. 1. D. 17. L. 5",
    warnings=(DocumentWarning("machine_translation", "An AI translation; quote the original."),),
)
LINDKVIST = Document(
    document_id="lindqvist-ru",
    record_id="lindqvist",
    lang="ru",
    text=PISMO,
    title="В. Линдквист — А. П. Орловой, о пароме",
    date="1907-11-14",
    date_from="1907-11-14",
    date_to="1907-11-14",
    author="В. Линдквист",
    recipient="А. П. Орловой",
    source="Письма с пролива. 1900–1910. С. 28",
)
EVIL = Document(
    document_id="evil",
    record_id="evil",
    lang='en" onmouseover="hacked=1',
    text=f"Before.\n\n{HOSTILE}\n\nAfter.",
    title=f"Title {HOSTILE}",
    author=HOSTILE,
    recipient=HOSTILE,
    source=HOSTILE,
    archival_ref=HOSTILE,
    path=f"{HOSTILE}.txt",
    warnings=(DocumentWarning("undated", HOSTILE),),
)
LOG = Document(
    document_id="log",
    record_id="log",
    lang="en",
    text="\n\n".join(f"Day {n}. The ice stood as on day {n - 1}." for n in range(1, 13)),
    title="Log of the harbour office",
    date="1909?",
    date_from="1909-01-01",
    date_to="1909-12-31",
    author="K. Haldane",
    archival_ref="Harbour Archive F. 4. Op. 2. D. 1. L. 9",
    collection="Logs",
)
PLAIN = (LINDQVIST, LINDKVIST, LOG)
VECTOR_DOCUMENTS = tuple(
    Document(
        document_id=f"vector-{n}-{vector}",
        record_id=f"vector-{n}",
        lang="en",
        text=f"Before.\n\n{vector}\n\nAfter.",
        title=f"{n} {vector}",
        author=vector,
        recipient=vector,
        place=vector,
        source=vector,
        archival_ref=vector,
        path=vector,
        warnings=(DocumentWarning("undated", vector),),
    )
    for n, vector in enumerate(VECTORS)
)
HOSTILE_DOCUMENTS = (EVIL, *VECTOR_DOCUMENTS)
DOCUMENTS = {d.document_id: d for d in (*PLAIN, EVIL)}
ALL = {d.document_id: d for d in (*PLAIN, *HOSTILE_DOCUMENTS)}
TAME = {d.document_id: d for d in PLAIN}
SLOW = 2.0  # seconds that a slow answer takes


def passages(document: Document) -> tuple[Passage, ...]:
    """One passage a paragraph."""
    return tuple(
        Passage(f"{document.document_id}:{n}", document.document_id, n, *match.span(), match[0])
        for n, match in enumerate(re.finditer(r"(?:.+\n?)+(?<!\n)", document.text))
    )


def cited(n: int, document: Document, quote: str, occurrence: int = 0) -> Citation:
    """A citation of the words where they stand for the given time in the document."""
    start = [m.start() for m in re.finditer(re.escape(quote), document.text)][occurrence]
    return Citation(
        n=n,
        passage_id=f"{document.document_id}:0",
        quote=quote,
        start=start,
        end=start + len(quote),
        check="exact",
        document=document,
        formatted={"chicago": f"{document.author} to {document.recipient}, {document.title}."},
    )


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
    """An abstention with the letter to Orlova as the nearest document, found twice."""
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


class FakeArchive:
    """Knows questions that begin with shelf-mark, evil, vectors, log, owner, slow, fault or crash;
    else: the ferry."""

    def __init__(self, documents: Mapping[str, Document] = ALL) -> None:
        self.histories: list[tuple[Turn, ...]] = []
        self.filters: list[Filters] = []
        self.without: list[tuple[str, ...]] = []
        self.stored = dict(documents)

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
                time.sleep(SLOW)
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
                told = "The shelf-mark of the letter is given."
                statement = Statement(told, "record", (1,), "verified", fields)
                return answered(question, [statement], [cited(1, LINDQVIST, "V. Lindqvist")])
        answer = answered(question, *ferry(filters.exclude))
        left = tuple(c for c in answer.constraints if c.field not in without)
        return replace(answer, constraints=left)

    def search(self, question: str, k: int = 10, filters: Filters = NO_FILTERS) -> SearchResult:
        hit = Hit(passages(LINDQVIST)[1], LINDQVIST, 1, 1.0)
        return SearchResult(question, (hit,), filters, {})

    def verify(self, quotation: str, document_id: str | None = None) -> QuotationReport:
        """Exact, or near where only Tuesday stands for Monday, or absent."""
        for words, differences in (
            (quotation, ()),
            (quotation.replace("Tuesday", "Monday"), (Difference("Tuesday", "Monday"),)),
        ):
            for document in self.stored.values():
                if words in document.text:
                    status: Any = "near" if differences else "exact"
                    match = Match(status, cited(1, document, words), differences)
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
        """Text files become documents; one that has a NUL in it is refused."""
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


def evil() -> tuple[list[Statement], list[Citation]]:
    """One hostile document, cited in every form a statement has."""
    statements = [
        Statement(HOSTILE, "quotation", (1,), "verified"),
        Statement(f"{HOSTILE} [1] [7]", "prose", (1,), "unsupported"),
        Statement(HOSTILE, "record", (1,), "verified", {HOSTILE: HOSTILE}),
    ]
    return statements, [cited(1, EVIL, HOSTILE)]


def vectors() -> tuple[list[Statement], list[Citation]]:
    """Every vector quoted from a document that is full of it, and said in prose."""
    citations = [cited(n, d, VECTORS[n - 1]) for n, d in enumerate(VECTOR_DOCUMENTS, 1)]
    statements = [Statement(c.quote, "quotation", (c.n,), "verified") for c in citations]
    statements += [Statement(f"{c.quote} [{c.n}]", "prose", (c.n,), "supported") for c in citations]
    return statements, citations


def ferry(exclude: Sequence[str] = ()) -> tuple[list[Statement], list[Citation]]:
    """Two quotations: one across a paragraph's end, one in Russian with its counterpart; the
    Russian one alone where the English document is left out."""
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


def main(kind: str = "hostile") -> None:
    """Serve the fake archive, one without the `hostile` documents, or an `empty` one that takes
    files and offers that as the sample."""
    import ui
    from ui_assets.session.served import Served, Unmade

    def sample() -> ArchiveLike:
        return FakeArchive(TAME)

    empty = kind == "empty"
    own = FakeArchive({})
    with tempfile.TemporaryDirectory(prefix="fonds-test-") as folder:
        served = Served(
            Unmade(own) if empty else FakeArchive(ALL if kind == "hostile" else TAME),
            sample=not empty,
            own=lambda: own,
            sample_archive=sample,
            uploads=Path(folder) / "files",
        )
        with (
            patch("ui.opened", lambda settings: served),
            patch(
                "ui_assets.view.facets._sample_questions", lambda lang: ["Ferry: when did it stop?"]
            ),
            patch("ui_assets.session.evaluation.command", _suite_command),
        ):
            ui.main()


def _suite_command(suite: Path, out: Path) -> list[str]:
    """A suite that takes no time: its report is a page of its own."""
    report = "<!doctype html><title>Report</title><h1>P@1 .5</h1><script>parent.hacked=1</script>"
    program = f"import pathlib; pathlib.Path({str(out / 'report.html')!r}).write_text({report!r})"
    return [sys.executable, "-c", program]


if __name__ == "__main__":
    main(*sys.argv[1:])
