"""The wording of questions about a record: document words and the fields they ask for.

Patterns only, in English and Russian; `record` decides what they mean together.
"""

from __future__ import annotations

import re

from rag.records.document_types import ANY_THING

_WRITE = (
    r"write|wrote|written|send|sent|sign(?:ed)?|cabled?|wired?|telegraph(?:ed)?|"
    r"(?:на)?писал[аи]?|отправил[аи]?|послал[аи]?|подписал[аи]?|телеграфировал[аи]?"
)
NAMES_A_DOCUMENT = re.compile(rf"\b(?:{ANY_THING}|{_WRITE})\b", re.I)

_QUESTIONS = {
    "archival_ref": (
        r"(?:which|what) archives?\b",
        r"\bshelf-?\s?marks?\b",
        r"\barchival ref\w*",
        r"\bcall number",
        r"\b(?:which|what) fond\b",
        r"\bwhere (?:is|are)\b.{0,80}\b(?:held|kept|stored|preserved)",
        r"\bархивн\w{1,3} (?:шифр|ссылк)\w*",
        r"\bшифр\w{0,2}\b",
        r"\bкак(?:ом|ой) архив\w*",
        r"\bгде\b.{0,20}\b(?:хранится|хранятся|находится|лежит)",
        r"\bкаком фонде",
    ),
    "source": (
        r"\bwhere (?:was|is|were)\b.{0,80}\b(?:published|printed)",
        r"\bpublish\w+ source",
        r"\bwhat is the source",
        r"\bгде\b.{0,40}\b(?:опубликован|напечатан)\w*",
        r"\bисточник\w* публикации",
        r"\bпо какому изданию",
    ),
    "date": (
        rf"\bwhen (?:was|were|is)\b.{{0,60}}\b(?:{ANY_THING})\b",
        rf"\bwhen did\b.{{0,60}}\b(?:{_WRITE})\b",
        rf"\bwhat (?:is|was) the date\b.{{0,40}}\b(?:{ANY_THING})",
        rf"\bdate of the (?:{ANY_THING})",
        r"\bhow is\b.{0,60}\bdated",
        r"\bкогда\b.{0,40}\b(?:написан|отправлен|послан|датирован|подписан)\w*",
        rf"\bкогда\b.{{0,60}}\b(?:{_WRITE})\b",
        r"\bкак(?:ова|ая|ой|им)\w* (?:дата|датой|числом)",
        rf"\bдата (?:{ANY_THING})",
    ),
    "author": (
        rf"\bwho (?:wrote|sent|signed|authored)\b.{{0,20}}\b(?:{ANY_THING})\b",
        rf"\bwho (?:is|was) the author of\b.{{0,20}}\b(?:{ANY_THING})\b",
        rf"\bby whom was\b.{{0,20}}\b(?:{ANY_THING})\b",
        r"\bwho wrote to\b",
        rf"\bкто\b.{{0,10}}\b(?:{_WRITE})\b.{{0,20}}\b(?:{ANY_THING})\b",
        r"\bкто (?:(?:и )?кому )?(?:на)?писал\b",
        rf"\bавтор\w*\b.{{0,10}}\b(?:{ANY_THING})\b",
    ),
    "recipient": (
        rf"\bto whom (?:was|is|were)\b.{{0,40}}\b(?:{ANY_THING})\b",
        rf"\bto whom did\b.{{0,40}}\b(?:{_WRITE})\b",
        rf"\bwho (?:received|got)\b.{{0,20}}\b(?:{ANY_THING})\b",
        r"\b(?:recipient|addressee) of\b",
        rf"\bwho(?:m)? (?:was|is)\b.{{0,40}}\b(?:{ANY_THING})\b.{{0,30}}\baddressed",
        r"\bкому\b.{0,40}\b(?:адресован|написан|отправлен|послан)\w*",
        rf"\bкому (?:{_WRITE})\b",
        r"\bадресат\w*\b",
        rf"\bкто получил\b.{{0,20}}\b(?:{ANY_THING})\b",
    ),
    "place": (
        rf"\bwhere (?:was|were)\b.{{0,60}}\b(?:{ANY_THING})\b.{{0,30}}\b(?:written|sent|signed)",
        r"\b(?:откуда|где)\b.{0,30}\b(?:написан|отправлен|послан)\w*",
    ),
    "translator": (
        r"\bwho translated\b",
        r"\b(?:is|was)\b.{0,60}\btranslat\w+",
        r"\bкто пер[её]в[её]л\b",
        r"\bмашинн\w{1,3} перевод",
    ),
}
FIELDS = {name: re.compile("|".join(forms), re.I) for name, forms in _QUESTIONS.items()}
"""Which wording asks for which field of a document."""

_ASKING = """
archive archives archival hold holds held keep kept store stored preserve preserved shelf mark
shelfmark reference call number fond publish published print printed source publication date dated
write writes written wrote send sends sent sign signed cable cabled wire wired telegraph
telegraphed author authored recipient addressee address addressed receive received translate
translated translator translation machine архив архиве архива архивный архивная хранить хранится
хранятся находится лежит шифр шифра шифром ссылка фонд фонде опубликован опубликована опубликовано
напечатан напечатана напечатано источник источника публикации издание изданию дата датой даты
датирован датирована датировано написать написан написана написано написал написала писал писала
отправлен отправлена отправлено отправил послан послана послано послал подписан подписана
подписано подписал автор автором адресат адресована адресован адресовано получил получила перевел
перевод переводчик машинный каков какова каково каковы какая какое какие каким какой каком числом
"""
ASKING = frozenset(_ASKING.split())
"""Words that ask for a field and tell nothing about which document is meant."""
