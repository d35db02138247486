"""Draws the pages of the sample archive: a typed letter, a scan and a page of a keeper's book.

    python -m samples.draw_pages FONT FOLDER

FONT is a typewriter-like TrueType font with Cyrillic letters, such as DejaVu Sans Mono. The letter
is a PDF with text. The scan is drawn, turned and made noisy; its reading, which lies beside it, was
made by Tesseract. The book's page is a picture with its transcription in PAGE-XML.

Everything that the pages say is invented.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

LETTER = (
    """PELL & GARROW
Chronometer and Instrument Makers
17 Quay Lane, London

3 June 1934

To the Northern Hydrographic Trust, Ledogorsk

Dear Madam,

We have to-day put on board the steamer Thornbury, for your account,
the self-recording tide gauge No. 58, in three cases. The first holds
the clock and the drum, the second the float with forty feet of copper
wire, the third two hundred sheets of ruled paper and four bottles of
violet ink.

The clock goes for eight days and is to be wound on Mondays. The wire
must on no account be greased: in the cold the grease stiffens, and the
float hangs above the water. We have had this complaint from your neigh-
bours, and could only answer that the gauge was right and the grease
was wrong.

The price is one hundred and twelve pounds, of which you have paid
fifty in advance. We ask for the remainder within ninety days of the
arrival of the cases.""",
    """You ask whether the drum may be trusted to a keeper who has no schooling.
It may. He need only write the hour in the margin whenever he changes
the sheet. We advise you to keep also what he writes in words, for a
gauge draws the height of the water and never says why it is so.

We remain, Madam,
your obedient servants,

Pell & Garrow""",
)

REPORT = """Директору Северного
гидрографического треста
А. П. Тверезову

ДОКЛАДНАЯ ЗАПИСКА

Мареограф № 58 поставлен 11 июля на старой свае
у Угольного причала. Сторожем при нём назначен Фома
Кузьмич Ладонин, бывший паромщик. Грамоте он обучен,
жалованья просит тридцать два рубля в месяц.

Первая неделя показала, что вода у причала
поднимается на девять сантиметров выше, чем стоит
в наших таблицах. Причину я вижу в засыпанном рукаве
реки: воде некуда уйти. Прошу до осени таблиц
не перепечатывать.

Чернила, присланные из Лондона, на холоде густеют.
Сторож разводит их чаем, и линия видна хорошо.

19 июля 1934 г.                    В. Лотвинцева"""

BOOK = (
    ("heading", ("Книга сторожа при мареографе",)),
    (
        "paragraph",
        (
            "3 сентября 1934 г. Лист сменил в восемь часов утра.",
            "Вода ровная, ветер с берега.",
        ),
    ),
    (
        "paragraph",
        (
            "10 сентября. Лист сменил в восемь. Ночью буксир",
            "задел сваю, и поплавок сорвало с крючка, а он пла-",
            "вал два часа. Линии за это время нет, а вода была.",
        ),
    ),
    (
        "paragraph",
        (
            "17 сентября. Лист сменил в девять: ходил к доктору.",
            "Доктор спросил, высоко ли поднимается вода.",
        ),
    ),
    (
        "paragraph",
        (
            "24 сентября. Вода ушла ниже нижней риски, поплавок",
            "лёг на ил и лежал до полудня.",
        ),
    ),
    ("marginalia", ("Велено риску", "опустить", "на 30 см.")),
)

_PAGE = (1240, 1754)  # A4 at 150 dots an inch
_PAGE_XML = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"


def letter() -> bytes:
    """A PDF of two pages, typed in Courier, which every reader of PDF has."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [4 0 R 6 0 R] /Count 2 >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for n, page in enumerate(LETTER):
        lines = [_pdf_string(line) for line in page.split("\n")]
        content = b"BT /F1 11 Tf 15 TL 62 770 Td " + b" T* ".join(line + b" Tj" for line in lines)
        content += b" ET"
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % (5 + 2 * n),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(out))
    )


def _pdf_string(line: str) -> bytes:
    escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return b"(" + escaped.encode("cp1252") + b")"


