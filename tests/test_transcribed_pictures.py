"""Pictures that lie beside a transcription: turned as the page that was read, mended later."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from rag import Archive
from rag.page_pictures import CODE, SHAPE_CODE
from rag.settings import Settings
from tests.kits.hashing import HashingEncoder
from tests.readers.scans.written import HEIGHT, WIDTH, alto, sheet


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    (tmp_path / "letters").mkdir()
    path = tmp_path / "letters" / "a.xml"
    path.write_text(alto([sheet(["The harbour froze in January."])], image="a.jpg"))
    with Archive(Settings(store=tmp_path / "store"), HashingEncoder(dimension=16)) as opened:
        yield opened


def shown(archive: Archive) -> tuple[tuple[int, int], dict[str, str]]:
    """The size of the picture of the page, and what is told of pictures, by code."""
    (page,) = archive.pages("a")
    size = (0, 0)
    if page.picture:
        size = Image.open(io.BytesIO(archive.picture(page.picture, large=True))).size
    warnings = archive.show("a").document.warnings
    return size, {w.code: w.message for w in warnings if w.code in (CODE, SHAPE_CODE)}


def save(tmp_path: Path, size: tuple[int, int], orientation: int = 1) -> Path:
    path = tmp_path / "letters" / "a.jpg"
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.effect_noise(size, 50).save(path, exif=exif)
    return path


@pytest.mark.parametrize("lies", [True, False])
def test_a_picture_is_turned_as_the_page_that_was_read(
    archive: Archive, tmp_path: Path, lies: bool
) -> None:
    """Some programs turn it as its EXIF orientation says, and some read it as it lies."""
    upright = (WIDTH // 2, HEIGHT // 2)
    save(tmp_path, upright if lies else upright[::-1], orientation=6)
    archive.ingest(tmp_path / "letters")
    size, told = shown(archive)
    assert size == upright and not told
    assert archive.search("harbour").hits[0].regions
    report = archive.ingest(tmp_path / "letters")
    assert (report.updated, report.unchanged) == (0, 1)


def test_nothing_is_marked_on_a_picture_of_another_shape(archive: Archive, tmp_path: Path) -> None:
    save(tmp_path, (WIDTH // 2, HEIGHT // 4))
    archive.ingest(tmp_path / "letters")
    size, told = shown(archive)
    assert size == (WIDTH // 2, HEIGHT // 4)
    assert told[SHAPE_CODE].startswith(
        "no words are marked on page 1: its picture has another shape"
    )
    assert not archive.search("harbour").hits[0].regions
    save(tmp_path, (WIDTH // 2, HEIGHT // 2))
    assert archive.ingest(tmp_path / "letters").updated == 1
    assert not shown(archive)[1]
    assert archive.search("harbour").hits[0].regions


def test_a_damaged_picture_is_shown_when_it_is_mended(archive: Archive, tmp_path: Path) -> None:
    path = save(tmp_path, (WIDTH // 2, HEIGHT // 2))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    archive.ingest(tmp_path / "letters")
    assert list(shown(archive)[1]) == [CODE]
    assert archive.ingest(tmp_path / "letters").unchanged == 1, "it is not tried for nothing"
    path.write_bytes(whole)
    assert archive.ingest(tmp_path / "letters").updated == 1
    size, told = shown(archive)
    assert size == (WIDTH // 2, HEIGHT // 2) and not told
