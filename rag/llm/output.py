"""What a language model wrote, taken apart into statements and made harmless.

A statement is a sentence as prose and quoted words, with the numbers of the passages that the
model names. Links, addresses, images, HTML and Markdown are taken out; so are lists of sources
and shelf-marks, which only the store may give. `Reader` takes the text as it comes in.

Not here: whether a statement is true (`support`), whether quoted words stand anywhere (`generate`).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from rag.text.sentences import sentences

MOST_STATEMENTS = 40

LONGEST_LINE = 4000
"""Characters; a longer line is no prose and is left out."""

_LONGEST_QUOTATION = 800  # characters
_AHEAD = 48  # characters that must follow a sentence before it is taken to be whole

_CLOSING = {"“": "”", "«": "»", "„": "“”", '"': '"', "‹": "›", "「": "」", "『": "』", "‘": "’"}
_SINGLE = re.compile(
    r"(?<!\w)['‘](?=\w)([^'‘\n]*?(?:\w['’]\w[^'‘’\n]*?)*)(?<=[\w.,;:!?…])['’](?!\w)"
)
_STRAY = re.compile(r"[“”«»„‟\"‹›「」『』]")

_NUMBERS = r"[0-9]{1,9}(?:\s{0,3}(?:[,;–—-]|and|и)\s{0,3}[0-9]{1,9}){0,20}"
_MARKER = re.compile(
    rf"[\[【]{{1,2}}\s{{0,3}}\^?\s{{0,3}}(?:(?:passages?|sources?|отрыв\w{{1,4}}|источник\w{{0,3}}|№|#)\s{{0,3}})?"
    rf"(?P<numbers>{_NUMBERS})(?:†[^\[\]】]{{0,40}})?\s{{0,3}}[\]】]{{1,2}}",
    re.I,
)
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.I | re.S)
_THINKS = re.compile(r"<(?:think|thinking|reasoning)>", re.I)
_SOURCES = re.compile(
    r"\W*(?:sources?|references?|citations?|bibliography|archival references?|shelf-?marks?|"
    r"источник(?:и)?|ссылк[аи]|литература|архивный шифр|шифр)\W{0,3}:",
    re.I,
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
class Words:
    """A stretch of a statement; `quoted` where the model put it in quotation marks."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A statement as written. `markers`: each number once, in order, whether offered or not.

    `opens` a paragraph. `is_tainted`: something was taken out that the model must not write.
    """

    words: tuple[Words, ...]
    markers: tuple[int, ...]
    opens: bool = False
    is_tainted: bool = False


class Reader:
    """Takes text piece by piece and gives statements as soon as they are whole."""

    def __init__(self) -> None:
        self._text = ""
        self._given = 0

    def feed(self, piece: str) -> list[Written]:
        """The statements that are whole now."""
        self._text += piece
        if not re.search(r"[.!?…\n。！？]", piece) and len(self._text) < 2000:
            return []
        self._text = _THOUGHT.sub("", self._text)
        if _THINKS.search(self._text):
            return []
        *lines, self._text = self._text.split("\n")
        found = [written for line in lines for written in self._line(line)]
        if len(self._text) > LONGEST_LINE or _BLOCK_QUOTE.match(self._text):
            return found
        whole = [e for _, e in _cut(self._text, whole=False) if e + _AHEAD <= len(self._text)]
        if whole:
            found += self._line(self._text[: whole[-1]])
            self._text = self._text[whole[-1] :]
            self._inside = True
        return found

    def close(self, finished: bool = True) -> list[Written]:
        """The rest; where the model was stopped, without the sentence that it was in."""
        rest = _THINKS.split(_THOUGHT.sub("", self._text))[0]
        self._text = ""
        if not finished:
            spans = _cut(rest, whole=True)
            rest = rest[: spans[-2][1]] if len(spans) > 1 else ""
        return [written for line in rest.split("\n") for written in self._line(line)]

    _inside = False  # in the middle of a line, some of which has been given

    def _line(self, line: str) -> list[Written]:
        out = []
        opens, self._inside = not self._inside, False
        for written in _statements(line, opens):
            if self._given < MOST_STATEMENTS:
                self._given += 1
                out.append(written)
        return out


def read(text: str) -> list[Written]:
    """The statements of a whole answer."""
    reader = Reader()
    return [*reader.feed(text), *reader.close()]


def unlinked(stored: str) -> str:
    """Stored words as they may stand within prose: what reads as an address or as a citation's
    number is left out, and the gap shown. The citation itself has the words whole."""
    return _MARKER.sub(LEFT_OUT, _URL.sub(LEFT_OUT, stored))


def _statements(line: str, opens: bool) -> list[Written]:
    """The statements of one line, without those that have no word."""
    if (
        len(line) > LONGEST_LINE
        or _SOURCES.match(line)
        or not line.strip()
        or set(line.strip()) <= set("-=*_`~")
    ):
        return []
    block = _BLOCK_QUOTE.match(line) is not None and opens
    if opens:
        line = line[match.end() :] if (match := _BULLET.match(line)) else line
    spans = [(0, len(line))] if block else _cut(line, whole=True)
    out: list[Written] = []
    for start, end in spans:
        written = _statement(line[start:end], opens and not out, block)
        if any(c.isalpha() for words in written.words for c in words.text):
            out.append(written)
        elif written.markers and out:  # markers alone belong to the sentence before
            last = out[-1]
            markers = tuple(dict.fromkeys(last.markers + written.markers))
            out[-1] = Written(last.words, markers, last.opens, last.is_tainted)
    return out


def _statement(text: str, opens: bool, block: bool) -> Written:
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)
    text = _IMAGE_OR_LINK.sub(lambda m: f"[{m[1]}]" if m[1].strip().isdigit() else m[1], text)
    tainted = False
    text = _TAG.sub(" ", text)
    markers: dict[int, None] = {}
    words: list[Words] = []
    for stretch, quoted in _quoted(text, block):
        if not quoted or block:
            # Markers first: what is left in brackets may be a shelf-mark.
            for match in _MARKER.finditer(stretch):
                markers.update(dict.fromkeys(_numbers(match["numbers"])))
            stretch = _MARKER.sub(" ", stretch)
        if not quoted:
            for pattern in (_URL, _SHELFMARK):
                stretch, count = pattern.subn(LEFT_OUT, stretch)
                tainted = tainted or count > 0
            stretch = _EMPHASIS.sub("", stretch)
            stretch, count = _STRAY.subn("", stretch)
            tainted = tainted or count > 0
            stretch = re.sub("[<>]", "", stretch)
        stretch = _SPACES.sub(" ", stretch)
        if stretch.strip():
            words.append(Words(stretch, quoted))
    return Written(_tidy(words), tuple(markers), opens, tainted)


def _tidy(words: list[Words]) -> tuple[Words, ...]:
    """Spaces only between words, at the statement's edges none."""
    out = [w if w.quoted else Words(_SPACE_BEFORE.sub("", w.text), False) for w in words]
    if out and not out[0].quoted:
        out[0] = Words(out[0].text.lstrip(), False)
    if out and not out[-1].quoted:
        out[-1] = Words(out[-1].text.rstrip(), False)
    return tuple(w for w in out if w.text)


