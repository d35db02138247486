"""METS files and IIIF manifests with the pages that lie beside them: one document each."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from index_store.types import Document
from rag.errors import ReadError
from rag.readers.registry import read
from rag.readers.sandbox import ParserSandbox
from rag.readers.scans import collection, kinds, parts
from rag.readers.scans import mets as mets_reader
from rag.readers.source import open_source
from rag.types import Failure
from tests.kits.reading_kit import document, failure
from tests.readers.scans.written import alto, hocr, page_xml, sheet

MODS = """
<dmdSec ID="d"><mdWrap MDTYPE="MODS"><xmlData>
<m:mods xmlns:m="http://www.loc.gov/mods/v3">
  <m:titleInfo><m:nonSort>The</m:nonSort><m:title>Harbour book</m:title></m:titleInfo>
  <m:name><m:namePart type="family">Tverezov</m:namePart><m:namePart type="given">A.</m:namePart>
    <m:role><m:roleTerm type="code">aut</m:roleTerm></m:role></m:name>
  <m:name><m:namePart>I. N. Ryndin</m:namePart>
    <m:role><m:roleTerm type="code">rcp</m:roleTerm></m:role></m:name>
  <m:originInfo><m:place><m:placeTerm type="text">Gagara</m:placeTerm></m:place>
    <m:dateCreated>October 26th 1928</m:dateCreated>
    <m:dateCreated encoding="w3cdtf">1928-10-26</m:dateCreated></m:originInfo>
  <m:language><m:languageTerm>eng</m:languageTerm></m:language>
  <m:location><m:physicalLocation>GALK</m:physicalLocation>
    <m:shelfLocator>F. 12. Op. 3</m:shelfLocator></m:location>
  <m:accessCondition>CC0</m:accessCondition>
