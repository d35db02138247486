"""All HTML that the chat shows, rendered from `ui_assets/templates`.

Jinja2 escapes everything (`autoescape`), an unknown name in a template is an error, and no
template marks anything as safe: questions, titles, file names and the words of the archive can
only ever be text. Markdown and LaTeX are not interpreted. Nothing is searched or decided here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index_store.layout import Layout
from index_store.types import Document
from rag.citations.citation import STYLES, format_citation
from rag.dates.formatting import is_uncertain
from rag.text.templates import html_environment
from rag.types import VALUE_FILTERS, Constraint, Filters, ShownDocument
from ui_assets.model import Exchange
from ui_assets.view.excerpts import inferred_constraints, quotations, text_and_markers
from ui_assets.view.localizer import Localizer
from ui_assets.view.sheets import address, faint_words, page_starts, percent, runs, sheets
from ui_assets.view.words import LANGUAGES, word

ASSETS = Path(__file__).parents[1] / "templates"
STYLES_OF_THE_PAGE = ("chat.css", "pages.css")
_SCRIPTS = ("chat.js", "pages.js")  # in this order: the second adds to the first
STYLE_NAMES = {
    "chicago": "Chicago",
    "gost": "ГОСТ Р 7.0.5",
    "bibtex": "BibTeX",
    "ris": "RIS",
    "csl-json": "CSL-JSON",
}
_WEB_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")
SCRIPT_TEXTS = ("copied", "saved", "no_response", "drop")
"""Keys of the texts that the page's script shows itself."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter as the reader sees it; `field` and `document_id` say what removing it removes."""

    field: str
    label: str
    value: str
    document_id: str = ""


def chips(filters: Filters, documents: Sequence[Document], lang: str) -> list[Chip]:
    """One chip for each filter that is set; both ends of a date range share one."""
    t = Localizer(lang)
    made = []
    start, end = filters.date_from, filters.date_to
    if start or end:
        span = f"{start}–{end}" if start and end and start != end else start or end or ""
        label = t("years") if start and end else t("from_year" if start else "to_year")
        made.append(Chip("dates", label, span))
    for name in VALUE_FILTERS:
        if value := getattr(filters, name):
            shown = t.value(Constraint(name, value, "given", True))
            made.append(Chip(name, t.field(name), shown))
    titles = {d.document_id: d.title or d.document_id for d in documents}
    for document_id in filters.exclude:
        title = titles.get(document_id, document_id)
        made.append(Chip("exclude", t("without"), title, document_id))
    return made


def page(template: str, lang: str, **values: Any) -> str:
    """A template filled in, in the reader's language."""
    return _ENVIRONMENT.get_template(template).render(t=Localizer(lang), **values)


def conversation(exchanges: Sequence[Exchange], lang: str, **values: Any) -> str:
    """The whole conversation, with `notice` at its end, or `welcome` where it is empty."""
    given = {"notice": None, "welcome": None, "id": "", **values}
    return page("conversation.html", lang, exchanges=exchanges, **given)


def panel(exchanges: Sequence[Exchange], lang: str, versions: Any) -> str:
    """The sources of every answer, those of the last one visible.

    `versions(document)` gives the other versions of the document's record.
    """
    return page("panel.html", lang, exchanges=exchanges, versions=versions)


def whole(
    shown: ShownDocument,
    lang: str,
    start: int,
    end: int,
    versions: Any,
    layout: Layout | None = None,
) -> str:
    """A whole document, the text at `[start:end]` marked; with a layout, its pages too."""
    document, text = shown.document, shown.document.text
    faint, opening = faint_words(layout, 0, len(text)), page_starts(layout)
    cuts = ((0, start), (start, end), (end, len(text)))
    return page(
        "whole.html",
        lang,
        document=document,
        pieces=[runs(text[a:b], a, faint, opening) for a, b in cuts],
        faint=faint,
        sheets=sheets(document.document_id, layout.pages, 1, (start, end)) if layout else [],
        span=(start, end),
        versions=versions,
    )


def references(document: Document, cited_page: str | None = None) -> list[tuple[str, str]]:
    """The reference to a document in each style: the style's name and the text."""
    return [(STYLE_NAMES[s], format_citation(document, s, cited_page)) for s in STYLES]


def web_address(value: object) -> str | None:
    """An address of the web, as a link may have it; None for anything else that a file gives."""
    found = isinstance(value, str) and _WEB_ADDRESS.fullmatch(value)
    return str(value) if found else None


def script() -> str:
    """The page's script, with the texts that it shows itself."""
    texts = {lang: {key: word(lang, key) for key in SCRIPT_TEXTS} for lang in LANGUAGES}
    source = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    return source.replace('"WORDS"', json.dumps(texts, ensure_ascii=False))


_ENVIRONMENT = html_environment(ASSETS)
_ENVIRONMENT.globals.update(
    text_and_markers=text_and_markers,
    quotations=quotations,
    inferred_constraints=inferred_constraints,
    references=references,
    web_address=web_address,
    address=address,
    percent=percent,
    runs=runs,
    uncertain=lambda date: bool(date) and is_uncertain(date),
)
