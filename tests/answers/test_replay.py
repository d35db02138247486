"""Kept answers asked again."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index_store.store import EncoderIdentity
from rag import Archive
from rag.answers import replay
from rag.cli.commands import main
from rag.errors import UsageError
from rag.settings import Settings
from rag.types import Filters
from tests.kits.hashing import HashingEncoder

LETTERS = {
    "ice": "The ice left the harbour of Verkhov on 3 May. Captain Orlov saw it go from the pier.",
    "coal": "Eighteen tons of coal were missing at the depot. Nobody knows who took the coal.",
}
QUESTION = "How many tons of coal were missing?"


class Hashing(HashingEncoder):
    languages: frozenset[str] | None = None

    @property
    def identity(self) -> EncoderIdentity:
        return EncoderIdentity(self.name, self.dimension)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    folder = tmp_path / "letters"
    folder.mkdir()
    for name, text in LETTERS.items():
        (folder / f"{name}.txt").write_text(f"{name}\n\n{text}\n", encoding="utf-8")
    with Archive(Settings(store=tmp_path / "store"), Hashing()) as opened:
        opened.ingest(folder)
        yield opened


def asked(archive: Archive, question: str = QUESTION, **filters: Any) -> dict[str, Any]:
    answer = archive.ask(question, Filters(**filters)).to_dict()
    return json.loads(json.dumps(answer))  # type: ignore[no-any-return]


def test_the_same_again(archive: Archive) -> None:
    for kept in (asked(archive), asked(archive, lang="en", exclude=("ice",))):
        report = archive.replay(kept)
        assert report.same and report.changes == ()
        assert report.answer.filters.to_dict() == kept["filters"]


def test_a_change_elsewhere_in_the_store(archive: Archive, tmp_path: Path) -> None:
    kept = asked(archive, exclude=("more",))
    more = tmp_path / "more.txt"
    more.write_text("more\n\nSomething else altogether.\n", encoding="utf-8")
    archive.ingest(more)
    report = archive.replay(kept)
    assert report.same
    assert "record.store_sha256" in [change.what for change in report.changes]
    assert not {"answer", "statement", "citation"} & {change.what for change in report.changes}


def test_a_changed_document(archive: Archive, tmp_path: Path) -> None:
    kept = asked(archive)
    assert kept["status"] == "answered" and "Eighteen" in kept["answer"]
    changed = LETTERS["coal"].replace("Eighteen", "Twenty")
    (tmp_path / "letters/coal.txt").write_text(f"coal\n\n{changed}\n", encoding="utf-8")
    archive.ingest(tmp_path / "letters")
    report = archive.replay(kept)
    assert not report.same
    whats = [change.what for change in report.changes]
    assert {"record.store_sha256", "answer", "statement", "citation"} <= set(whats)
    gone, come = (c for c in report.changes if c.what == "citation")
    assert "Eighteen" in gone.before["quote"] and gone.after is None
    assert "Twenty" in come.after["quote"] and come.before is None


def test_every_field_of_an_answer_is_watched(archive: Archive) -> None:
    kept = asked(archive)
    today = archive.ask(QUESTION)
    for name in kept.keys() - {"seconds", "question", "filters"}:
        other = copy.deepcopy(kept)
        other[name] = {"record": {}, "statements": [], "citations": [], "hits": []}.get(name, "x")
        report = replay.compare(other, today)
        assert report.changes, name
        assert report.same == (name not in replay._ANSWER), name
    other = copy.deepcopy(kept)
    other["citations"][0]["archival_ref"] = "elsewhere"
    (change,) = replay.compare(other, today).changes
    assert (change.what, change.before) == ("citation [1].archival_ref", "elsewhere")
    other = copy.deepcopy(kept)
    other["citations"][0]["regions"] = [{"page": 1}]
    report = replay.compare(other, today)
    assert report.same and [c.what for c in report.changes] == ["citation [1].regions"]
    assert replay.compare(kept, replace(today, seconds={"total": 9.0})).changes == ()


def _with(**fields: object) -> str:
    """The least JSON of an answer, with some fields changed."""
    whole = {
        "question": "x", "status": "answered", "answer": "", "statements": [], "citations": [],
        "record": {},
    }  # fmt: skip
    return json.dumps({**whole, **fields})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no json", "is not one JSON object"),
        ("[]", "has no question"),
        ('{"question": "x"}', "has no status"),
        (_with(record=[]), "its record is wrong"),
        (_with(filters=[1]), "its filters is wrong"),
        (_with(history=[{"question": "x"}]), "wrong history or filter"),
        (_with(filters={"exclude": None}), "wrong history or filter"),
    ],
)
def test_files_that_are_no_answer(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "kept.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        replay.read(file)
    with pytest.raises(UsageError, match="check the path"):
        replay.read(tmp_path / "nowhere.json")


def test_command(
    sample_archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ["--store", str(sample_archive.settings.directory)]
    main(["ask", *store, "--json", QUESTION])
    file = tmp_path / "kept.json"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    main(["ask", *store, "--replay", str(file)])
    assert capsys.readouterr().out.startswith("The answer is the same, on the same store")
    main(["ask", *store, "--replay", str(file), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"question", "same", "changes", "answer"} and told["same"]
    with pytest.raises(SystemExit) as left:
        main(["ask", *store, "--replay", str(file), "another question"])
    assert left.value.code == 2 and "--replay asks the question" in capsys.readouterr().err
