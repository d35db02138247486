"""Documents into passages: a paragraph each, short ones joined, long ones cut at sentences.

Passages depend on the text alone, not on the encoder, its tokenizer or metadata. Every character
that is not white space is in exactly one passage, and `passage.text == document.text[start:end]`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator

from index_store.types import Document, Passage
from rag.text.layout import trim, units
from rag.text.sentences import sentences

MIN_PARAGRAPH_WORDS = 25  # a shorter paragraph is joined with a neighbour
MAX_PARAGRAPH_WORDS = 220  # a paragraph up to this stays whole
MAX_JOINED_WORDS = MAX_PARAGRAPH_WORDS + MIN_PARAGRAPH_WORDS  # with its heading or signature
MAX_PIECE_WORDS = 200  # of the pieces into which a longer paragraph is cut
MAX_PASSAGE_CHARS = 2000  # no passage is longer, however few its words

_WORD = re.compile(r"\S+")
_CLAUSE_END = re.compile(r"[;:,)—–][\"'”’»]*(?=\s)")
_STOPPED = re.compile(r"[.!?…][\"'”’»)\]]*\Z")

Span = tuple[int, int]


def split(document: Document) -> list[Passage]:
    """The passages of a document in order, `document_id#0` first; none for a blank text."""
    text = document.text
    words = [match.start() for match in _WORD.finditer(text)]
    spans = [
        span for joined in _join(text, words, units(text)) for span in _cut(text, words, joined)
    ]
    return [
        Passage(
            passage_id=f"{document.document_id}#{ordinal}",
            document_id=document.document_id,
            ordinal=ordinal,
            start=start,
            end=end,
            text=text[start:end],
        )
        for ordinal, (start, end) in enumerate(spans)
    ]


def _count(words: list[int], start: int, end: int) -> int:
    """Words that begin inside the span."""
    return bisect_left(words, end) - bisect_left(words, start)


def _fits(words: list[int], start: int, end: int, most: int) -> bool:
    """Whether the span has `most` words or fewer, and no more characters than a passage may."""
    length = end - start
    return length < 2 * most or (length <= MAX_PASSAGE_CHARS and _count(words, start, end) <= most)


def _join(text: str, words: list[int], paragraphs: list[Span]) -> list[Span]:
    """Paragraphs, the short ones joined: a heading or salutation with the paragraph after it, a
    short sentence or a signature with the one before. Any is joined to one that will be cut."""
    joined: list[Span] = []
    held: Span | None = None  # short paragraphs to be joined to the next one

    def whole(span: Span) -> bool:
        return _fits(words, *span, MAX_PARAGRAPH_WORDS)

    def settle(span: Span) -> None:
        last = joined[-1] if joined else None
        if last and (_fits(words, last[0], span[1], MAX_JOINED_WORDS) or not whole(last)):
            joined[-1] = (last[0], span[1])
        else:
            joined.append(span)

    for span in paragraphs:
        if _count(words, *span) >= MIN_PARAGRAPH_WORDS or not whole(span):
            if held and (_fits(words, held[0], span[1], MAX_JOINED_WORDS) or not whole(span)):
                span = (held[0], span[1])
            elif held:
                settle(held)
            joined.append(span)
            held = None
        elif held and _fits(words, held[0], span[1], MAX_PIECE_WORDS):
            held = (held[0], span[1])
        elif held:
            settle(held)
            held = span
        elif joined and _STOPPED.search(text, max(span[0], span[1] - 8), span[1]):
            settle(span)
        else:
            held = span
    if held:
        settle(held)
    return joined


def _cut(text: str, words: list[int], span: Span) -> Iterator[Span]:
    """The span itself if it is short enough, else pieces of about the same length."""
    if _fits(words, *span, MAX_JOINED_WORDS):
        yield span
        return
    atoms = _atoms(text, words, span)
    target, left = 0.0, -1
    first = 0
    for i in range(1, len(atoms) + 1):
        start = atoms[first][0]
        if left != first:  # a new piece: divide the rest evenly
            left = first
            target = _share(words, start, span[1])
        if i < len(atoms):
            middle = (atoms[i][0] + atoms[i][1]) / 2
            if middle - start <= target and _fits(words, start, atoms[i][1], MAX_PIECE_WORDS):
                continue
        yield start, atoms[i - 1][1]
        first = i


def _share(words: list[int], start: int, end: int) -> float:
    """Characters of a piece if the span is cut into as few pieces as possible."""
    pieces = max(
        _count(words, start, end) / (0.95 * MAX_PIECE_WORDS),
        (end - start) / (0.95 * MAX_PASSAGE_CHARS),
    )
    return (end - start) / math.ceil(pieces)


def _atoms(text: str, words: list[int], span: Span) -> list[Span]:
    """Sentences; of those that are too long for a passage the clauses, words or characters."""
    atoms = [(span[0] + start, span[0] + end) for start, end in sentences(text[slice(*span)])]
    for finer in (_clauses, _words, _runs):
        atoms = [
            part
            for atom in atoms
            for part in ([atom] if _fits(words, *atom, MAX_PIECE_WORDS) else finer(text, *atom))
        ]
    return atoms


def _clauses(text: str, start: int, end: int) -> Iterator[Span]:
    for match in _CLAUSE_END.finditer(text, start, end):
        yield trim(text, start, match.end())
        start = match.end()
    if trim(text, start, end)[0] < end:
        yield trim(text, start, end)


def _words(text: str, start: int, end: int) -> Iterator[Span]:
    for match in _WORD.finditer(text, start, end):
        yield match.span()


def _runs(text: str, start: int, end: int) -> Iterator[Span]:
    """Pieces of one overlong word. None begins with a mark that belongs to a letter before."""
    while end - start > MAX_PASSAGE_CHARS:
        cut = start + MAX_PASSAGE_CHARS
        while cut > start + MAX_PASSAGE_CHARS // 2 and _joins(text[cut]):
            cut -= 1
        if _joins(text[cut]):
            cut = start + MAX_PASSAGE_CHARS  # only marks: there is no good place
        yield start, cut
        start = cut
    yield start, end


def _joins(character: str) -> bool:
    """Whether the character continues the one before: a combining mark, a joiner."""
    return unicodedata.category(character)[0] == "M" or character in "\u200c\u200d"
