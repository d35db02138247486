"""The command line as documented: JSON fields, exit codes, errors in one line."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from rag import Archive
from rag.cli.commands import main

DOCUMENT = {
    "document_id", "record_id", "lang", "kind", "translator", "title", "date", "date_from",
    "date_to", "date_text", "author", "recipient", "place", "collection", "source",
    "archival_ref", "path", "warnings", "sha256",
}  # fmt: skip
PASSAGE = {"passage_id", "document_id", "ordinal", "start", "end", "text"}
CITATION = {
    "n", "passage_id", "document_id", "quote", "start", "end", "check", "lang", "kind",
    "translator", "title", "date", "author", "recipient", "source", "archival_ref", "page",
    "formatted", "counterpart", "warnings",
}  # fmt: skip
ANSWER = {
    "question", "status", "certainty", "confidence", "answer", "statements", "citations", "hits",
    "constraints", "abstention", "engine", "filters", "record", "seconds", "notice",
}  # fmt: skip


class Command:
    """Runs `fonds` in this process on one store."""

    def __init__(self, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.store = store
        self.capsys = capsys

    def __call__(self, *arguments: str, code: int = 0) -> str:
        try:
            main([arguments[0], "--store", str(self.store), *arguments[1:]])
            left = 0
        except SystemExit as exit:
            left = int(exit.code or 0)
        self.out, self.err = self.capsys.readouterr()
        assert left == code, self.err
        return self.out

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self(*arguments, "--json", code=code))


@pytest.fixture
def fonds(sample_archive: Archive, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(sample_archive.settings.directory, capsys)


@pytest.fixture
def empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path / "store", capsys)


def test_list_show_cite(fonds: Command) -> None:
    listed = fonds.json("list")
    assert set(listed) == {"documents", "filters"} and len(listed["documents"]) == 50
    assert all(set(d) - {"extra"} == DOCUMENT for d in listed["documents"])
    name = listed["documents"][0]["document_id"]
    shown = fonds.json("show", name)
    assert set(shown) - {"extra"} == DOCUMENT | {"text", "passages"}
    for passage in shown["passages"]:
        assert set(passage) == PASSAGE
        assert passage["text"] == shown["text"][passage["start"] : passage["end"]]
    passage_id = shown["passages"][0]["passage_id"]
    assert "⟦" in fonds("show", name, "--passage", passage_id)
    for style in ("chicago", "gost", "bibtex", "ris", "csl-json"):
        cited = fonds.json("cite", passage_id, "--style", style)
        assert (cited["passage_id"], cited["style"]) == (passage_id, style) and cited["text"]


def test_a_part_of_a_long_list(fonds: Command) -> None:
    every = fonds.json("list", "--lang", "ru")["documents"]
    part = fonds.json("list", "--lang", "ru", "--limit", "3", "--offset", "2")
    assert part["documents"] == every[2:5] and part["in_all"] == len(every)
    rest = fonds.json("list", "--lang", "ru", "--offset", "4")
    assert rest["documents"] == every[4:]
    assert f"(3 to 5 of {len(every)} documents)" in fonds(
        "list", "--lang", "ru", "--limit", "3", "--offset", "2"
    )
    assert "documents)" not in fonds("list", "--lang", "ru")
    assert f"(none after the first 900 of {len(every)}" in fonds(
        "list", "--lang", "ru", "--offset", "900"
    )


def test_filters(fonds: Command) -> None:
    every = fonds.json("list")["documents"]
    russian = fonds.json("list", "--lang", "ru")
    assert russian["filters"] == {"lang": "ru"}
    assert {d["document_id"] for d in russian["documents"]} == {
        d["document_id"] for d in every if d["lang"] == "ru"
    }
    within = fonds.json("list", "--from", "1928-11", "--to", "1928-12")["documents"]
    assert within and all(d["date_to"] >= "1928-11-01" for d in within)
    assert all(d["date_from"] <= "1928-12-31" for d in within)
    one = every[0]["document_id"]
    left = fonds.json("list", "--exclude", one)["documents"]
    assert len(left) == len(every) - 1
    assert "author: Nobody" in fonds("search", "coal", "--author", "Nobody")
    assert "author: Nobody" in fonds("list", "--author", "Nobody")


def test_search_and_ask(fonds: Command) -> None:
    found = fonds.json("search", "coal for the ship", "-k", "3")
    assert set(found) == {"question", "hits", "filters", "seconds"} and len(found["hits"]) == 3
    for rank, hit in enumerate(found["hits"], 1):
        assert set(hit) == PASSAGE | {"rank", "score", "origins", "document"}
        assert hit["rank"] == rank and hit["origins"]
    answer = fonds.json("ask", "How many tons of coal were missing?")
    assert set(answer) == ANSWER
    for citation in answer["citations"]:
        assert set(citation) == CITATION and set(citation["formatted"]) == {"chicago", "gost"}
    assert set(answer["record"]) == {"store_sha256", "settings_sha256", "version"}
    assert "total" in answer["seconds"]


def test_verify(fonds: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    document = fonds.json("list", "--lang", "ru")["documents"][0]["document_id"]
    text = fonds.json("show", document)["passages"][0]["text"]
    quotation = " ".join(text.split()[:8])
    report = fonds.json("verify", quotation, "--document", document)
    assert set(report) == {"quotation", "status", "matches"}
    assert report["status"] in ("exact", "normalised")
    assert set(report["matches"][0]) == CITATION | {"differences"}
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    fonds("verify", "-", code=2)
    monkeypatch.setattr("sys.stdin", io.StringIO(quotation + "\n"))
    assert fonds.json("verify", "-")["status"] in ("exact", "normalised")
    assert "absent" in fonds("verify", "Nobody ever wrote these seven words here")


def test_info_settings_doctor_backup(
    fonds: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = fonds.json("info")
    assert set(info) == {
        "documents", "passages", "languages", "date_from", "date_to", "encoder", "schema",
        "version", "bytes", "people", "pages",
    }  # fmt: skip
    assert set(info["bytes"]) == {"catalogue", "vectors", "lexical", "pictures"}
    rows = fonds.json("settings")["settings"]
    assert {row["name"]: row["origin"] for row in rows}["store"] == "--store"
    assert fonds.json("doctor")["sound"] is True
    backup = tmp_path / "copy.fonds"
    fonds("backup", str(backup))
    restored = Command(tmp_path / "restored", fonds.capsys)
    restored("restore", str(backup))
    assert restored.json("list")["documents"] == fonds.json("list")["documents"]
    assert restored.json("doctor")["sound"] is True
    monkeypatch.setenv("FONDS_PICTURES", "no")
    told = fonds.json("backup", str(tmp_path / "all"))
    assert told["pictures"] is True and "lacking" not in told
    assert any("pictures/" in name for name in zipfile.ZipFile(tmp_path / "all").namelist())
    assert "without the pictures" in fonds("backup", str(tmp_path / "bare"), "--no-pictures")
    assert len(zipfile.ZipFile(tmp_path / "bare").namelist()) == 2
    shutil.rmtree(restored.store / "pictures")
    assert restored.json("backup", str(tmp_path / "few"))["lacking"]["documents"]
    assert "missing" in restored("backup", str(tmp_path / "again"))
    assert "restored" not in restored("restore", str(backup), code=1)


def test_batch(fonds: Command, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(
        '{"id": "a", "text": "How many tons of coal were missing?"}\n'
        '{"id": "b", "text": "ice", "date_from": "1929-13"}\n'
        '{"id": "c", "text": "Сколько угля не хватило?", "lang": "ru"}\n',
        encoding="utf-8",
    )
    arguments = ("--batch", str(source), "--out", str(target))
    for command in ("ask", "search"):
        fonds(command, *arguments, code=1)
        assert "1 of 3 lines" in fonds.err
        lines = [json.loads(x) for x in target.read_text(encoding="utf-8").splitlines()]
        assert [line["id"] for line in lines] == ["a", "b", "c"]
        assert set(lines[1]) == {"id", "error"} and "1929-13" in lines[1]["error"]
        assert lines[2]["filters"] == {"lang": "ru"}
        summary = fonds.json(command, *arguments, code=1)
        assert summary == {"lines": 3, "failed": 1, "out": str(target)}
    fonds("ask", "both", *arguments, code=2)
    fonds("search", code=2)


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (("show", "no-such-document"), 1, "no-such-document"),
        (("cite", "no-such#0"), 1, "no-such#0"),
        (("remove", "no-such"), 1, "no-such"),
        (("ask", ""), 2, "empty"),
        (("list", "--from", "soon"), 2, "soon"),
        (("list", "--kind", "copy"), 2, "copy"),
        (("nonsense",), 2, "nonsense"),
        (("search", "x", "-k", "0"), 2, "-k"),
        (("search", "x", "--nonsense"), 2, "fonds search --help"),
        (("cite",), 2, "fonds cite --help"),
        (("verify", "coal \udcff ships"), 2, "UTF-8"),
        (("show", "\udcff"), 2, "UTF-8"),
    ],
)
def test_errors_are_one_line(
    fonds: Command, arguments: tuple[str, ...], code: int, named: str
) -> None:
    assert fonds(*arguments, code=code) == ""
    assert named in fonds.err and "Traceback" not in fonds.err
    assert len(fonds.err.strip().splitlines()) == 1


def test_filters_that_match_nothing_are_named(fonds: Command) -> None:
    filters = ("--author", "Nobody", "--exclude", "x", "--exclude", "y")
    message = "No document meets the given filters (author: Nobody, exclude: x, y)."
    assert fonds("list", *filters).strip() == message
    assert fonds.json("list", *filters)["message"] == message
    assert fonds.json("list", "--author", "\udcff")["filters"] == {"author": "\udcff"}


def test_the_error_without_a_store_says_what_to_do(empty: Command) -> None:
    for command in (("list",), ("ask", "Who?"), ("doctor",), ("info",)):
        empty(*command, code=1)
        assert "fonds ingest" in empty.err


def test_a_document_cannot_control_the_terminal(empty: Command, tmp_path: Path) -> None:
    text = "A note about coal \x1b[31mred\x1b[0m and \x07 bells."
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "a", "text": text, "title": "\x1b[2J"}))
    empty("ingest", str(tmp_path / "a.jsonl"))
    assert "\x1b" not in empty("show", "a") + empty("list") + empty("search", "coal")
    assert empty.json("show", "a")["text"] == text


def test_ingest_reports_failures(empty: Command, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "a", "text": "Coal."}\n{broken\n')
    report = empty.json("ingest", str(tmp_path / "a.jsonl"), code=1)
    assert report["documents"] == {
        "added": 1, "updated": 0, "unchanged": 0, "removed": 0, "failed": 1,
    }  # fmt: skip
    assert report["failures"][0]["line"] == 2
    assert "a.jsonl, line 2" in empty.err
    assert empty.json("remove", "a") == {"removed": ["a"]}


@pytest.mark.parametrize("arguments", [["list", "--json"], ["info"], ["verify", "coal for ships"]])
def test_light_commands_in_a_process_of_their_own(
    sample_archive: Archive, arguments: list[str]
) -> None:
    code = (
        "import sys; from rag.cli.commands import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print([m for m in ('torch','llama_index','chromadb','gradio')"
        " if m in sys.modules], file=sys.stderr)"
    )
    store = str(sample_archive.settings.directory)
    done = subprocess.run(
        [sys.executable, "-c", code, arguments[0], "--store", store, *arguments[1:]],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and done.stderr.strip() == "[]", done.stderr
