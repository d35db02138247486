"""The page as Gradio builds it, and the fakes that the other tests use."""

from __future__ import annotations

import asyncio
from html import unescape

import gradio as gr
import pytest

import ui
from rag.types import VerifiedAnswer
from tests.kits.fake_archive import FakeArchive, abstained
from tests.kits.fake_documents import DOCUMENTS, EVIL, HOSTILE, LINDKVIST, TAME, passages
from tests.kits.page_kit import exchange
from ui_assets.session.controller import Session
from ui_assets.session.conversations import Conversations
from ui_assets.session.served_archive import ServedArchive
from ui_assets.view.words import word


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_the_page_has_three_public_routes_and_renders(lang: str) -> None:
    class Request:
        def __init__(self) -> None:
            self.headers = {"accept-language": lang}
            self.query_params: dict[str, str] = {}

    served = ServedArchive(FakeArchive(TAME), sample=True)

    async def built() -> (
        gr.Blocks
    ):  # without a running loop Gradio makes loops that it never closes
        return ui.build(served, Conversations(None))

    page = asyncio.run(built())
    config = page.get_config_file()
    public = [one for one in config["dependencies"] if one["api_visibility"] != "private"]
    assert [one["api_name"] for one in public] == ["ask", "search", "verify"]
    assert page.analytics_enabled is False
    load = next(f for f in page.fns.values() if f.name == "load").fn
    assert load is not None
    drawn = " ".join(str(part) for part in load(Session(), Request()))
    assert word(lang, "sample_about") in unescape(drawn)
    assert word(lang, "holds") in drawn


def test_the_fakes_are_consistent_like_a_store() -> None:
    for document in DOCUMENTS.values():
        assert all(p.text == document.text[p.start : p.end] for p in passages(document))
    answers: list[VerifiedAnswer] = [FakeArchive().ask("ferry?"), abstained("owner?")]
    for answer in answers:
        for one in answer.citations:
            assert one.quote == one.document.text[one.start : one.end]
    assert EVIL.text.count(HOSTILE) == 1 and LINDKVIST.archival_ref is None


def test_a_bug_in_the_program_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        exchange("crash?")
