"""A small archive in memory for the tests of the chat: invented letters, some of them hostile.

It answers by the first word of the question and searches nothing. Run as a module it is served
by the real `ui.main`, on the host and port of the settings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from unittest.mock import patch

from index_store.types import Document, DocumentWarning, Hit, Passage
from rag.errors import NotStored, StoreError
from rag.types import (
    Abstention,
    Citation,
    Constraint,
    Counterpart,
    Filters,
    ShownDocument,
    Statement,
    Turn,
    VerifiedAnswer,
)

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
DOCUMENTS = {document.document_id: document for document in (LINDQVIST, LINDKVIST, EVIL)}


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
        seconds={},
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
        seconds={},
    )


class FakeArchive:
    """Knows questions that begin with shelf-mark, evil, owner, fault or crash; else: the ferry."""

    def __init__(self) -> None:
        self.histories: list[tuple[Turn, ...]] = []

    def __enter__(self) -> FakeArchive:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def ask(
        self, question: str, filters: Filters = NO_FILTERS, history: Sequence[Turn] = ()
    ) -> VerifiedAnswer:
        self.histories.append(tuple(history))
        match re.findall(r"[\w-]+", question.lower())[0]:
            case "fault":
                raise StoreError("the catalogue cannot be read: disk I/O error; run `fonds doctor`")
            case "crash":
                raise ZeroDivisionError("a mistake in the program")
            case "owner":
                return abstained(question)
            case "evil":
                citation = cited(1, EVIL, HOSTILE)
                return answered(
                    question,
                    [
                        Statement(HOSTILE, "quotation", (1,), "verified"),
                        Statement(f"{HOSTILE} [1] [7]", "prose", (1,), "unsupported"),
                        Statement(HOSTILE, "record", (1,), "verified", {HOSTILE: HOSTILE}),
                    ],
                    [citation],
                )
            case "shelf-mark":
                return answered(
                    question,
                    [
                        Statement(
                            "The shelf-mark of the letter is given.",
                            "record",
                            (1,),
                            "verified",
                            {"archival_ref": LINDQVIST.archival_ref or "not given"},
                        )
                    ],
                    [cited(1, LINDQVIST, "V. Lindqvist")],
                )
        return answered(question, *ferry())

    def show(self, document_id: str) -> ShownDocument:
        if document_id not in DOCUMENTS:
            raise NotStored(f"{document_id} is not in the store")
        document = DOCUMENTS[document_id]
        return ShownDocument(document, passages(document))

    def info(self) -> Mapping[str, Any]:
        return {
            "documents": 3,
            "languages": {"en": 2, "ru": 1},
            "date_from": "1907-11-14",
            "date_to": "1907-11-14",
        }


def ferry() -> tuple[list[Statement], list[Citation]]:
    """Two quotations: one across a paragraph's end, one in Russian with its counterpart."""
    crossing = cited(1, LINDQVIST, "for coal.\n\nThey promised forty sacks.")
    words = "Паром не ходит с понедельника."
    russian = cited(2, LINDKVIST, words)
    english = cited(3, LINDQVIST, "The ferry has not run since Monday")
    russian = Citation(
        **{name: getattr(russian, name) for name in Citation.__slots__ if name != "counterpart"},
        counterpart=Counterpart("lindqvist-en", english.start, english.end, english.quote),
    )
    statements = [
        Statement(words, "quotation", (2,), "verified"),
        Statement(crossing.quote, "quotation", (1,), "verified"),
        Statement("The ferry stood still [2] for want of coal.", "prose", (1, 2), "supported"),
    ]
    return statements, [crossing, russian]


if __name__ == "__main__":
    import ui

    with patch("rag.archive.open_for_chat", lambda settings: (FakeArchive(), True)):
        ui.main()
