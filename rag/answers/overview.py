"""Answers to "what is the letter about?" and "compare the two letters".

A document is shown by what it is and by leading sentences of its paragraphs, in order, chosen so
that every paragraph is like one of them (a facility location function, which a greedy choice
approximates: Lin and Bilmes 2011, "A class of submodular functions for document summarization").

Not here: questions that a sentence answers (`from_text`), sentences on somebody (`mentions`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, islice

import numpy as np

from index_store.types import Document, Hit, Passage
from rag.answers import messages
from rag.answers.documents_meant import MAX_DOCUMENTS, Meant, documents_meant
from rag.answers.draft import Draft, cite_all
from rag.answers.inquiry import Inquiry
from rag.answers.selection import Quotation, leans
from rag.models import calibration
from rag.models.intents import SURE
from rag.questions.field_patterns import OVERVIEW
from rag.questions.field_questions import described
from rag.questions.phrases import MAX_TITLED
from rag.questions.query import Query
from rag.questions.whole_documents import asks_for_the_whole
from rag.records import description
from rag.records.boilerplate import is_boilerplate
from rag.records.document_types import is_of, types_in
from rag.text.characters import lower
from rag.text.normalization import key
from rag.text.sentences import sentences
from rag.types import Citation, Statement

MAX_SENTENCES = 5
"""Sentences that show a document; a document that is compared is shown by three."""

MAX_COMPARED = 3

MAX_READ = 60
"""Paragraphs that are considered; of a longer document every second, third, …"""

_MAX_MET = 20
"""Documents that are considered where a question asks for all that somebody wrote."""

MIN_WORDS = 6
"""Words of a sentence that says something by itself."""

_SHOWN = ("author", "recipient", "date")


def from_overview(query: Query, inquiry: Inquiry, least: float = SURE) -> Draft | None:
    """What one document is about, or several side by side; None if it asks something else.

    `least` is how likely it must ask for that.
    """
    meant = _shown(query, inquiry, least)
    documents = meant.documents
    if not documents or len(documents) > MAX_DOCUMENTS:
        return None
    most = MAX_SENTENCES if len(documents) == 1 else MAX_COMPARED
    statements: list[Statement] = []
    citations: list[Citation] = []
    hits: list[Hit] = []
    lines = []
    for listed in documents:
        document = inquiry.store.document(listed.document_id)
        passages = inquiry.store.passages(document.document_id)
        chosen = _covering(document, passages, most, inquiry)
        if not chosen:
            return None
        first = len(citations) + 1
        values = description.field_values(document, _SHOWN)
        text = messages.fields(query.lang, document, values)
        statements.append(Statement(text, "record", (first,), "verified", values))
        lines.append(f"{text} [{first}]")
        for citation in cite_all(chosen, inquiry.store, first):
            citations.append(citation)
            statements.append(Statement(citation.quote, "quotation", (citation.n,), "verified"))
            lines.append(messages.quoted(citation.quote, document.lang, citation.n))
        hits += [quotation.hit for quotation in chosen]
    answer = "\n\n".join(lines)
    ranked = [replace(hit, rank=n) for n, hit in enumerate(hits, 1)]
    return Draft(
        query, meant.confidence, answer, tuple(statements), tuple(citations), tuple(ranked)
    )


def _shown(query: Query, inquiry: Inquiry, least: float) -> Meant:
    """The documents of which the question asks what they are about; none where it does not."""
    asks, store = inquiry.asks(query), inquiry.store
    sure = calibration.thresholds().field_confidence
    nothing = Meant((), 0.0, False)
    if titled := _titled(query, inquiry):
        return Meant(titled, sure, True)
    if whole := _whole(query, inquiry):
        return Meant(whole, sure, True)
    compares = asks.get("comparison", 0.0) >= least
    named = OVERVIEW.search(query.text) and inquiry.names_a_document(query)
    if not (compares or named) and asks.get("overview", 0.0) < least:
        return nothing
    if query.phrases and not compares:  # they are in few documents, or in the title of one
        return Meant(tuple(store.documents(query.filter)[: MAX_DOCUMENTS + 1]), sure, True)
    intent = described(query.text, (), inquiry.asking(query))
    if intent.topic and not inquiry.names_a_document(query):
        return nothing
    meant = documents_meant(intent, query, inquiry)
    if compares and len(intent.dates) > 1:
        anywhere = replace(query, filter=query.user_filter)
        each = [
            documents_meant(replace(intent, dates=(date,)), anywhere, inquiry).documents
            for date in intent.dates
        ]
        several = {document.document_id: document for document in chain(*each)}
        meant = Meant(tuple(several.values()), sure, True)
    if compares and len(meant.documents) < 2:
        few = tuple(store.documents(query.user_filter)[: MAX_DOCUMENTS + 1])
        meant = replace(meant, documents=few)
    return meant if len(meant.documents) > 1 or not compares else nothing


def _titled(query: Query, inquiry: Inquiry) -> tuple[Document, ...]:
    """The documents whose title is the whole question; of many, some."""
    asked = key(lower(query.text))
    likely = inquiry.store.lexical_search(
        query.text, MAX_TITLED, query.filter, level="document", fields={"header": 1.0}
    )
    found = (inquiry.store.document(scored.passage_id) for scored in likely)
    titled = (document for document in found if key(lower(document.title)) == asked)
    return tuple(islice(titled, MAX_DOCUMENTS))


def _whole(query: Query, inquiry: Inquiry) -> tuple[Document, ...]:
    """The one document that meets a question for all that somebody wrote."""
    if not any(c.origin == "inferred" for c in query.constraints):
        return ()
    met = inquiry.store.documents(query.filter, _MAX_MET + 1)
    if len(met) > _MAX_MET:
        return ()
    types = types_in(query.text)
    written = [document for document in met if is_of(document, types)]
    people = [person for document in written for person in (document.author, document.recipient)]
    one = len({description.record_of(document) for document in written}) == 1
    if not one or not asks_for_the_whole(query, people):
        return ()
    own = [document for document in written if document.lang == query.lang]
    return tuple((own or written)[:1])


def _covering(
    document: Document, passages: Sequence[Passage], most: int, inquiry: Inquiry
) -> list[Quotation]:
    """Leading sentences of passages that are like all passages together, in order."""
    each = max(1, most // max(1, len(passages)))
    leading = [found for passage in passages if (found := _leading(document, passage, each))]
    leading = leading[:: max(1, -(-len(leading) // MAX_READ))]
    if not leading:
        return []
    encode = inquiry.models.encoder.encode_passages
    texts = encode([quotation.hit.passage.text for quotation in leading])
    shown = encode([document.text[q.start : q.end] for q in leading])
    sizes = np.array([len(quotation.hit.passage.text) for quotation in leading])
    alike = np.maximum(shown @ texts.T, 0.0) * sizes
    covered, chosen = np.zeros(len(leading)), list[int]()
    while len(chosen) < min(most, len(leading)):
        gains = np.maximum(covered, alike).sum(axis=1)
        gains[chosen] = -1.0
        chosen.append(int(gains.argmax()))
        covered = np.maximum(covered, alike[chosen[-1]])
    return [leading[i] for i in sorted(chosen)]


def _leading(document: Document, passage: Passage, most: int) -> Quotation | None:
    """The first sentence of a passage that says something by itself, and what follows.

    At most `most` sentences; None for boilerplate.
    """
    spans = [(passage.start + s, passage.start + e) for s, e in sentences(passage.text)]
    content = [span for span in spans if not is_boilerplate(document, *span)]
    texts = {span: document.text[slice(*span)] for span in content}
    whole = (s for s in content if len(texts[s].split()) >= MIN_WORDS and not leans(texts[s]))
    if not content:
        return None
    first = content.index(next(whole, content[0]))
    start, end = content[first][0], content[first : first + most][-1][1]
    return Quotation(Hit(passage, document, 1, 1.0), start, end)
