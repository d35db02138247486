"""References for people: Chicago's archival form and GOST R 7.0.5-2008.

Everything in them is a stored field of the document; a field that it has not is left out, and a
shelf-mark is given as it is stored, never rewritten.
"""

from __future__ import annotations

import re

from index_store.types import Document
from rag import citation_dates

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
        return citation_dates.words(document.date, lang)
    return plain(document.date_text)


def translation_note(document: Document) -> str:
    """What to say of a translation; empty for an original."""
    if document.kind != "translation":
        return ""
    if document.lang == "ru":
        return "Машинный перевод (ИИ)" if document.translator == "AI" else "Перевод"
    return "Translated by machine (AI)" if document.translator == "AI" else "Translation"


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


def _listed(value: str | None) -> str:
    """ "A", "A and B", "A, B, and C"."""
    names = persons(value)
    if len(names) > 2:
        names = [", ".join(names[:-1]) + ",", names[-1]]
    return " and ".join(names)


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


def _mentions(title: str, person: str) -> bool:
    """Whether the title names the person, in whatever case of the name."""
    stems = {word[:5] for word in _folded(person) if len(word) > 2}
    return bool(stems & {word[:5] for word in _folded(title)})
