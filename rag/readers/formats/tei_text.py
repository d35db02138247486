"""The words of a TEI text, its notes taken out and page breaks marked.

Not here: the header (`rag.readers.formats.tei`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.readers import pages
from rag.readers.formats.markup import Element

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "p ab head opener closer postscript lg list table div div1 div2 div3 div4 div5 div6 div7"
        " trailer argument byline epigraph titlePage docTitle sp floatingText body front back text"
        " group listBibl",
    )
)
_LINES = frozenset(
    re.findall(
        r"\w+",
        "l addrLine address item row salute signed dateline titlePart docDate docImprint docAuthor"
        " speaker stage bibl",
    )
)
_DROPPED = frozenset({"fw", "del", "rdg", "figDesc", "index", "teiHeader", "facsimile"})
_CHOSEN = {"choice": ("orig", "sic", "abbr"), "app": ("lem",)}
_PROSE = frozenset({"p", "head"})
# While a text is put together "\n" is the edge of a block; XML cannot hold the other two.
_LINE = "\x02"
_JOIN = "\x01"  # no word ends at this line end

_SPACE = re.compile(r"[ \t\r\n]+")  # not the no-break space, which is text
_UNBROKEN = re.compile(r"[-‐¬\xad]?[ \n]*\x01((?:\x00[^\x00]*\x00)?)[ \n]*")


def text_of(text: Element) -> tuple[str, list[dict[str, str]]]:
    """The text with page marks (`rag.readers.pages`), and its notes: `n` and `text` of each."""
    notes: list[dict[str, str]] = []
    whole = _tidy("".join(_pieces(text, False, notes)))
    return whole, notes


def _tidy(text: str) -> str:
    text = re.sub(rf" ?[\n{_LINE}][ \n{_LINE}]*", _edge, re.sub("  +", " ", text))
    return _UNBROKEN.sub(r"\1", text).strip()


def _edge(match: re.Match[str]) -> str:
    return "\n\n" if "\n" in match[0] else "\n"


def _pieces(element: Element, prose: bool, notes: list[dict[str, str]]) -> Iterator[str]:
    """Text in order; lines are broken between blocks, and at `<lb/>` outside prose."""
    tag = element.tag
    if tag == "note":
        # A note may hold notes, which then come before it.
        inside = pages.resolved(_tidy("".join(_inside(element, True, notes))))[0]
        if inside:
            notes.append({"n": element.get("n") or str(len(notes) + 1), "text": inside})
    elif tag in ("lb", "pb", "cb"):
        yield _JOIN if element.get("break") == "no" else " " if prose else _LINE
        if tag == "pb":
            yield pages.mark(element.get("n") or "")
    elif tag == "gap":
        yield "[…]"
    elif tag in _CHOSEN and len(element):
        by_tag = {child.tag: child for child in reversed(element)}
        wanted = next((by_tag[name] for name in _CHOSEN[tag] if name in by_tag), element[0])
        yield from _pieces(wanted, prose, notes)
    elif tag not in _DROPPED:
        edge = "\n" if tag in _BLOCKS else _LINE if tag in _LINES else ""
        brackets = "[]" if tag == "supplied" else ("", "")
        yield edge + brackets[0]
        if tag == "cell" and element.getprevious() is not None:
            yield "\t"
        yield from _inside(element, prose or tag in _PROSE, notes)
        yield brackets[1] + edge


def _inside(element: Element, prose: bool, notes: list[dict[str, str]]) -> Iterator[str]:
    yield _SPACE.sub(" ", element.text or "")
    for child in element:
        yield from _pieces(child, prose, notes)
        yield _SPACE.sub(" ", child.tail or "")
