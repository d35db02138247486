"""A conversation as a file: Markdown and DOCX to read, JSON to process; all citations in full.

Markdown and DOCX are made from the same blocks, in the reader's language. In Markdown the special
characters of stored text are escaped. Not here: choosing what to export, writing DOCX (`docx`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rag.types import Citation, Statement, VerifiedAnswer
from ui_assets.export.docx import MEDIA_TYPE, Block, to_docx
from ui_assets.model import Exchange
from ui_assets.view.excerpts import hit_sources, quotations, text_and_markers
from ui_assets.view.localizer import Localizer
from ui_assets.view.words import LANGUAGES

_MARKDOWN_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!~$&])")


@dataclass(frozen=True, slots=True)
class File:
    """A file for the reader to save."""

    name: str
    media_type: str
    content: bytes


def markdown(title: str, exchanges: Sequence[Exchange], lang: str) -> File:
    """Questions as headings, statements with their numbers, citations below each answer."""
    text = ""
    before = ""
    for block in blocks(title, exchanges, lang):
        text += "\n" if before == block.kind == "item" else "\n\n" if before else ""
        text += _markdown_block(block)
        before = block.kind
    return File(f"{_name(title)}.md", "text/markdown", f"{text}\n".encode(errors="replace"))


def docx(title: str, exchanges: Sequence[Exchange], lang: str) -> File:
    """The same as a Word document."""
    asked = max((exchange.asked for exchange in exchanges), default=0.0)
    content = to_docx(blocks(title, exchanges, lang), title, lang, _time(asked))
    return File(f"{_name(title)}.docx", MEDIA_TYPE, content)


def as_json(title: str, exchanges: Sequence[Exchange], lang: str = "en") -> File:
    """The answers as in `fonds ask --json`, the same in every interface language."""
    data = {
        "title": title,
        "exchanges": [
            {
                "question": e.question,
                "asked": e.asked,
                "filters": e.filters.to_dict(),
                "answer": e.answer.to_dict() if e.answer else None,
                "fault": e.fault,
            }
            for e in exchanges
        ],
    }
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    return File(f"{_name(title)}.json", "application/json", text.encode(errors="replace"))


FORMS: dict[str, Callable[[str, Sequence[Exchange], str], File]] = {
    "markdown": markdown,
    "json": as_json,
    "docx": docx,
}


def blocks(title: str, exchanges: Sequence[Exchange], lang: str) -> Iterator[Block]:
    """The conversation as blocks of text, in the interface language."""
    t = Localizer(lang)
    yield Block("title", title)
    for exchange in exchanges:
        yield Block("question", f"{exchange.number}. {exchange.question}")
        if exchange.answer:
            yield from _answer(exchange.answer, t)
        else:
            yield Block("text", f"{t('error')} {exchange.fault or '…'}")
        yield Block("note", _context(exchange, t))
        for citation in exchange.answer.citations if exchange.answer else ():
            yield from _citation(citation, t)


def _answer(answer: VerifiedAnswer, t: Localizer) -> Iterator[Block]:
    if answer.understood:
        yield Block("text", f"{t('asked_as')}: {answer.understood}")
    if answer.notice:
        yield Block("text", answer.notice)
    if answer.abstention:
        yield Block("text", f"{t('silent')}. {answer.abstention.message}")
    for statement in answer.statements:
        yield from _statement(statement, answer, t)
    for listed in answer.documents or ():
        yield Block("item", t.document(listed.document), listed.document.lang)
    if answer.abstention and answer.abstention.nearest:
        yield Block("text", f"{t('nearest')}:")
        for source in hit_sources(answer.abstention.nearest):
            yield Block("item", t.document(source.document), source.document.lang)


def _statement(statement: Statement, answer: VerifiedAnswer, t: Localizer) -> Iterator[Block]:
    support = f" ({t.support(statement.kind, statement.support)})"
    if statement.kind == "quotation" and statement.support == "verified":
        for citation, group in quotations(statement, answer.citations):
            numbers = "".join(f" [{same.n}]" for same in group)
            yield Block("quotation", citation.quote, citation.document.lang, numbers + support)
    else:
        pieces = text_and_markers(statement)
        text = "".join(piece if isinstance(piece, str) else f"[{piece}]" for piece in pieces)
        yield Block("text", text, note=support)


def _citation(citation: Citation, t: Localizer) -> Iterator[Block]:
    document = citation.document
    style = LANGUAGES[t.lang].citation_style
    yield Block("reference", f"[{citation.n}] {citation.formatted.get(style, '')}")
    yield Block("quotation", citation.quote, document.lang)
    characters = t("characters", start=citation.start, end=citation.end)
    given = (
        (t("archival_ref"), document.archival_ref),
        (t("published"), document.source),
        (t("page"), citation.page),
        (t("document"), f"{document.document_id}, {t.version(document)}, {characters}"),
    )
    for label, value in given:
        if value:
            yield Block("item", f"{label[:1].upper()}{label[1:]}: {value}")
    for warning in document.warnings:
        text, details = t.warning(warning)
        yield Block("item", " ".join(filter(None, [f"{t('warning')}: {text}", details])))


def _context(exchange: Exchange, t: Localizer) -> str:
    """When it was asked, the constraints, what was searched, and how sure the answer is."""
    parts = [t.date(_time(exchange.asked).date().isoformat())]
    if answer := exchange.answer:
        limits = [f"{t.field(c.field)} {t.value(c)}" for c in answer.constraints if c.applied]
        parts += [f"{t('filters')}: {', '.join(limits)}"] if limits else []
        parts += [f"{t('searched')} {t.scope(exchange.scope)}"] if exchange.scope else []
        parts.append(f"{t('confidence')}: {t.confidence(answer)}")
    return " · ".join(parts)


def _markdown_block(block: Block) -> str:
    text, note = _escaped(block.text), _escaped(block.note)
    if block.kind == "quotation":
        return "\n".join(f"> {line}".rstrip() for line in text.splitlines()) + note
    text = " ".join(text.split()) if block.kind in ("title", "question", "item") else text
    before = {"title": "# ", "question": "## ", "item": "- "}.get(block.kind, "")
    return before + text + note


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _escaped(text: str) -> str:
    return _MARKDOWN_SPECIAL.sub(r"\\\1", text)


def _name(title: str) -> str:
    """A file name that every system accepts."""
    return re.sub(r"[^\w-]+", "-", title).strip("-")[:60] or "conversation"
