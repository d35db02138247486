"""Record pages in HTML: turned into the lines of a text page and read as one.

Headings, paragraphs, line breaks and `<hr>` keep their places; navigation, scripts, styles and
what is hidden are dropped. Nothing is fetched, no entity of the file's own is expanded. Not here:
HTML that is no record page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree, html

from rag.errors import ReadError
from rag.readers import record_page
from rag.readers.decoding import check, decode
from rag.readers.files import read_whole
from rag.readers.page_lines import is_reference, is_source
from rag.types import ReadItem

_DROPPED = frozenset(
    re.findall(
        r"\w+",
        "script style head nav template noscript iframe object svg math form button select textarea"
        " input audio video canvas",
    )
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = (
    "p", "div", "section", "article", "main", "header", "footer", "aside", "blockquote", "ul",
    "ol", "table", "tr", "dl", "dd", "dt", "figure", "figcaption", "pre", "address", "body",
    "html", "center",
)  # fmt: skip
_LINES = ("li", "td", "th")
_BEFORE = (
    dict.fromkeys(_HEADINGS + _BLOCKS, "\n\n")
    | dict.fromkeys((*_LINES, "br"), "\n")
    | {"hr": "\n\n---\n\n"}
)
_AFTER = dict.fromkeys(_BLOCKS, "\n\n") | dict.fromkeys(_HEADINGS + _LINES, "\n")
_LINE_ENDS = str.maketrans("\t\r\n\f", "    ")
_SPACES = str.maketrans("\t\r\f", "   ")
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s{0,5}=\s{0,5}[\"']?\s{0,5}([\w-]{2,30})", re.I)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,300}\?>")


def read(path: Path) -> Iterator[ReadItem]:
    """The language versions on a page. Raises ReadError where it is no record page."""
    text = as_lines(_decoded(read_whole(path)))
    if not record_page.is_record_page(text):
        raise ReadError("format not supported: HTML that is no record page; convert to plain text")
    yield from record_page.documents(text, path)


def _decoded(data: bytes) -> str:
    """By its bytes, else as it declares itself."""
    try:
        return decode(data)
    except ReadError:
        declared = _CHARSET.search(data[:4096])
        if not declared:
            raise
        try:
            return check(data.decode(declared[1].decode("ascii")))
        except (UnicodeDecodeError, LookupError) as error:
            name = declared[1].decode("ascii")
            raise ReadError(f"not valid {name}, which it declares; save it as UTF-8") from error


def as_lines(page: str) -> str:
    """The text of a page: blocks apart by an empty line, a heading and what follows it not."""
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True)
    source = _DECLARATION.sub("", page)
    try:
        root = html.document_fromstring(source, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise ReadError(f"not readable as HTML ({error}); convert to plain text") from error
    pieces = "".join(_pieces(root)).split("\n")
    lines = (re.sub("  +", " ", line).strip() if "  " in line else line.strip() for line in pieces)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _pieces(root: html.HtmlElement) -> Iterator[str]:
    """Text in order, with line feeds where blocks begin and end."""
    dropped, preformatted = None, 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if dropped is None and event == "start":
            if _is_dropped(element):
                dropped = element
            else:
                preformatted += tag == "pre"
                yield _BEFORE.get(tag, "")
                yield _spaced(element.text, preformatted)
        elif event == "end" and dropped in (None, element):
            preformatted -= tag == "pre" and dropped is None
            yield _AFTER.get(tag, "") if dropped is None else ""
            yield _spaced(element.tail, preformatted)
            dropped = None


def _spaced(text: str | None, preformatted: int) -> str:
    """A line end is a space but in `<pre>`."""
    return (text or "").translate(_SPACES if preformatted else _LINE_ENDS)


def _is_dropped(element: html.HtmlElement) -> bool:
    """Is this for the browser or of the site? A footer that holds a source is of the page."""
    if element.tag in _DROPPED or element.get("hidden") is not None:
        return True
    if element.tag != "footer" and element.get("role") not in ("navigation", "contentinfo"):
        return False
    lines = "\n".join(element.itertext()).split("\n")
    return not any(is_source(line) or is_reference(line) for line in lines)
