"""Gold spans, and documents as their files have them.

The corpus is read again, so that quotations are compared with the files and not with the store.
JSON Lines are read without Fonds' readers. Of plain text and Markdown the whole file is kept as
well; every quotation must stand in it. Other formats are read by the readers alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.sets.suite import EvalQuestion
from rag.readers.registry import read
from rag.readers.scans.parts import find_documents
from rag.types import Failure

_TEXT = (".txt", ".md")


@dataclass(frozen=True, slots=True)
class Span:
    """Code points [start:end] of a document."""

    document: str
    start: int
    end: int

    def mostly_in(self, start: int, end: int) -> bool:
        """Whether [start:end] of the same document covers more than half of the span."""
        return 2 * (min(self.end, end) - max(self.start, start)) > self.end - self.start


@dataclass(frozen=True, slots=True)
class Source:
    """A document as its file has it: the text, and the fields that say where it comes from.

    `file` is the whole of a text file; None where the text was read without a reader, or where only
    a reader can read the format.
    """

    text: str
    source: str
    archival_ref: str
    date: str
    file: str | None = None

    def has(self, quotation: str, start: int, end: int) -> bool:
        """Whether exactly these code points stand at [start:end], and in the file."""
        if not 0 <= start < end <= len(self.text) or self.text[start:end] != quotation:
            return False
        return self.file is None or quotation in self.file


def sources(corpus: Sequence[Path]) -> dict[str, Source]:
    """Every document of the corpus by the id that its file gives it."""
    found: dict[str, Source] = {}
    for path in find_documents(corpus):
        if not isinstance(path, Failure):
            for name, source in _raw(path) if path.suffix == ".jsonl" else _through_reader(path):
                found.setdefault(name, source)
    return found


def _raw(path: Path) -> Iterator[tuple[str, Source]]:
    for line in path.read_bytes().decode("utf-8-sig").split("\n"):
        if line.strip():
            row = json.loads(line)
            name = row.get("id", row.get("_id"))
            if name is not None and "text" in row:
                given = (str(row.get(key) or "") for key in ("source", "archival_ref", "date"))
                yield str(name), Source(row["text"], *given)


def _through_reader(path: Path) -> Iterator[tuple[str, Source]]:
    file = _decoded(path) if path.suffix in _TEXT else None
    for item in read(path):
        if not isinstance(item, Failure):
            given = (item.source or "", item.archival_ref or "", item.date or "")
            yield item.document_id, Source(item.text, *given, file)


def _decoded(path: Path) -> str | None:
    """The text of a UTF-8 file with line feeds at line ends; None for other encodings."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return None


def gold_spans(question: EvalQuestion, texts: Mapping[str, Source]) -> list[Span]:
    """The question's spans, and every place of its quotations in the gold documents."""
    spans = [Span(*given) for given in question.spans]
    for document in question.gold:
        text = texts[document].text if document in texts else ""
        for quote in question.quotes:
            start = text.find(quote) if quote else -1
            while start >= 0:
                spans.append(Span(document, start, start + len(quote)))
                start = text.find(quote, start + 1)
    return spans
