"""The parts of a citation that styles and exports share: people, date, pages, notes.

Every part is a stored field of the document. A missing field is left out, and a shelf-mark is
given as it is stored.
"""

from __future__ import annotations

import re

from index_store.types import Document
from rag.dates import formatting
from rag.text.languages import language, union

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_OWN_PAGES = re.compile(r"\b(?:pp?|[сc]|стр)\.\s?(\d{1,5})(?:\s?[-–—]\s?(\d{1,5}))?\.?\Z", re.I)
_OWN_ABBREVIATION = re.compile(r"[^\W\d_]+\.\s*\S")
_WORDS = re.compile(r"[^\W_]+")
_PLAIN_TITLE_WORDS = union(lambda language: language.documents.plain_title)


def plain(value: str | None) -> str:
    """One line without control characters; empty for None."""
    return " ".join(_CONTROL.sub(" ", value or "").split())


def persons(value: str | None) -> list[str]:
    """The people of an author or recipient field, which a semicolon divides."""
    names = (name.strip(" ,") for name in plain(value).split(";"))
    return [name for name in names if name]


def date_words(document: Document, lang: str) -> str:
    """The document's date in words of the language; without a date the text it has for one."""
    if document.date:
        return formatting.words(document.date, lang)
    return plain(document.date_text)


def translation_note(document: Document) -> str:
    """The note on a translation, in its language; empty for an original."""
    if document.kind != "translation":
        return ""
    wording = language(document.lang).documents
    return wording.machine_translation if document.translator == "AI" else wording.translation


def is_elsewhere(page: str, source: str | None) -> bool:
    """Whether the source gives pages and `page` is none of them (but a leaf, for example)."""
    given = _OWN_PAGES.search(source or "")
    if not given:
        return False
    number = re.match(r"\d+", page)
    first, last = int(given[1]), int(given[2] or given[1])
    return number is None or not first <= int(number[0]) <= max(first, last)


def page_words(page: str, one: str, many: str) -> str:
    """The page behind the abbreviation for one page or for several; as it is where the label has
    an abbreviation of its own, as "f. 3v" has."""
    if _OWN_ABBREVIATION.match(page):
        return plain(page)
    several = re.search(r"\d\s*[-–,]", page)
    return f"{many if several else one} {plain(page)}"


def is_of_scan(document: Document) -> bool:
    """Whether page labels only number the pictures of a scan, all of which was recognised: labels
    that are more than numbers are the archive's own."""
    by = document.extra.get("recognised_by")
    counted = all(label.isdecimal() for _, label in document.pages)
    return isinstance(by, str) and ", page" not in by and counted


def scan_page(document: Document, page: str | None) -> str:
    """The page as a note, "p. 3 of the scan"; empty where the page is one of the source."""
    if not page or not is_of_scan(document):
        return ""
    return f"{page_words(page, 'p.', 'pp.')} of the scan"


def sentences(*items: str) -> str:
    """The items that are not empty, each closed with one full stop."""
    stopped = []
    for item in filter(None, items):
        item = item.rstrip(" ,;")
        stopped.append(item if item.endswith((".", "?", "!", "…")) else f"{item}.")
    return " ".join(stopped)


def folded_words(text: str) -> set[str]:
    """The words of a text, without regard to case."""
    return set(_WORDS.findall(text.casefold()))


def adds_nothing(text: str, said: str) -> bool:
    """Whether a title or date has no words beyond those in `said` and words such as "letter"."""
    return folded_words(text) <= folded_words(said) | _PLAIN_TITLE_WORDS


def notes(document: Document, page: str | None = None) -> list[str]:
    """What an export without fields for it has as notes.

    Recipient, shelf-mark, page of the scan, translation.
    """
    to = f"To {', '.join(persons(document.recipient))}" if persons(document.recipient) else ""
    scan = scan_page(document, page)
    given = [to, plain(document.archival_ref), scan, translation_note(document)]
    return list(filter(None, given))
