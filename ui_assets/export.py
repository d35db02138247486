"""A conversation as a file: Markdown to read, JSON to work with; every citation whole.

Stored words go into Markdown as quotations with its special characters escaped.
Not here: choosing what to export.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.types import Citation, Statement, VerifiedAnswer
from ui_assets.evidence import Exchange

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!~$&])")
_STATES = {"verified": "", "supported": " (supported)", "unsupported": " (not borne out)"}


@dataclass(frozen=True, slots=True)
class File:
    """A file to be saved: its name, its media type, its text."""

    name: str
    media_type: str
    text: str


def markdown(title: str, exchanges: Sequence[Exchange]) -> File:
    """Questions as headings, statements with their numbers, citations below each answer."""
    parts = [f"# {_safe(title)}"]
    for exchange in exchanges:
        parts.append(f"## {exchange.number}. {_safe(exchange.question)}")
        if exchange.answer:
            parts += _answer(exchange.answer)
        else:
            parts.append(f"*{_safe(exchange.fault or '…')}*")
    return File(f"{_name(title)}.md", "text/markdown", "\n\n".join(parts) + "\n")


def as_json(title: str, exchanges: Sequence[Exchange]) -> File:
    """The answers as `fonds ask --json` gives them."""
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
    text = json.dumps(data, ensure_ascii=False, indent=2)
    return File(f"{_name(title)}.json", "application/json", text + "\n")


FORMS: dict[str, Callable[[str, Sequence[Exchange]], File]] = {
    "markdown": markdown,
    "json": as_json,
}


def _answer(answer: VerifiedAnswer) -> list[str]:
    parts = [_statement(statement) for statement in answer.statements]
    if answer.abstention:
        parts.append(_safe(answer.abstention.message))
        parts += [
            f"- {_safe(hit.document.title or hit.document.document_id)}"
            for hit in answer.abstention.nearest
        ]
    return parts + [_citation(citation) for citation in answer.citations]


def _statement(statement: Statement) -> str:
    numbers = "".join(f" \\[{n}\\]" for n in statement.citations)
    if statement.kind == "quotation" and statement.support == "verified":
        return _quoted(statement.text) + numbers
    text = _safe(statement.text) if statement.kind == "prose" else _safe(statement.text) + numbers
    return text + _STATES[statement.support]


def _citation(citation: Citation) -> str:
    document = citation.document
    lines = [f"\\[{citation.n}\\] {_safe(citation.formatted.get('chicago', ''))}"]
    lines.append(_quoted(citation.quote))
    given = (
        ("Archival reference", document.archival_ref),
        ("Published in", document.source),
        ("Page", citation.page),
        ("Document", f"{document.document_id}, characters {citation.start}–{citation.end}"),
    )
    lines += [f"- {label}: {_safe(value)}" for label, value in given if value]
    lines += [f"- Warning: {_safe(warning.message)}" for warning in document.warnings]
    return "\n\n".join(lines[:2]) + "\n\n" + "\n".join(lines[2:])


def _quoted(text: str) -> str:
    return "\n".join(f"> {_safe(line)}".rstrip() for line in text.splitlines())


def _safe(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _name(title: str) -> str:
    """A file name that every system takes."""
    return re.sub(r"[^\w-]+", "-", title).strip("-")[:60] or "conversation"
