"""file → documents → passages → vectors → store, with what can go wrong on the way."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from io import BufferedReader
from pathlib import Path

import pytest

from index_store.maintenance import doctor
from index_store.store import IndexStore
from index_store.types import Vectors
from rag import Archive
from rag.errors import EncoderError, NotStored, StoreLocked, StoreMismatch
from rag.readers import source
from rag.settings import Settings
from rag.types import IngestReport
from tests.kits.hashing import HashingEncoder
from tests.kits.pdf_kit import pdf, prose


class Hashing(HashingEncoder):
    """The hashing encoder; counts, and fails from a given call on."""

    def __init__(self, name: str = "hashing", fail_from: int | None = None) -> None:
        super().__init__(name=name)
        self._fail_from = fail_from
        self.calls = 0
        self.encoded = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.calls += 1
        if self._fail_from is not None and self.calls >= self._fail_from:
            raise EncoderError("the encoder fails, as this test wants")
        self.encoded += len(texts)
        return super().encode(texts)


@pytest.fixture
def encoder() -> Hashing:
    return Hashing()


@pytest.fixture
def archive(tmp_path: Path, encoder: Hashing) -> Archive:
    return Archive(Settings(store=tmp_path / "store"), encoder)


def line(name: str, text: str, **more: object) -> str:
    return json.dumps({"id": name, "text": text, "lang": "en", **more}) + "\n"


def counts(report: IngestReport) -> tuple[int, ...]:
    return (report.added, report.updated, report.unchanged, report.removed, report.failed)


def sound(archive: Archive) -> bool:
    archive.close()
    report = doctor.check(archive.settings.directory, None)
    return bool(report.sound)


def test_unchanged_changed_removed(tmp_path: Path, archive: Archive, encoder: Hashing) -> None:
    letters = tmp_path / "letters"
    letters.mkdir()
    file = letters / "a.jsonl"
    file.write_text(line("one", "Coal is short.") + line("two", "Bread is short."))
    (letters / "b.txt").write_text("A note about the lost anchor of the ship.\n")
    assert counts(archive.ingest([letters])) == (3, 0, 0, 0, 0)

    encoded = encoder.encoded
    assert counts(archive.ingest([letters])) == (0, 0, 3, 0, 0)
    assert encoder.encoded == encoded, "what is unchanged is not encoded again"

    file.write_text(line("one", "Coal is short.") + line("two", "Bread has come."))
    assert counts(archive.ingest([letters])) == (0, 1, 2, 0, 0)
    assert archive.search("is bread short", k=9).hits[0].document.document_id in ("one", "two")
    assert "Bread is short." not in {h.passage.text for h in archive.search("bread", k=9).hits}

    file.write_text(line("one", "Coal is short."))
    assert counts(archive.ingest([letters])) == (0, 0, 2, 1, 0), "a line that went is removed"
    with pytest.raises(NotStored):
        archive.show("two")

    (letters / "b.txt").unlink()
    assert counts(archive.ingest([letters])) == (0, 0, 1, 0, 0), "without --prune it stays"
    assert counts(archive.ingest([letters], prune=True)) == (0, 0, 1, 1, 0)
    assert [d.document_id for d in archive.documents()] == ["one"]
    assert sound(archive)


def test_a_bad_line_stops_nothing_and_loses_nothing(tmp_path: Path, archive: Archive) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(line("one", "Coal is short.") + line("two", "Bread is short."))
    archive.ingest([file])
    file.write_text("{broken\n" + line("two", "Bread is short.") + line("three", "Ice."))
    report = archive.ingest([file, tmp_path / "nowhere.txt"])
    assert counts(report) == (1, 0, 1, 0, 2)
    assert [(Path(f.path).name, f.line) for f in report.failures] == [
        ("a.jsonl", 1),
        ("nowhere.txt", None),
    ]
    assert {d.document_id for d in archive.documents()} == {"one", "two", "three"}
    file.write_text(line("three", "Ice."))
    assert archive.ingest([file]).removed == 2, "a whole reading shows what has gone"


def test_prune_touches_only_what_was_named(tmp_path: Path, archive: Archive) -> None:
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "note.txt").write_text(f"A note about {name} and nothing else.")
    archive.ingest([tmp_path / "x", tmp_path / "y"])
    for name in ("x", "y"):
        (tmp_path / name / "note.txt").unlink()
    assert archive.ingest([tmp_path / "x"], prune=True).removed == 1
    assert len(archive.documents()) == 1


def test_a_file_that_is_named_and_gone(tmp_path: Path, archive: Archive) -> None:
    note = tmp_path / "note.txt"
    note.write_text("A note about coal.")
    archive.ingest([note])
    note.unlink()
    assert counts(archive.ingest([note])) == (0, 0, 0, 0, 1)
    assert counts(archive.ingest([note], prune=True)) == (0, 0, 0, 1, 0)


def test_equal_ids_are_told_apart_for_good(tmp_path: Path, archive: Archive) -> None:
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jsonl").write_text(line("one", f"The text of folder {name}."))
    archive.ingest([tmp_path])
    before = {d.document_id: d.path for d in archive.documents()}
    assert set(before) == {"one", "one~2"}
    (tmp_path / "y" / "a.jsonl").write_text(line("one", "The text of folder y, changed."))
    assert archive.ingest([tmp_path]).updated == 1
    assert {d.document_id: d.path for d in archive.documents()} == before


def test_what_was_removed_comes_back_with_its_file(tmp_path: Path, archive: Archive) -> None:
    """So the doctor's cure for a damaged document, to remove it and ingest its file, is one."""
    (tmp_path / "a.txt").write_text("A letter about coal.", encoding="utf-8")
    (tmp_path / "b.txt").write_text("A letter about bread.", encoding="utf-8")
    archive.ingest([tmp_path / "a.txt", tmp_path / "b.txt"])
    archive.remove("a")
    assert counts(archive.ingest([tmp_path / "a.txt", tmp_path / "b.txt"])) == (1, 0, 1, 0, 0)
    assert {d.document_id for d in archive.documents()} == {"a", "b"}


