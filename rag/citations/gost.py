"""Citations in the style of GOST R 7.0.5-2008."""

from __future__ import annotations

from index_store.types import Document
from rag.citations.fields import (
    adds_nothing,
    date_words,
    folded_words,
    is_elsewhere,
    is_of_scan,
    page_words,
    persons,
    plain,
    sentences,
    translation_note,
)
from rag.text.languages import language


def gost(document: Document, page: str | None = None) -> str:
    """Author. Title, date // source. Page. Shelf-mark. Note on the translation.

    The words between the fields are in the document's language.
    """
    wording = language(document.lang).documents
    author = ", ".join(persons(document.author))
    recipient = ", ".join(persons(document.recipient))
    title = plain(document.title) or plain(document.document_id)
    title = title.rstrip(" .,;")
    if recipient and not _mentions(title, recipient):
        title += f" [{wording.recipient}: {recipient}]"
    date = date_words(document, document.lang)
    if date and not adds_nothing(date, title):
        title += f", {date}"
    where = []
    if document.source:
        where.append(plain(document.source))
    scan = is_of_scan(document)
    if page and (scan or not is_elsewhere(page, document.source)):
        of_scan = f" {wording.of_scan}" if scan else ""
        where.append(f"{page_words(page, wording.page, wording.pages)}{of_scan}")
    if document.archival_ref:
        where.append(plain(document.archival_ref))
    if author and not title.startswith((f"{author},", f"{author} to ")):
        title = f"{sentences(author)} {title}"
    text = f"{title} // {sentences(*where)}" if where else title
    return sentences(text, translation_note(document))


def _mentions(title: str, person: str) -> bool:
    """Whether the title names the person, in any grammatical case."""
    stems = {word[:5] for word in folded_words(person) if len(word) > 2}
    return bool(stems & {word[:5] for word in folded_words(title)})
