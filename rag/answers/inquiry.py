"""One question being answered: the archive, the models, and what was found for it so far.

Every answer kind gets the same `Inquiry`, so that nothing is searched, read or understood twice.
It lives as long as the question.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from functools import cached_property

from index_store.analysis.folding import fold
from index_store.analysis.stemming import is_stop_word
from index_store.store import IndexStore
from index_store.types import Filter
from rag.answers.evidence import Findings, gather
from rag.models import intents
from rag.models.bundle import Models
from rag.models.intents import LIKELY, OF_RECORDS, SURE, Intents
from rag.names import authority
from rag.names.authority import People
from rag.questions.field_questions import FieldIntent, FieldQuestion, described, documents_fitting
from rag.questions.frame import frame
from rag.questions.query import Query
from rag.records.document_types import THING
from rag.retrieval.search import Retrieved, Searches
from rag.text.words import WORD

MAX_HITS = 10
"""Passages read for an answer."""


class Inquiry:
    """What answer kinds need; see the module."""

    def __init__(self, store: IndexStore, models: Models) -> None:
        self.store, self.models = store, models
        self.searches = Searches(store, models)
        self._findings: dict[tuple[object, ...], Findings] = {}
        self._asks: dict[str, Mapping[str, float]] = {}
        self._field_questions: dict[tuple[FieldIntent, Filter], FieldQuestion] = {}

    @cached_property
    def people(self) -> People:
        """The people known to the store."""
        return authority.load(self.store)

    def search(self, query: Query) -> Retrieved:
        """The hits of a query. Raises StoreError and EncoderError."""
        return self.searches.find(query, MAX_HITS)

    def findings(self, query: Query, hits: int = MAX_HITS) -> Findings:
        """The sentences of the query's first hits that may answer it."""
        found = self.search(query)
        known = (query.parsed, id(found), hits)  # `searches` keeps what it has found
        if known not in self._findings:
            self._findings[known] = gather(query.parsed, found.hits[:hits], self.store, self.models)
        return self._findings[known]

    @cached_property
    def _intents(self) -> Intents | None:
        """What tells questions about records; None for an encoder that it was not trained for."""
        known = intents.bundled()
        return known if known.encoder == self.models.encoder.identity.name else None

    def asks(self, query: Query) -> Mapping[str, float]:
        """How likely the question asks for each thing of a record; empty where nothing tells."""
        if self._intents is None:
            return {}
        if query.text not in self._asks:
            asked = frame(query.text, self._intents.asking)
            self._asks[query.text] = self._intents.of(self.searches.vector(asked))
        return self._asks[query.text]

    def intent(self, query: Query, least: float = SURE) -> FieldIntent | None:
        """The fields that the query asks for, by its words and by its vector; None if none.

        `least` is the probability that its vector must give where its words do not tell.
        """
        asks, known = self.asks(query), query.parsed.field
        if known is not None:
            sure = (name for name in ("versions", "doubts") if asks.get(name, 0.0) >= SURE)
            fields = tuple(dict.fromkeys((*known.fields, *sure)))
            return described(query.text, fields, self.asking(query))
        fields = tuple(name for name in OF_RECORDS if asks.get(name, 0.0) >= LIKELY)
        if max((asks[name] for name in fields), default=0.0) < least:
            return None
        intent = described(query.text, fields, self.asking(query))
        return None if intent.topic and not self.names_a_document(query) else intent

    def asking(self, query: Query) -> Set[str]:
        """The words, folded, by which a question about records asks; they name no document."""
        own = {fold(word) for word in WORD.findall(query.text)}
        stop = {word for word in own if is_stop_word(word, query.written_in)}
        return stop | self._intents.asking if self._intents else stop

    def names_a_document(self, query: Query) -> bool:
        """Whether the question has a word for a document, such as letter or Brief."""
        own = {fold(word) for word in WORD.findall(query.text)}
        known = self._intents.documents if self._intents else frozenset[str]()
        return bool(THING.search(query.text) or own & known)

    def fitting(self, intent: FieldIntent, query: Query) -> FieldQuestion:
        """The documents whose catalogue entries fit what the question says of one."""
        known = (intent, query.filter)
        if known not in self._field_questions:
            self._field_questions[known] = documents_fitting(intent, query.filter, self.store)
        return self._field_questions[known]
