"""Layouts and pictures: stored whole, checked, swept, backed up, and told of when damaged."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index_store.catalogue import layout_rows
from index_store.catalogue.layouts import (
    WordColumns,
    layout_sha256,
    packed,
    unpacked_pages,
)
from index_store.catalogue.reading import Catalogue
from index_store.errors import NotStored, StoreCorrupt, StoreError
from index_store.layout import Layout, Page, WordBox
from index_store.maintenance import doctor
from index_store.maintenance.backup import backup, restore
from index_store.maintenance.picture_backup import Lacking
from index_store.pictures import Pictures, StoredPicture, picture_name
from index_store.store import Entry, IndexStore
from index_store.types import DocumentWarning
from tests.kits.store_kit import IDENTITY, ROOT, letter

SMALL, LARGE = b"\xff\xd8\xffsmall", b"\xff\xd8\xfflarge"
NAME, OTHER = picture_name(b"a scan", 0), picture_name(b"a scan", 1)
LAYOUT = Layout(
    (Page("i", 600, 900, "scans/1.tif", 0, NAME), Page("2 об.", 600, 900, "scans/1.tif", 1)),
    (
        WordBox(0, 5, 0, 0.1, 0.2, 0.3, 0.05, 0.75),
        WordBox(6, 9, 0, 0.5, 0.2, 0.1, 0.05),
        WordBox(9, 12, 1, 0.1, 0.1, 0.1, 0.05, 1.0),
    ),
)


def paged(number: int, layout: Layout | None = LAYOUT) -> Entry:
    entry = letter(number)
    return replace(entry, document=replace(entry.document, layout=layout))


def opened(directory: Path) -> IndexStore:
    return IndexStore.open(directory, write=True, encoder=IDENTITY)


def files(directory: Path) -> set[str]:
    return {path.name for path in directory.glob("pictures/*/*")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("made")
    with opened(directory) as store:
        store.add_picture(NAME, SMALL, LARGE)
        store.put([paged(0), letter(1)])
    return directory


@pytest.fixture
def directory(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "store")
    return tmp_path / "store"


SHARES = st.floats(0, 0.5)
BOXES = st.tuples(SHARES, SHARES, SHARES, SHARES)


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    pages = draw(st.lists(st.builds(Page, st.text(), SHARES, SHARES, st.text(), st.integers(0, 9))))
    lengths = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 70_000)))) if pages else []
    words, at = [], 0
    for gap, length in lengths:
        page, (x, y, width, height) = draw(st.integers(0, len(pages) - 1)), draw(BOXES)
        sure = draw(st.none() | st.floats(0, 1))
        words.append(WordBox(at + gap, at + gap + length, page, x, y, width, height, sure))
        at += gap + length
    return Layout(tuple(pages), tuple(words))


@given(layouts(), st.tuples(st.integers(0, 200_000), st.integers(0, 200_000)))
def test_a_layout_is_read_as_it_was_written(layout: Layout, span: tuple[int, int]) -> None:
    """Boxes and confidences up to a step, all else exactly; a part is that of the whole."""
    pages, words = packed(layout)
    assert unpacked_pages(pages) == layout.pages
    columns = WordColumns.of(words)
    whole = columns.between()
    for a, b in zip(layout.words, whole, strict=True):
        assert (a.start, a.end, a.page) == (b.start, b.end, b.page)
        for one, other in zip(
            (a.x, a.y, a.width, a.height), (b.x, b.y, b.width, b.height), strict=True
        ):
            assert abs(one - other) <= 1.01 / 65_535
        assert b.x + b.width <= 1 and b.y + b.height <= 1
        assert (a.confidence is None) == (b.confidence is None)
        assert abs((a.confidence or 0) - (b.confidence or 0)) <= 0.5 / 250 + 1e-9
    read = Layout(layout.pages, whole)
    part = read.between(*span)
    assert columns.between(*span) == part
    firsts = {word.page: word for word in reversed(part)}
    assert columns.between(*span, below=0.6) == tuple(
        w for w in part if firsts[w.page] is w or (w.confidence is not None and w.confidence < 0.6)
    )
    assert layout_sha256(read) == layout_sha256(replace(layout, words=read.words))


def test_a_document_keeps_its_layout(directory: Path) -> None:
    with opened(directory) as store:
        document = store.document("d0")
        assert document.layout is None and store.document("d1").layout is None
        layout = store.layout("d0")
        assert layout is not None and layout.pages == LAYOUT.pages == store.pages("d0")
        assert [(w.start, w.end, w.page, w.confidence) for w in layout.words] == [
            (0, 5, 0, 0.752), (6, 9, 0, None), (9, 12, 1, 1.0),
        ]  # fmt: skip
        assert store.layout("d1") is None and store.pages("d1") == ()
        with pytest.raises(NotStored, match="d9"):
            store.layout("d9")
        parts = store.layouts_of(document, [(7, 12), (300, 400)])
        assert parts is not None and [len(part.words) for part in parts] == [2, 0]
        assert store.layouts_of(replace(document, sha256="old"), [(0, 9)]) is None
        store.set_warnings({"d0": (DocumentWarning("undated", "no date"),)})
        assert store.layout("d0") == layout
        info = store.info()
        assert info["pages"] == 2
        assert info["bytes"]["pictures"] == len(SMALL + LARGE)
        store.put([letter(0)])
        assert store.layout("d0") is None and "pages" not in store.info()


def test_a_layout_is_unpacked_once_and_anew_when_it_changes(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked: list[bytes] = []

    def counted(blob: bytes) -> tuple[Page, ...]:
        unpacked.append(blob)
        return unpacked_pages(blob)

    monkeypatch.setattr(layout_rows, "unpacked_pages", counted)
    with IndexStore.open(directory) as reader, opened(directory) as store:
        document = reader.document("d0")
        for _ in range(3):
            assert reader.layouts_of(document, [(0, 9)]) and reader.pages("d0") == LAYOUT.pages
        assert len(unpacked) == 1
        other = replace(LAYOUT, pages=(replace(LAYOUT.pages[0], label="v"), LAYOUT.pages[1]))
        store.put([paged(0, other)])
        layout = reader.layout("d0")
        assert layout is not None and layout.pages[0].label == "v"
        store._writer().drop_pictures([NAME])
        assert reader.pages("d0")[0].picture is None
        monkeypatch.setattr(layout_rows, "_MAX_KEPT", 22)  # each has 3 words and 2 pages
        store.put([paged(2, replace(LAYOUT, pages=(Page("1", 6, 9), Page("2", 6, 9))))])
        assert reader.layout("d2") and reader.layout("d0") and len(reader._catalogue._unpacked) == 0


BAD: dict[str, tuple[Layout, str]] = {
    "beyond the text": (replace(LAYOUT, words=(WordBox(0, 9999, 0, 0, 0, 1, 1),)), "outside the"),
    "in disorder": (replace(LAYOUT, words=LAYOUT.words[::-1]), "behind the box before"),
    "an unknown page": (replace(LAYOUT, words=(WordBox(0, 5, 2, 0, 0, 1, 1),)), "page 2"),
    "off the page": (replace(LAYOUT, words=(WordBox(0, 5, 0, 0.9, 0, 0.2, 1),)), "leaves its page"),
    "no number": (replace(LAYOUT, words=(WordBox(0, 5, 0, float("nan"), 0, 0, 0),)), "leaves its"),
    "no size": (replace(LAYOUT, pages=(Page("1", 0, 9),)), "no size"),
    "a path for a picture": (Layout((Page("1", 6, 9, picture="../x"),), ()), "impossible"),
    "a picture not added": (Layout((Page("1", 6, 9, picture=OTHER),), ()), "not added"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_does_not_fit_is_refused(case: str, directory: Path) -> None:
    layout, message = BAD[case]
    with opened(directory) as store:
        with pytest.raises(StoreError, match=message):
            store.put([paged(2, layout)])
        assert store.holder("d2") is None


def test_an_older_store_has_no_layouts_until_its_next_writer(directory: Path) -> None:
    with closing(sqlite3.connect(directory / "catalogue.sqlite3")) as connection:
        connection.executescript("DROP TABLE layouts; DROP TABLE pictures;")
    with IndexStore.open(directory) as store:
        assert store.layout("d0") is None and store.pages("d0") == ()
        with pytest.raises(NotStored):
            store.picture(NAME)
    with opened(directory) as store:
        store.add_picture(NAME, SMALL, LARGE)
        store.put([paged(0)])
        assert store.pages("d0") == LAYOUT.pages
    assert doctor.repair(directory).sound


def test_pictures_are_read_in_both_sizes_and_by_no_other_name(directory: Path) -> None:
    with IndexStore.open(directory) as store:
        assert (store.picture(NAME), store.picture(NAME, large=True)) == (SMALL, LARGE)
        for name in (OTHER, "../" + NAME, NAME.upper(), NAME + "\n", "", "\0"):
            with pytest.raises(NotStored):
                store.picture(name)
    with opened(directory) as store, pytest.raises(StoreError, match="neither JPEG nor PNG"):
        store.add_picture(OTHER, b"GIF8", b"GIF8")


def test_pictures_that_no_document_names_are_swept(directory: Path) -> None:
    with opened(directory) as store:
        store.add_picture(OTHER, SMALL, LARGE)
        assert store.has_picture(OTHER)
        assert store.sweep_pictures() == 2 and not store.has_picture(OTHER)
        store.put([paged(3)])  # which has the picture of d0, too
        store.delete(["d0"])
        assert store.sweep_pictures() == 0 and store.picture(NAME) == SMALL
        store.delete(["d3"])
        assert store.sweep_pictures() == 2
    assert files(directory) == set()


KILLED = """
import os, sys
from pathlib import Path
from index_store.store import IndexStore
from tests.index_store.test_pages import LARGE, OTHER, SMALL, opened
store = opened(Path(sys.argv[1]))
store.add_picture(OTHER, SMALL, LARGE)
Path(sys.argv[1], "pictures", OTHER[:2], "half.jpg.new").write_bytes(b"half")
os._exit(9)
"""


def test_killed_between_picture_and_commit_the_store_is_sound(directory: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(directory)], cwd=ROOT, check=False)
    assert done.returncode == 9 and len(files(directory)) == 5
    report = doctor.check(directory)
    assert not [p for p in report.problems if p.code.startswith(("picture", "layout"))]
    with opened(directory) as store:
        assert not store.has_picture(OTHER), "a leftover is not relied on"
        assert store.has_picture(NAME)
    assert doctor.repair(directory).sound
    assert files(directory) == {f"{NAME}.jpg", f"{NAME}.large.jpg"}


def damage(directory: Path, size: str) -> None:
    path = directory / "pictures" / NAME[:2] / f"{NAME}{size}.jpg"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")


DAMAGE: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "missing": (lambda d: shutil.rmtree(d / "pictures"), "picture_missing", "is missing"),
    "damaged": (lambda d: damage(d, ""), "picture_damaged", "is damaged"),
    "large one damaged": (lambda d: damage(d, ".large"), "picture_damaged", "is damaged"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_the_doctor_tells_of_pictures_and_ingesting_again_mends_them(
    case: str, directory: Path
) -> None:
    harm, code, said = DAMAGE[case]
    harm(directory)
    (problem,) = doctor.check(directory).problems
    assert problem.what.startswith("1 picture of a page is ")
    assert problem.code == code and "d0" in problem.what and "letters/d0.txt" in problem.repair
    with IndexStore.open(directory) as store, pytest.raises(StoreCorrupt, match=said):
        store.picture(NAME, large=case.startswith("large"))
    after = doctor.repair(directory)
    assert after.archive_intact
    assert [problem.code for problem in after.problems] == ["picture_missing"]
    with opened(directory) as store:
        assert not store.has_picture(NAME)
        store.add_picture(NAME, SMALL, LARGE)
        store.put([paged(0)])
    assert doctor.check(directory).sound


def test_a_damaged_layout_is_told(directory: Path) -> None:
    with closing(sqlite3.connect(directory / "catalogue.sqlite3")) as connection:
        connection.execute("UPDATE layouts SET words = zeroblob(9)")
        connection.commit()
    codes = {problem.code for problem in doctor.check(directory).problems}
    assert codes == {"layout_damaged", "catalogue_changed"}
    with IndexStore.open(directory) as store:
        assert store.document("d0").text == letter(0).document.text
        with pytest.raises(StoreCorrupt, match="d0"):
            store.layout("d0")


def test_a_backup_has_the_pictures_unless_they_are_left_out(made: Path, tmp_path: Path) -> None:
    backup(made, tmp_path / "with.zip")
    backup(made, tmp_path / "without.zip", pictures=False)
    for name, picture in (("with", NAME), ("without", None)):
        restore(tmp_path / f"{name}.zip", tmp_path / name)
        assert doctor.check(tmp_path / name).sound
        with IndexStore.open(tmp_path / name) as store:
            assert store.pages("d0")[0].picture == picture
            if picture:
                assert store.picture(picture, large=True) == LARGE
    assert files(tmp_path / "without") == set()


LEFT_OUT: dict[str, Callable[[Path], object]] = {
    **{name: harm for name, (harm, _, _) in DAMAGE.items()},
    "empty": lambda d: (d / "pictures" / NAME[:2] / f"{NAME}.jpg").write_bytes(b""),
}


def restored_without_picture(copy: Path, directory: Path) -> Lacking:
    lacking = restore(copy, directory)
    with IndexStore.open(directory) as store:
        assert store.pages("d0")[0].picture is None and store.document("d1").text
    assert doctor.check(directory).sound
    return lacking


@pytest.mark.parametrize("case", LEFT_OUT)
def test_a_bad_picture_is_told_and_its_backup_can_be_restored(
    case: str, directory: Path, tmp_path: Path
) -> None:
    LEFT_OUT[case](directory)
    told = backup(directory, tmp_path / "copy.zip")
    assert (told.pictures, told.documents) == (1, ("d0",)) and "letters/d0.txt" in str(told)
    assert not [n for n in zipfile.ZipFile(tmp_path / "copy.zip").namelist() if NAME in n]
    assert restored_without_picture(tmp_path / "copy.zip", tmp_path / "new") == told


@pytest.mark.parametrize("bad_sum", [False, True], ids=["forged", "a flipped bit"])
def test_a_picture_damaged_in_the_backup_is_left_out(
    bad_sum: bool, made: Path, tmp_path: Path
) -> None:
    assert backup(made, tmp_path / "copy.zip") == Lacking()
    data = (tmp_path / "copy.zip").read_bytes()
    (tmp_path / "bad.zip").write_bytes(data.replace(LARGE, LARGE[:-1] + b"f"))
    if not bad_sum:
        with zipfile.ZipFile(tmp_path / "copy.zip") as whole:
            content = {name: whole.read(name) for name in whole.namelist()}
        with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
            for name, data in content.items():
                archive.writestr(name, data[:-1] + b"f" if name.endswith(".large.jpg") else data)
    assert restored_without_picture(tmp_path / "bad.zip", tmp_path / "new").documents == ("d0",)


def test_a_picture_changed_during_a_backup_makes_it_begin_again(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, new = Pictures.file, SMALL + b"er"

    def file(self: Pictures, name: str, large: bool) -> Path | None:
        monkeypatch.undo()
        with opened(directory) as store:
            store.add_picture(NAME, new, LARGE)
            store.put([paged(0)])
        return real(self, name, large)

    monkeypatch.setattr(Pictures, "file", file)
    assert backup(directory, tmp_path / "copy.zip") == Lacking()
    restore(tmp_path / "copy.zip", tmp_path / "new")
    with IndexStore.open(tmp_path / "new") as store:
        assert store.picture(NAME) == new


def test_a_backup_asks_for_the_pictures_once(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [picture_name(b"many", n) for n in range(20)]
    with opened(directory) as store:
        for name in names:
            store.add_picture(name, SMALL, LARGE)
        pages = tuple(replace(LAYOUT.pages[0], picture=name) for name in names)
        store.put([paged(2, Layout(pages, ()))])
    shutil.rmtree(directory / "pictures")
    asked, real = [], Catalogue.pictures

    def pictures(self: Catalogue, name: str | None = None) -> dict[str, StoredPicture]:
        asked.append(name)
        return real(self, name)

    monkeypatch.setattr(Catalogue, "pictures", pictures)
    assert backup(directory, tmp_path / "copy.zip").pictures == 21
    assert len(asked) == 2


def test_sizes_are_told_while_files_go_away(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = directory / "pictures" / NAME[:2] / f"{NAME}.jpg"
    gone.with_name("half.jpg.new").write_bytes(b"half")
    (directory / "readings").mkdir()
    (directory / "readings" / "gone.json.part").write_bytes(b"half")
    real = Path.is_file

    def is_file(self: Path) -> bool:
        found = real(self)
        if self == gone or self.suffix == ".part":
            self.unlink(missing_ok=True)  # between the look and the question for its size
        return found

    monkeypatch.setattr(Path, "is_file", is_file)
    with IndexStore.open(directory) as store:
        assert store.info()["bytes"]["pictures"] == len(LARGE)


def test_a_full_disk_leaves_the_old_picture(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with opened(directory) as store:
        with pytest.raises(StoreError, match="make room"):
            store.add_picture(NAME, LARGE, LARGE)
        monkeypatch.undo()
        assert store.picture(NAME) == SMALL and store.has_picture(NAME)
        store.sweep_pictures()
    assert files(directory) == {f"{NAME}.jpg", f"{NAME}.large.jpg"}