def test_a_moved_file_keeps_its_ids(tmp_path: Path, archive: Archive) -> None:
    old = tmp_path / "old.jsonl"
    old.write_text(line("one", "Coal is short."))
    archive.ingest([old])
    old.rename(tmp_path / "new.jsonl")
    archive.ingest([tmp_path / "new.jsonl"], prune=True)
    assert [(d.document_id, Path(d.path).name) for d in archive.documents()] == [
        ("one", "new.jsonl")
    ]


def test_duplicates_are_marked_and_unmarked(tmp_path: Path, archive: Archive) -> None:
    for name in ("x", "y"):
        (tmp_path / f"{name}.txt").write_text("The same order to send coal to the north.")
    archive.ingest([tmp_path])
    marked = {d.document_id: d.warnings for d in archive.documents()}
    assert {i: "y" in str(w[-1]) or "x" in str(w[-1]) for i, w in marked.items()} == {
        "x": True,
        "y": True,
    }
    assert all(w[-1].code == "duplicate" for w in marked.values())
    assert sound(archive), "a warning added later is sealed like the rest"
    archive.remove(["x"])
    assert "duplicate" not in {w.code for w in archive.show("y").document.warnings}
    with pytest.raises(NotStored):
        archive.remove(["y", "x"])
    assert len(archive.documents()) == 1, "a wrong id removes nothing"


