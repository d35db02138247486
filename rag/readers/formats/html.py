"""HTML: record pages in HTML, and any other page.

A record page is turned into the lines of a text page and read as one. Of another page the main
part is the text: `<main>`, or its one `<article>`, where that holds a good part of the words;
else everything but navigation and asides. A footer is text where it names a source. Metadata come
from Dublin Core alone: a page's own author and date are most often those of the site. Not here:
layout, scripts, images.
"""

from __future__ import annotations

from collections.abc import Iterator

from rag.errors import ReadError
from rag.readers import metadata
from rag.readers.formats import markup
from rag.readers.formats.markup import Element
from rag.readers.record_page import reader
from rag.readers.record_page.lines import gives_source
from rag.readers.source import SourceFile
from rag.text import detection
from rag.types import ReadItem

_BESIDE = frozenset({"banner", "complementary", "search"})
_MAIN_SHARE = 0.3  # of the characters on the page
_DUBLIN_CORE = {
    "creator": "author", "date": "date", "created": "date", "source": "source",
}  # fmt: skip


def read(source: SourceFile) -> Iterator[ReadItem]:
    """The documents of a page. Raises ReadError."""
    path, root = source.path, markup.html_tree(markup.decoded(source.read()))
    text = markup.as_lines(root, gives_source)
    if reader.is_record_page(text):
        yield from reader.documents(text, path)
        return
    for element in [e for e in root.iter() if e.tag == "aside" or e.get("role") in _BESIDE]:
        element.drop_tree()
    main = _main(root)
    text = markup.as_lines(main, gives_source)
    if not text:
        raise ReadError("there is no text on the page; save what the browser shows as plain text")
    record = {
        **_metadata(root),
        "title": _title(root, main) or path.stem,
        "lang": detection.declared_language(root.get("lang"), text),
        "text": text,
    }
    yield metadata.document(record, path.stem, str(path))


def _main(root: Element) -> Element:
    """The part that the page is about: the page itself where it marks none."""
    mains = [e for e in root.iter() if e.tag == "main" or e.get("role") == "main"]
    articles = list(root.iter("article"))
    whole = len(markup.as_lines(root, gives_source))
    for found in (mains, articles):
        if len(found) == 1 and len(markup.as_lines(found[0], gives_source)) >= _MAIN_SHARE * whole:
            return found[0]
    return root


def _title(root: Element, main: Element) -> str:
    """The first heading, else the title of the page."""
    headings = (markup.words(e) for part in (main, root) for e in part.iter("h1"))
    titles = (markup.words(e) for e in root.iter("title"))
    return next((title for found in (headings, titles) for title in found if title), "")


def _metadata(root: Element) -> dict[str, str]:
    """Fields given as Dublin Core, the first of each."""
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        scheme, _, name = (meta.get("name") or "").lower().partition(".")
        field, value = _DUBLIN_CORE.get(name), (meta.get("content") or "").strip()
        if scheme in ("dc", "dcterms") and field and value:
            found.setdefault(field, value)
    return found
