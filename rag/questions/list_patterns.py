"""The wording of questions for a list or a number of documents, in English and Russian.

Patterns only; `listing` decides what they mean together.
"""

from __future__ import annotations

import re

from rag.records.document_types import DOCUMENT_WORDS

_THING = "|".join(DOCUMENT_WORDS.values())
_MANY = (
    r"letters|telegrams|cables|wires|documents|notes|reports|minutes|papers|records|messages|"
    r"dispatches|письма|телеграммы|документы|записки|отч[её]ты|протоколы"
)
_EACH = r"every|each|all(?:\s(?:of\s)?the)?|кажд\w{2,3}|все[хм]?"
_ASK = (
    r"list|enumerate|(?:show|give|tell|name|find)(?:\s(?:me|us))?|"
    r"перечисли\w{0,2}|покажи\w{0,2}|назови\w{0,2}|найди\w{0,2}|дай\w{0,2}|список|выведи\w{0,2}"
)
_START = r"^\W*(?:please\s|пожалуйста,?\s)?"
_FEW = r"(?:[\w'’.-]+\s){0,3}?"  # words between

ASKS_COUNT = re.compile(
    rf"\b(?:how\smany|number\sof|count\s(?:of|the)?|сколько|числ\w{{1,2}}|количеств\w{{1,2}})"
    rf"\s(?:[\w-]+\s){{0,2}}?(?:{_THING})\b",
    re.I,
)
ASKS_LIST = re.compile(
    rf"{_START}(?:(?:{_ASK})\s{_FEW})?(?:{_EACH})\s{_FEW}(?:{_THING})\b"
    rf"|{_START}(?:{_ASK})\s{_FEW}(?:{_MANY}|писем|телеграмм|документов|записок)\b"
    rf"|{_START}(?:which|what|какие)\s(?:{_MANY})\b",
    re.I,
)

_OF_DOCUMENTS = (
    rf"(?:\b(?:{_EACH}|which|what|how\smany|сколько|какие|как\w{{2,3}}|{_ASK})\s{_FEW}|^\W*)"
    rf"(?:{_THING})\b"
)
_IN_THEM = (
    rf"\b(?:where|in\swhich(?:\s(?:{_THING}))?|in\swhat\s(?:{_THING})|in\show\smany\s(?:{_THING})"
    rf"|где|в\sкотор\w{{2,3}}|в\s(?:как|скольк)\w{{1,3}}\s(?:{_THING}))\s"
)
_IS = r"(?:(?:is|are|was|were)\s)?"
_MENTIONED = (
    r"(?:mentioned|named|referred\sto|упомина(?:ется|ются|лся|лась|лись|лось)|упомянут\w{0,2}"
    r"|встречается|встречаются|назван\w{0,2})"
)
_TARGET = r"(?P<target>[^?!;]+)"
MENTIONS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"{_IN_THEM}{_IS}{_MENTIONED}\s{_TARGET}",
        rf"{_IN_THEM}{_IS}(?P<target>[^?!;]{{1,80}}?)\s{_IS}(?:ever\s)?{_MENTIONED}\b",
        rf"{_OF_DOCUMENTS}[^?!;]{{0,60}}?\b(?:mention(?:s|ed|ing)?|refer(?:s|red|ring)?\sto"
        rf"|nam(?:e|es|ing)|упомина(?:ет|ют|ющи\w{{1,3}}|л\w?))\s(?!about\b){_TARGET}",
    )
)
"""What documents mention, as the group `target`; the first that fits."""
ABOUT = re.compile(rf"\b(?:about|regarding|concerning|об|обо|про|насч[её]т|о)\s{_TARGET}", re.I)
TRAILING = re.compile(
    rf"^\W*(?:the|a|an|имя|слово|фамилия)\s"
    rf"|\s(?:in|within|from|в|из)\s(?:the\s|this\s)?(?:archive|collection|store|архиве|{_THING})\b.*$"
    r"|\s(?:in|from|of|during|between|for|в|за|во|от|из)\W*$",
    re.I,
)
FOR_THEM = re.compile(
    rf"\b(?:{_THING})\s(?:are|is)\sthere\b|\b(?:archive|store|collection)\s(?:have|has|hold|holds|"
    r"contains?)\b|\bв\sархиве\b|\bin\sthe\sarchive\b",
    re.I,
)
