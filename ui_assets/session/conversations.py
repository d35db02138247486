"""Conversations, saved on the server for each user in one SQLite file beside the store.

Users see, rename, delete and search only their own: every call names the user, and the ID of
another user's conversation counts as unknown. An exchange is saved when it is asked, and once
more with its answer or error; anything later is ignored.

Not here: who the user is, how a conversation looks. Conversations stay until they are deleted.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import FondsError
from rag.types import Filters, VerifiedAnswer
from ui_assets.model import Exchange, Scope
from ui_assets.session import codec

SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, user TEXT NOT NULL, title TEXT NOT NULL, changed REAL NOT NULL);
CREATE INDEX IF NOT EXISTS conversations_of ON conversations (user, changed);
CREATE TABLE IF NOT EXISTS exchanges (
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    number INTEGER NOT NULL, question TEXT NOT NULL, filters TEXT NOT NULL, asked REAL NOT NULL,
    without TEXT NOT NULL, answer TEXT, scope TEXT, fault TEXT, verdict INTEGER, reason TEXT,
    PRIMARY KEY (conversation, number));
"""
VERSION = 1  # of the schema, in the file's user_version
MAX_TITLE_CHARS = 80


def conversations_path(store: Path) -> Path:
    """The file with the conversations about the store in this directory."""
    return store.with_name(store.name + "-conversations.sqlite")


class ConversationsError(FondsError):
    """The file of conversations cannot be read or written."""


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """A conversation in a list; `changed` is in seconds since 1970."""

    id: str
    title: str
    changed: float


