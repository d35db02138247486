"""Invented documents for the tests of the chat, some of them hostile, with passages and citations.

`TAME` are three plain letters and logs; `ALL` adds documents full of HTML, scripts and Markdown.
"""

from __future__ import annotations

import re

from index_store.types import Document, DocumentWarning, Passage
from rag.types import Citation
from tests.kits.vectors import VECTORS

HOSTILE = (
    '<script>window.hacked = 1</script><img src="http://evil.example/x.png" onerror="hacked=1">'
    '"><svg onload=hacked=1> **bold** [a](http://evil.example) ![](http://evil.example/y.png) '
    "$x^2$ ${hacked=1} {{hacked}} `code` </blockquote></style><style>body{display:none}"
)

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


def passages(document: Document) -> tuple[Passage, ...]:
    """One passage for each paragraph."""
    return tuple(
        Passage(f"{document.document_id}:{n}", document.document_id, n, *match.span(), match[0])
        for n, match in enumerate(re.finditer(r"(?:.+\n?)+(?<!\n)", document.text))
    )


def cited(n: int, document: Document, quote: str, occurrence: int = 0) -> Citation:
    """A citation of the given occurrence (from 0) of the words in the document."""
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
