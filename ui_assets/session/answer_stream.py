"""An answer as it is written: first its evidence, then the draft, then the verified answer.

An archive that can stream gives all three; any other is searched first and then asked. A
constraint of the question is ignored on request where the archive can do that, else an error
says so. Not here: what happens to an error.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from rag.errors import UsageError
from rag.types import Turn, VerifiedAnswer
from ui_assets.model import ArchiveLike, Exchange
from ui_assets.view.excerpts import answer_sources, hit_sources

EARLY_PASSAGES = 5  # shown before there is an answer


def answer_stream(
    archive: ArchiveLike, exchange: Exchange, turns: Sequence[Turn]
) -> Iterator[Exchange]:
    """The exchange again and again with more of its answer; the last one has all of it.

    Raises the errors of the archive.
    """
    steps = _streamed if hasattr(archive, "stream") else _searched_then_asked
    yield from steps(archive, exchange, tuple(turns))


def _streamed(archive: Any, exchange: Exchange, turns: tuple[Turn, ...]) -> Iterator[Exchange]:
    options = _options(archive.stream, exchange)
    for piece in archive.stream(exchange.question, exchange.filters, turns, **options):
        if piece.answer is not None:
            yield _answered(archive, exchange, piece.answer)
            continue
        sources = hit_sources(piece.hits) if piece.hits else exchange.sources
        if piece.read is not None:
            exchange = replace(exchange, read=piece.read)
            yield exchange
        elif piece or sources != exchange.sources:  # nothing is drawn twice
            draft = str(piece) if piece.restarts else exchange.draft + piece
            exchange = replace(exchange, sources=sources, draft=draft)
            yield exchange


def _searched_then_asked(
    archive: Any, exchange: Exchange, turns: tuple[Turn, ...]
) -> Iterator[Exchange]:
    question, filters = exchange.question, exchange.filters
    options = _options(archive.ask, exchange)
    hits = archive.search(question, k=EARLY_PASSAGES, filters=filters).hits
    yield replace(exchange, sources=hit_sources(hits))
    yield _answered(archive, exchange, archive.ask(question, filters, turns, **options))


def _answered(archive: ArchiveLike, exchange: Exchange, answer: VerifiedAnswer) -> Exchange:
    sources = answer_sources(archive, answer)
    return replace(exchange, answer=answer, sources=sources, draft="")


def _options(method: Callable[..., Any], exchange: Exchange) -> dict[str, Any]:
    """Arguments beside question, filters and history: the constraints to ignore."""
    if not exchange.without:
        return {}
    if "without" not in inspect.signature(method).parameters:
        raise UsageError("this archive cannot ignore a limit of the question; rephrase it")
    return {"without": exchange.without}
