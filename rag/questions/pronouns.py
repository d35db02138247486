"""Names in place of pronouns in a follow-up question."""

from __future__ import annotations

import re

from index_store.store import IndexStore
from rag import names
from rag.questions.conversation_focus import Focus, people_of, same_person
from rag.questions.followup_patterns import HE, SAYS, SHE, SUBJECTS
from rag.text.detection import is_cyrillic
from rag.text.languages import either, language

_WHO = re.compile(rf"\b(?:{either(lambda language: language.answers.kinds['person'])})\b", re.I)


def with_names(text: str, focus: Focus, store: IndexStore) -> str:
    """The question with a name for its first pronoun of a person, where one is known: in its place
    where it is a subject, else behind it in brackets; there, too, where two people may be meant."""
    # A surname in -a may be a man's in another case: he is not looked for among those.
    asked_who = _WHO.search(focus.question) is not None  # then the answer is who is meant
    says = focus.cited and SAYS.search(text) and not asked_who
    author = focus.cited[0].author if says else None
    if author:  # who says it is who wrote it; by the name that the reader knows
        author = next((name for name in focus.people if same_person(name, author)), author)
    people = (*([author] if author else []), *focus.people)
    women = [name for name in (*people, *focus.named) if _like_she(name)]
    men = [name for name in people if not _like_she(name)]
    for pronoun, fitting in ((SHE, women), (HE, men)):
        match = pronoun.search(text)
        if not match or name_before(text, match.start(), store):
            continue
        if fitting:
            both = [] if author else [name for name in focus.asked if name in fitting]
            if len(both) > 1:
                either_word = language("ru" if is_cyrillic(text) else "en").followups.either_of
                put = f"{match[0]} [{f' {either_word} '.join(both)}]"
            else:
                subject = match[0].lower() in SUBJECTS
                put = fitting[0] if subject else f"{match[0]} [{fitting[0]}]"
            return text[: match.start()] + put + text[match.end() :]
    return text


def _like_she(name: str) -> bool:
    """Whether a name is probably a woman's or a ship's, by its ending."""
    return name.rstrip('»”"').split()[-1][-1:].lower() in ("a", "а", "я")


def name_before(text: str, at: int, store: IndexStore) -> bool:
    """Whether a name stands before this place. The word that opens a question has a capital anyway;
    it is a name where the archive has a person of that name."""
    before = text[:at]
    return bool(names.names_in(before) or people_of(names.names_in(f"x {before}"), store))
