"""question → query → draft → verified answer, whole or piece by piece.

Resolves what leans on earlier turns, lets a language model word what was found where there is
one, and notes what lets anyone repeat the answer. Faults are exceptions and pass through: they
never become "not found".

Not here: what the archive has to say (`draft`), how a language model's prose is checked
(`generate`), how an answer is displayed.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from index_store.store import IndexStore
from rag.answers import messages
from rag.answers.draft import EXTRACTIVE, HITS, Draft
from rag.answers.fields import from_record
from rag.answers.from_text import from_text
from rag.answers.lists import from_list
from rag.errors import ModelError
from rag.models.encoder import Encoder
from rag.questions import followups
from rag.questions.query import Query, understand
from rag.retrieval.search import reranker_of, retrieve, weights_of
from rag.settings import weights_text
from rag.types import Constraint, Filters, Piece, Turn, VerifiedAnswer
from rag.version import VERSION

if TYPE_CHECKING:
    from rag.answers.generation import Writer

PREFERRED = 0.7
"""Share of the whole archive's confidence from which an answer in the documents that a conversation
is about is preferred; chosen on the dialogues over the sample archive."""


def ask(
    question: str,
    store: IndexStore,
    encoder: Encoder,
    filters: Filters = Filters(),
    history: Sequence[Turn] = (),
    without: Sequence[str] = (),
    writer: Writer | None = None,
) -> VerifiedAnswer:
    """A cited answer or an abstention; the same store and question give the same answer.

    Where the archive has evidence and there is a `writer`, its language model words the answer.
    `without` names fields of constraints that the question implies and the reader does not want.

    Raises UsageError for a question or filter that makes no sense, StoreError and EncoderError
    for faults.
    """
    *_, last = stream(question, store, encoder, filters, history, without, writer)
    assert last.answer is not None
    return last.answer


def stream(
    question: str,
    store: IndexStore,
    encoder: Encoder,
    filters: Filters = Filters(),
    history: Sequence[Turn] = (),
    without: Sequence[str] = (),
    writer: Writer | None = None,
) -> Iterator[Piece]:
    """The answer piece by piece: hits as soon as there are any, the whole answer last; see
    `Piece`."""
    started = time.perf_counter()
    heard = followups.resolve_followup(question, history, store)
    unheard: ModelError | None = None
    begun = time.perf_counter()
    if heard is not None and writer is not None:
        heard, unheard = _condensed(question, heard, history, writer)
    understood = time.perf_counter()
    if heard is None:
        query = understand(question, filters, store, without=without)
        query, draft, parts = yield from _ask(query, store, encoder)
    else:
        query, draft, parts = yield from _ask_heard(heard, filters, without, store, encoder)
    yield Piece("", hits=draft.hits)
    searched = time.perf_counter()
    spoken = False
    if writer is not None and any(s.kind == "quotation" for s in draft.statements):
        earlier = history[-1].question if heard else None
        if unheard is not None and unheard.fault == "timeout":  # it has had its time
            draft = replace(draft, notice=_told(messages.fault, unheard, query, writer))
        else:
            draft, spoken = yield from _worded(draft, query, earlier, writer, store, encoder)
    if writer is not None and unheard is not None and draft.notice is None:
        draft = replace(draft, notice=_told(messages.unheard, unheard, query, writer))
    if draft.engine == EXTRACTIVE:
        for n, line in enumerate(draft.answer.splitlines(keepends=True)):
            yield Piece(line, anew=spoken and n == 0)
    status: Literal["answered", "abstained"] = "abstained" if draft.abstention else "answered"
    done = time.perf_counter()
    seconds = {"total": done - started, **parts}
    if writer is not None:
        seconds["model"] = understood - begun + done - searched
    answer = VerifiedAnswer(
        question=question,
        status=status,
        confidence=round(draft.confidence, 4),
        answer=draft.answer,
        statements=draft.statements,
        citations=draft.citations,
        hits=draft.hits,
        constraints=query.constraints,
        abstention=draft.abstention,
        engine=draft.engine,
        filters=filters,
        record=_record(store, encoder, writer),
        seconds=seconds,
        documents=draft.documents,
        notice=draft.notice,
        without=tuple(without),
        history=tuple(history),
        understood=heard.question if heard else None,
    )
    yield Piece("", answer=answer)


def _condensed(
    question: str, heard: followups.StandaloneQuestion, history: Sequence[Turn], writer: Writer
) -> tuple[followups.StandaloneQuestion, ModelError | None]:
    """What was heard, in the model's words where they are of use; and its fault."""
    from rag.questions.rewriting import condense

    try:
        return condense(question, heard, history, writer.model), None
    except ModelError as error:
        return heard, error


