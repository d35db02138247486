"""Citations in Chicago style."""

from __future__ import annotations

from index_store.types import Document
from rag.citations.fields import (
    _is_elsewhere,
    _page_label,
    _says_nothing_new,
    _sentences,
    date_words,
    persons,
    plain,
    translation_note,
)


def chicago(document: Document, page: str | None = None) -> str:
    """Author to recipient, date, “title,” source, page; shelf-mark. Note on the translation.

    An English form: names and title stand as stored, the date in English.
    """
    author, recipient = _listed(document.author), _listed(document.recipient)
    to = ", to" if "," in author else " to"
    people = f"{author}{to} {recipient}" if author and recipient else author
    if recipient and not author:
        people = f"To {recipient}"
    date = date_words(document, "en")
    title = plain(document.title) or ("" if people else plain(document.document_id))
    head = [part for part in (people, date) if part]
    if title and not (people and _says_nothing_new(title, f"{people} {date}")):
        head.append(_quoted_title(title))
    if document.source:
        head.append(plain(document.source).rstrip(" .,;"))
    if page and not _is_elsewhere(page, document.source):
        head.append(f"{_page_label(page, 'p.', 'pp.')} {plain(page)}")
    text = _join_commas(head)
    if document.archival_ref:
        text = f"{text}; {plain(document.archival_ref)}" if text else plain(document.archival_ref)
    return _sentences(text, translation_note(document))


def _listed(value: str | None) -> str:
    """ "A", "A and B", "A, B, and C"."""
    names = persons(value)
    if len(names) > 2:
        names = [", ".join(names[:-1]) + ",", names[-1]]
    return " and ".join(names)


def _quoted_title(title: str) -> str:
    title = title.rstrip(" .,;")
    return f"“{title}”" if title.endswith(("?", "!", "…")) else f"“{title},”"


def _join_commas(items: list[str]) -> str:
    """Comma-separated, but after a quoted title, which has its comma inside."""
    text = ""
    for item in items:
        text += (" " if text.endswith("”") else ", ") if text else ""
        text += item
    return text[:-2] + "”" if text.endswith(",”") else text
