"""A small invented archive in both languages with its authority file, and a light encoder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag import Archive
from rag.settings import Settings
from tests.kits.hashing import HashingEncoder

PEOPLE = """
people:
  - name: Игнат Рындин
    aliases: [Ignat Ryndin, боцман Рындин, boatswain Ryndin, Полундра]
    dates: 1890–1951
    note: boatswain
  - name: И. Н. Рындин
    aliases: [I. N. Ryndin, счетовод Рындин, bookkeeper Ryndin]
  - name: К. Е. Стожаров
    transliterations: [K. E. Stozharov]
    aliases: [Клим, Klim]
"""

_FIELDS = ("id", "record_id", "lang", "title", "date", "author", "recipient", "place", "text")
_LETTERS = (
    ("a.en", "a", "en", "Letter to K.E. Stozharov", "1931-11-21", "A. Vetlin", "K. E. Stozharov",
     "Sosnovka", "Greetings to Klim!\n\nPatek squirmed, and the ferry-\nman laughed. We are in a "
     "mousetrap here, and the boatswain Ryndin knows it."),
    ("a.ru", "a", "ru", "Письмо К. Е. Стожарову", "1931-11-21", "А. Ветлин", "К. Е. Стожарову",
     "Сосновка", "Привет Климу!\n\nПатек вертелся, а паромщик смеялся. Мы тут в мышеловке, и "
     "боцман Рындин это знает."),
    ("b", "b", "ru", "Письмо А. Ветлину", "1932", "К. Стожаров", "А. Ветлину", "Лесное",
     "С Патеком говорили дважды. Счетовод Рындин прислал ведомость на «Чайку»."),
    ("c", "c", "en", "Telegram to A. Vetlin", "1930/1932", "Ignat Ryndin", "A. Vetlin", None,
     "Ship saved. No word of the bookkeeper yet."),
    ("d", "d", "en", "Note", None, "I. N. Ryndin", None, None, "The ledger is with Patekov."),
    ("e", "e", "en", "Letter to A. Vetlin", "1931-03", "Klim", "A. Vetlin", "Lesnoye",
     "Ask the bursar about the ledger before you ask me."),
)  # fmt: skip


def write(folder: Path, people: str | None = PEOPLE) -> Path:
    """The archive as files."""
    folder.mkdir()
    rows = (dict(zip(_FIELDS, letter, strict=True)) for letter in _LETTERS)
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "letters.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if people is not None:
        (folder / "people.yaml").write_text(people, encoding="utf-8")
    return folder


@contextmanager
def opened(store: Path) -> Iterator[Archive]:
    with Archive(Settings(store=store), HashingEncoder(dimension=16)) as archive:
        yield archive
