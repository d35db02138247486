"""The text of a language model as statements, without what a model must not write.

A statement is a sentence: prose and quoted words, with the numbers of the passages that the model
names. Links, addresses, images, HTML and Markdown are removed; so are lists of sources and
shelf-marks, which only the store may give. `StatementParser` takes the text as it comes in.

Not here: whether a statement is true (`rag.answers.grounding`) and whether quoted words stand in
a document (`rag.answers.generation`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.llm.quotation_marks import divided, sentence_spans
from rag.text.characters import without_unseen
from rag.text.languages import either

MAX_STATEMENTS = 40

MAX_LINE_CHARS = 4000
"""A longer line is not prose and is ignored."""

_LOOKAHEAD = 48  # characters that must follow a sentence before it counts as complete

_STRAY = re.compile(r"[“”«»„‟\"‹›「」『』]")

_AND = either(lambda language: language.conjunction)
_MARKER_LABEL = either(lambda language: language.answers.marker_label)
_NUMBERS = rf"[0-9]{{1,9}}(?:\s{{0,3}}(?:[,;–—-]|{_AND})\s{{0,3}}[0-9]{{1,9}}){{0,20}}"
_BETWEEN_NUMBERS = re.compile(rf"\s*(?:[,;]|{_AND})\s*")
_MARKER = re.compile(
    rf"[\[【]{{1,2}}\s{{0,3}}\^?\s{{0,3}}(?:(?:{_MARKER_LABEL}|№|#)\s{{0,3}})?"
    rf"(?P<numbers>{_NUMBERS})(?:†[^\[\]】]{{0,40}})?\s{{0,3}}[\]】]{{1,2}}",
    re.I,
)
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.I | re.S)
_THINKS = re.compile(r"<(?:think|thinking|reasoning)>", re.I)
_SOURCES = re.compile(
    rf"\W*(?:{either(lambda language: language.answers.sources_heading)})\W{{0,3}}:", re.I
)
_BULLET = re.compile(r"\s*(?:#{1,6}\s+|[-*+•–—]\s+|[0-9]{1,2}[.)]\s+|>\s?)+")
_BLOCK_QUOTE = re.compile(r"\s*>\s*(?=\S)")
_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\s?\([^()]{0,1000}\)")
_TAG = re.compile(r"</?[A-Za-z!?][^<>]{0,1000}>")
_URL = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,20}:)?//[^\s<>\"“”«»]*|\b(?:javascript|data|mailto|file|tel|blob):\S+|"
    r"\bwww\.\S+|\b(?:[a-z0-9-]{1,63}\.){1,8}(?:com|org|net|info|io|ru|su|de|uk|dev|app|example|test|xyz)"
    r"\b(?:/\S*)?|[\w.+-]{1,64}@[\w-]{1,64}\.\S{1,64}",
    re.I,
)
_SHELFMARK = re.compile(
    r"(?:\b[A-ZА-ЯЁ]{3,10}[\s.,;:]{1,3})?\b(?:[Ff]ond|[Фф]онд|[FФ]\.)\s?\d+(?:[\s.,;:]{0,3}"
    r"(?:[Oo]pis['’]?|[Оо]пись|[OО]p\.|Оп\.|[Dd]elo|[Дд]ело|[DД]\.|[LЛ]{1,2}\.|[Ff]ile|pp?\.)\s?"
    r"\d+(?:\s?[-–—]\s?\d+)?)*|\[[A-Z]{2,8}\s?:[^\[\]]{1,120}\]|\b[A-Z]{2,4}\s\d{1,4}/[\w/]{1,20}"
)
_EMPHASIS = re.compile(r"\*{1,3}|_{2,3}|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)|`+|~~|\$\$?|\\[()\[\]]")
_SPACE_BEFORE = re.compile(r" (?=[.,;:!?…)])")
_SPACES = re.compile(r"\s+")
LEFT_OUT = "[…]"


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A part of a statement; `quoted` if the model put it in quotation marks."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A statement of a model.

    `markers` are the passage numbers it names, each once and in order, valid or not. `opens`: it
    opens a paragraph. `is_tainted`: something that a model must not write was removed from it.
    """

    words: tuple[TextSpan, ...]
    markers: tuple[int, ...]
    opens: bool = False
    is_tainted: bool = False


