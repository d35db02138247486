"""Citations in the style of GOST R 7.0.5."""

from __future__ import annotations

from index_store.types import Document
from rag.citations.fields import (
    _folded,
    _is_elsewhere,
    _page_label,
    _says_nothing_new,
    _sentences,
    date_words,
    persons,
    plain,
    translation_note,
)


def gost(document: Document, page: str | None = None) -> str:
    """Author. Title, date // source. Page. Shelf-mark. Note on the translation."""
    russian = document.lang == "ru"
    author = ", ".join(persons(document.author))
    recipient = ", ".join(persons(document.recipient))
    title = plain(document.title) or plain(document.document_id)
    title = title.rstrip(" .,;")
    if recipient and not _mentions(title, recipient):
        title += f" [{'адресат' if russian else 'to'}: {recipient}]"
    date = date_words(document, document.lang)
    if date and not _says_nothing_new(date, title):
        title += f", {date}"
    where = []
    if document.source:
        where.append(plain(document.source))
    if page and not _is_elsewhere(page, document.source):
        where.append(("С. " if russian else f"{_page_label(page, 'P.', 'Pp.')} ") + plain(page))
    if document.archival_ref:
        where.append(plain(document.archival_ref))
    if author and not title.startswith((f"{author},", f"{author} to ")):
        title = f"{_sentences(author)} {title}"
    text = f"{title} // {_sentences(*where)}" if where else title
    return _sentences(text, translation_note(document))


def _mentions(title: str, person: str) -> bool:
    """Whether the title names the person, in whatever case of the name."""
    stems = {word[:5] for word in _folded(person) if len(word) > 2}
    return bool(stems & {word[:5] for word in _folded(title)})
