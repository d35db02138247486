"""Pieces of the page that are fetched when they are asked for: passages, documents, the table.

Each takes what the page's script sends, which is checked like any other input, and gives HTML.
A fault is told in its place. Not here: who may ask; the web server sees to that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rag.errors import FondsError
from ui_assets.session.served import Served
from ui_assets.view import quotation_check, render
from ui_assets.view.excerpts import in_order
from ui_assets.view.table import table

Wanted = Mapping[str, Any]


class Details:
    """What the page fetches of a served archive."""

    def __init__(self, served: Served) -> None:
        self.served = served

    def give(self, name: str, wanted: Wanted, lang: str) -> str:
        """The piece called `name`, or the fault that prevented it."""
        pieces: dict[str, Callable[[Wanted, str], str]] = {
            "walk": self.walk,
            "whole": self.whole,
            "text": self.text,
            "check": self.check,
            "documents": self.documents,
        }
        try:
            return pieces[name](wanted, lang)
        except FondsError as error:
            return render.page("fault.html", lang, fault=str(error))

    def walk(self, wanted: Wanted, lang: str) -> str:
        """The passage numbered `at` with what stands between it and the next."""
        shown = self.served.archive.show(str(wanted["document"]))
        passages, at = in_order(shown), int(wanted["at"])
        text = ""
        if 0 <= at < len(passages):
            # Downwards the gap before a passage comes with it, upwards the gap behind it.
            start, end = passages[at].start, passages[at].end
            if wanted["way"] == "up" and at + 1 < len(passages):
                end = passages[at + 1].start
            elif wanted["way"] != "up" and at > 0:
                start = passages[at - 1].end
            text = shown.document.text[start:end]
        return render.page("passage.html", lang, text=text, at=at, way=wanted["way"])

    def whole(self, wanted: Wanted, lang: str) -> str:
        """A whole document, the text at `[start:end]` marked where that is given."""
        shown = self.served.archive.show(str(wanted["document"]))
        start, end = int(wanted.get("start") or 0), int(wanted.get("end") or 0)
        if not 0 <= start <= end <= len(shown.document.text):
            start = end = 0
        versions = self.served.catalogue.versions(shown.document)
        return render.whole(shown, lang, start, end, versions)

    def text(self, wanted: Wanted, lang: str) -> str:
        """The text of another version of a record."""
        shown = self.served.archive.show(str(wanted["document"]))
        return render.page("text.html", lang, document=shown.document)

    def check(self, wanted: Wanted, lang: str) -> str:
        """Where the words stand in the archive."""
        return quotation_check.report(self.served.archive, str(wanted["words"]), lang)

    def documents(self, wanted: Wanted, lang: str) -> str:
        """One page of the archive's table."""
        facets = self.served.catalogue.facets
        page = table(facets.documents, wanted)
        return render.page("documents.html", lang, table=page, facets=facets)