class Conversations:
    """All users' conversations in one file; safe to share between threads."""

    def __init__(self, path: Path | None) -> None:
        """Open the file at `path`; None keeps the conversations in memory.

        Raises ConversationsError where the file cannot be used.
        """
        self._lock = threading.Lock()
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            name = ":memory:" if path is None else str(path)
            self._db = sqlite3.connect(name, check_same_thread=False, timeout=10)
            self._db.execute("PRAGMA foreign_keys = ON")
            if path is not None:
                self._db.execute("PRAGMA journal_mode = WAL")
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version not in (0, VERSION):
                raise ConversationsError(
                    f"{path} was written by another version of Fonds (its schema is {version}, "
                    f"expected {VERSION}); move it away to start a new one"
                )
            self._db.executescript(f"{SCHEMA} PRAGMA user_version = {VERSION};")
            self._db.create_function("folded", 1, _search_form, deterministic=True)
        except (OSError, sqlite3.Error) as error:
            raise ConversationsError(
                f"conversations cannot be saved in {path}: {error}; make its folder writable"
            ) from error

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def listed(self, user: str, words: str = "") -> list[ConversationSummary]:
        """The user's conversations, newest first; only those that contain `words`."""
        rows = self._rows(
            "SELECT id, title, changed FROM conversations c WHERE user = ? AND (? = '' OR "
            "instr(folded(title), ?) OR EXISTS (SELECT 1 FROM exchanges WHERE conversation = c.id "
            "AND (instr(folded(question), ?) OR instr(folded(answer), ?))))"
            " ORDER BY changed DESC, id",
            (user, *[_search_form(words.strip())] * 4),
        )
        return [ConversationSummary(*row) for row in rows]

    def exchanges(self, user: str, conversation: str) -> list[Exchange] | None:
        """The exchanges in order; None where the user has no such conversation."""
        if not self._owns(user, conversation):
            return None
        rows = self._rows(
            "SELECT number, question, filters, without, answer, scope, fault, verdict, asked "
            "FROM exchanges WHERE conversation = ? ORDER BY number",
            (conversation,),
        )
        return [_exchange(*row) for row in rows]

    def title(self, user: str, conversation: str) -> str | None:
        """The conversation's title; None where the user has no such conversation."""
        rows = self._rows(
            "SELECT title FROM conversations WHERE id = ? AND user = ?", (conversation, user)
        )
        return str(rows[0][0]) if rows else None

    def ask(self, user: str, conversation: str | None, exchange: Exchange) -> str:
        """Save a question that waits for its answer; returns the ID of its conversation, a new one
        where the user has none with the given ID."""
        now = time.time()
        if conversation is None or not self._owns(user, conversation):
            conversation = secrets.token_urlsafe(12)
            title = " ".join(exchange.question.split())[:MAX_TITLE_CHARS]
            self._rows(
                "INSERT INTO conversations VALUES (?, ?, ?, ?)", (conversation, user, title, now)
            )
        self._rows(
            "INSERT OR REPLACE INTO exchanges (conversation, number, question, filters, without, "
            "asked) VALUES (?, ?, ?, ?, ?, ?)",
            (
                conversation,
                exchange.number,
                exchange.question,
                codec.dump(exchange.filters),
                json.dumps(exchange.without),
                exchange.asked,
            ),
        )
        self._rows("UPDATE conversations SET changed = ? WHERE id = ?", (now, conversation))
        return conversation

    def settle(self, conversation: str, exchange: Exchange) -> None:
        """Save the answer or the error of an exchange that has neither yet."""
        self._rows(
            "UPDATE exchanges SET answer = ?, scope = ?, fault = ? "
            "WHERE conversation = ? AND number = ? AND answer IS NULL AND fault IS NULL",
            (
                codec.dump(exchange.answer) if exchange.answer else None,
                codec.dump(exchange.scope) if exchange.scope else None,
                exchange.fault,
                conversation,
                exchange.number,
            ),
        )

    def judge(self, user: str, conversation: str, number: int, good: bool, reason: str) -> None:
        """Save what the reader thinks of an answer, for evaluation."""
        self._rows(
            "UPDATE exchanges SET verdict = ?, reason = ? WHERE conversation = ? AND number = ? "
            "AND conversation IN (SELECT id FROM conversations WHERE user = ?)",
            (1 if good else -1, reason, conversation, number, user),
        )

    def rename(self, user: str, conversation: str, title: str) -> None:
        """Change the title; an empty one changes nothing."""
        if title := " ".join(title.split())[:MAX_TITLE_CHARS]:
            self._rows(
                "UPDATE conversations SET title = ? WHERE id = ? AND user = ?",
                (title, conversation, user),
            )

    def delete(self, user: str, conversation: str) -> None:
        self._rows("DELETE FROM conversations WHERE id = ? AND user = ?", (conversation, user))

    def judged(self) -> list[dict[str, Any]]:
        """Every judged answer, for evaluation: question, verdict (1 or -1), reason, answer.

        Without users and conversations.
        """
        rows = self._rows(
            "SELECT question, verdict, reason, answer FROM exchanges "
            "WHERE verdict IS NOT NULL ORDER BY asked, question"
        )
        return [
            {"question": q, "verdict": v, "reason": r, "answer": json.loads(a) if a else None}
            for q, v, r, a in rows
        ]

    def _owns(self, user: str, conversation: str) -> bool:
        return self.title(user, conversation) is not None

    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            with self._lock, self._db:
                return self._db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise ConversationsError(
                f"the conversations cannot be read or written: {error}"
            ) from error


def _exchange(
    number: int,
    question: str,
    filters: str,
    without: str,
    answer: str | None,
    scope: str | None,
    fault: str | None,
    verdict: int | None,
    asked: float,
) -> Exchange:
    return Exchange(
        number,
        question,
        codec.load(VerifiedAnswer, answer) if answer else None,
        fault,
        filters=codec.load(Filters, filters),
        without=tuple(json.loads(without)),
        scope=codec.load(Scope, scope) if scope else None,
        verdict=verdict,
        asked=asked,
    )


def _search_form(text: str | None) -> str:
    return (text or "").casefold().replace("ё", "е")
