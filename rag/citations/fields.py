"""References for people: Chicago's archival form and GOST R 7.0.5-2008.

Everything in them is a stored field of the document; a field that it has not is left out, and a
shelf-mark is given as it is stored, never rewritten.
"""

from __future__ import annotations

import re

from index_store.types import Document
from rag.dates import formatting

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_OWN_PAGES = re.compile(r"\b(?:pp?|[сc]|стр)\.\s?(\d{1,5})(?:\s?[-–—]\s?(\d{1,5}))?\.?\Z", re.I)
_WORDS = re.compile(r"[^\W_]+")
# Words of a title that say nothing beyond "author to recipient, date".
_PLAIN_TITLE_WORDS = frozenset(
    ("letter", "note", "to", "from", "of", "the", "письмо", "записка", "к", "от", "из", "г", "года")
)


def plain(value: str | None) -> str:
    """One line without control characters; empty for None."""
    return " ".join(_CONTROL.sub(" ", value or "").split())


def persons(value: str | None) -> list[str]:
    """The people of an author or recipient field, which a semicolon divides."""
    names = (name.strip(" ,") for name in plain(value).split(";"))
    return [name for name in names if name]


def date_words(document: Document, lang: str) -> str:
    """The document's date in words of the language; else as the document itself writes it."""
    if document.date:
        return formatting.words(document.date, lang)
    return plain(document.date_text)


def translation_note(document: Document) -> str:
    """What to say of a translation; empty for an original."""
    if document.kind != "translation":
        return ""
    if document.lang == "ru":
        return "Машинный перевод (ИИ)" if document.translator == "AI" else "Перевод"
    return "Translated by machine (AI)" if document.translator == "AI" else "Translation"


def _is_elsewhere(page: str, source: str | None) -> bool:
    """Whether the source names pages of its own and this is none of them: a leaf, say."""
    given = _OWN_PAGES.search(source or "")
    if not given:
        return False
    number = re.match(r"\d+", page)
    first, last = int(given[1]), int(given[2] or given[1])
    return number is None or not first <= int(number[0]) <= max(first, last)


def _page_label(page: str, one: str, many: str) -> str:
    return many if re.search(r"\d\s*[-–,]", page) else one


def _sentences(*items: str) -> str:
    """The items that are not empty, each with one full stop."""
    stopped = []
    for item in filter(None, items):
        item = item.rstrip(" ,;")
        stopped.append(item if item.endswith((".", "?", "!", "…")) else f"{item}.")
    return " ".join(stopped)


def _folded(text: str) -> set[str]:
    return set(_WORDS.findall(text.casefold()))


def _says_nothing_new(text: str, said: str) -> bool:
    return _folded(text) <= _folded(said) | _PLAIN_TITLE_WORDS


pass


def notes(document: Document) -> list[str]:
    to = f"To {', '.join(persons(document.recipient))}" if persons(document.recipient) else ""
    return list(filter(None, [to, plain(document.archival_ref), translation_note(document)]))