class StatementParser:
    """Takes text piece by piece and returns statements as soon as they are complete."""

    def __init__(self) -> None:
        self._text = ""
        self._given = 0
        self._inside = False  # in the middle of a line, part of which has been returned

    def feed(self, piece: str) -> list[Written]:
        """The statements that `piece` completes."""
        self._text += piece
        if not re.search(r"[.!?…\n。！？]", piece) and len(self._text) < 2000:
            return []
        self._text = _THOUGHT.sub("", self._text)
        if _THINKS.search(self._text):
            return []
        *lines, self._text = self._text.split("\n")
        found = [written for line in lines for written in self._line(line)]
        if len(self._text) > MAX_LINE_CHARS or _BLOCK_QUOTE.match(self._text):
            return found
        spans = sentence_spans(self._text, complete=False)
        complete = [end for _, end in spans if end + _LOOKAHEAD <= len(self._text)]
        if complete:
            found += self._line(self._text[: complete[-1]])
            self._text = self._text[complete[-1] :]
            self._inside = True
        return found

    def close(self) -> list[Written]:
        """The rest of the statements."""
        rest = _THINKS.split(_THOUGHT.sub("", self._text))[0]
        self._text = ""
        return [written for line in rest.split("\n") for written in self._line(line)]

    def _line(self, line: str) -> list[Written]:
        out = []
        opens, self._inside = not self._inside, False
        for written in _statements(line, opens):
            if self._given < MAX_STATEMENTS:
                self._given += 1
                out.append(written)
        return out


def read(text: str) -> list[Written]:
    """The statements of a whole answer."""
    parser = StatementParser()
    return [*parser.feed(text), *parser.close()]


def unlinked(stored: str) -> str:
    """Stored words as they may stand within prose: an address or the number of a citation is
    replaced by `LEFT_OUT`. The citation itself has the complete words."""
    return _MARKER.sub(LEFT_OUT, _URL.sub(LEFT_OUT, stored))


def _statements(line: str, opens: bool) -> list[Written]:
    """The statements of one line, without those that have no word."""
    if (
        len(line) > MAX_LINE_CHARS
        or _SOURCES.match(line)
        or not line.strip()
        or set(line.strip()) <= set("-=*_`~")
    ):
        return []
    block = _BLOCK_QUOTE.match(line) is not None and opens
    if opens:
        line = line[match.end() :] if (match := _BULLET.match(line)) else line
    spans = [(0, len(line))] if block else sentence_spans(line, complete=True)
    out: list[Written] = []
    for start, end in spans:
        written = _statement(line[start:end], opens and not out, block)
        if any(c.isalpha() for words in written.words for c in words.text):
            out.append(written)
        elif written.markers and out:  # markers alone are those of the sentence before
            last = out[-1]
            markers = tuple(dict.fromkeys(last.markers + written.markers))
            out[-1] = Written(last.words, markers, last.opens, last.is_tainted)
    return out


def _statement(text: str, opens: bool, block: bool) -> Written:
    """One statement from its text; a `block` quotation is quoted as a whole."""
    text = without_unseen(text)
    text = _IMAGE_OR_LINK.sub(lambda m: f"[{m[1]}]" if m[1].strip().isdigit() else m[1], text)
    tainted = False
    text = _TAG.sub(" ", text)
    markers: dict[int, None] = {}
    words: list[TextSpan] = []
    for part, quoted in divided(text, block):
        if not quoted or block:
            # Markers first: what is left in brackets may be a shelf-mark.
            for match in _MARKER.finditer(part):
                markers.update(dict.fromkeys(_numbers(match["numbers"])))
            part = _MARKER.sub(" ", part)
        if not quoted:
            for pattern in (_URL, _SHELFMARK):
                part, count = pattern.subn(LEFT_OUT, part)
                tainted = tainted or count > 0
            part = _EMPHASIS.sub("", part)
            part, count = _STRAY.subn("", part)
            tainted = tainted or count > 0
            part = re.sub("[<>]", "", part)
        part = _SPACES.sub(" ", part)
        if part.strip():
            words.append(TextSpan(part, quoted))
    return Written(_tidy(words), tuple(markers), opens, tainted)


def _tidy(words: list[TextSpan]) -> tuple[TextSpan, ...]:
    """Spaces only between words, at the statement's edges none."""
    out = [w if w.quoted else TextSpan(_SPACE_BEFORE.sub("", w.text), False) for w in words]
    if out and not out[0].quoted:
        out[0] = TextSpan(out[0].text.lstrip(), False)
    if out and not out[-1].quoted:
        out[-1] = TextSpan(out[-1].text.rstrip(), False)
    return tuple(w for w in out if w.text)


def _numbers(listed: str) -> list[int]:
    """ "1, 3" → 1, 3; "2–4" → 2, 3, 4; of a range of more than ten only the ends."""
    out: list[int] = []
    for part in _BETWEEN_NUMBERS.split(listed):
        ends = [int(n) for n in re.split(r"\s*[–—-]\s*", part) if n]
        if len(ends) == 2 and 0 < ends[1] - ends[0] < 10:
            out += range(ends[0], ends[1] + 1)
        else:
            out += ends
    return out
