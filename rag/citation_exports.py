"""References for programs: BibTeX, RIS and CSL-JSON.

Values are made safe for the format: a brace, a line break or a control character in a title can
neither end a field nor begin another. Nothing here is written for people to read.
"""

from __future__ import annotations

import json
import re
from typing import Any

from index_store.types import Document
from rag import citation_dates, shelfmark
from rag.citation_styles import date_words, persons, plain, translation_note

_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
        "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
        "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    }
)  # fmt: skip
_LIGATURE = re.compile(r"([-`'<>,])(?=\1)|([?!])(?=`)")
"""Characters that TeX takes together for another: two hyphens for a dash."""


def bibtex(document: Document, page: str | None = None) -> str:
    """One `@misc` entry; names are kept whole in double braces."""
    numbers = citation_dates.parts(document.date) if document.date else None
    fields = {
        "author": " and ".join(_tex(name, "{%s}") for name in persons(document.author)),
        "title": _tex(plain(document.title) or document.document_id, "{%s}"),
        "year": str(numbers[0][0]) if numbers else "",
        "date": _tex(document.date),
        "howpublished": _tex(document.source),
        "pages": _tex(page),
        "langid": {"ru": "russian", "en": "english"}.get(document.lang, _tex(document.lang)),
        "note": "; ".join(map(_tex, _notes(document))),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{_key(document.document_id)},", *lines, "}"])


def ris(document: Document, page: str | None = None) -> str:
    """One RIS record, ended by `ER`."""
    numbers = citation_dates.parts(document.date) if document.date else None
    day = [f"{number:02}" for number in numbers[0]] if numbers else []
    fields = [
        ("TY", "PCOMM" if document.recipient else "GEN"),
        ("ID", document.document_id),
        *(("AU", name) for name in persons(document.author)),
        *(("A2", name) for name in persons(document.recipient)),
        ("TI", plain(document.title) or document.document_id),
        ("PY", day[0] if day else ""),
        ("DA", "/".join([*day, "", "", ""][:3]) + "/" if day else ""),
        ("T2", document.source),
        ("SP", page),
        ("AV", document.archival_ref),
        ("LA", document.lang),
        ("N1", "; ".join(_notes(document))),
    ]
    lines = [f"{tag}  - {plain(value)}" for tag, value in fields if plain(value)]
    return "\n".join([*lines, "ER  - "])


def csl_json(document: Document, page: str | None = None) -> str:
    """A CSL-JSON list of one item."""
    mark = shelfmark.parse(document.archival_ref) if document.archival_ref else None
    item: dict[str, Any] = {
        "id": document.document_id,
        "type": "personal_communication" if document.recipient else "document",
        "title": plain(document.title) or document.document_id,
        "author": [{"literal": name} for name in persons(document.author)],
        "recipient": [{"literal": name} for name in persons(document.recipient)],
        "issued": _issued(document),
        "event-place": plain(document.place),
        "container-title": plain(document.source),
        "collection-title": plain(document.collection),
        "archive": plain(mark.archive) if mark else "",
        "archive_location": plain(document.archival_ref),
        "page": plain(page),
        "language": document.lang,
        "note": translation_note(document),
    }
    given = {name: value for name, value in item.items() if value}
    return json.dumps([given], ensure_ascii=False, indent=2)


def _issued(document: Document) -> dict[str, Any]:
    numbers = citation_dates.parts(document.date) if document.date else None
    if document.date and numbers:
        issued: dict[str, Any] = {"date-parts": [list(point) for point in numbers]}
        return {**issued, "circa": True} if citation_dates.is_uncertain(document.date) else issued
    words = date_words(document, document.lang)
    return {"literal": words} if words else {}


def _notes(document: Document) -> list[str]:
    to = f"To {', '.join(persons(document.recipient))}" if persons(document.recipient) else ""
    return list(filter(None, [to, plain(document.archival_ref), translation_note(document)]))


def _tex(value: str | None, form: str = "%s") -> str:
    text = _LIGATURE.sub(r"\g<0>{}", plain(value).translate(_TEX))
    return form % text if text else ""


def _key(document_id: str) -> str:
    """An ASCII key; letters of other scripts as their code points."""
    return "".join(
        c if c.isascii() and (c.isalnum() or c in "-.") else "-" if c.isascii() else f"u{ord(c):x}"
        for c in document_id
    )
