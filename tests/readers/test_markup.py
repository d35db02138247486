"""TEI XML and HTML: metadata, text, notes apart, pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from index_store.types import Document
from rag.readers.formats import markup
from rag.readers.registry import read
from rag.readers.sandbox import ParserSandbox
from rag.types import Failure
from tests.kits.reading_kit import failure

LETTER = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-model href="http://nowhere.invalid/tei_all.rng"?>
<!DOCTYPE TEI SYSTEM "http://nowhere.invalid/tei.dtd">
<!-- An invented letter. -->
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="gagara-7">
 <teiHeader>
  <fileDesc>
   <titleStmt>
    <title>Letter to Ivan Ryndin, 26 October 1928</title>
    <author>Nobody of the kind</author>
    <editor role="translator">B. Low</editor>
   </titleStmt>
   <publicationStmt><publisher>Fonds</publisher><date when="2020">2020</date></publicationStmt>
   <sourceDesc>
    <msDesc><msIdentifier><country>Nowhere</country><settlement>Kamennoye</settlement>
     <repository>GALK</repository><collection>F. 12</collection>
     <idno>Op. 3. D. 45. L. 10.</idno></msIdentifier></msDesc>
    <bibl>Letters from the
      Station, vol. 2, p. 16.</bibl>
   </sourceDesc>
  </fileDesc>
  <profileDesc>
   <langUsage><language ident="en-GB">English</language></langUsage>
   <correspDesc>
    <correspAction type="sent"><persName>A. Tverezov</persName>
     <placeName>Gagara Station</placeName>
     <date calendar="#julian">13 October 1928</date>
     <date when="1928-10-26" cert="medium">26 October 1928</date></correspAction>
    <correspAction type="received"><persName>I. N. <surname>Ryndin</surname></persName>
     <persName>V. Lotvintseva</persName></correspAction>
   </correspDesc>
  </profileDesc>
 </teiHeader>
 <text xml:lang="en">
  <body>
   <pb n="10"/>
   <opener><dateline>Gagara, <date>26 October</date></dateline>
    <salute>Dear Ivan,</salute></opener>
   <p>Come back before the bay free&#x2010;<lb break="no"/>zes<note n="3">The bay
     <p>froze on 2 November.</p></note>, and bring
     the <choice><sic>chronometr</sic><corr>chronometer</corr></choice>
     of <choice><abbr>Capt.</abbr><expan>Captain</expan></choice> Moor.<lb/>We have
     <del>eleven</del><add>twelve</add> dogs &amp; <gap reason="illegible"/> left of the
     <pb n="10v"/>coal<supplied>, alas</supplied>.</p>
   <lg><l>First line,</l><l>second line.</l></lg>
   <closer><salute>Yours,</salute><signed>A. Tverezov</signed></closer>
   <fw>Page foot</fw>
  </body>
 </text>
</TEI>"""


def documents(path: Path, content: str | bytes, sandbox: ParserSandbox) -> list[Document]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found: list[Document] = []
    for item in read(path, sandbox):
        assert isinstance(item, Document), item
        found.append(item)
    return found


def test_a_letter_in_tei(tmp_path: Path, sandbox: ParserSandbox) -> None:
    (found,) = documents(tmp_path / "letter.xml", LETTER, sandbox)
    assert found.text == (
        "Gagara, 26 October\nDear Ivan,\n\n"
        "Come back before the bay freezes, and bring the chronometr of Capt. Moor. We have"
        " twelve dogs & […] left of the coal[, alas].\n\n"
        "First line,\nsecond line.\n\nYours,\nA. Tverezov"
    )
    assert found.to_dict() | {"sha256": "", "path": ""} == {
        "document_id": "letter",
        "record_id": "letter",
        "lang": "en",
        "kind": "translation",
        "translator": "human",
        "title": "Letter to Ivan Ryndin, 26 October 1928",
        "date": "1928-10-26?",
        "date_from": "1928-10-26",
        "date_to": "1928-10-26",
        "date_text": "26 October 1928",
        "author": "A. Tverezov",
        "recipient": "I. N. Ryndin; V. Lotvintseva",
        "place": "Gagara Station",
        "collection": "F. 12",
        "source": "Letters from the Station, vol. 2, p. 16",
        "archival_ref": "Kamennoye, GALK, F. 12, Op. 3. D. 45. L. 10",
        "path": "",
        "warnings": [],
        "sha256": "",
        "extra": {
            "translator": "B. Low",
            "notes": [{"n": "3", "text": "The bay\n\nfroze on 2 November."}],
        },
    }
    assert found.pages == ((0, "10"), (found.text.index("coal["), "10v"))


TEI = "<TEI xmlns='http://www.tei-c.org/ns/1.0'{}><teiHeader>{}</teiHeader><text>{}</text></TEI>"


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("<date when='1931-11'/>", "1931-11"),
        ("<date when='1931-11-27T10:00:00'>27.11</date>", "1931-11-27"),
        ("<date from='1930' to='1932-02'/>", "1930/1932-02"),
        ("<date notBefore='1930'/>", "1930/.."),
        ("<date notAfter='1930-08-15'/>", "../1930-08-15"),
        ("<date>27 November 1931</date>", "1931-11-27"),
        ("<date>soon after</date>", None),
        ("<date when='--11-27'>27 November</date>", None),
    ],
)
def test_tei_dates(tmp_path: Path, sandbox: ParserSandbox, date: str, expected: str | None) -> None:
    header = f"<profileDesc><creation>{date}</creation></profileDesc>"
    (found,) = documents(tmp_path / "a.xml", TEI.format("", header, "<p>Words.</p>"), sandbox)
    assert found.date == expected
    assert found.title == "a"