def scan(font: Path) -> Image.Image:
    """The typed report as a scanner sees it: a little askew, grey and spotted."""
    page = Image.new("L", _PAGE, 236)
    draw = ImageDraw.Draw(page)
    face = ImageFont.truetype(font, 30)
    for n, line in enumerate(REPORT.split("\n")):
        draw.text((150, 170 + 52 * n), line, fill=45, font=face)
    page = page.rotate(0.8, Image.Resampling.BICUBIC, fillcolor=236)
    page = page.filter(ImageFilter.GaussianBlur(0.7))
    return _noisy(page)


def _noisy(page: Image.Image) -> Image.Image:
    draw = random.Random(1934)
    small = (page.width // 2, page.height // 2)
    grain = Image.frombytes(
        "L", small, bytes(draw.randrange(26) for _ in range(small[0] * small[1]))
    )
    page = ImageChops.subtract(page, grain.resize(page.size))
    pen = ImageDraw.Draw(page)
    for _ in range(60):
        x, y, r = draw.randrange(page.width), draw.randrange(page.height), draw.randrange(1, 3)
        pen.ellipse((x, y, x + r, y + r), fill=90)
    return page


def book(font: Path) -> tuple[Image.Image, str]:
    """The page of the keeper's book and its PAGE-XML, each word with its box."""
    page = Image.new("L", _PAGE, 240)
    draw = ImageDraw.Draw(page)
    face, small = ImageFont.truetype(font, 30), ImageFont.truetype(font, 22)
    y, regions = 150, []
    for number, (kind, lines) in enumerate(BOOK, 1):
        apart = kind == "marginalia"
        at = 480 if apart else y
        x, face_of, leading = (60, small, 34) if apart else (270, face, 52)
        regions.append(_region(draw, f"r{number}", kind, lines, (x, at, leading), face_of))
        if not apart:
            y += leading * len(lines) + 46
    body = "\n".join(regions)
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<PcGts xmlns="{_PAGE_XML}">\n'
        "<Metadata><Creator>Fonds</Creator><Created>2026-11-30T00:00:00</Created>"
        "<LastChange>2026-11-30T00:00:00</LastChange></Metadata>\n"
        f'<Page imageFilename="1934-09-30-ladonin.png" imageWidth="{page.width}"'
        f' imageHeight="{page.height}">\n{body}\n</Page>\n</PcGts>\n'
    )
    return page.quantize(16), xml


def _region(
    draw: ImageDraw.ImageDraw,
    name: str,
    kind: str,
    lines: tuple[str, ...],
    place: tuple[int, int, int],
    face: ImageFont.FreeTypeFont,
) -> str:
    """Draws the lines of a region, the first at `place` (left, top), `place[2]` apart."""
    x, y, leading = place
    space, written = draw.textlength(" ", face), []
    for n, line in enumerate(lines):
        left, words = float(x), []
        for word in line.split(" "):
            top = y + leading * n
            draw.text((left, top), word, fill=30, font=face)
            box = draw.textbbox((left, top), word, font=face)
            coords = _coords(tuple(round(value) for value in box))
            words.append(f"<Word>{coords}{_text(word)}</Word>")
            left += draw.textlength(word, face) + space
        span = _coords((x, y + leading * n, round(left), y + leading * (n + 1)))
        written.append(f'<TextLine id="{name}l{n}">{span}{"".join(words)}{_text(line)}</TextLine>')
    right = max(round(draw.textlength(line, face)) for line in lines)
    around = _coords((x, y, x + right, y + leading * len(lines)))
    inside = "\n".join(written)
    return (
        f"<TextRegion id={quoteattr(name)} type={quoteattr(kind)}>{around}\n{inside}\n</TextRegion>"
    )


def _coords(box: tuple[int, ...]) -> str:
    left, top, right, bottom = box
    return f'<Coords points="{left},{top} {right},{top} {right},{bottom} {left},{bottom}"/>'


def _text(words: str) -> str:
    return f"<TextEquiv><Unicode>{escape(words)}</Unicode></TextEquiv>"


def main() -> None:
    """Writes the pages."""
    font, folder = Path(sys.argv[1]), Path(sys.argv[2])
    (folder / "1934-06-03-pell-garrow.pdf").write_bytes(letter())
    scan(font).save(folder / "1934-07-19-lotvintseva.jpg", quality=45, dpi=(150, 150))
    picture, xml = book(font)
    picture.save(folder / "1934-09-30-ladonin.png", optimize=True)
    (folder / "1934-09-30-ladonin.xml").write_text(xml, encoding="utf-8")


if __name__ == "__main__":
    main()
