"""Citations in Chicago's style for archival documents."""

from __future__ import annotations

from index_store.types import Document
from rag.citations.fields import (
    adds_nothing,
    date_words,
    is_elsewhere,
    is_of_scan,
    page_words,
    persons,
    plain,
    sentences,
    translation_note,
)


def chicago(document: Document, page: str | None = None) -> str:
    """Author to recipient, date, “title,” source, page; shelf-mark. Note on the translation.

    In English: names and title as they are stored, the date in English words.
    """
    author, recipient = _listed(document.author), _listed(document.recipient)
    to = ", to" if "," in author else " to"
    people = f"{author}{to} {recipient}" if author and recipient else author
    if recipient and not author:
        people = f"To {recipient}"
    date = date_words(document, "en")
    title = plain(document.title) or ("" if people else plain(document.document_id))
    head = [part for part in (people, date) if part]
    if title and not (people and adds_nothing(title, f"{people} {date}")):
        head.append(_quoted_title(title))
    if document.source:
        head.append(plain(document.source).rstrip(" .,;"))
    scan = is_of_scan(document)
    if page and (scan or not is_elsewhere(page, document.source)):
        of_scan = " of the scan" if scan else ""
        head.append(f"{page_words(page, 'p.', 'pp.')}{of_scan}")
    text = _join_commas(head)
    if document.archival_ref:
        text = f"{text}; {plain(document.archival_ref)}" if text else plain(document.archival_ref)
    return sentences(text, translation_note(document))


def _listed(value: str | None) -> str:
    """The people of a field as "A", "A and B" or "A, B, and C"."""
    names = persons(value)
    if len(names) > 2:
        names = [", ".join(names[:-1]) + ",", names[-1]]
    return " and ".join(names)


def _quoted_title(title: str) -> str:
    title = title.rstrip(" .,;")
    return f"“{title}”" if title.endswith(("?", "!", "…")) else f"“{title},”"


def _join_commas(items: list[str]) -> str:
    """The items with commas between them, but none after a quoted title, which has its own."""
    text = ""
    for item in items:
        text += (" " if text.endswith("”") else ", ") if text else ""
        text += item
    return text[:-2] + "”" if text.endswith(",”") else text
