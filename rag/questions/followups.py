"""Follow-up questions, resolved by code into questions that stand alone.

"And what did he answer?", "а в 1932 году?", "tell me more about the second document" are resolved
from the turns before: people from their questions and quotations, documents from the places where
the quotations stand in the store, dates by replacing the old date with the new one. No language
model takes part. The result is shown to the reader as what was understood.

Not here: what the turns were about (`conversation_focus`), names for pronouns (`pronouns`),
rewriting by a language model (`rewriting`), answering, and what a question itself restricts
(`query`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index_store.analysis.stemming import query_stems
from index_store.store import IndexStore
from index_store.types import Document, Filter
from rag import dates, names
from rag.questions.conversation_focus import Focus, refocused, same_person
from rag.questions.correspondents import roles
from rag.questions.followup_patterns import (
    FIELD,
    HE,
    IT,
    MORE,
    OPENING,
    ORDINAL,
    REPLY,
    SAYS,
    SHE,
    THEY,
)
from rag.questions.pronouns import name_before, with_names
from rag.records.description import differs
from rag.text.detection import is_cyrillic
from rag.text.languages import language
from rag.types import Turn

MAX_TURNS = 10
"""Earlier turns that are considered."""


@dataclass(frozen=True, slots=True)
class StandaloneQuestion:
    """A question understood from the turns before it.

    `question` stands alone; `search_text` has the words to search for in the whole archive.
    `documents` are those it is about, in which an answer is looked for first. `pointed`: the reader
    has named them ("the second document", a reply to it), so the nearest sentences in them are the
    answer; otherwise the whole archive is asked where they do not answer. `excluded` are those that
    cannot answer: the letter to which somebody's reply is asked for.
    """

    question: str
    search_text: str
    documents: tuple[str, ...] = ()
    pointed: bool = False
    excluded: tuple[str, ...] = ()


def resolve_followup(
    question: str, history: Sequence[Turn], store: IndexStore
) -> StandaloneQuestion | None:
    """The question as one that stands alone; None where it does so already."""
    focus = Focus()
    for turn in history[-MAX_TURNS:]:
        resolved = _resolve(turn.question, focus, store)
        asked = resolved.question if resolved else turn.question
        focus = refocused(asked, turn, focus, store)
    return _resolve(question.strip(), focus, store)


def _resolve(question: str, focus: Focus, store: IndexStore) -> StandaloneQuestion | None:
    if not focus.question:
        return None
    text = OPENING.sub("", question)
    ordinal = _ordinal(question, focus.cited)
    if ordinal is not None:
        about = _about(focus, ordinal, text)
        return StandaloneQuestion(about, about, _versions([ordinal], store), pointed=True)
    if focus.cited and (asked := _field(question)):
        document = focus.cited[0]
        asked_of = _of_field(asked, document, question)
        return StandaloneQuestion(asked_of, asked_of, _versions([document], store), pointed=True)
    if not _depends_on_context(question, store):
        return None
    if focus.cited and MORE.search(question) and len(_content(MORE.sub(" ", text))) < 2:
        before = focus.question
        return StandaloneQuestion(before, before, _versions(focus.cited[:1], store), pointed=True)
    if focus.cited and REPLY.search(question):
        replies = _replies(question, focus.cited[0], store)
        if replies:
            by = (replies[0].author or "",)
            named = with_names(text, replace(focus, people=by, named=by), store)
            search_text = f"{focus.question} {named}"
            return StandaloneQuestion(named, search_text, _versions(replies, store), pointed=True)
        if _is_the_recipients(question, focus):
            named = with_names(text, focus, store)
            return StandaloneQuestion(
                named, f"{focus.question} {named}", excluded=_versions(focus.cited[:1], store)
            )
    mentions = dates.find(question)
    if mentions and not _content(dates.without_dates(text)):
        redated = _redated(focus.question, text)
        return StandaloneQuestion(redated, redated)
    cited = [
        d
        for d in focus.cited
        if not mentions or dates.document_overlaps(d, mentions[0].date, if_undated=True)
    ]
    named = with_names(text, focus, store)
    search_text = named if mentions else f"{focus.question} {named}"
    asked = search_text if _only_says(text) else named
    return StandaloneQuestion(asked, search_text, _versions(cited, store))


def _only_says(text: str) -> bool:
    """Whether the question says only who says something: "What does Captain Storozhev say?"."""
    named = names.names_in(text)
    if not named or roles(text):
        return False
    for name in named:
        text = text.replace(name, " ")
    return SAYS.search(text) is not None and not _content(SAYS.sub(" ", text))


def _depends_on_context(question: str, store: IndexStore) -> bool:
    """Whether the question cannot stand alone.

    It begins with a conjunction, has a pronoun but no name before it, or has hardly any content
    words.
    """
    if OPENING.match(question) or len(_content(question)) < 2:
        return True
    if REPLY.search(question) and IT.search(question):
        return True
    for pronoun in (HE, SHE, THEY, IT):
        match = pronoun.search(question)
        if match and not name_before(question, match.start(), store):
            return True
    return False


def _content(text: str) -> list[str]:
    """Stems of the words that are not stop words."""
    # `query_stems()` returns stop words when nothing else is left; a dummy word prevents that and
    # is removed.
    return query_stems(f"{text} зерно")[:-1]


def _redated(question: str, text: str) -> str:
    """The earlier question with another date."""
    old, (new, *_) = dates.find(question), dates.find(text)
    if not old:
        return f"{question.rstrip(' ?.!')} {text.strip()}"
    return question[: old[0].start] + new.date.text + question[old[0].end :]


def _ordinal(question: str, cited: Sequence[Document]) -> Document | None:
    match = ORDINAL.search(question)
    if not match or not cited:
        return None
    if match["last"]:
        return cited[-1]
    n = int(match["n"]) - 1 if match["n"] else next(i for i in range(5) if match[f"n{i}"])
    return cited[n] if n < len(cited) else None


def _about(focus: Focus, document: Document, text: str) -> str:
    """What is asked about a document: what the question says, else what was asked before."""
    own = _content(MORE.sub(" ", ORDINAL.sub(" ", text)))
    return text if own else focus.question


def _field(question: str) -> str | None:
    text = OPENING.sub("", question)
    return next((name for name, pattern in FIELD.items() if pattern.match(text)), None)


def _of_field(asked: str, document: Document, question: str) -> str:
    """A question for the field of a document by its title and date."""
    words = language("ru" if is_cyrillic(question) else "en").followups
    named = words.document_named.format(document.title or document.document_id)
    return words.field_question[asked].format(named)


def _replies(question: str, document: Document, store: IndexStore) -> list[Document]:
    """The earliest reply: letters to the document's author, after it, from its recipient or from
    the person the question names."""
    asked = [name for name in names.names_in(question) if not same_person(name, document.author)]
    answering = asked[0] if asked else document.recipient
    if not answering or not document.date_from:
        return []
    later = [
        d
        for d in store.documents(Filter(date_from=document.date_from))
        if d.record_id != document.record_id
        and d.date_from
        and d.date_from >= (document.date_from or "")
        and same_person(answering, d.author)
        and (same_person(document.author, d.recipient) or not d.recipient)
    ]
    return [d for d in later if d.date_from == later[0].date_from]


def _is_the_recipients(question: str, focus: Focus) -> bool:
    """Whether the reply asked for is that of the recipient of the document cited first."""
    recipient = focus.cited[0].recipient
    asked = names.names_in(f"x {OPENING.sub('', question)}")
    return recipient is not None and (
        not asked or any(same_person(name, recipient) for name in asked)
    )


def _versions(documents: Sequence[Document], store: IndexStore) -> tuple[str, ...]:
    """The documents and, where they are of one text, the other versions of their records."""
    found: dict[str, None] = {}
    for document in documents:
        found[document.document_id] = None
        if not differs(document):
            found |= dict.fromkeys(d.document_id for d in store.record(document.record_id))
    return tuple(found)
