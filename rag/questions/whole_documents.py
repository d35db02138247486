"""Questions that ask for all that somebody wrote: "What did Ames write to Lorimer in 1899?".

Not here: which names and dates a question restricts (`constraints`), how a document is shown
(`rag.answers.overview`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index_store.analysis.stemming import is_stop_word
from rag.dates import without_dates
from rag.names import is_title, same_name
from rag.names.parsing import OFFICES
from rag.questions.query import Query
from rag.records.document_types import THING
from rag.text.language import Language
from rag.text.languages import LANGUAGES, either, union
from rag.text.words import WORD


def _writing(language: Language) -> str:
    verbs = language.verbs
    forms = (verbs.writes, verbs.write, verbs.wrote, verbs.tell, verbs.told, verbs.tell_to)
    return "|".join(filter(None, (*forms, verbs.told_to)))


_WROTE = re.compile(rf"\b(?:{either(_writing)}|{'|'.join(sorted(union(lambda x: x.verbs.say)))})\b")

_KINDS = "|".join(form for language in LANGUAGES for form in language.answers.kinds.values())
_ASKS_ELSE = re.compile(rf"\b(?:{_KINDS})\b", re.I)
"""Words that ask for a person, a time, a number, a place or a reason."""


def asks_for_the_whole(query: Query, people: Sequence[str | None]) -> bool:
    """Whether the question says only who wrote, to whom and when, and all of it is met.

    `people` are those whom the document names that meets it.
    """
    inferred = [c for c in query.constraints if c.origin == "inferred"]
    met = all(c.applied for c in inferred) and {c.field for c in inferred} & {"author", "date"}
    return bool(met) and _says_nothing_else(query, people)


def asks_for_what_is_not_there(query: Query) -> bool:
    """Whether the question says only who wrote, to whom and when, and the author wrote nothing to
    that person or at that time."""
    inferred = [c for c in query.constraints if c.origin == "inferred"]
    wrote = any(c.field == "author" and c.applied for c in inferred)
    unmet = any(c.field in ("recipient", "date") and not c.applied for c in inferred)
    return wrote and unmet and _says_nothing_else(query)


def _says_nothing_else(query: Query, people: Sequence[str | None] = ()) -> bool:
    """Whether all words but stop words and verbs of writing are what is restricted, or `people`."""
    if _ASKS_ELSE.search(query.text):
        return False
    inferred = [c for c in query.constraints if c.origin == "inferred"]
    rest = without_dates(query.text)
    for constraint in inferred:
        rest = rest.replace(constraint.value, " ")
    rest = THING.sub(" ", _WROTE.sub(" ", rest.lower()))
    words = (word for word in WORD.findall(rest) if len(word) > 1 and not is_title(word))
    return all(
        is_stop_word(word, query.written_in)
        or word in OFFICES
        or any(same_name(word, p) for p in people if p)
        for word in words
    )
