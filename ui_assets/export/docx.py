"""Blocks of a conversation as a DOCX, through python-docx: styles, languages, fixed dates.

The same conversation gives the same bytes, and nothing in them leads out of the file: stored
words are set as words, a web address among them too. Not here: what is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Literal
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LONGEST_PROPERTY = 255  # characters, by the format

Kind = Literal["title", "question", "text", "quotation", "item", "reference", "note"]
STYLES: dict[Kind, str] = {
    "title": "Title",
    "question": "Heading 1",
    "text": "Normal",
    "quotation": "Quote",
    "item": "List Bullet",
    "reference": "Normal",
    "note": "Caption",
}
_LANGUAGES = {"en": "en-GB", "ru": "ru-RU"}  # a word processor wants the country too
_CODE = re.compile(r"[a-z]{2,3}")
_UNSAYABLE = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INK, _QUIET = RGBColor(0x23, 0x1F, 0x1A), RGBColor(0x65, 0x5C, 0x50)
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # of a ZIP


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of what is told: its words, in the language `lang` where they are a document's,
    and what Fonds says of them in `note`."""

    kind: Kind
    text: str
    lang: str | None = None
    note: str = ""


def written(blocks: Iterable[Block], title: str, lang: str, moment: datetime) -> bytes:
    """The document; `lang` is its own language, `moment` its date."""
    made = Document()
    _dress(made, lang)
    for block in blocks:
        paragraph = made.add_paragraph(style=STYLES[block.kind])
        paragraph.paragraph_format.keep_with_next = block.kind == "reference"
        words = paragraph.add_run(_sayable(block.text))
        if block.lang and _CODE.fullmatch(block.lang):
            _speak(words._r.get_or_add_rPr(), block.lang)
        if block.note:
            note = paragraph.add_run(_sayable(block.note))
            note.italic = False
            note.font.color.rgb = _QUIET
    about = made.core_properties
    about.title = _sayable(title)[:LONGEST_PROPERTY]
    about.author = about.last_modified_by = "Fonds"
    about.comments = ""
    about.language = lang
    about.created = about.modified = moment.replace(microsecond=0, tzinfo=None)
    packed = BytesIO()
    made.save(packed)
    return _undated(packed)


def _dress(made: Any, lang: str) -> None:
    """Ink instead of the template's blue, a quotation set in from the margin."""
    styles = made.styles
    for name in ("Title", "Heading 1", "Quote"):
        styles[name].font.color.rgb = _INK
    quote = styles["Quote"]
    quote.paragraph_format.left_indent = quote.paragraph_format.right_indent = Pt(24)
    note = styles["Caption"]
    note.font.color.rgb, note.font.bold = _QUIET, False
    _speak(styles["Normal"].element.get_or_add_rPr(), lang)


def _speak(properties: Any, lang: str) -> None:
    spoken = OxmlElement("w:lang")
    spoken.set(qn("w:val"), _LANGUAGES.get(lang, lang))
    properties.append(spoken)


def _sayable(text: str) -> str:
    """The text with a sign in place of each character that XML does not admit."""
    return _UNSAYABLE.sub("\ufffd", text)


def _undated(packed: BytesIO) -> bytes:
    """The same package without the moments at which its parts were written."""
    again = BytesIO()
    with ZipFile(packed) as old, ZipFile(again, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(ZipInfo(name, _FIRST_DATE), old.read(name), ZIP_DEFLATED)
    return again.getvalue()
