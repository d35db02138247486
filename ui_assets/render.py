"""Every piece of HTML that the chat shows, rendered from the templates beside this file.

Jinja2 escapes everything (`autoescape`), an unknown name in a template is an error, and no
template marks anything as safe: questions, titles, file names and the archive's words can
only ever be text. No Markdown or LaTeX is interpreted. Nothing here asks or decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from index_store.types import Document
from rag.citation_dates import words
from ui_assets.evidence import Exchange, marked_words, quotations

ASSETS = Path(__file__).parent
LANGUAGES = {"en": "English", "ru": "Russian"}
FIELDS = {
    "archival_ref": "archival reference",
    "source": "published in",
    "date_from": "not before",
    "date_to": "not after",
    "lang": "language",
}
VERSIONS = {"AI": "AI translation", "human": "Human translation", None: "Translation"}


def banner() -> str:
    """The notice over the sample archive: its letters are invented."""
    return _template("banner.html").render()


def conversation(
    exchanges: Sequence[Exchange], info: Mapping[str, Any], notice: str | None = None
) -> str:
    """The whole conversation; where there is none yet a hint, for which `info` is needed."""
    return _template("conversation.html").render(exchanges=exchanges, info=info, notice=notice)


def panel(exchanges: Sequence[Exchange]) -> str:
    """The sources of every answer; those of the last one are open."""
    return _template("panel.html").render(exchanges=exchanges)


def date_in_words(edtf: str | None) -> str:
    """`1931-11-27` as "27 November 1931", with intervals, open ends and doubt in words."""
    return words(edtf, "en") if edtf else "undated"


def language(code: str) -> str:
    """The language in English words, or its code where Fonds has no word for it."""
    return LANGUAGES.get(code, code)


def field(name: str) -> str:
    """The name of a document's field as a reader says it."""
    return FIELDS.get(name, name.replace("_", " "))


def version(document: Document) -> str:
    """Whether these are the writer's words, and if not, whose translation they are."""
    if document.kind == "original":
        return "Original"
    return VERSIONS[document.translator]


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(ASSETS),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters.update(date=date_in_words, field=field, language=language, version=version)
_ENVIRONMENT.globals.update(marked_words=marked_words, quotations=quotations)
_template = _ENVIRONMENT.get_template