</m:mods></xmlData></mdWrap></dmdSec>"""
DUBLIN_CORE = """
<dmdSec ID="d"><mdWrap MDTYPE="DC"><xmlData><dc:title xmlns:dc="x">Harbour book</dc:title>
<dc:creator xmlns:dc="x">A. Tverezov</dc:creator><dc:date xmlns:dc="x">1928</dc:date>
</xmlData></mdWrap></dmdSec>"""


def mets(pages: Sequence[tuple[str, Sequence[str]]], described: str = "") -> str:
    """A METS file of (attributes of a division, names of its files)."""
    files, divs = [], []
    for n, (attributes, names) in enumerate(pages):
        pointers = []
        for k, name in enumerate(names):
            location = f'<FLocat LOCTYPE="URL" xlink:href="{name}"/>'
            files.append(f'<file ID="f{n}-{k}">{location}</file>')
            pointers.append(f'<fptr FILEID="f{n}-{k}"/>')
        divs.append(f'<div TYPE="page" {attributes}>{"".join(pointers)}</div>')
    return (
        '<mets xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f"{described}<fileSec><fileGrp>{''.join(files)}</fileGrp></fileSec>"
        '<structMap TYPE="LOGICAL"><div DMDID="d" TYPE="letter"/></structMap>'
        f'<structMap TYPE="PHYSICAL"><div TYPE="physSequence">{"".join(divs)}</div></structMap>'
        "</mets>"
    )


def write_page(path: Path, *lines: str, image: str = "") -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(alto([sheet(lines)], image=image), encoding="utf-8")


def ingested(folder: Path) -> list[str]:
    """Names of the files that an ingest of the folder reads as documents."""
    found = parts.find_documents([folder])
    return [item.name for item in found if isinstance(item, Path)]


def test_order_labels_pictures_and_metadata_come_from_mets(
    tmp_path: Path, sandbox: ParserSandbox
) -> None:
    write_page(tmp_path / "alto" / "b.xml", "The coal came on the second day, and the cap-")
    write_page(tmp_path / "alto" / "a.xml", "tain wrote of it.", image="elsewhere.tif")
    for name in ("one.jpg", "a.png"):
        (tmp_path / name).write_bytes(b"\x89PNG")
    pages = [
        ('ORDER="2" ORDERLABEL="2r"', ["file://./alto/a.xml"]),
        ('ORDER="1" ORDERLABEL="1v"', ["https://example.org/one.jpg", "one.jpg", "alto/b.xml"]),
        ('ORDER="3" LABEL="cover"', ["alto/c.xml"]),
        ('ORDER="4"', ["https://example.org/d.xml"]),
    ]
    path = tmp_path / "book.mets.xml"
    found = document(path, mets(pages, MODS), sandbox)
    assert found.text == "The coal came on the second day, and the captain wrote of it."
    assert found.pages == ((0, "1v"), (found.text.index("tain"), "2r"))
    assert found.layout
    assert [(p.label, p.file) for p in found.layout.pages] == [
        ("1v", "one.jpg"), ("2r", "a.png"), ("cover", None), ("4", None),
    ]  # fmt: skip
    assert (found.title, found.author, found.recipient) == (
        "The Harbour book", "A. Tverezov", "I. N. Ryndin",
    )  # fmt: skip
    assert (found.date, found.date_text, found.place) == (
        "1928-10-26", "October 26th 1928", "Gagara",
    )  # fmt: skip
    assert (found.archival_ref, found.extra["rights"]) == ("GALK, F. 12. Op. 3", "CC0")
    (warning,) = found.warnings
    assert warning.code == "page_missing"
    assert "cover (alto/c.xml), 4 (https://example.org/d.xml)" in warning.message
    assert ingested(tmp_path) == ["book.mets.xml"]
    found = document(path, mets(pages, DUBLIN_CORE), sandbox)
    assert (found.title, found.author, found.date) == ("Harbour book", "A. Tverezov", "1928")


def test_a_damaged_page_is_named_and_the_others_are_read(
    tmp_path: Path, sandbox: ParserSandbox
) -> None:
    write_page(tmp_path / "1.xml", "The first page.")
    (tmp_path / "2.xml").write_text("<alto><Layout>")
    path = tmp_path / "mets.xml"
    path.write_text(mets([("", ["1.xml"]), ("", ["2.xml"])]))
    items = list(read(path, sandbox))
    (wrong,) = [item for item in items if isinstance(item, Failure)]
    assert (wrong.path, "not well-formed" in wrong.error) == (str(tmp_path / "2.xml"), True)
    (found,) = [item for item in items if isinstance(item, Document)]
    assert found.text == "The first page."
    assert ingested(tmp_path) == ["mets.xml"]


def test_transkribus_and_ocr_d(tmp_path: Path, sandbox: ParserSandbox) -> None:
    """`area` within `fptr`; of several versions of a page the last that has words."""
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "0001.xml").write_text(page_xml(sheet(["A first reading."])))
    (tmp_path / "page" / "0001-b.xml").write_text(page_xml(sheet(["A second reading."])))
    (tmp_path / "page" / "0001-c.xml").write_text(page_xml(()))
    (tmp_path / "0001.jpg").write_bytes(b"\xff\xd8\xff")
    names = ["0001.jpg", "page/0001.xml", "page/0001-b.xml", "page/0001-c.xml"]
    content = mets([('ORDER="1"', names)]).replace('TYPE="page"', 'TYPE="SINGLE_PAGE"')
    content = content.replace('TYPE="PHYSICAL"', 'TYPE="MANUSCRIPT"')
    content = content.replace("<fptr FILEID", "<fptr><area FILEID").replace(
        '"/></div>', '"/></fptr></div>'
    )
    content = content.replace('"/><fptr>', '"/></fptr><fptr>')
    found = document(tmp_path / "mets.xml", content, sandbox)
    assert found.text == "A second reading."
    assert found.layout and found.layout.pages[0].file == "0001.jpg"
    assert ingested(tmp_path) == ["mets.xml"]


def test_one_file_with_the_pages_of_several_divisions(
    tmp_path: Path, sandbox: ParserSandbox
) -> None:
    (tmp_path / "all.xml").write_text(alto([sheet(["One."]), sheet(["Two."])]))
    content = mets([('ORDERLABEL="i"', ["all.xml"]), ('ORDERLABEL="ii"', ["all.xml"])])
    found = document(tmp_path / "mets.xml", content, sandbox)
    assert (found.text, found.pages) == ("One.\n\nTwo.", ((0, "i"), (6, "ii")))


def test_mets_that_leads_nowhere(tmp_path: Path, sandbox: ParserSandbox) -> None:
    outside = tmp_path / "outside.xml"
    write_page(outside, "A secret.")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "link.xml").symlink_to(outside)
    for name in ("../outside.xml", str(outside), "link.xml", "file:///etc/passwd", "mets.xml",
                 "a\x01b".replace("\x01", ""), "x" * 5000):  # fmt: skip
        found = failure(folder / "mets.xml", mets([("", [name])]), sandbox)
        assert ";" in found.error, found.error
        assert ingested(folder) == ["mets.xml"]
    assert "structMap" in failure(folder / "mets.xml", mets([]), sandbox).error
    (folder / "p.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "mets.xml").write_text(mets([("", ["p.jpg"])]))
    assert ingested(folder) == ["mets.xml"]


def v3(*names: str) -> dict[str, Any]:
    canvases = [
        {"id": f"https://example.org/{n}", "type": "Canvas", "label": {"none": [f"f. {n}r"]},
         "items": [{"items": [{"body": {"id": f"https://example.org/iiif/{name}/full/max/0/"
          "default.jpg", "service": [{"id": f"https://example.org/iiif/{name}"}]}}]}]}
        for n, name in enumerate(names, 1)
    ]  # fmt: skip
    return {
        "@context": "http://iiif.io/api/presentation/3/context.json",
        "id": "https://example.org/manifest", "type": "Manifest",
        "label": {"en": ["Letter <b>to</b> the harbour"]}, "summary": {"en": ["About coal"]},
        "metadata": [
            {"label": {"en": ["Author"]}, "value": {"none": ["A. Tverezov"]}},
            {"label": {"en": ["Date"]}, "value": {"none": ["1928-10-26"]}},
            {"label": {"de": ["Signatur"]}, "value": {"none": ["GALK 12/3"]}},
            {"label": {"en": ["Ink"]}, "value": {"none": ["brown"]}},
        ],
        "rights": "http://creativecommons.org/publicdomain/zero/1.0/",
        "requiredStatement": {"label": {"en": ["Attribution"]}, "value": {"en": ["GALK"]}},
        "provider": [{"id": "https://example.org", "label": {"en": ["Archive of Gagara"]}}],
        "homepage": [{"id": "https://example.org/object/7", "type": "Text"}], "items": canvases,
    }  # fmt: skip


def test_manifest_of_version_3(tmp_path: Path, sandbox: ParserSandbox) -> None:
    """Names of images decide, not the order of files; nothing is fetched."""
    write_page(tmp_path / "x1.xml", "Second page.")
    write_page(tmp_path / "x2.alto.xml", "First page.")
    write_page(tmp_path / "other.xml", "Not of the letter.")
    (tmp_path / "x2.jpg").write_bytes(b"\xff\xd8\xff")
    path = tmp_path / "manifest.json"
    found = document(path, json.dumps(v3("box%2Fx2.tif", "box%2Fx1.tif"), indent=1), sandbox)
    assert found.text == "First page.\n\nSecond page."
    assert [label for _, label in found.pages] == ["f. 1r", "f. 2r"]
    assert (found.title, found.author, found.date, found.archival_ref) == (
        "Letter to the harbour", "A. Tverezov", "1928-10-26", "GALK 12/3",
    )  # fmt: skip
    assert dict(found.extra) == {
        "summary": "About coal", "rights": "http://creativecommons.org/publicdomain/zero/1.0/",
        "attribution": "GALK", "provider": "Archive of Gagara",
        "holding_link": "https://example.org/object/7", "iiif_metadata": {"Ink": "brown"},
    }  # fmt: skip
    assert found.layout and found.layout.pages[0].file == "x2.jpg"
    assert ingested(tmp_path) == ["manifest.json", "other.xml"]


def test_manifest_of_version_2_by_order(tmp_path: Path, sandbox: ParserSandbox) -> None:
    for n in (1, 2, 10):
        write_page(tmp_path / f"p{n}.xml", f"Page {n}.")
    manifest = {
        "@context": "http://iiif.io/api/presentation/2/context.json", "@type": "sc:Manifest",
        "label": [{"@value": "Book", "@language": "en"}], "license": "CC0",
        "related": {"@id": "javascript:alert(1)"},
        "sequences": [{"canvases": [
            {"@id": f"https://example.org/canvas-{n}", "label": f"[{n}]", "images": [
                {"resource": {"@id": f"https://example.org/{n}.jpg", "service":
                              {"@id": f"https://example.org/image-{n}"}}}]}
            for n in "abc"]}],
    }  # fmt: skip
    path = tmp_path / "book.json"
    found = document(path, json.dumps(manifest), sandbox)
    assert found.text.split("\n\n") == ["Page 1.", "Page 2.", "Page 10."]
    assert [label for _, label in found.pages] == ["[a]", "[b]", "[c]"]
    assert (found.title, found.extra["rights"]) == ("Book", "CC0")
    assert "holding_link" not in found.extra
    (tmp_path / "p2.xml").unlink()
    error = failure(path, None, sandbox).error
    assert "by its name (image-a, image-b, image-c) to be one of its 3 pages" in error
    assert ingested(tmp_path) == ["book.json", "p1.xml", "p10.xml"]
    for name in ("p1.xml", "p10.xml"):
        (tmp_path / name).unlink()
    assert "nothing is fetched" in failure(path, None, sandbox).error
    for name, write in (("all.html", hocr), ("all.xml", alto)):
        (tmp_path / name).write_text(write([sheet([f"Page {n}."]) for n in range(3)]))
        found = document(path, None, sandbox)
        assert found.text.split("\n\n") == ["Page 0.", "Page 1.", "Page 2."]
        assert [label for _, label in found.pages] == ["[a]", "[b]", "[c]"]
        assert ingested(tmp_path) == ["book.json"]
        (tmp_path / name).write_text(write([sheet(["Page 0."])] * 2))
        assert ingested(tmp_path) == sorted(["book.json", name])
        (tmp_path / name).unlink()


def test_json_lines_are_no_manifest(tmp_path: Path, sandbox: ParserSandbox) -> None:
    record = {"id": "a", "text": "words", "about": v3("x")}
    assert document(tmp_path / "a.jsonl", json.dumps(record)).text == "words"
    record = {"id": "a", "text": "words", "@context": v3("x")["@context"]}
    assert document(tmp_path / "b.json", json.dumps(record)).text == "words"
    assert kinds.kind('{"text": 1}\n' + json.dumps(v3("x"))) is None
    cut = tmp_path / "c.json"
    found = failure(cut, json.dumps(v3("x"), indent=1)[:-30], sandbox)
    assert "not valid JSON" in found.error
    nested = '{"@context": "http://iiif.io/api/presentation/3/context.json", "type": '
    assert "nested" in failure(cut, nested + "[" * 100_000, sandbox).error


def test_a_picture_goes_with_its_transcription(tmp_path: Path) -> None:
    write_page(tmp_path / "a.xml", "Words.", image="deck one.tif")
    write_page(tmp_path / "b.xml", "Words.")
    (tmp_path / "c.xml").write_text("<TEI><text><p>Words.</p></text></TEI>")
    for name in ("deck one.tif", "b.PNG", "c.png", "d.png"):
        (tmp_path / name).write_bytes(b"II*\x00")
    assert ingested(tmp_path) == ["a.xml", "b.xml", "c.png", "c.xml", "d.png"]


def test_the_state_of_parts(tmp_path: Path) -> None:
    """It changes with the pages of a METS file, and costs a plain file nothing."""
    write_page(tmp_path / "1.xml", "Words.")
    path = tmp_path / "mets.xml"
    path.write_text(mets([("", ["1.xml"]), ("", ["2.xml"])]))
    states = [parts.state(path)]
    write_page(tmp_path / "1.xml", "Other words.")
    states.append(parts.state(path))
    write_page(tmp_path / "2.xml", "A page that was missing.")
    states.append(parts.state(path))
    assert len(set(states)) == 3
    (tmp_path / "a.txt").write_text("Words.")
    assert parts.state(tmp_path / "a.txt") == b"" == parts.state(tmp_path / "gone.xml")


@pytest.mark.parametrize("content", ["<mets", "<mets><fileSec>" * 300, '<mets a="&b;"/>'])
def test_damaged_mets(tmp_path: Path, sandbox: ParserSandbox, content: str) -> None:
    assert failure(tmp_path / "mets.xml", content, sandbox).path.endswith("mets.xml")
    assert ingested(tmp_path) == ["mets.xml"]


def test_ten_thousand_pages(tmp_path: Path, sandbox: ParserSandbox) -> None:
    for n in range(200):
        write_page(tmp_path / f"{n}.xml", f"Leaf {'i' * n} of the book.")
    pages = [(f'ORDERLABEL="{n}"', [f"{n}.xml"]) for n in range(10_000)]
    found = document(tmp_path / "mets.xml", mets(pages), sandbox)
    assert found.text.count("of the book.") == 200
    assert found.layout and len(found.layout.pages) == 10_000
    assert "200 (200.xml)" in found.warnings[0].message
    assert "and 9,795 more" in found.warnings[0].message
    many = failure(tmp_path / "mets.xml", mets(pages * 2 + pages[:1]), sandbox)
    assert "more than 20,000 pages" in many.error


def test_more_words_than_the_child_has_memory_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection, "MAX_WORDS", 5)
    write_page(tmp_path / "1.xml", "one two three")
    path = tmp_path / "mets.xml"
    path.write_text(mets([("", ["1.xml"]), ("", ["1.xml"])]))
    with open_source(path) as source:
        assert list(mets_reader.read(source))
    (tmp_path / "1.xml").write_text(alto([sheet(["one two three"]), sheet(["four five six"])]))
    with open_source(path) as source, pytest.raises(ReadError, match="more than 5 words"):
        list(mets_reader.read(source))


def test_a_label_nested_deep_does_not_end_the_run(tmp_path: Path, sandbox: ParserSandbox) -> None:
    write_page(tmp_path / "a.xml", "The only page.")
    manifest = v3("a")
    manifest["label"], manifest["items"][0]["label"] = "PLACE", {"none": ["f. 1r"]}
    nested = '{"none": ' + "[" * 600 + '"Deep"' + "]" * 600 + "}"
    found = document(tmp_path / "m.json", json.dumps(manifest).replace('"PLACE"', nested), sandbox)
    assert (found.text, found.title) == ("The only page.", "m")
    assert ingested(tmp_path) == ["m.json"]


def test_a_folder_is_looked_through_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by each of its manifests, unless something changes."""
    for name in "abcdefgh":
        write_page(tmp_path / f"{name}.xml", "A page.")
        (tmp_path / f"m{name}.json").write_text(json.dumps(v3(name)))
    opened: list[str] = []
    kind_of = kinds.kind_of

    def counted(path: Path) -> str | None:
        opened.append(path.name)
        return kind_of(path)

    monkeypatch.setattr(kinds, "kind_of", counted)
    assert ingested(tmp_path) == [f"m{name}.json" for name in "abcdefgh"]
    assert len(opened) < 100
    before = parts.state(tmp_path / "ma.json")
    write_page(tmp_path / "a.xml", "Another page.")
    assert parts.state(tmp_path / "ma.json") != before
    (tmp_path / "ma.json").unlink()
    assert "a.xml" in ingested(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("m.xml", "<mets " + "<FLocat " * 40_000),
        ("m.json", '{"@context":' + " " * 64_000),
        (
            "m.json",
            '{"a":"' + '\\"' * 30_000 + '"@context": "' + v3("x")["@context"] + '"',
        ),
    ],
)
def test_names_are_looked_for_in_linear_time(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    started = time.process_time()
    assert ingested(tmp_path) == [name]
    assert time.process_time() - started < 1
