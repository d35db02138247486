"""Pages drawn as pictures, and the need for a real Tesseract."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont

LETTER = (
    "The harbour froze in January, and the coal",
    "ship Aurora waited for three weeks outside.",
    "Captain Moor writes that bread is short.",
)
ПИСЬМО = (
    "В январе гавань замёрзла, и пароход с углем",
    "три недели стоял на рейде перед городом.",
    "Капитан пишет, что хлеба осталось мало.",
)


def need_tesseract() -> None:
    """Without Tesseract the test is skipped, in CI it fails."""
    if shutil.which("tesseract") is None:
        reason = "no tesseract on the PATH"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


def drawn(lines: Sequence[str], size: tuple[int, int] = (1240, 900)) -> Image.Image:
    """Lines of black letters on white, in a size as of type at 200 dpi."""
    page = Image.new("L", size, 255)
    font = ImageFont.truetype("DejaVuSerif.ttf", 34)
    for number, line in enumerate(lines):
        ImageDraw.Draw(page).text((120, 120 + 56 * number), line, font=font, fill=0)
    return page


def picture_pdf(path: Path, pages: Sequence[Image.Image | bytes]) -> Path:
    """A PDF with these pages, each a picture or the bytes of a PDF."""
    with pypdfium2.PdfDocument.new() as whole:
        for number, page in enumerate(pages):
            part = path.with_name(f"{path.stem}-{number}.part")
            if isinstance(page, bytes):
                part.write_bytes(page)
            else:
                page.save(part, "PDF", resolution=200)
            with pypdfium2.PdfDocument(part) as one:
                whole.import_pages(one)
            part.unlink()
        whole.save(path)
    return path