@pytest.mark.parametrize("fail_from", [1, 2, 3])
def test_an_encoder_that_fails_loses_nothing(
    tmp_path: Path, fail_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.document_writer.BATCH", 64)
    file = tmp_path / "a.jsonl"
    file.write_text("".join(line(f"d{n}", f"Letter {n} about coal.") for n in range(150)))
    store = tmp_path / "store"
    with Archive(Settings(store=store), Hashing(fail_from=fail_from)) as failing:
        with pytest.raises(EncoderError):
            failing.ingest([file])
        done = len(failing.documents())
        assert done == 64 * (fail_from - 1), "whole batches stay committed"
    encoder = Hashing()
    with Archive(Settings(store=store), encoder) as archive:
        report = archive.ingest([file])
        assert counts(report) == (150 - done, 0, done, 0, 0)
        assert encoder.encoded == 150 - done
        assert sound(archive)


def test_another_encoder_is_refused(tmp_path: Path, archive: Archive) -> None:
    (tmp_path / "a.txt").write_text("A note about coal.")
    archive.ingest([tmp_path / "a.txt"])
    archive.close()
    other = Archive(archive.settings, Hashing("other"))
    for use in (lambda: other.ingest([tmp_path]), lambda: other.search("coal")):
        with pytest.raises(StoreMismatch, match="other"):
            use()


def test_text_is_stored_code_point_for_code_point(tmp_path: Path, archive: Archive) -> None:
    text = "  Кафе\u0301 — «№ 5»\r\n\r\n\u00a0Ёлка e\u0301\u2009½ \n"
    (tmp_path / "a.jsonl").write_text(line("one", text), encoding="utf-8")
    archive.ingest([tmp_path / "a.jsonl"])
    shown = archive.show("one")
    assert shown.document.text == text
    assert all(p.text == text[p.start : p.end] for p in shown.passages)


def test_a_citation_names_the_page_of_a_pdf(tmp_path: Path, archive: Archive) -> None:
    """A bad file among the others is reported, and what is on a page is cited with it."""
    pages = [prose([f"Coal came on day {n}; the ship left on the day after it."]) for n in range(3)]
    (tmp_path / "b.pdf").write_bytes(pdf(pages, labels="0 << /S /D /St 41 >>"))
    (tmp_path / "a.pdf").write_bytes(pdf([[]]))
    (tmp_path / "c.xml").write_text("<TEI><text><p>Ice came.</p></text></TEI>")
    report = archive.ingest(tmp_path)
    assert counts(report) == (2, 0, 0, 0, 1)
    assert [Path(f.path).name for f in report.failures] == ["a.pdf"]
    (match,) = archive.verify("Coal came on day 1; the ship left").matches
    assert match.citation.page == "42"
    assert "p. 42" in match.citation.formatted["chicago"]
    assert [page["label"] for page in archive.show("b").to_dict()["pages"]] == ["41", "42", "43"]
    assert counts(archive.ingest(tmp_path)) == (0, 0, 2, 0, 1), "unchanged files are not read again"


def test_each_file_is_opened_once(tmp_path: Path, archive: Archive) -> None:
    """Whether it is new, changed, unchanged or faulty: by any way in which Python opens files."""
    letters = tmp_path / "letters"
    letters.mkdir()
    page = Path(__file__).parent / "readers/pages/harbour-full.txt"
    contents = {
        "page.txt": page.read_bytes(),
        "page.txt.meta.yaml": b"place: Lugansk\n",
        "note.md": "Записка о том, что уголь кончился.\n".encode("cp1251") * 3,
        "rows.jsonl": line("one", "Coal is short.").encode() + line("two", "Ice.").encode("utf-16"),
        "table.csv": "id,text\nthree,Лодка\n".encode("utf-16"),
        "bad.txt": b"one\x00two",
        "people.yaml": b"- name: A. Berg\n",
    }
    for name, content in contents.items():
        (letters / name).write_bytes(content)
    opened: Counter[str] = Counter()
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open":
            opened[str(arguments[0])] += 1

    sys.addaudithook(watch)  # for the rest of the process, so it has to be told when to stop
    try:
        for _ in range(2):
            opened.clear()
            archive.ingest([letters])
            assert {name: opened[str(letters / name)] for name in contents} == dict.fromkeys(
                contents, 1
            )
    finally:
        watching = False


def test_the_report_has_the_warnings_that_are_stored(tmp_path: Path, archive: Archive) -> None:
    """Those found in a document and those of copies, without reading a document again."""
    file = tmp_path / "a.jsonl"
    same = "The same order to send coal to the north, and to tell no one of it."
    file.write_text(line("one", same) + line("two", "Ice came.", date="1931", translator="AI"))
    report = archive.ingest([file])
    assert [(i, w.code) for i, w in report.warnings] == [
        ("one", "undated"),
        ("two", "machine_translation"),
    ]
    (tmp_path / "b.jsonl").write_text(line("three", same))
    report = archive.ingest([tmp_path])
    stored = {d.document_id: d.warnings for d in archive.documents()}
    assert [(i, w.code) for i, w in report.warnings] == [
        ("three", "undated"),
        ("three", "duplicate"),
    ]
    assert tuple(w for _, w in report.warnings) == stored["three"]
    assert [w.code for w in stored["one"]] == ["undated", "duplicate"], "not of this run"


def test_a_document_that_another_file_took_over_is_not_removed(
    tmp_path: Path, archive: Archive
) -> None:
    """An id that was freed may be another file's by the time its first file is read again."""
    (tmp_path / "z.jsonl").write_text(line("one", "Coal is short.") + line("two", "Ice."))
    archive.ingest([tmp_path])
    archive.remove(["one"])
    (tmp_path / "a.jsonl").write_text(line("one", "Bread is short."))
    (tmp_path / "z.jsonl").write_text(line("two", "Ice."))
    assert counts(archive.ingest([tmp_path])) == (1, 0, 1, 0, 0)
    assert {d.document_id: Path(d.path).name for d in archive.documents()} == {
        "one": "a.jsonl",
        "two": "z.jsonl",
    }


def test_a_file_that_cannot_be_opened_is_a_failure(
    tmp_path: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.txt", "b.txt", "people.yaml"):
        (tmp_path / name).write_text("- name: A. Berg\n")
    real = source.open_regular

    def refuse(path: Path) -> BufferedReader:
        if path.name != "b.txt":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(source, "open_regular", refuse)
    report = archive.ingest([tmp_path])
    assert counts(report) == (1, 0, 0, 0, 2)
    assert {Path(f.path).name for f in report.failures} == {"a.txt", "people.yaml"}
    assert {f.error for f in report.failures} == {
        "cannot be read: Permission denied; check its name and permissions"
    }


def test_progress_is_told(tmp_path: Path, archive: Archive) -> None:
    for n in range(3):
        (tmp_path / f"{n}.txt").write_text(f"Note {n} about coal.")
    told: list[tuple[int, int, int]] = []
    archive.ingest([tmp_path], progress=lambda *step: told.append(step))
    assert [step[:2] for step in told] == [(1, 3), (2, 3), (3, 3), (3, 3)]
    assert told[-1][2] == 3


def test_readers_go_on_while_the_same_archive_ingests(tmp_path: Path, archive: Archive) -> None:
    (tmp_path / "a.txt").write_text("A note about coal.")
    archive.ingest(str(tmp_path / "a.txt"))
    faults: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                archive.search("coal")
                archive.documents()
            except BaseException as fault:  # noqa: BLE001 - whatever it is, the test tells
                faults.append(fault)
                return

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(3):
        (tmp_path / f"b{n}.txt").write_text(f"Note {n} about ice.")
        archive.ingest([tmp_path / f"b{n}.txt"])
    stop.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(archive.search("ice", k=9).hits) == 4


def test_a_second_writer_is_refused_before_the_encoder_is_loaded(
    tmp_path: Path, archive: Archive
) -> None:
    (tmp_path / "a.txt").write_text("A note about coal.")
    archive.ingest([tmp_path / "a.txt"])
    second = Archive(archive.settings)
    with (
        IndexStore.open(archive.settings.directory, write=True),
        pytest.raises(StoreLocked, match="being written to by"),
    ):
        second.ingest([tmp_path])
    assert second._encoder is None


def test_an_id_too_long_to_be_looked_up_fails_its_line_alone(
    tmp_path: Path, archive: Archive
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(line("one", "Coal is short.") + line("x" * 2_590, "Bread is short."))
    report = archive.ingest([file])
    assert counts(report) == (1, 0, 0, 0, 1)
    assert "shorter name" in report.failures[0].error
    assert sound(archive)
