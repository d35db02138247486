"""Kinds of document: letter, telegram, minutes; their words in both languages."""

from __future__ import annotations

import re

DOCUMENT_WORDS = {
    "letter": r"letters?|письм\w{0,3}|писем",
    "telegram": r"telegrams?|cables?|cablegrams?|wires?|телеграмм\w{0,3}",
    "note": r"notes?|записк\w{0,3}|записок",
    "minutes": r"minutes|protocols?|протокол\w{0,3}",
    "memorandum": r"memorand\w{1,3}|memos?|меморандум\w{0,3}|докладн\w{1,3}",
    "report": r"reports?|отч[её]т\w{0,3}|донесени\w{1,3}|рапорт\w{0,3}",
    "record": r"documents?|records?|papers?|desp?atch(?:es)?|dispatch(?:es)?|messages?|pages?|"
    r"документ\w{0,3}|сообщени\w{1,3}|запис[ьи]",
}
"""What a document may be called; "record" stands for any of them."""
ANY_THING = "|".join(DOCUMENT_WORDS.values())

TYPES = {name: re.compile(rf"\b(?:{words})\b", re.I) for name, words in DOCUMENT_WORDS.items()}
THING = re.compile(rf"\b(?:{ANY_THING})\b", re.I)
