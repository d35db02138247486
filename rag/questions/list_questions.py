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
from rag.records.document_types import THING, types_in
from rag.text.detection import is_cyrillic
from rag.text.language_names import IN_ENGLISH, IN_RUSSIAN
from rag.text.languages import either
from rag.text.words import WORD

_ASKING = re.compile(rf"\b(?:{either(lambda x: x.lists.asking)})\b", re.I)

_UNDATED = re.compile(rf"\b(?:{either(lambda x: x.lists.undated)})\b", re.I)

_LANGUAGES = {name.lower(): code for code, name in IN_ENGLISH.items()} | {
    name.removesuffix("ий").removesuffix("ый"): code for code, name in IN_RUSSIAN.items()
}
_IN_LANGUAGE = re.compile(
    rf"\bin\s({'|'.join(IN_ENGLISH.values())})\b"
    rf"|\bна\s({'|'.join(n for n in _LANGUAGES if is_cyrillic(n))})(?:ом|е)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class ListIntent:
    """What a question may want listed or counted.

    `asked`: it asks for documents by word ("how many letters", "list all telegrams"); `of_archive`:
    of all in the archive. `mentioned` is what they are to mention, `about` what they are about,
    `lang` the language that they are to be in, `undated` that they are to have no date. `bare`:
    apart from its quoted phrases the question has only words that ask.
    """

    text: str
    asked: bool
    of_archive: bool
    mentioned: str | None
    about: str | None
    lang: str | None
    undated: bool
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
        _language(text),
        _UNDATED.search(text) is not None,
        not WORD.search(_ASKING.sub(" ", THING.sub(" ", text))),
    )


def _language(text: str) -> str | None:
    """The code of the language in which documents are to be: "in German", "на немецком языке"."""
    found = _IN_LANGUAGE.search(text)
    return _LANGUAGES[next(word for word in found.groups() if word).lower()] if found else None


def _target(text: str, patterns: Sequence[re.Pattern[str]]) -> str | None:
    """What the documents are to mention, in the words of the question."""
    found = next((m for pattern in patterns if (m := pattern.search(text))), None)
    return _trimmed(found["target"]) if found else None


def _trimmed(target: str) -> str | None:
    """Without dates, articles and what restricts the documents and not the thing."""
    target = TRAILING.sub("", dates.without_dates(target)).strip(' \t.,;:?!"«»“”')
    return target or None
