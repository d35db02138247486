"""Every piece of HTML that the chat shows, rendered from the templates beside this file.

Jinja2 escapes everything (`autoescape`), an unknown name in a template is an error, and no
template marks anything as safe: questions, titles, file names and the archive's words can
only ever be text. No Markdown or LaTeX is interpreted. Nothing here asks or decides.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index_store.types import Document, DocumentWarning
from rag.citations.citation import STYLES, format_citation
from rag.dates.formatting import is_uncertain, words
from rag.text.templates import html_environment
from rag.types import Constraint, Filters, ShownDocument
from ui_assets.model import Exchange, Scope
from ui_assets.view import words as interface
from ui_assets.view.excerpts import marked_words, quotations, understood
from ui_assets.view.warnings_text import said

ASSETS = Path(__file__).parents[1] / "templates"
FIELDS = {
    "date_from": "from_year",
    "date_to": "to_year",
    "lang": "language",
    "source": "published",
    "exclude": "without",
}
STYLE_NAMES = {
    "chicago": "Chicago",
    "gost": "ГОСТ Р 7.0.5",
    "bibtex": "BibTeX",
    "ris": "RIS",
    "csl-json": "CSL-JSON",
}
HIGH, FAIR = 0.8, 0.5
"""Confidence from which it is called high, and fair."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter as the reader sees it; `field` is what removing it names."""

    field: str
    label: str
    value: str
    document_id: str = ""


class Voice:
    """The interface's words in one language, as templates use them."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, key: str, **values: object) -> str:
        return interface.word(self.lang, key, **values)

    def count(self, noun: str, n: int) -> str:
        """A number with its noun."""
        return interface.count(self.lang, noun, n)

    def date(self, edtf: str | None) -> str:
        """`1931-11-27` as "27 November 1931", with intervals, open ends and doubt in words."""
        return words(edtf, self.lang) if edtf else self("undated")

    def language(self, code: str) -> str:
        """The language's name, or its code where there is no word for it."""
        name = interface.language(self.lang, code)
        return name[:1].upper() + name[1:]

    def field(self, name: str) -> str:
        """A document's field as a reader says it."""
        key = FIELDS.get(name, name)
        return self(key) if key in interface.WORDS else name.replace("_", " ")

    def quoted(self, words: str) -> str:
        """Words in the language's quotation marks."""
        return f"“{words}”" if self.lang == "en" else f"«{words}»"

    def version(self, document: Document) -> str:
        """Whether these are the writer's words, and if not, whose translation they are."""
        if document.kind == "original":
            return self("original")
        keys = {"AI": "ai_translation", "human": "human_translation"}
        return self(keys.get(document.translator or "", "translation"))

    def named(self, document: Document) -> str:
        """A document's title, with its date and whose translation it is where that is not said."""
        parts = [document.title or document.document_id]
        if (document.date or "?")[:4] not in document.title:
            parts.append(self.date(document.date))
        if document.kind != "original":
            parts.append(self.version(document))
        return ", ".join(parts)

    def warning(self, warning: DocumentWarning) -> tuple[str, str | None]:
        """A warning, and its particulars where they come in English only."""
        return said(self.lang, warning)

    def value(self, constraint: Constraint) -> str:
        """What a constraint demands."""
        if constraint.field.startswith("date"):
            return self.date(constraint.value)
        if constraint.field == "lang":
            return self.language(constraint.value)
        if constraint.field == "documents":
            return self("cited_before")
        return self(constraint.value) if constraint.field == "kind" else constraint.value

    def confidence(self, probability: float) -> str:
        """A probability in a word."""
        return self("high" if probability >= HIGH else "fair" if probability >= FAIR else "low")

    def searched(self, scope: Scope) -> str:
        """What was searched: "23 documents, 1926–1930, English and Russian"."""
        parts = [self.count("document", scope.documents)]
        if scope.first is not None:
            span = scope.first != scope.last
            parts.append(f"{scope.first}–{scope.last}" if span else str(scope.first))
        names = [interface.language(self.lang, code) for code in scope.languages]
        return ", ".join([*parts, *filter(None, [interface.listed(self.lang, names)])])

    def state(self, kind: str, support: str) -> str:
        """How far the store bears a statement out."""
        if support == "verified" and kind != "quotation":
            return self(f"verified_{kind}")
        return self(support)

    def seconds(self, seconds: float) -> str:
        """A time span with its unit."""
        told = f"{seconds:.2f}" if seconds < 10 else f"{seconds:.0f}"
        return (told if self.lang == "en" else told.replace(".", ",")) + f"\u00a0{self('seconds')}"


def chips(filters: Filters, documents: Sequence[Document], lang: str) -> list[Chip]:
    """The filters that are set, one chip each; both ends of a date range are one."""
    t = Voice(lang)
    made = []
    start, end = filters.date_from, filters.date_to
    if start or end:
        span = f"{start}–{end}" if start and end and start != end else start or end or ""
        label = t("years") if start and end else t("from_year" if start else "to_year")
        made.append(Chip("dates", label, span))
    for name in ("lang", "author", "recipient", "collection", "kind"):
        if value := getattr(filters, name):
            told = t.value(Constraint(name, value, "given", True))
            made.append(Chip(name, t.field(name), told))
    titles = {d.document_id: d.title or d.document_id for d in documents}
    for document_id in filters.exclude:
        title = titles.get(document_id, document_id)
        made.append(Chip("exclude", t("without"), title, document_id))
    return made


def page(template: str, lang: str, **values: Any) -> str:
    """A template filled in, in the reader's language."""
    return _ENVIRONMENT.get_template(template).render(t=Voice(lang), **values)


def conversation(exchanges: Sequence[Exchange], lang: str, **values: Any) -> str:
    """The whole conversation; `notice` is told at its end, `welcome` shown where there is none."""
    given = {"notice": None, "welcome": None, "id": "", **values}
    return page("conversation.html", lang, exchanges=exchanges, **given)


def panel(exchanges: Sequence[Exchange], lang: str, versions: Any) -> str:
    """The sources of every answer, those of the last one open; `versions(document)` gives the
    other versions of its record."""
    return page("panel.html", lang, exchanges=exchanges, versions=versions)


def whole(shown: ShownDocument, lang: str, start: int, end: int, versions: Any) -> str:
    """A whole document, the text at `[start:end]` marked."""
    text = shown.document.text
    pieces = (text[:start], text[start:end], text[end:])
    return page("whole.html", lang, document=shown.document, pieces=pieces, versions=versions)


def references(document: Document, cited_page: str | None = None) -> list[tuple[str, str]]:
    """The reference to a document in each style: its name and its text."""
    return [(STYLE_NAMES[s], format_citation(document, s, cited_page)) for s in STYLES]


def script() -> str:
    """The chat's one script, with the words that it says itself."""
    said = ("copied", "thanks", "lost", "drop")
    spoken = {
        lang: {key: interface.word(lang, key) for key in said} for lang in interface.LANGUAGES
    }
    text = (ASSETS / "chat.js").read_text(encoding="utf-8")
    return text.replace('"WORDS"', json.dumps(spoken, ensure_ascii=False))


_ENVIRONMENT = html_environment(ASSETS)
_ENVIRONMENT.globals.update(
    marked_words=marked_words,
    quotations=quotations,
    understood=understood,
    references=references,
    uncertain=lambda date: bool(date) and is_uncertain(date),
)
