"""The blocks of a conversation as a DOCX file, with python-docx.

The same conversation always gives the same bytes, and the file has no links: web addresses in
stored text stay text. Not here: what the blocks say.
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

from ui_assets.view.words import LANGUAGES

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MAX_PROPERTY_CHARS = 255  # by the format

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
_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}")
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXT_COLOUR, _NOTE_COLOUR = RGBColor(0x23, 0x1F, 0x1A), RGBColor(0x65, 0x5C, 0x50)
_EARLIEST_TIME = (1980, 1, 1, 0, 0, 0)  # in a ZIP


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph: `text`, in the language `lang` if it is a document's, and a `note` on it."""

    kind: Kind
    text: str
    lang: str | None = None
    note: str = ""


def to_docx(blocks: Iterable[Block], title: str, lang: str, time: datetime) -> bytes:
    """The file's bytes; `lang` is the language of the document, `time` its date."""
    document = Document()
    _set_styles(document, lang)
    for block in blocks:
        paragraph = document.add_paragraph(style=STYLES[block.kind])
        paragraph.paragraph_format.keep_with_next = block.kind == "reference"
        words = paragraph.add_run(_xml_safe(block.text))
        if block.lang and _LANGUAGE_CODE.fullmatch(block.lang):
            _set_language(words._r.get_or_add_rPr(), block.lang)
        if block.note:
            note = paragraph.add_run(_xml_safe(block.note))
            note.italic = False
            note.font.color.rgb = _NOTE_COLOUR
    about = document.core_properties
    about.title = _xml_safe(title)[:MAX_PROPERTY_CHARS]
    about.author = about.last_modified_by = "Fonds"
    about.comments = ""
    about.language = lang
    about.created = about.modified = time.replace(microsecond=0, tzinfo=None)
    packed = BytesIO()
    document.save(packed)
    return _without_times(packed)


def _set_styles(document: Any, lang: str) -> None:
    """Dark text instead of the template's blue; quotations indented."""
    styles = document.styles
    for name in ("Title", "Heading 1", "Quote"):
        styles[name].font.color.rgb = _TEXT_COLOUR
    quote = styles["Quote"]
    quote.paragraph_format.left_indent = quote.paragraph_format.right_indent = Pt(24)
    note = styles["Caption"]
    note.font.color.rgb, note.font.bold = _NOTE_COLOUR, False
    _set_language(styles["Normal"].element.get_or_add_rPr(), lang)


def _set_language(properties: Any, lang: str) -> None:
    element = OxmlElement("w:lang")
    element.set(qn("w:val"), LANGUAGES[lang].locale if lang in LANGUAGES else lang)
    properties.append(element)


def _xml_safe(text: str) -> str:
    """The text with U+FFFD in place of each character that XML does not allow."""
    return _NOT_XML.sub("\ufffd", text)


def _without_times(packed: BytesIO) -> bytes:
    """The same package without the times at which its parts were written."""
    copy = BytesIO()
    with ZipFile(packed) as old, ZipFile(copy, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(ZipInfo(name, _EARLIEST_TIME), old.read(name), ZIP_DEFLATED)
    return copy.getvalue()
