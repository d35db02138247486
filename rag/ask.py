"""question → query → hits → evidence → answer → verified answer, whole or as it is written.

A question is understood once and put to each kind of answer in turn; the first that has one gives
it. Where a language model takes part it words what was found, and code checks each statement.
Faults are exceptions and pass through: they never become "not found".

Not here: the kinds of answer themselves (`rag.answers`), how an answer is displayed.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from index_store.store import IndexStore
from rag.answers import messages
from rag.answers.abstention import abstain, from_what_is_not_there
from rag.answers.draft import EXTRACTIVE, Draft
from rag.answers.fields import from_fields
from rag.answers.from_text import from_text, from_text_beyond_constraints
from rag.answers.inquiry import MAX_HITS, Inquiry
from rag.answers.lists import from_list
from rag.answers.mentions import from_mentions
from rag.answers.overview import from_overview
from rag.errors import ModelError
from rag.models import calibration
from rag.models.bundle import LanguageModel, Models
from rag.models.intents import LIKELY
from rag.questions.followups import StandaloneQuestion, resolve_followup
from rag.questions.query import Query, understand
from rag.settings import weights_text
from rag.types import WITHOUT_MODEL, AnswerEvent, AskRequest, Constraint, VerifiedAnswer
from rag.version import VERSION


@dataclass(frozen=True, slots=True)
class AnswerKind:
    """A way to answer; `searches` tells whether it reads the hits of the query."""

    answer: Callable[[Query, Inquiry], Draft | None]
    searches: bool


ANSWER_KINDS = (
    AnswerKind(from_list, searches=False),
    AnswerKind(from_fields, searches=False),
    AnswerKind(from_overview, searches=False),
    AnswerKind(from_what_is_not_there, searches=False),
    AnswerKind(from_mentions, searches=True),
    AnswerKind(partial(from_text, clearly=True), searches=True),
    AnswerKind(partial(from_fields, least=LIKELY), searches=False),
    AnswerKind(partial(from_overview, least=LIKELY), searches=False),
    AnswerKind(from_text, searches=True),
    AnswerKind(from_text_beyond_constraints, searches=True),
)
"""In this order the first that has an answer gives it; where none has, the answer is `abstain`."""


def ask(request: AskRequest, store: IndexStore, models: Models) -> VerifiedAnswer:
    """A cited answer or an abstention; the same store and question give the same answer.

    Where the archive has evidence and there is a language model, it words the answer.

    Raises UsageError for an invalid question or filter, StoreError and EncoderError
    for faults.
    """
    *_, last = stream(request, store, models)
    assert last.answer is not None
    return last.answer


def stream(request: AskRequest, store: IndexStore, models: Models) -> Iterator[AnswerEvent]:
    """The answer as it is written: hits as soon as there are any, the whole answer last."""
    started = time.perf_counter()
    if WITHOUT_MODEL in request.without:
        models = replace(models, llm=None)
    inquiry, llm = Inquiry(store, models), models.llm
    standalone = resolve_followup(request.question, request.history, store)
    rewriting_fault: ModelError | None = None
    asked_model = time.perf_counter()
    if standalone is not None and llm is not None and llm.mode == "prose":
        standalone, rewriting_fault = _rewritten(request, standalone, llm)
    model_seconds = time.perf_counter() - asked_model
    if standalone is None:
        query = understand(request.question, request.filters, store, without=request.without)
        draft = yield from _answer(query, inquiry)
    else:
        draft = yield from _answer_followup(request, standalone, inquiry)
    yield AnswerEvent("", hits=draft.hits)
    asked_model = time.perf_counter()
    was_streamed = False
    if llm is not None:
        earlier = request.history[-1].question if standalone else None
        draft, was_streamed = yield from _worded(
            draft, earlier, rewriting_fault, request.strict, inquiry
        )
    else:
        draft = draft.judged(models.evidence.clear)
    if draft.engine == EXTRACTIVE or draft.abstention:
        for n, line in enumerate(draft.text.splitlines(keepends=True)):
            yield AnswerEvent(line, restarts=was_streamed and n == 0)
    done = time.perf_counter()
    seconds = {"total": done - started, **inquiry.searches.seconds}
    if llm is not None:
        seconds["model"] = model_seconds + done - asked_model
    status: Literal["answered", "abstained"] = "abstained" if draft.abstention else "answered"
    answer = VerifiedAnswer(
        question=request.question,
        status=status,
        confidence=round(draft.confidence, 4),
        answer=draft.text,
        statements=draft.statements,
        citations=draft.citations,
        hits=draft.hits,
        constraints=draft.query.constraints,
        abstention=draft.abstention,
        engine=draft.engine,
        filters=request.filters,
        record=_record(store, models, request.strict),
        seconds=seconds,
        documents=draft.documents,
        notice=draft.notice,
        without=request.without,
        history=request.history,
        understood=standalone.question if standalone else None,
        certainty=draft.certainty,
    )
    yield AnswerEvent("", answer=answer)


Answering = Generator[AnswerEvent, None, Draft]


def _answer(query: Query, inquiry: Inquiry) -> Answering:
    """The first answer that a kind has, else the abstention."""
    draft = yield from _first_answer(query, inquiry)
    return draft or abstain(query, inquiry)


def _first_answer(query: Query, inquiry: Inquiry) -> Generator[AnswerEvent, None, Draft | None]:
    """The first answer that a kind has; before it the hits, since reading them takes longer."""
    announced = False
    for kind in ANSWER_KINDS:
        if kind.searches and not announced:
            announced = True
            yield AnswerEvent("", hits=inquiry.search(query).hits)
        draft = kind.answer(query, inquiry)
        if draft is not None:
            return draft
    return None


def _answer_followup(
    request: AskRequest, standalone: StandaloneQuestion, inquiry: Inquiry
) -> Answering:
    """A question that depends on earlier turns: first asked of the documents it is about, then,
    unless the reader pointed to them, of the whole archive; the first answer is preferred."""
    store, filters, without = inquiry.store, request.filters, request.without
    about = Constraint("documents", ", ".join(standalone.documents), "inferred", True)
    documents = () if about.field in without else standalone.documents
    within: Draft | None = None
    if documents:
        query = understand(standalone.question, filters, store, without, documents)
        query = replace(query, constraints=(*query.constraints, about), pointed=standalone.pointed)
        within = yield from _first_answer(query, inquiry)
        if within is not None and standalone.pointed:
            return within
    query = understand(standalone.question, filters, store, without)
    query = replace(query, search_text=standalone.search_text)
    if standalone.excluded:
        left_out = (*query.filter.exclude, *standalone.excluded)
        query = replace(query, filter=replace(query.filter, exclude=left_out))
        anywhere = yield from _answer(query, inquiry)
        return anywhere.doubted(inquiry.models.evidence.clear)  # no such reply is in the catalogue
    if documents:
        relaxed = replace(about, applied=False)
        query = replace(query, constraints=(*query.constraints, relaxed))
    anywhere = yield from _answer(query, inquiry)
    share = calibration.thresholds().conversation_share
    if within is None or within.confidence < share * anywhere.confidence:
        return anywhere
    return within


def _rewritten(
    request: AskRequest, standalone: StandaloneQuestion, llm: LanguageModel
) -> tuple[StandaloneQuestion, ModelError | None]:
    """The follow-up in the model's words where they are of use, and the model's fault."""
    from rag.questions.rewriting import condense

    try:
        return condense(request.question, standalone, request.history, llm), None
    except ModelError as error:
        return standalone, error


def _worded(
    draft: Draft,
    earlier: str | None,
    rewriting_fault: ModelError | None,
    strict: bool,
    inquiry: Inquiry,
) -> Generator[AnswerEvent, None, tuple[Draft, bool]]:
    """The draft in the model's words, or as it is with a notice why not; and whether pieces of
    the model's answer were given."""
    from rag.answers import generation
    from rag.answers.grounding import Checker

    llm, lang = inquiry.models.llm, draft.query.lang
    assert llm is not None
    if llm.mode != "prose":
        from rag.answers import pointing

        if pointing.may_help(draft, inquiry):
            pointed = yield from pointing.write(draft, llm, inquiry)
            return pointed.draft, pointed.was_streamed
    draft = draft.judged(inquiry.models.evidence.clear)
    was_streamed = False
    if llm.mode == "prose" and any(s.kind == "quotation" for s in draft.statements):
        if rewriting_fault is not None and rewriting_fault.fault == "timeout":
            notice = messages.fault(lang, llm.name, rewriting_fault.fault, rewriting_fault.detail)
            return replace(draft, notice=notice), False  # it has had its time
        if draft.heading:
            yield AnswerEvent(f"{draft.heading}\n\n")
        checker = Checker(inquiry.store, inquiry.models)
        prose = yield from generation.write(
            draft.query.text, earlier, lang, draft.hits, llm, strict, checker
        )
        was_streamed = bool(draft.heading) or prose.was_streamed or prose.notice is None
        if prose.notice is not None:
            draft = replace(draft, notice=prose.notice)
        else:
            draft = replace(
                draft,
                answer=prose.answer,
                statements=prose.statements,
                citations=prose.citations,
                engine=llm.name,
            )
    if rewriting_fault is not None and draft.notice is None:
        fault = rewriting_fault.fault, rewriting_fault.detail
        draft = replace(draft, notice=messages.rewriting_failed(lang, llm.name, *fault))
    return draft, was_streamed


def _record(store: IndexStore, models: Models, strict: bool) -> Mapping[str, str]:
    """What lets anyone repeat the answer."""
    settings: dict[str, object] = {
        "encoder": models.encoder.identity.name,
        "weights": weights_text(models.fusion_weights),
        "reranker": models.reranker.name if models.reranker else None,
        "engine": EXTRACTIVE,
        "hits": MAX_HITS,
    }
    if models.languages != models.encoder.languages:
        settings["languages"] = sorted(models.languages or ())
    if models.llm is not None:
        judge = models.judge.name if models.judge else None
        settings |= {"engine": models.llm.name, "strict": strict, "nli": judge}
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    return {"store_sha256": store.sha256(), "settings_sha256": digest, "version": VERSION}
