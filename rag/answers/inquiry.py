"""One question being answered: the archive, the models, and what was found for it so far.

Every answer kind gets the same `Inquiry`, so that nothing is searched, read or understood twice.
It lives as long as the question.
"""

from __future__ import annotations

from functools import cached_property

from index_store.store import IndexStore
from index_store.types import Filter
from rag.answers.evidence import Findings, gather
from rag.models.bundle import Models
from rag.names import authority
from rag.names.authority import People
from rag.questions.field_questions import FieldIntent, FieldQuestion, documents_meant
from rag.questions.query import Query
from rag.retrieval.search import Retrieved, Searches

MAX_HITS = 10
"""Passages read for an answer."""


class Inquiry:
    """What answer kinds need; see the module."""

    def __init__(self, store: IndexStore, models: Models) -> None:
        self.store, self.models = store, models
        self.searches = Searches(store, models)
        self._findings: dict[tuple[object, ...], Findings] = {}
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

    def field_question(self, query: Query) -> FieldQuestion | None:
        """The fields that the query asks for and the documents it means; None if it asks none."""
        intent = query.parsed.field
        if intent is None:
            return None
        known = (intent, query.filter)
        if known not in self._field_questions:
            self._field_questions[known] = documents_meant(intent, query.filter, self.store)
        return self._field_questions[known]
