"""The archive as a llama-index retriever and query engine.

Any llama-index application can use an archive: nodes carry the passage with its document's
metadata, responses the verified answer. Not here: llama-index's own indexes or stores.
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from llama_index.core.base.response.schema import Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.query_engine import BaseQueryEngine
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from index_store.types import Hit
from rag.types import Filters, SearchResult, VerifiedAnswer


class Archive(Protocol):
    """What is needed of `rag.Archive`."""

    def search(self, question: str, k: int, filters: Filters) -> SearchResult: ...
    def ask(self, question: str, filters: Filters) -> VerifiedAnswer: ...


class FondsRetriever(BaseRetriever):
    """Fonds' fused search as a llama-index retriever."""

    def __init__(self, archive: Archive, k: int = 10, filters: Filters = Filters()) -> None:
        super().__init__()
        self._archive = archive
        self._k = k
        self._filters = filters

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        result = self._archive.search(query_bundle.query_str, self._k, self._filters)
        return [to_node(hit) for hit in result.hits]


class FondsQueryEngine(BaseQueryEngine):
    """Fonds' verified answers as a llama-index query engine.

    The response's text is the answer or the abstention's message; its source nodes are the
    cited passages, the nearest ones when abstaining; `metadata` is the whole answer as JSON.
    """

    def __init__(self, archive: Archive, filters: Filters = Filters()) -> None:
        super().__init__(callback_manager=CallbackManager([]))
        self._archive = archive
        self._filters = filters

    def _query(self, query_bundle: QueryBundle) -> Response:
        answer = self._archive.ask(query_bundle.query_str, self._filters)
        cited = {citation.passage_id for citation in answer.citations}
        hits = answer.abstention.nearest if answer.abstention else answer.hits
        nodes = [to_node(h) for h in hits if answer.abstention or h.passage.passage_id in cited]
        return Response(answer.answer, source_nodes=nodes, metadata=answer.to_dict())

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return await asyncio.to_thread(self._query, query_bundle)

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


def to_node(hit: Hit) -> NodeWithScore:
    """A hit as a llama-index node; the node's id is the passage's."""
    metadata: dict[str, Any] = hit.document.to_dict()
    metadata.pop("extra", None)
    metadata.update(start=hit.passage.start, end=hit.passage.end)
    node = TextNode(id_=hit.passage.passage_id, text=hit.passage.text, metadata=metadata)
    return NodeWithScore(node=node, score=hit.score)
