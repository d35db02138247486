"""The outbox: which documents have changed, for all that follows the catalogue.

A row tells which document was added, removed or marked, not what it became: a follower looks at
what the catalogue has now, so that a row can be done twice. Rows have rising numbers. The oldest go
in the end; who has not done them reads everything. Not here: who follows (`index_store.sync`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from index_store.catalogue.engines.engine import Engine

KEPT = 100_000
"""Changes that are kept for followers."""

STEP = 500
"""Changes that are done at a time."""

FROM_THE_START = -1
"""The position of a follower that has to read everything."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed after a position of the outbox, up to `position`.

    `documents` are rows of documents, `spans` ranges of rows of passages (from the first to before
    the second) that belong or belonged to them, `gone` the ids of passages that were removed,
    though they may have come back.
    """

    position: int
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
        "INSERT INTO outbox (document, first, past, gone) VALUES (?, ?, ?, ?)",
        [document, first, past, json.dumps(list(gone), ensure_ascii=False)],
    )


def position(engine: Engine) -> int:
    """The number of the last change, 0 where there is none."""
    if not engine.has("outbox"):  # before there was one
        return 0
    return int(engine.rows("SELECT coalesce(max(seq), 0) FROM outbox")[0][0])


def changes(engine: Engine, after: int, limit: int) -> Changes | None:
    """The next `limit` changes after a position; None where they are not told any more.

    To be called in a snapshot.
    """
    last = position(engine)
    if not 0 <= after <= last:
        return None
    if after == last:
        return Changes(last, (), (), ())
    ((oldest,),) = engine.rows("SELECT min(seq) FROM outbox")
    if after < oldest - 1:
        return None
    rows = engine.rows(
        "SELECT seq, document, first, past, gone FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?",
        [after, limit],
    )
    return Changes(
        rows[-1][0],
        tuple(dict.fromkeys(row[1] for row in rows)),
        tuple(dict.fromkeys((row[2], row[3]) for row in rows if row[3])),
        tuple(dict.fromkeys(name for row in rows for name in json.loads(row[4]))),
    )


def trim(engine: Engine) -> None:
    """Removes the oldest changes, all but `KEPT`, inside a transaction."""
    engine.execute("DELETE FROM outbox WHERE seq <= ?", [position(engine) - KEPT])
