"""Quotations in the text of a language model, by their quotation marks.

Not here: whether the quoted words stand in a document (`rag.answers.generation`).
"""

from __future__ import annotations

import re

from rag.text.sentences import sentences

_MAX_QUOTATION_CHARS = 800
_CLOSING = {"“": "”", "«": "»", "„": "“”", '"': '"', "‹": "›", "「": "」", "『": "』", "‘": "’"}
_SINGLE = re.compile(
    r"(?<!\w)['‘](?=\w)([^'‘\n]*?(?:\w['’]\w[^'‘’\n]*?)*)(?<=[\w.,;:!?…])['’](?!\w)"
)


def divided(text: str, block: bool) -> list[tuple[str, bool]]:
    """The text as parts outside and inside quotation marks, without the marks; True for inside.

    A `block` quotation is one part, inside.
    """
    if block:
        return [(text.strip(' \t“”«»"„'), True)]
    out: list[tuple[str, bool]] = []
    at = 0
    for start, end in quotations(text):
        out += [(text[at:start], False), (text[start + 1 : end - 1], True)]
        at = end
    return [*out, (text[at:], False)]


def quotations(text: str) -> list[tuple[int, int]]:
    """Spans of the outermost quotations with their marks, in order; unclosed ones are left out."""
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        mark = text[at]
        end = 0
        if mark in "'‘":
            match = _SINGLE.match(text, at)
            end = match.end() if match else 0
        elif mark in _CLOSING:
            end = _closed(text, at)
        if end:
            spans.append((at, end))
            at = end
        else:
            at += 1
    return spans


def _closed(text: str, start: int) -> int:
    """The offset after the mark that closes the one at `start`; 0 if none does."""
    opening = text[start]
    closing = _CLOSING[opening]
    depth = 0
    for at in range(start, min(len(text), start + _MAX_QUOTATION_CHARS)):
        if text[at] in closing and (at > start or opening != closing):
            depth -= 1
            if depth <= 0:
                return at + 1 if at > start + 1 else 0
        elif text[at] == opening:
            depth += 1
    return 0


def sentence_spans(text: str, complete: bool) -> list[tuple[int, int]]:
    """Spans of the sentences, each beginning where the one before ends.

    None ends inside a quotation. Unless `complete`, more of the line is to come, and none ends
    inside a quotation that is still open either.
    """
    quoted = quotations(text)
    if not complete:
        covered = {i for a, b in quoted for i in range(a, b)}
        opening = [i for i, c in enumerate(text) if c in _CLOSING and c != "‘" and i not in covered]
        if opening:
            quoted.append((opening[0], len(text) + 1))
    out: list[tuple[int, int]] = []
    begin = 0
    for _, end in sentences(text):
        if any(a < end < b for a, b in quoted):
            continue
        out.append((begin, end))
        begin = end
    if begin < len(text.rstrip()):
        out.append((begin, len(text)))
    return out
