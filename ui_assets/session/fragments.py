"""Parts of the page that its script fetches: passages, documents and their pages, the table, a
checked quotation.

Each takes what the script sends, which is checked like any other input, and returns HTML. An
error is shown in the part's place. Not here: who may ask (`ui_assets.server`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rag.citations.regions import regions
from rag.errors import FondsError, UsageError
from ui_assets.model import Faint
from ui_assets.session.served_archive import ServedArchive
from ui_assets.view import quotation_check, render
from ui_assets.view.excerpts import ordered_passages
from ui_assets.view.sheets import faint_words, readable_layout, sheet, sheets
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
            "page": self._page,
            "thumbnails": self._thumbnails,
        }
        try:
            if name not in fragments:
                raise UsageError(f"the page has no part {name[:80]!r}")
            return fragments[name](params, lang)
        except FondsError as error:
            return render.page("fault.html", lang, fault=str(error))

    def _passage(self, params: Params, lang: str) -> str:
        """The passage at position `at`, with the text between it and the passage shown before."""
        shown = self.served.archive.show(_text_of(params, "document"))
        passages, at = ordered_passages(shown), _number(params, "at")
        up = params.get("direction") == "up"
        text, start = "", 0
        faint: Faint = ()
        if 0 <= at < len(passages):
            start, end = passages[at].start, passages[at].end
            if up and at + 1 < len(passages):
                end = passages[at + 1].start
            elif not up and at > 0:
                start = passages[at - 1].end
            text = shown.document.text[start:end]
            layout = readable_layout(self.served.archive, shown.document.document_id, start, end)
            faint = faint_words(layout, start, end)
        return render.page("passage.html", lang, text=text, start=start, faint=faint, at=at, up=up)

    def _whole(self, params: Params, lang: str) -> str:
        """A whole document, the text at `[start:end]` marked where that is given."""
        shown = self.served.archive.show(_text_of(params, "document"))
        start, end = _span(params, shown.document.text)
        versions = self.served.catalogue.versions(shown.document)
        layout = readable_layout(self.served.archive, shown.document.document_id)
        return render.whole(shown, lang, start, end, versions, layout)

    def _text(self, params: Params, lang: str) -> str:
        """The text of another version of a record."""
        document = self.served.archive.show(_text_of(params, "document")).document
        layout = readable_layout(self.served.archive, document.document_id)
        faint = faint_words(layout, 0, len(document.text))
        return render.page("text.html", lang, document=document, faint=faint)

    def _check(self, params: Params, lang: str) -> str:
        """Where the words are in the archive."""
        return quotation_check.report(self.served.archive, _text_of(params, "words"), lang)

    def _documents(self, params: Params, lang: str) -> str:
        """One page of the table of documents."""
        facets = self.served.catalogue.facets
        page = table(facets.documents, params)
        return render.page("documents.html", lang, table=page, facets=facets)

    def _page(self, params: Params, lang: str) -> str:
        """A page of a document, with the words at `[start:end]` marked where that is given."""
        archive, document_id = self.served.archive, _text_of(params, "document")
        document = archive.show(document_id).document
        start, end = _span(params, document.text)
        layout = archive.layout(document_id, start, end)
        if layout is None:
            raise UsageError(f"document {document_id} has no pages")
        found = regions(document.text[start:end], start, layout)
        # Without a number the page of the words, else the first.
        number = _number(params, "number", found[0].page if found else 1)
        shown = sheet(document_id, layout.pages, number, found, (start, end))
        if shown is None:
            raise UsageError(f"document {document_id} has no page {number}")
        large = bool(params.get("large"))
        return render.page("page.html", lang, shown=shown, document=document, large=large)

    def _thumbnails(self, params: Params, lang: str) -> str:
        """Small pictures of the pages of a document from page number `first`."""
        document_id = _text_of(params, "document")
        span = _number(params, "start", 0), _number(params, "end", 0)
        pages = self.served.archive.pages(document_id)
        if not pages:
            self.served.archive.show(document_id)  # which raises where there is no such document
            raise UsageError(f"document {document_id} has no pages")
        shown = sheets(document_id, pages, _number(params, "first", 1), span)
        return render.page("thumbnails.html", lang, sheets=shown)


def _text_of(params: Params, name: str) -> str:
    """What was sent under this name. UsageError where nothing was."""
    if params.get(name) is None:
        raise UsageError(f"the request names no {name}")
    return str(params[name])


def _number(params: Params, name: str, otherwise: int | None = None) -> int:
    """The whole number sent under this name, `otherwise` where it is empty. Raises UsageError."""
    given = params.get(name)
    if otherwise is not None and given in (None, "", 0):
        return otherwise
    try:
        return int(_text_of(params, name))
    except ValueError as error:
        raise UsageError(f"{name} is {str(given)[:80]!r}, which is not a whole number") from error


def _span(params: Params, text: str) -> tuple[int, int]:
    """The span `[start:end]` that is asked for; an empty one where it is not of the text."""
    start, end = _number(params, "start", 0), _number(params, "end", 0)
    return (start, end) if 0 <= start <= end <= len(text) else (0, 0)