def test_a_tei_corpus(tmp_path: Path, sandbox: ParserSandbox) -> None:
    one = TEI.format(" xml:id='one'", "", "<body><p>Уголь кончился.</p></body>")
    empty = TEI.format("", "", "<body/>")
    three = TEI.format("", "", "<body xml:lang='ru'><p>Coal has come.</p></body>")
    path = tmp_path / "all.xml"
    path.write_text(f"<teiCorpus><teiHeader/>{one}{empty}{three}</teiCorpus>", encoding="utf-8")
    first, second, third = read(path, sandbox)
    assert isinstance(first, Document)
    assert isinstance(third, Document)
    assert (first.document_id, first.lang, first.text) == ("one", "ru", "Уголь кончился.")
    assert isinstance(second, Failure)
    assert "no words" in second.error
    assert (third.document_id, third.lang) == ("all-3", "en")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251", "koi8-r", "iso8859-5"])
def test_tei_in_its_encodings(tmp_path: Path, sandbox: ParserSandbox, encoding: str) -> None:
    declared = {"cp1251": "windows-1251", "iso8859-5": "iso-8859-5"}.get(encoding, encoding)
    words = "Смотритель маяка записал в журнал, что ночью прошла шхуна без огней."
    whole = f"<?xml version='1.0' encoding='{declared}'?>" + TEI.format("", "", f"<p>{words}</p>")
    (found,) = documents(tmp_path / "a.xml", whole.encode(encoding), sandbox)
    assert found.text == words


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("<?xml version='1.0'?><TEI/>", "without <text>"),
        ("<?xml version='1.0'?><note>x</note>", "XML <note>; convert to TEI"),
        ("<?xml version='1.0'?>\n<TEI>\n<text></TEI>", "not well-formed"),
        ("<!DOCTYPE TEI [<!ENTITY own 'mine'>]><TEI><text><p>&own;</p></text></TEI>", "&own;"),
        ("<TEI><text><p>&nobody;</p></text></TEI>", "nobody"),
    ],
)
def test_tei_that_cannot_be_read(
    tmp_path: Path, sandbox: ParserSandbox, content: str, cause: str
) -> None:
    assert cause in failure(tmp_path / "a.xml", content, sandbox).error


def test_named_characters_in_xml(tmp_path: Path, sandbox: ParserSandbox) -> None:
    words = TEI.format("", "", "<p>one&mdash;two&nbsp;three &lt;four&gt;</p>")
    (found,) = documents(tmp_path / "a.xml", words, sandbox)
    assert found.text == "one—two\u00a0three <four>"


PAGE = """<!DOCTYPE html><html lang="ru-RU"><head><title>Письма | Музей</title>
<meta name="DC.creator" content="А. Тверезов"><meta name="DC.Date" content="1928-10-26">
<meta name="author" content="webmaster"><script>let x = "<p>no</p>";</script></head>
<body><header>Музей</header><nav><a href="/">Главная</a></nav><div role="search">Найти</div>
{} <aside>Читайте также</aside><footer>© Музей</footer></body></html>"""
PROSE = (
    "<h1>Письмо Рындину</h1><p>Возвращайтесь, пока <b>губа</b>\nне стала.</p>"
    "<p>Собак двенадцать.<br>Угля нет.</p>"
)


@pytest.mark.parametrize(
    ("frame", "museum"),
    [
        ("<main>{}</main>", ""),
        ("<div><article>{}</article></div>", ""),
        ("<div role='main'>{}</div>", ""),
        ("<div>{}</div>", "Музей\n\n"),
    ],
)
def test_html(tmp_path: Path, sandbox: ParserSandbox, frame: str, museum: str) -> None:
    (found,) = documents(tmp_path / "a.html", PAGE.format(frame.format(PROSE)), sandbox)
    body = "Письмо Рындину\n\nВозвращайтесь, пока губа не стала.\n\nСобак двенадцать.\nУгля нет."
    assert found.text == museum + body
    assert (found.title, found.lang) == ("Письмо Рындину", "ru")
    assert (found.author, found.date) == ("А. Тверезов", "1928-10-26")


def test_html_that_contradicts_its_script(tmp_path: Path, sandbox: ParserSandbox) -> None:
    content = "<html lang='en'><title>Дневник</title><p>Собак двенадцать.</p>"
    (found,) = documents(tmp_path / "a.htm", content, sandbox)
    assert (found.lang, found.title) == ("ru", "Дневник")


def test_html_without_words(tmp_path: Path, sandbox: ParserSandbox) -> None:
    content = "<html><body><div id='app'></div><script>run()</script></body></html>"
    assert "no text on the page" in failure(tmp_path / "a.html", content, sandbox).error


def test_a_footer_is_text_where_one_of_its_lines_is(tmp_path: Path, sandbox: ParserSandbox) -> None:
    """What makes it one is asked of a test that is handed in; pages in HTML hand in sources."""
    page = "<html><body><p>Coal came.</p><footer>{}</footer></body></html>"
    tree = markup.html_tree(page.format("Printed<br>by hand"))
    asked: list[str] = []

    def never(line: str) -> bool:
        asked.append(line)
        return False

    assert markup.as_lines(tree, never) == "Coal came."
    assert asked == ["Printed", "by hand"]
    assert markup.as_lines(tree, lambda line: "hand" in line) == "Coal came.\n\nPrinted\nby hand"
    for words, kept in (
        ("Letters of a Miller, pp. 12-13.", True),
        ("Hill Archives, Low Papers, Box 4, Folder 11", True),
        ("Our museum is open every day", False),
    ):
        (found,) = documents(tmp_path / "a.html", page.format(words), sandbox)
        assert found.text == ("Coal came." + (f"\n\n{words}" if kept else ""))
