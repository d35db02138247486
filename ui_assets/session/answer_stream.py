"""An answer as it comes into being: its evidence first, then what is written, then the whole.

An archive that streams gives all three; any other is searched first and asked then. A limit
understood from the question is left aside where the archive can do that, and else refused.
Not here: what becomes of a fault.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from rag.errors import UsageError
from rag.types import Turn, VerifiedAnswer
from ui_assets.model import ArchiveLike, Exchange
from ui_assets.view.excerpts import found, sources

FIRST_EVIDENCE = 5  # passages shown before there is an answer


def telling(archive: ArchiveLike, asked: Exchange, turns: Sequence[Turn]) -> Iterator[Exchange]:
    """The exchange again and again with more of its answer; the last has all of it.

    Raises the faults of the archive.
    """
    steps = _pieces if hasattr(archive, "stream") else _search_and_ask
    yield from steps(archive, asked, tuple(turns))


def _pieces(archive: Any, asked: Exchange, turns: tuple[Turn, ...]) -> Iterator[Exchange]:
    given = _given(archive.stream, asked)
    for piece in archive.stream(asked.question, asked.filters, turns, **given):
        if piece.answer is not None:
            yield _answered(archive, asked, piece.answer)
            continue
        so_far = found(piece.hits) if piece.hits else asked.sources
        if piece or so_far != asked.sources:  # the same hits are not drawn twice
            draft = str(piece) if piece.anew else asked.draft + piece
            asked = replace(asked, sources=so_far, draft=draft)
            yield asked


def _search_and_ask(archive: Any, asked: Exchange, turns: tuple[Turn, ...]) -> Iterator[Exchange]:
    given = _given(archive.ask, asked)
    hits = archive.search(asked.question, k=FIRST_EVIDENCE, filters=asked.filters).hits
    yield replace(asked, sources=found(hits))
    yield _answered(archive, asked, archive.ask(asked.question, asked.filters, turns, **given))


def _answered(archive: ArchiveLike, asked: Exchange, answer: VerifiedAnswer) -> Exchange:
    return replace(asked, answer=answer, sources=sources(archive, answer), draft="")


def _given(way: Callable[..., Any], asked: Exchange) -> dict[str, Any]:
    """What is said beside question, filters and history: the limits to be left aside."""
    if not asked.without:
        return {}
    if "without" not in inspect.signature(way).parameters:
        raise UsageError("this archive cannot leave a limit of the question aside; rephrase it")
    return {"without": asked.without}
