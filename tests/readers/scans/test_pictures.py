"""Pictures of pages, made in the child process: sizes, orientation, kinds, hostile files."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from rag.errors import ReadError
from rag.readers.sandbox import ParserSandbox
from tests.kits.pdf_kit import pdf, prose
from tests.kits.scan_kit import LETTER, drawn, picture_pdf

WIDTHS = (200, 800)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures in gray, from 0 to 255, seen from afar."""
    small = [image.convert("L").resize((40, 30), Image.Resampling.BOX) for image in (one, other)]
    pairs = zip(small[0].tobytes(), small[1].tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / 1200


def save(path: Path, page: Image.Image) -> None:
    """The page as a file of the kind that the name says, turned where its EXIF turns it back."""
    exif = Image.Exif()
    if "turned" in path.name:
        exif[0x0112] = 6
        page = page.rotate(90, expand=True)
    modes = {"bilevel": "1", "colour": "RGB", "palette": "P", "cmyk": "CMYK", "deep": "I;16"}
    mode = next((m for name, m in modes.items() if name in path.name), page.mode)
    if mode == "I;16":
        page = page.convert("I").point(lambda value: value * 257)
    page = page.convert(mode)
    more = {"compression": "group4"} if mode == "1" and path.suffix == ".tif" else {}
    page.save(path, exif=exif, **more)


@pytest.mark.parametrize(
    "name",
    [
        *("gray.png", "bilevel.png", "palette.png", "deep.png", "turned.png", "colour.jpg"),
        *("turned-colour.jpg", "cmyk.jpg", "bilevel.tif", "turned-bilevel.tif", "colour.jp2"),
    ],
)
def test_every_kind_of_image_is_shown_upright(
    tmp_path: Path, sandbox: ParserSandbox, name: str
) -> None:
    page, path = drawn(LETTER), tmp_path / name
    save(path, page)
    assert sandbox.frames(path) == [(1240.0, 900.0, "turned" in name and path.suffix != ".tif")]
    small, large = (opened(data) for data in sandbox.pictures(path, 0, WIDTHS))
    assert (small.size, large.size) == ((200, 145), (800, 581))
    assert large.format == ("PNG" if "bilevel" in name else "JPEG")
    assert difference(large, page) < 2
    scan = sandbox.scan(path, 0)
    seen = Image.frombytes("L", (scan.width, scan.height), scan.pixels)
    assert seen.size == (2480, 1800), "small letters are made larger"
    assert difference(seen, page) < 2


def test_pictures_are_never_larger_than_the_source(tmp_path: Path, sandbox: ParserSandbox) -> None:
    path = tmp_path / "a.png"
    drawn(LETTER).convert("1").save(path)
    small, large = (opened(data) for data in sandbox.pictures(path, 0, (300, 5000)))
    assert (small.width, large.size, large.mode) == (300, (1240, 900), "1")


def test_the_pages_of_a_tiff_without_thumbnails(tmp_path: Path, sandbox: ParserSandbox) -> None:
    path = tmp_path / "a.tif"
    pages = [drawn(LETTER[:1]), drawn(LETTER, (1000, 700)).resize((100, 70)), drawn(LETTER[1:])]
    pages[1].encoderinfo = {"tiffinfo": {254: 1}}  # a smaller copy of another picture
    pages[0].save(path, save_all=True, append_images=pages[1:])
    assert sandbox.frames(path) == [(1240.0, 900.0, False)] * 2
    assert difference(opened(sandbox.pictures(path, 1, WIDTHS)[1]), pages[2]) < 2
    with pytest.raises(ReadError, match="no page 3"):
        sandbox.pictures(path, 2, WIDTHS)


def test_fine_scans_are_recognised_at_300_dpi(tmp_path: Path, sandbox: ParserSandbox) -> None:
    path = tmp_path / "a.tif"
    Image.new("1", (4960, 7016), 1).save(path, dpi=(600, 600), compression="group4")
    scan = sandbox.scan(path, 0)
    assert (scan.width, scan.height, scan.dpi) == (2480, 3508, 300)


def test_pages_of_a_pdf(tmp_path: Path, sandbox: ParserSandbox) -> None:
    page = drawn(LETTER)
    path = picture_pdf(tmp_path / "a.pdf", [pdf([prose(LETTER)]), page])
    assert sandbox.frames(path)[0] == (595.0, 842.0, False)
    small, large = (opened(data) for data in sandbox.pictures(path, 1, WIDTHS))
    assert (small.width, large.width) == WIDTHS
    assert difference(large, page) < 2
    scan = sandbox.scan(path, 1)
    assert scan.dpi == 300 and abs(scan.width - 1860) <= 1


def huge(path: Path) -> None:
    Image.new("1", (30_000, 30_000)).save(
        path, **({"compression": "group4"} if "tif" in path.suffix else {})
    )


def cut(path: Path) -> None:
    """The first half of a file."""
    page = drawn(LETTER)
    page.save(path, **({"compression": "tiff_lzw"} if path.suffix == ".tif" else {}))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize(
    ("make", "name", "cause"),
    [
        (huge, "huge.png", "30,000 × 30,000 pixels; at most 150,000,000 are read"),
        (huge, "huge.tif", "30,000 × 30,000 pixels; at most 150,000,000 are read"),
        (cut, "cut.png", "damaged or cut off; copy the file again"),
        (cut, "cut.jpg", "damaged or cut off; copy the file again"),
        (cut, "cut.tif", "damaged or cut off; copy the file again"),
        (cut, "cut.jp2", "damaged or cut off; copy the file again"),
    ],
)
def test_hostile_images(
    tmp_path: Path, sandbox: ParserSandbox, make: object, name: str, cause: str
) -> None:
    """The cause is told, and the same child shows the next picture."""
    assert callable(make)
    make(tmp_path / name)
    drawn(LETTER).save(tmp_path / "good.png")
    for ask in (
        lambda path: sandbox.pictures(path, 0, WIDTHS),
        lambda path: sandbox.scan(path, 0),
    ):
        with pytest.raises(ReadError) as raised:
            ask(tmp_path / name)
        assert cause in raised.value.error
        child = sandbox._child
        assert sandbox.pictures(tmp_path / "good.png", 0, WIDTHS)
        assert sandbox._child is child


@pytest.mark.parametrize("size", [(1, 1), (1, 100_000), (100_000, 3)])
def test_odd_sizes(tmp_path: Path, sandbox: ParserSandbox, size: tuple[int, int]) -> None:
    Image.new("L", size, 128).save(tmp_path / "a.png")
    shown = [opened(data) for data in sandbox.pictures(tmp_path / "a.png", 0, WIDTHS)]
    assert all(
        picture.width <= min(width, size[0]) for picture, width in zip(shown, WIDTHS, strict=True)
    )
    assert sandbox.scan(tmp_path / "a.png", 0).pixels


def test_a_picture_that_takes_too_long_is_to_be_saved_smaller(tmp_path: Path) -> None:
    drawn(LETTER).save(tmp_path / "a.png")
    with (
        ParserSandbox(seconds=0.01) as slow,
        pytest.raises(ReadError, match="save its pages small"),
    ):
        slow.pictures(tmp_path / "a.png", 0, WIDTHS)
