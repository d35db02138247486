"""PDF files made by hand: lines of text at given places, in a font that tells its letters.

The font has no glyphs and one width; bytes are cp1251, and a ToUnicode map says so.
"""

from __future__ import annotations

from collections.abc import Sequence

Placed = tuple[float, float, str]
"""Left edge and base line in points from the lower left corner, and the words."""

SIZE, LEADING, LEFT, TOP = 10, 14, 72.0, 740.0
WIDTH = 0.5  # of the size, each character


def prose(*paragraphs: Sequence[str], top: float = TOP) -> list[Placed]:
    """Paragraphs of printed lines, the first of each indented."""
    placed: list[Placed] = []
    for lines in paragraphs:
        for n, line in enumerate(lines):
            placed.append((LEFT + (15 if n == 0 else 0), top - LEADING * len(placed), line))
    return placed


def pdf(
    pages: Sequence[Sequence[Placed]],
    title: str = "",
    labels: str = "",
    unicode_map: bool = True,
    more: Sequence[bytes] = (),
    box: str = "/MediaBox [0 0 595 842]",
    matrix: str = "1 0 0 1 0 0",
) -> bytes:
    """A PDF file; `labels` is the array of its page labels, `more` are further objects.

    `box` has the entries of each page that say its size, and how it is cut and turned; `matrix`
    turns and moves what is written on it.
    """
    first = 4 + len(more)
    numbers = [first + 2 * n for n in range(len(pages))]
    kids = " ".join(f"{n} 0 R" for n in numbers)
    names = f"/PageLabels << /Nums [{labels}] >>" if labels else ""
    tell = " /ToUnicode 3 0 R" if unicode_map else ""
    widths = " ".join([str(int(WIDTH * 1000))] * 224)
    font = (
        "<< /Type /Font /Subtype /TrueType /BaseFont /Invented /FirstChar 32 /LastChar 255"
        f" /Widths [{widths}] /FontDescriptor << /Type /FontDescriptor /FontName /Invented"
        " /Flags 4 /FontBBox [0 -200 500 800] /ItalicAngle 0 /Ascent 800 /Descent -200"
        f" /CapHeight 700 /StemV 80 >>{tell} >>"
    )
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {names} >>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        _stream(_to_unicode()),
        *more,
    ]
    for number, page in zip(numbers, pages, strict=True):
        objects.append(
            (
                f"<< /Type /Page /Parent 2 0 R {box} /Contents {number + 1} 0 R"
                f" /Resources << /Font << /F1 {font} >> >> >>"
            ).encode()
        )
        objects.append(_stream(b"\n".join([f"{matrix} cm".encode(), *map(_shown, page)])))
    information = f"<< /Title <{title.encode('utf-16').hex()}> >>" if title else "<< >>"
    return _file([*objects, information.encode()])


def _shown(placed: Placed) -> bytes:
    x, y, words = placed
    return f"BT /F1 {SIZE} Tf {x} {y} Td <{words.encode('cp1251').hex()}> Tj ET".encode()


def _stream(data: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)


def _to_unicode() -> bytes:
    pairs = [(b, bytes([b]).decode("cp1251", "ignore")) for b in range(32, 256)]
    lines = [f"<{b:02x}> <{ord(c):04x}>" for b, c in pairs if c]
    chunks = (lines[i : i + 100] for i in range(0, len(lines), 100))
    maps = "\n".join(
        f"{len(c)} beginbfchar\n{chr(10).join(c)}\nendbfchar" for c in map(list, chunks)
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Own def"
        " /CMapType 2 def 1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{maps}\nendcmap end end"
    ).encode()


def _file(objects: Sequence[bytes]) -> bytes:
    out, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (size, len(objects))
        + b"startxref\n%d\n%%%%EOF\n" % len(out)
    )
