"""Follow-up questions, resolved by code into questions that stand alone.

"And what did he answer?", "а в 1932 году?", "tell me more about the second document" are resolved
from the turns before: people from their questions and quotations, documents from the places where
the quotations stand in the store, dates by replacing the old date with the new one. No language
model takes part. The result is shown to the reader as what was understood.

Not here: rewriting by a language model (`rewriting`), answering, and what a question itself
restricts (`query`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index_store.analysis.stemming import query_stems
from index_store.store import IndexStore
from index_store.types import Document, Filter
from rag import dates, names
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
    SUBJECTS,
    THEY,
)
from rag.records.description import differs
from rag.text.detection import is_cyrillic
from rag.text.languages import language
from rag.text.normalization import key
from rag.types import Turn

MAX_TURNS = 10
"""Earlier turns that are considered."""

_MAX_CITED = 4  # documents of an answer that a follow-up may be about
_MARKER = re.compile(r"\s*\[(\d{1,3})\]")
_QUOTED = re.compile('[“«"]([^“”"]{3,500}?)[”»"]')
_TITLE = re.compile(r"\A(.{3,300}?)[”»] — ")  # as a statement about a record begins
_QUOTES = '“”«»" \n'
_MIN_LETTERS = 12  # of a quotation that identifies its document


@dataclass(frozen=True, slots=True)
class StandaloneQuestion:
    """A question understood from the turns before it.

    `question` stands alone; `search_text` has the words to search for in the whole archive.
    `documents` are those it is about, in which an answer is looked for first. `pointed`: the reader
    has named them ("the second document", a reply to it), so the nearest sentences in them are the
    answer; otherwise the whole archive is asked where they do not answer.
    """

    question: str
    search_text: str
    documents: tuple[str, ...] = ()
    pointed: bool = False


@dataclass(frozen=True, slots=True)
class _Focus:
    """What the conversation was last about: the last question in full, the documents of its answer
    in order, the people that the question names, all people, and all other names, the latest first.
    """

    question: str = ""
    cited: tuple[Document, ...] = ()
    asked: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


def resolve_followup(
    question: str, history: Sequence[Turn], store: IndexStore
) -> StandaloneQuestion | None:
    """The question as one that stands alone; None where it does so already."""
    focus = _Focus()
    for turn in history[-MAX_TURNS:]:
        resolved = _resolve(turn.question, focus, store)
        asked = resolved.question if resolved else turn.question
        focus = _refocused(asked, turn, focus, store)
    return _resolve(question.strip(), focus, store)


def _resolve(question: str, focus: _Focus, store: IndexStore) -> StandaloneQuestion | None:
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
            named = _named(text, replace(focus, people=by, named=by), store)
            search_text = f"{focus.question} {named}"
            return StandaloneQuestion(named, search_text, _versions(replies, store), pointed=True)
    mentions = dates.find(question)
    if mentions and not _content(dates.without_dates(text)):
        redated = _redated(focus.question, text)
        return StandaloneQuestion(redated, redated)
    cited = [
        d
        for d in focus.cited
        if not mentions or dates.document_overlaps(d, mentions[0].date, if_undated=True)
    ]
    named = _named(text, focus, store)
    search_text = named if mentions else f"{focus.question} {named}"
    return StandaloneQuestion(named, search_text, _versions(cited, store))


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
        if match and not _name_before(question, match.start(), store):
            return True
    return False


def _name_before(text: str, at: int, store: IndexStore) -> bool:
    """Whether a name stands before this place. The word that opens a question has a capital anyway;
    it is a name where the archive has a person of that name."""
    before = text[:at]
    return bool(names.names_in(before) or _people(names.names_in(f"x {before}"), store))


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


def _about(focus: _Focus, document: Document, text: str) -> str:
    """What is asked about a document: what the question says, else what was asked before."""
    own = _content(MORE.sub(" ", ORDINAL.sub(" ", text)))
    return text if len(own) > 1 else focus.question


def _field(question: str) -> str | None:
    text = OPENING.sub("", question)
    return next((name for name, pattern in FIELD.items() if pattern.match(text)), None)


def _of_field(asked: str, document: Document, question: str) -> str:
    """A question for the field of a document by its title and date."""
    words = language("ru" if is_cyrillic(question) else "en").followups
    named = words.document_named.format(document.title or document.document_id)
    return words.field_question[asked].format(named)


def _named(text: str, focus: _Focus, store: IndexStore) -> str:
    """The question with a name for its first pronoun of a person, where one is known: in its place
    where it is a subject, else behind it in brackets; there, too, where two people may be meant."""
    # A surname in -a may be a man's in another case: he is not looked for among those.
    author = focus.cited[0].author if focus.cited and SAYS.search(text) else None
    if author:  # who says it is who wrote it; by the name that the reader knows
        author = next((name for name in focus.people if _same(name, author)), author)
    people = (*([author] if author else []), *focus.people)
    women = [name for name in (*people, *focus.named) if _like_she(name)]
    men = [name for name in people if not _like_she(name)]
    for pronoun, fitting in ((SHE, women), (HE, men)):
        match = pronoun.search(text)
        if not match or _name_before(text, match.start(), store):
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


def _replies(question: str, document: Document, store: IndexStore) -> list[Document]:
    """The earliest reply: letters to the document's author, after it, from its recipient or from
    the person the question names."""
    asked = [name for name in names.names_in(question) if not _same(name, document.author)]
    answering = asked[0] if asked else document.recipient
    if not answering or not document.date_from:
        return []
    later = [
        d
        for d in store.documents(Filter(date_from=document.date_from))
        if d.record_id != document.record_id
        and d.date_from
        and d.date_from >= (document.date_from or "")
        and _same(answering, d.author)
        and (_same(document.author, d.recipient) or not d.recipient)
    ]
    return [d for d in later if d.date_from == later[0].date_from]


def _same(a: str | None, b: str | None) -> bool:
    """Whether the two fields share a surname, in whatever alphabet and case."""
    if not a or not b:
        return False
    first, second = (re.findall(r"[^\W\d_]{3,}", value) for value in (a, b))
    return any(names.same_word(x, y) for x in first for y in second)


def _versions(documents: Sequence[Document], store: IndexStore) -> tuple[str, ...]:
    """The documents and, where they are of one text, the other versions of their records."""
    found: dict[str, None] = {}
    for document in documents:
        found[document.document_id] = None
        if not differs(document):
            found |= dict.fromkeys(d.document_id for d in store.record(document.record_id))
    return tuple(found)


def _refocused(question: str, turn: Turn, before: _Focus, store: IndexStore) -> _Focus:
    """The focus after a turn; unchanged if it was not answered."""
    quoted = tuple(_parts(turn.answer))
    cited = tuple(_documents(quoted, store))[:_MAX_CITED]
    asked = names.names_in(question)
    mentioned = [name for text in quoted for name in names.names_in(text)]
    people = _people([*asked, *mentioned], store)
    of_question = _people(asked, store)
    return _Focus(
        question,
        cited or before.cited,
        tuple(of_question),
        tuple(dict.fromkeys([*people, *before.people])),
        tuple(dict.fromkeys([*asked, *before.named])),
    )


def _people(found: Sequence[str], store: IndexStore) -> list[str]:
    """The names that are surely of people, each once: with initials, or of an author or recipient,
    then as the store has the surname, in the nominative."""
    known = re.findall(
        r"[^\W\d_]{3,}", " ".join([*store.values("author"), *store.values("recipient")])
    )
    people: dict[str, None] = {}
    for name in found:
        surname = re.findall(r"[^\W\d_]+", name)[-1]
        forms = [word for word in known if names.same_word(surname, word)]
        same_letters = [word for word in forms if is_cyrillic(word) == is_cyrillic(surname)]
        if same_letters:
            name = name.replace(surname, same_letters[0])
        if (forms or names.has_initials(name)) and not any(_same(name, other) for other in people):
            people[name] = None
    return list(people)


def _parts(answer: str) -> Iterator[str]:
    """What stands before each marker of an answer, in order of the numbers first met."""
    at = 0
    seen = set()
    for match in _MARKER.finditer(answer):
        part = answer[at : match.start()].strip(_QUOTES)
        at = match.end()
        if part and match[1] not in seen:
            seen.add(match[1])
            yield part


def _documents(parts: Sequence[str], store: IndexStore) -> Iterator[Document]:
    """The document of each part: where its words are, or whose title it gives."""
    given: set[str] = set()
    for part in parts:
        for words in (part, *_TITLE.findall(part), *_QUOTED.findall(part)):
            letters = key(words)
            holding = store.containing(letters) if len(letters) >= _MIN_LETTERS else []
            title = words.strip(_QUOTES)
            holding = holding or [d.document_id for d in store.documents() if d.title == title]
            fresh = [name for name in holding if name not in given]
            if fresh:
                given.add(fresh[0])
                yield store.document(fresh[0])
                break
