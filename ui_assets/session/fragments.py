"""Parts of the page that its script fetches: passages, documents, the table, a checked quotation.

Each takes what the script sends, which is checked like any other input, and returns HTML. An
error is shown in the part's place. Not here: who may ask (`ui_assets.server`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rag.errors import FondsError
from ui_assets.session.served_archive import ServedArchive
from ui_assets.view import quotation_check, render
from ui_assets.view.excerpts import ordered_passages
from ui_assets.view.table import table

Params = Mapping[str, Any]


class Fragments:
    """The parts of the page that come from the served archive."""

    def __init__(self, served: ServedArchive) -> None:
        self.served = served

    def html(self, name: str, params: Params, lang: str) -> str:
        """The fragment with this name, or the error that prevented it."""
        fragments: dict[str, Callable[[Params, str], str]] = {
            "passage": self._passage,
            "whole": self._whole,
            "text": self._text,
            "check": self._check,
            "documents": self._documents,
        }
        try:
            return fragments[name](params, lang)
        except FondsError as error:
            return render.page("fault.html", lang, fault=str(error))

    def _passage(self, params: Params, lang: str) -> str:
        """The passage at position `at`, with the text between it and the passage shown before."""
        shown = self.served.archive.show(str(params["document"]))
        passages, at = ordered_passages(shown), int(params["at"])
        up = params["direction"] == "up"
        text = ""
        if 0 <= at < len(passages):
            start, end = passages[at].start, passages[at].end
            if up and at + 1 < len(passages):
                end = passages[at + 1].start
            elif not up and at > 0:
                start = passages[at - 1].end
            text = shown.document.text[start:end]
        return render.page("passage.html", lang, text=text, at=at, up=up)

    def _whole(self, params: Params, lang: str) -> str:
        """A whole document, the text at `[start:end]` marked where that is given."""
        shown = self.served.archive.show(str(params["document"]))
        start, end = int(params.get("start") or 0), int(params.get("end") or 0)
        if not 0 <= start <= end <= len(shown.document.text):
            start = end = 0
        versions = self.served.catalogue.versions(shown.document)
        return render.whole(shown, lang, start, end, versions)

    def _text(self, params: Params, lang: str) -> str:
        """The text of another version of a record."""
        shown = self.served.archive.show(str(params["document"]))
        return render.page("text.html", lang, document=shown.document)

    def _check(self, params: Params, lang: str) -> str:
        """Where the words are in the archive."""
        return quotation_check.report(self.served.archive, str(params["words"]), lang)

    def _documents(self, params: Params, lang: str) -> str:
        """One page of the table of documents."""
        facets = self.served.catalogue.facets
        page = table(facets.documents, params)
        return render.page("documents.html", lang, table=page, facets=facets)
