"""The outbox: which documents have changed, for all that follows the catalogue.

A row tells which document was added or removed, not what it became: a follower looks at what the
catalogue has now, so that a row can be done twice. Rows have rising numbers, and each a random
token: a database that was put back to an earlier state gives the same numbers again, but other
tokens. The oldest go in the end; who has not done them reads everything. Not here: who follows
(`index_store.sync`).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from index_store.catalogue.engines.engine import Engine

KEPT = 100_000
"""Changes that are kept for followers."""

STEP = 500
"""Changes that are done at a time."""


@dataclass(frozen=True, slots=True)
class Position:
    """The last change that was done: the number and the token of its row, 0 where there is none."""

    seq: int
    token: str = ""

    def __str__(self) -> str:
        return f"{self.seq}:{self.token}" if self.token else str(self.seq)

    @classmethod
    def parse(cls, text: str) -> Position:
        """The position that `str` gave. Raises ValueError."""
        seq, _, token = text.partition(":")
        return cls(int(seq), token)


START = Position(0)
"""Before the first change."""

FROM_THE_START = Position(-1)
"""The position of a follower that has to read everything."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed after a position of the outbox, up to `position`.

    `documents` are rows of documents, `spans` ranges of rows of passages (from the first to before
    the second) that belong or belonged to them, `gone` the ids of passages that were removed,
    though they may have come back.
    """

    position: Position
    documents: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    gone: tuple[str, ...]

    @property
    def passage_rows(self) -> list[int]:
        """The rows of `spans`, each once, ascending."""
        return sorted({row for first, past in self.spans for row in range(first, past)})


def note(engine: Engine, document: int, passages: Sequence[int], gone: Sequence[str]) -> None:
    """Notes a change of a document in this row with these rows of passages, inside a transaction.

    `gone` are the ids of the passages that are removed.
    """
    first, past = (min(passages), max(passages) + 1) if passages else (0, 0)
    engine.execute(
        "INSERT INTO outbox (document, first, past, gone, token) VALUES (?, ?, ?, ?, ?)",
        [document, first, past, json.dumps(list(gone), ensure_ascii=False), secrets.token_hex(8)],
    )


def state(engine: Engine) -> tuple[int, Position]:
    """The generation of the catalogue, and its last change."""
    last = "SELECT 0 AS seq, '' AS token"
    if token := _token(engine):
        last = f"SELECT seq, {token} AS token FROM outbox ORDER BY seq DESC LIMIT 1"
    ((generation, seq, token),) = engine.rows(
        f"SELECT m.value, o.seq, o.token FROM meta AS m LEFT JOIN ({last}) AS o ON 1 = 1"
        " WHERE m.key = 'generation'"
    )
    return int(generation), START if seq is None else Position(seq, token)


def position(engine: Engine) -> Position:
    """The last change."""
    token = _token(engine)
    if token is None:
        return START
    found = engine.rows(f"SELECT seq, {token} FROM outbox ORDER BY seq DESC LIMIT 1")
    return Position(*found[0]) if found else START


def is_known(engine: Engine, position: Position) -> bool:
    """Whether the catalogue was once at this position, and tells all changes since.

    Not where it was put back to an earlier state, nor where the change there is told no more.
    """
    token = _token(engine)
    if position.seq < 0 or token is None:
        return position == START
    if position.seq == 0:
        ((oldest,),) = engine.rows("SELECT min(seq) FROM outbox")
        return oldest is None or oldest == 1
    found = engine.rows(f"SELECT {token} FROM outbox WHERE seq = ?", [position.seq])
    return found == [(position.token,)]


def changes(engine: Engine, after: Position, limit: int) -> Changes | None:
    """The next `limit` changes after a position; None where the catalogue does not know that.

    To be called in a snapshot.
    """
    token = _token(engine)
    if not is_known(engine, after):
        return None
    if token is None:
        return Changes(after, (), (), ())
    rows = engine.rows(
        f"SELECT seq, document, first, past, gone, {token} FROM outbox WHERE seq > ?"
        " ORDER BY seq LIMIT ?",
        [after.seq, limit],
    )
    return Changes(
        Position(rows[-1][0], rows[-1][5]) if rows else after,
        tuple(dict.fromkeys(row[1] for row in rows)),
        tuple(dict.fromkeys((row[2], row[3]) for row in rows if row[3])),
        tuple(dict.fromkeys(name for row in rows for name in json.loads(row[4]))),
    )


def _token(engine: Engine) -> str | None:
    """How the token is selected: an outbox that no writer has brought up to date has none. None
    where there is no outbox, as before there was one."""
    if engine.has("outbox", "token"):
        return "token"
    return "''" if engine.has("outbox") else None


def trim(engine: Engine) -> None:
    """Removes the oldest changes, all but `KEPT`, inside a transaction."""
    engine.execute("DELETE FROM outbox WHERE seq <= ?", [position(engine).seq - KEPT])
