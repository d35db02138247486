"""XML and HTML as trees, and the text of a page: the one file that imports lxml.

Nothing is fetched, no DTD is loaded, no entity that a file declares is expanded. Element names
come without their namespaces. Not here: what the elements of a format mean.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

import lxml.html
from lxml import etree

from rag.errors import ReadError
from rag.readers.encoding import check, decode
from rag.readers.pages import mark

Element = Any
"""An element of lxml, which has no types of its own."""
MAX_TAGS = 3_000_000
"""Tags of one file: a tree of more takes gigabytes and minutes."""
XML = "{http://www.w3.org/XML/1998/namespace}"
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"

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
_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}(?:charset|encoding)\s{0,5}=\s{0,5}[\"']?\s{0,5}([\w-]{2,30})",
    re.I,
)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,300}\?>")
_NAMED = re.compile(r"&([A-Za-z]\w{1,30});")
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})


def decoded(data: bytes) -> str:
    """The source of a page: its encoding by its bytes, else as declared. Raises ReadError."""
    try:
        return decode(data)
    except ReadError:
        declared = _CHARSET.search(data[:4096])
        if not declared:
            raise
        name = declared[1].decode("ascii")
        try:
            return check(data.decode(name))
        except (UnicodeDecodeError, LookupError) as error:
            raise ReadError(f"not valid {name}, which it declares; save it as UTF-8") from error


def html_tree(source: str) -> Element:
    """The root of a page, well formed or not. Raises ReadError."""
    _check_size(source)
    parser = lxml.html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True)
    try:
        return lxml.html.document_fromstring(_DECLARATION.sub("", source), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise ReadError(f"not readable as HTML ({error}); convert to plain text") from error


def xml_tree(data: bytes) -> Element:
    """The root of an XML file, comments and instructions left out. Raises ReadError.

    The named characters of HTML (`&nbsp;`) are known; an entity that the file declares is an error.
    """
    source = _NAMED.sub(_character, _DECLARATION.sub("", decoded(data)))
    _check_size(source)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(source.lstrip(), parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or None
        raise ReadError(f"not well-formed XML: {error.msg}; correct it there", line) from error
    for entity in root.iter(etree.Entity):
        raise ReadError(
            f"the entity {entity.text} is not expanded; write its text in its place",
            entity.sourceline,
        )
    for element in root.iter():
        element.tag = etree.QName(element).localname
    return root


def _check_size(source: str) -> None:
    if source.count("<") > MAX_TAGS:
        raise ReadError(f"more than {MAX_TAGS:,} tags; split it into several files")


def _character(match: re.Match[str]) -> str:
    return match[0] if match[1] in _XML_NAMES else html.unescape(match[0])


def words(element: Element) -> str:
    """The text inside an element on one line."""
    return " ".join("".join(element.itertext()).split())


def as_lines(root: Element, is_content: Callable[[str], bool], pages: bool = False) -> str:
    """The text of a page, with an empty line between blocks but not below a heading.

    Headings, paragraphs, line breaks and `<hr>` keep their places; navigation, scripts, styles
    and hidden parts are dropped, footers too unless `is_content` is true of one of their lines.
    With `pages`, printed page breaks are marked, see `rag.readers.pages`.
    """
    pieces = "".join(_pieces(root, is_content, pages)).split("\n")
    lines = (re.sub("  +", " ", line).strip() if "  " in line else line.strip() for line in pieces)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _pieces(root: Element, is_content: Callable[[str], bool], pages: bool) -> Iterator[str]:
    """Text in order, with line feeds where blocks begin and end."""
    dropped, preformatted = None, 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if dropped is None and event == "start":
            label = _page_label(element) if pages else None
            if label is not None or _is_dropped(element, is_content):
                dropped = element
                yield mark(label) if label else ""
            else:
                preformatted += tag == "pre"
                yield _BEFORE.get(tag, "")
                yield _spaced(element.text, preformatted)
        elif event == "end" and dropped in (None, element):
            preformatted -= tag == "pre" and dropped is None
            yield _AFTER.get(tag, "") if dropped is None else ""
            if element is not root:
                yield _spaced(element.tail, preformatted)
            dropped = None


def _page_label(element: Element) -> str | None:
    """The label of a printed page that begins here; None where none does."""
    kinds = f"{element.get(_EPUB_TYPE, '')} {element.get('role', '')}".split()
    if "pagebreak" not in kinds and "doc-pagebreak" not in kinds:
        return None
    return element.get("title") or element.get("aria-label") or words(element)


def _spaced(text: str | None, preformatted: int) -> str:
    """A line end is a space but in `<pre>`."""
    return (text or "").translate(_SPACES if preformatted else _LINE_ENDS)


def _is_dropped(element: Element, is_content: Callable[[str], bool]) -> bool:
    """Is this for the browser or about the site, and not part of the text?"""
    if element.tag in _DROPPED or element.get("hidden") is not None:
        return True
    if element.tag != "footer" and element.get("role") not in ("navigation", "contentinfo"):
        return False
    lines = "\n".join(element.itertext()).split("\n")
    return not any(map(is_content, lines))
