"""A conversation as a file: Markdown and DOCX to read, JSON to work with; every citation whole.

What is read is told once, as blocks in the reader's language, which both forms set. Stored words
go into Markdown with its special characters escaped. Not here: choosing what to export, and how
a DOCX is written (`export_docx`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rag.types import Citation, Statement, VerifiedAnswer
from ui_assets.export.docx import MEDIA_TYPE, Block, written
from ui_assets.model import Exchange
from ui_assets.view.excerpts import found, marked_words, quotations
from ui_assets.view.render import Voice

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!~$&])")
_STYLES = {"en": "chicago", "ru": "gost"}


@dataclass(frozen=True, slots=True)
class File:
    """A file to be saved: its name, its media type, its bytes."""

    name: str
    media_type: str
    content: bytes


def markdown(title: str, exchanges: Sequence[Exchange], lang: str) -> File:
    """Questions as headings, statements with their numbers, citations below each answer."""
    text = ""
    before = ""
    for block in blocks(title, exchanges, lang):
        text += "\n" if before == block.kind == "item" else "\n\n" if before else ""
        text += _marked_down(block)
        before = block.kind
    return File(f"{_name(title)}.md", "text/markdown", f"{text}\n".encode(errors="replace"))


def docx(title: str, exchanges: Sequence[Exchange], lang: str) -> File:
    """The same as a document of a word processor."""
    asked = max((exchange.asked for exchange in exchanges), default=0.0)
    told = blocks(title, exchanges, lang)
    return File(f"{_name(title)}.docx", MEDIA_TYPE, written(told, title, lang, _moment(asked)))


def as_json(title: str, exchanges: Sequence[Exchange], lang: str = "en") -> File:
    """The answers as `fonds ask --json` gives them, in whatever language the page is."""
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
    """What a reader is told of a conversation, piece by piece."""
    t = Voice(lang)
    yield Block("title", title)
    for exchange in exchanges:
        yield Block("question", f"{exchange.number}. {exchange.question}")
        if exchange.answer:
            yield from _answer(exchange.answer, t)
        else:
            yield Block("text", f"{t('fault')} {exchange.fault or '…'}")
        yield Block("note", _circumstances(exchange, t))
        for citation in exchange.answer.citations if exchange.answer else ():
            yield from _citation(citation, t)


def _answer(answer: VerifiedAnswer, t: Voice) -> Iterator[Block]:
    if answer.understood:
        yield Block("text", f"{t('asked_as')}: {answer.understood}")
    if answer.notice:
        yield Block("text", answer.notice)
    if answer.abstention:
        yield Block("text", f"{t('silent')}. {answer.abstention.message}")
    for statement in answer.statements:
        yield from _statement(statement, answer, t)
    for listed in answer.documents or ():
        yield Block("item", t.named(listed.document), listed.document.lang)
    if answer.abstention and answer.abstention.nearest:
        yield Block("text", f"{t('nearest')}:")
        for source in found(answer.abstention.nearest):
            yield Block("item", t.named(source.document), source.document.lang)


def _statement(statement: Statement, answer: VerifiedAnswer, t: Voice) -> Iterator[Block]:
    state = f" ({t.state(statement.kind, statement.support)})"
    if statement.kind == "quotation" and statement.support == "verified":
        for citation, group in quotations(statement, answer.citations):
            numbers = "".join(f" [{same.n}]" for same in group)
            yield Block("quotation", citation.quote, citation.document.lang, numbers + state)
    else:
        words = marked_words(statement)
        text = "".join(piece if isinstance(piece, str) else f"[{piece}]" for piece in words)
        yield Block("text", text, note=state)


def _citation(citation: Citation, t: Voice) -> Iterator[Block]:
    document = citation.document
    yield Block("reference", f"[{citation.n}] {citation.formatted.get(_STYLES[t.lang], '')}")
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
        words, particulars = t.warning(warning)
        yield Block("item", " ".join(filter(None, [f"{t('warning')}: {words}", particulars])))


def _circumstances(exchange: Exchange, t: Voice) -> str:
    """When it was asked, under which limits, of what, and how sure the answer is."""
    parts = [t.date(_moment(exchange.asked).date().isoformat())]
    if answer := exchange.answer:
        limits = [f"{t.field(c.field)} {t.value(c)}" for c in answer.constraints if c.applied]
        parts += [f"{t('filters')}: {', '.join(limits)}"] if limits else []
        parts += [f"{t('searched')} {t.searched(exchange.scope)}"] if exchange.scope else []
        parts.append(f"{t('confidence')}: {t.confidence(answer.confidence)}")
    return " · ".join(parts)


def _marked_down(block: Block) -> str:
    text, note = _safe(block.text), _safe(block.note)
    if block.kind == "quotation":
        return "\n".join(f"> {line}".rstrip() for line in text.splitlines()) + note
    text = " ".join(text.split()) if block.kind in ("title", "question", "item") else text
    before = {"title": "# ", "question": "## ", "item": "- "}.get(block.kind, "")
    return before + text + note


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _safe(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _name(title: str) -> str:
    """A file name that every system takes."""
    return re.sub(r"[^\w-]+", "-", title).strip("-")[:60] or "conversation"
