"""Fault 13, by a seeded mutator: damaged files of every format, in bounded time and memory.

Whatever the bytes, what comes back are documents that can be stored or failures that name the
file; nothing is raised, the child that parses is not lost without a word.
"""

from __future__ import annotations

import json
import random
import resource
import time
from collections import Counter
from pathlib import Path

import pytest

import samples
from index_store.types import Document
from rag.readers.registry import read
from rag.readers.sandbox import ParserSandbox
from rag.text.chunking import split
from rag.types import Failure
from tests.kits.pdf_kit import pdf, prose
from tests.kits.zip_kit import word, zipped

SLOWEST = 10.0  # seconds for one file
GROWTH_MB = 600  # of this process, whatever the number of inputs
TEI = (
    '<?xml version="1.0" encoding="UTF-8"?><TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader>'
    "<fileDesc><titleStmt><title>Letter to K. Varin</title></titleStmt><sourceDesc><msDesc>"
    "<msIdentifier><repository>GALK</repository><idno>F. 3. Op. 1. D. 17</idno></msIdentifier>"
    '</msDesc></sourceDesc></fileDesc><profileDesc><correspDesc><correspAction type="sent">'
    '<persName>P. Lidin</persName><date when="1927-04-03"/></correspAction></correspDesc>'
    "</profileDesc></teiHeader><text><body><p>The ice has gone.<note>So it has.</note></p>"
    '<pb n="2"/><p>Лёд ушёл.</p></body></text></TEI>'
)
TOKENS = [
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
        b"\r",
        b"\n\n---\n",
        b'"',
        b"\\ud800",
    ),
    *(b"<", b"]]>", b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b"&x;", b"&#0;", b"<p>" * 50, b"{" * 90),
    *(b"[" * 2000, b"-1", b"99999999999999999999", b"1e999", b"NaN", b"PK\x05\x06", b"%PDF-1.7"),
    *(b"/Kids [1 0 R]", b"endstream", b"stream\n", b"Source: ", b"\xd0", b"31.02.1931", b"," * 500),
]


def seeds(folder: Path) -> list[tuple[str, bytes]]:
    """A small file of each format: its suffix and content."""
    named = [
        *("1929-03-14-sazhin.txt", "1929-08-02-zastruyev.html", "1932-09-10-tverezov.md"),
        *("journals.jsonl", "telegrams.csv", "ryndin-explanation.txt"),
    ]
    found = [(Path(name).suffix, (samples.ARCHIVE / name).read_bytes()) for name in named]
    russian = (samples.ARCHIVE / named[0]).read_text(encoding="utf-8")
    found += [(".txt", russian.encode(code, "replace")) for code in ("cp1251", "koi8-r", "utf-16")]
    found += [(".xml", TEI.encode()), (".tei", TEI.replace("UTF-8", "UTF-16").encode("utf-16"))]
    found.append((".pdf", pdf([prose(["The ice has gone.", "We sail tomorrow."])])))
    made = [
        word(folder / "a.docx", "<w:p><w:r><w:t>The ice has gone.</w:t></w:r></w:p>"),
        zipped(folder / "a.epub", EPUB),
    ]
    return found + [(path.suffix, path.read_bytes()) for path in made]


EPUB = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="o.opf" media-type="application/oebps-package+xml"/></rootfiles>'
        "</container>"
    ),
    "o.opf": (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest>'
        '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    ),
    "a.xhtml": "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>The ice.</p></body></html>",
}


def mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """The bytes with one to six accidents."""
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        size = min(len(data) - at, int(chance.paretovariate(0.7)))
        before, part, after = data[:at], data[at : at + size], data[at + size :]
        match chance.randrange(7):
            case 0:  # a bit
                flipped = bytes(byte ^ (1 << chance.randrange(8)) for byte in part[:1])
                data = before + flipped + part[1:] + after
            case 1:
                data = before + after
            case 2:
                data = before + part * chance.randint(2, 5) + after
            case 3:
                data = before + chance.choice(TOKENS) + part + after
            case 4:
                data = before + chance.randbytes(min(size, 64)) + after
            case 5:
                data = before + other[chance.randrange(len(other) + 1) :]
            case _:
                data = before
        data = data[:200_000]
    return data


@pytest.mark.parametrize("count", [500, pytest.param(50_000, marks=pytest.mark.slow)])
def test_no_mutation_of_a_file_does_harm(count: int, tmp_path: Path) -> None:
    chance = random.Random(f"fuzz {count}")
    found, told = seeds(tmp_path), Counter[str]()
    slowest = (0.0, -1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    path = tmp_path / "input"
    with ParserSandbox() as apart:
        for number in range(count):
            suffix, data = chance.choice(found)
            path.unlink(missing_ok=True)
            path = tmp_path / f"input{chance.choice([suffix, suffix, suffix, '.txt', '.dat'])}"
            path.write_bytes(mutated(data, chance.choice(found)[1], chance))
            started = time.perf_counter()
            for item in read(path, apart):
                assert isinstance(item, Document | Failure)
                if isinstance(item, Failure):
                    assert item.path == str(path) and item.error, number
                    told["failures"] += 1
                    continue
                told["documents"] += 1
                json.dumps(item.text, ensure_ascii=False).encode("utf-8")  # no half characters
                assert "\0" not in item.text
                for passage in split(item):
                    assert item.text[passage.start : passage.end] == passage.text
            slowest = max(slowest, (time.perf_counter() - started, number))
    assert slowest[0] < SLOWEST, slowest
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024
    assert grown < GROWTH_MB, grown
    assert told["documents"] and told["failures"], "both must come"
    print(dict(told), "slowest", slowest, "grown MB", round(grown))