def _numbers(listed: str) -> list[int]:
    """ "1, 3" → 1, 3; "2–4" → 2, 3, 4; a span of more than ten is its ends alone."""
    out: list[int] = []
    parts = re.split(r"\s*(?:[,;]|and|и)\s*", listed)
    for part in parts:
        ends = [int(n) for n in re.split(r"\s*[–—-]\s*", part) if n]
        if len(ends) == 2 and 0 < ends[1] - ends[0] < 10:
            out += range(ends[0], ends[1] + 1)
        else:
            out += ends
    return out


def _quoted(text: str, block: bool) -> list[tuple[str, bool]]:
    """The text as stretches outside and inside quotation marks, the marks left out."""
    if block:
        return [(text.strip(' \t“”«»"„'), True)]
    out: list[tuple[str, bool]] = []
    at = 0
    for start, end in _quotations(text):
        out += [(text[at:start], False), (text[start + 1 : end - 1], True)]
        at = end
    return [*out, (text[at:], False)]


def _quotations(text: str) -> list[tuple[int, int]]:
    """Spans of quotations with their marks, the outermost, in order; unclosed ones are none."""
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        mark = text[at]
        end = 0
        if mark in "'‘":
            match = _SINGLE.match(text, at)
            end = match.end() if match else 0
        elif mark in _CLOSING:
            end = _closed(text, at)
        if end:
            spans.append((at, end))
            at = end
        else:
            at += 1
    return spans


def _closed(text: str, start: int) -> int:
    """Behind the mark that closes the one at `start`; 0 where none does."""
    opening = text[start]
    closing = _CLOSING[opening]
    depth = 0
    for at in range(start, min(len(text), start + _LONGEST_QUOTATION)):
        if text[at] in closing and (at > start or opening != closing):
            depth -= 1
            if depth <= 0:
                return at + 1 if at > start + 1 else 0
        elif text[at] == opening:
            depth += 1
    return 0


def _cut(text: str, whole: bool) -> list[tuple[int, int]]:
    """Spans of the sentences, none ending inside a quotation or an open one, end to end.

    Each begins where the one before ends. With `whole` off, more of the line is to come.
    """
    quoted = _quotations(text)
    if not whole:
        covered = {i for a, b in quoted for i in range(a, b)}
        opening = [i for i, c in enumerate(text) if c in _CLOSING and c != "‘" and i not in covered]
        if opening:
            quoted.append((opening[0], len(text) + 1))
    out: list[tuple[int, int]] = []
    begin = 0
    for _, end in sentences(text):
        if any(a < end < b for a, b in quoted):
            continue
        out.append((begin, end))
        begin = end
    if begin < len(text.rstrip()):
        out.append((begin, len(text)))
    return out


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