_Asked = tuple[Query, Draft, Mapping[str, float]]
_Asking = Generator[Piece, None, _Asked]


def _ask(query: Query, store: IndexStore, encoder: Encoder, pointed: bool = False) -> _Asking:
    """The answer to one query, as it was asked at last, and seconds by part of the search; before
    it what was found, since reading that takes many times as long."""
    draft = from_list(query, store) or from_record(query, store, encoder)
    if draft is not None:
        return query, draft, {}
    found = retrieve(query, store, encoder, HITS)
    yield Piece("", hits=found.hits)
    draft = from_text(query, found, store, encoder, pointed)
    if draft.abstention and query.loose:
        # What is told need not stand in a document of that date or hand.
        relaxed = query.relaxed()
        elsewhere = retrieve(relaxed, store, encoder, HITS)
        less_bound = from_text(relaxed, elsewhere, store, encoder, pointed)
        if not less_bound.abstention:
            return relaxed, less_bound, elsewhere.seconds
    return query, draft, found.seconds


def _ask_heard(
    heard: followups.StandaloneQuestion,
    filters: Filters,
    without: Sequence[str],
    store: IndexStore,
    encoder: Encoder,
) -> _Asking:
    """A question that leans on the turns before: asked of the documents it is about and, unless
    the reader pointed to them, of the whole archive; theirs is preferred."""
    about = Constraint("documents", ", ".join(heard.documents), "inferred", True)
    meant = () if about.field in without else heard.documents
    within: _Asked | None = None
    if meant:
        query = understand(heard.question, filters, store, without=without, documents=meant)
        query = replace(query, constraints=(*query.constraints, about))
        within = yield from _ask(query, store, encoder, heard.pointed)
        if heard.pointed and within[1].abstention is None:
            return within
    query = understand(heard.question, filters, store, without=without)
    query = replace(query, search_text=heard.search_text)
    if meant:
        left_aside = replace(about, applied=False)
        query = replace(query, constraints=(*query.constraints, left_aside))
    anywhere = yield from _ask(query, store, encoder)
    if within is None or within[1].abstention is not None:
        return anywhere
    preferred = within[1].confidence >= PREFERRED * anywhere[1].confidence
    return within if preferred else anywhere


def _worded(
    draft: Draft,
    query: Query,
    earlier: str | None,
    writer: Writer,
    store: IndexStore,
    encoder: Encoder,
) -> Generator[Piece, None, tuple[Draft, bool]]:
    """The draft in the model's words, or as it is with a notice why not; and whether pieces of
    the model's were given."""
    from rag.answers import generation

    prose = yield from generation.write(
        query.text, earlier, query.lang, draft.hits, writer, store, encoder
    )
    if prose.notice is not None:
        return replace(draft, notice=prose.notice), prose.spoken
    worded = replace(
        draft,
        answer=prose.answer,
        statements=prose.statements,
        citations=prose.citations,
        engine=writer.model.name,
    )
    return worded, True


def _told(
    words: Callable[[str, str, str, str], str], error: ModelError, query: Query, writer: Writer
) -> str:
    return words(query.lang, writer.model.name, error.fault, error.detail)


def _record(store: IndexStore, encoder: Encoder, writer: Writer | None) -> Mapping[str, str]:
    """What lets anyone repeat the answer."""
    reranker = reranker_of(encoder)
    settings: dict[str, object] = {
        "encoder": encoder.identity.name,
        "weights": weights_text(weights_of(encoder)),
        "reranker": reranker.name if reranker else None,
        "engine": EXTRACTIVE,
        "hits": HITS,
    }
    if writer is not None:
        judge = writer.judge.name if writer.judge else None
        settings |= {"engine": writer.model.name, "strict": writer.strict, "nli": judge}
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    return {"store_sha256": store.sha256(), "settings_sha256": digest, "version": VERSION}
