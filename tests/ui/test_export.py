"""Conversations as Markdown, DOCX and JSON files."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from io import BytesIO
from unittest.mock import patch
from zipfile import ZipFile

import docx
from hypothesis import given
from hypothesis import strategies as st

from rag.types import Statement
from tests.kits.fake_archive import FakeArchive, abstained, answered, evil
from tests.kits.fake_documents import HOSTILE, LINDQVIST, cited
from ui_assets.export import conversation
from ui_assets.export.docx import STYLES
from ui_assets.model import Exchange, Scope

EXPORTED = [
    Exchange(1, "ferry?", FakeArchive().ask("ferry?"), scope=Scope(3, 1907, 1909), asked=1.5e9),
    Exchange(2, "owner?", abstained("owner?"), asked=1.6e9),
    Exchange(3, "fault?", fault="It broke.", asked=1.7e9 + 0.5),
]


def test_an_export_has_every_citation_in_full() -> None:
    text = conversation.markdown("Ice & ferry", EXPORTED, "en").content.decode()
    for words in (
        "# Ice \\& ferry\n\n## 1. ferry?\n\n",
        "> Паром не ходит с понедельника. \\[2\\] (word for word)\n",
        "- Archival reference: Harbour Archive F. 3. Op. 1. D. 17. L. 5\n",
        "\n- Warning: Translated by a machine; quote the original.\n\n",
        "14 July 2017 · Filters: From 1 November 1907 · Searched 3 documents, 1907–1909",
        "No answer in the archive. ",
        "does not say who owned it",
        "This is an error, not an answer: It broke.",
    ):
        assert words in text, words
    data = json.loads(conversation.as_json("Ice", EXPORTED).content)
    assert data["exchanges"][0]["answer"] == FakeArchive().ask("ferry?").to_dict()
    assert data["exchanges"][2]["fault"] == "It broke."


def test_hostile_text_is_escaped_in_markdown() -> None:
    exchanges = [Exchange(1, HOSTILE, answered("?", *evil()))]
    text = conversation.markdown(HOSTILE, exchanges, "en").content.decode()
    assert "<script" not in text.replace("\\<script", "")
    assert not re.search(r"(?<!\\)[\[\]<>`]", text.replace("\n> ", "\n"))


@given(st.text(min_size=1, max_size=80))
def test_a_file_name_is_valid_everywhere(title: str) -> None:
    name = conversation.as_json(title, []).name
    assert name.endswith(".json") and not set(name) & set('/\\:*?"<>|\0\n')


def test_a_docx_has_styles_and_languages() -> None:
    file = conversation.docx("Ice & ferry", EXPORTED, "en")
    assert file.name == "Ice-ferry.docx" and file.media_type.endswith("wordprocessingml.document")
    made = docx.Document(BytesIO(file.content))
    styled = [(p.style.name, p.text) for p in made.paragraphs if p.style]
    assert styled == [
        (STYLES[block.kind], block.text + block.note)
        for block in conversation.blocks("Ice & ferry", EXPORTED, "en")
    ]
    assert ("Title", "Ice & ferry") in styled and ("Heading 1", "1. ferry?") in styled
    assert ("Quote", "Паром не ходит с понедельника. [2] (word for word)") in styled
    spoken = {
        p.runs[0].text: p.runs[0]._r.xpath("w:rPr/w:lang/@w:val")
        for p in made.paragraphs
        if p.style and p.style.name == "Quote"
    }
    assert spoken["Паром не ходит с понедельника."] == ["ru-RU"]
    assert ["en-GB"] in spoken.values()
    about = made.core_properties
    assert (about.title, about.author, about.comments) == ("Ice & ferry", "Fonds", "")
    moment = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)  # of the last question
    assert about.created == about.modified == moment


def test_a_docx_is_reproducible_and_has_no_links() -> None:
    exchanges = [*EXPORTED, Exchange(4, f"\x00\x0b{HOSTILE}", answered("?", *evil()))]
    with patch("time.localtime", return_value=(2001, 2, 3, 4, 5, 6, 5, 34, 0)):
        file = conversation.docx(f"\x1f{HOSTILE * 9}", exchanges, "ru")
    assert file.content == conversation.docx(f"\x1f{HOSTILE * 9}", exchanges, "ru").content
    made = docx.Document(BytesIO(file.content))
    assert made.paragraphs[0].text == f"\ufffd{HOSTILE * 9}"
    assert any(p.text == f"4. \ufffd\ufffd{HOSTILE}" for p in made.paragraphs)
    assert any(p.text.startswith("Архивный шифр: ") for p in made.paragraphs)
    with ZipFile(BytesIO(file.content)) as package:
        for name in package.namelist():
            assert b"TargetMode" not in package.read(name), name


def test_statements_of_every_kind_are_exported() -> None:
    statements = [
        Statement("Prose [1].", "prose", (1,), "supported"),
        Statement("A record.", "record", (1,), "verified", {}),
        Statement("Not so.", "quotation", (), "unsupported"),
    ]
    answer = answered("?", statements, [cited(1, LINDQVIST, "V. Lindqvist")])
    text = conversation.markdown("t", [Exchange(1, "?", answer)], "en").content.decode()
    assert "Prose \\[1\\]. (supported by the passage)" in text
    assert "A record. \\[1\\] (from the catalogue)" in text
    assert "Not so. (not supported by the archive)" in text and "> Not so." not in text
    text = conversation.markdown("t", [Exchange(1, "?", answer)], "ru").content.decode()
    assert "Prose \\[1\\]. (подтверждается отрывком)" in text and "- Архивный шифр: " in text
