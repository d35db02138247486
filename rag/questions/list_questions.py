"""Questions for a list or a number of documents: what is to be listed, by the wording alone.

"Every document that mentions Patek", "сколько писем Сталин написал Ворошилову в 1931 году".

Not here: finding the documents and wording the list (`rag.answers.lists`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag import dates
from rag.questions import phrases
from rag.questions.field_patterns import FIELDS
from rag.questions.list_patterns import ABOUT, ASKS_COUNT, ASKS_LIST, FOR_THEM, MENTIONS, TRAILING
from rag.records.document_types import types_in
from rag.text.languages import either
from rag.text.words import WORD

_ASKING = re.compile(rf"\b(?:{either(lambda x: x.lists.asking)})\b", re.I)


@dataclass(frozen=True, slots=True)
class ListIntent:
    """What a question may want listed or counted.

    `asked`: it asks for documents by word ("how many letters", "list all telegrams"); `of_archive`:
    of all in the archive. `mentioned` is what they are to mention, `about` what they are about.
    `bare`: apart from its quoted phrases the question has only words that ask.
    """

    text: str
    asked: bool
    of_archive: bool
    mentioned: str | None
    about: str | None
    bare: bool

    def types(self, wanted: str | None) -> frozenset[str]:
        """The kinds of document asked for, as "letter" or "telegram"; empty for any."""
        head = self.text.partition(wanted)[0] if wanted else self.text
        return types_in(head)


def list_intent(question: str) -> ListIntent | None:
    """What the question may want listed; None where it asks for a field of a document."""
    text = phrases.without(question)
    if any(pattern.search(text) for pattern in FIELDS.values()):
        return None
    asked = ASKS_COUNT.search(text) is not None or ASKS_LIST.search(text) is not None
    return ListIntent(
        text,
        asked,
        FOR_THEM.search(text) is not None,
        _target(text, MENTIONS),
        _target(text, (ABOUT,)),
        not WORD.search(_ASKING.sub(" ", text)),
    )


def _target(text: str, patterns: Sequence[re.Pattern[str]]) -> str | None:
    """What the documents are to mention, in the words of the question."""
    found = next((m for pattern in patterns if (m := pattern.search(text))), None)
    return _trimmed(found["target"]) if found else None


def _trimmed(target: str) -> str | None:
    """Without dates, articles and what restricts the documents and not the thing."""
    target = TRAILING.sub("", dates.without_dates(target)).strip(' \t.,;:?!"«»“”')
    return target or None
