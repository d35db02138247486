"""A question parsed once, by its words alone: language, names, dates, quotations, intent.

Not here: what it means in an archive, which needs the store (`query`), and questions that
depend on the turns before (`followups`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rag import dates, names
from rag.dates import DateMention
from rag.questions.field_questions import FieldIntent, field_intent
from rag.questions.list_questions import ListIntent, list_intent
from rag.questions.phrases import phrases_in
from rag.text.detection import language_of


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """What the words of a question say.

    `lang`, English or Russian, is the language of the answer's own words; `written_in` that of the
    question, which may be any. `quoted` are its phrases in quotation marks, `field` the fields of a
    record that it asks for, `listing` what it may want listed or counted; None where it asks
    something else.
    """

    text: str
    lang: str
    written_in: str
    names: tuple[str, ...]
    dates: tuple[DateMention, ...]
    quoted: tuple[str, ...]
    field: FieldIntent | None
    listing: ListIntent | None


@lru_cache(maxsize=64)
def parse(text: str) -> ParsedQuestion:
    """The question parsed, its language told by its script. Pure."""
    return ParsedQuestion(
        text,
        language_of(text),
        language_of(text),
        tuple(names.names_in(text)),
        tuple(dates.find(text)),
        phrases_in(text),
        field_intent(text),
        list_intent(text),
    )
