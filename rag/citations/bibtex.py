"""Citations as BibTeX.

Values are escaped: a brace, a line break or a control character in a title can neither end a
field nor begin another.
"""

from __future__ import annotations

import re

from index_store.types import Document
from rag.citations.fields import is_of_scan, notes, persons, plain
from rag.dates import formatting
from rag.text.languages import LANGUAGES

_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
        "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
        "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    }
)  # fmt: skip
_LANGUAGE_NAMES = {language.code: language.name.lower() for language in LANGUAGES}
_LIGATURE = re.compile(r"([-`'<>,])(?=\1)|([?!])(?=`)")
"""Characters that TeX joins into another: two hyphens into a dash."""


def bibtex(document: Document, page: str | None = None) -> str:
    """One `@misc` entry; names are kept whole in double braces."""
    numbers = formatting.parts(document.date) if document.date else None
    fields = {
        "author": " and ".join(_tex(name, "{%s}") for name in persons(document.author)),
        "title": _tex(plain(document.title) or document.document_id, "{%s}"),
        "year": str(numbers[0][0]) if numbers else "",
        "date": _tex(document.date),
        "howpublished": _tex(document.source),
        "pages": "" if is_of_scan(document) else _tex(page),
        "langid": _LANGUAGE_NAMES.get(document.lang, _tex(document.lang)),
        "note": "; ".join(map(_tex, notes(document, page))),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{_key(document.document_id)},", *lines, "}"])


def _tex(value: str | None, form: str = "%s") -> str:
    """The escaped value, put into `form` unless it is empty."""
    text = _LIGATURE.sub(r"\g<0>{}", plain(value).translate(_TEX))
    return form % text if text else ""


def _key(document_id: str) -> str:
    """An ASCII key; letters of other scripts as their code points."""
    return "".join(
        c if c.isascii() and (c.isalnum() or c in "-.") else "-" if c.isascii() else f"u{ord(c):x}"
        for c in document_id
    )
