"""Record pages: every field and the whole body, over invented pages and invented bodies."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index_store.types import Document
from rag.readers.record_page import versions
from rag.readers.record_page.head import parse_head
from rag.readers.record_page.lines import (
    LineKind,
    classify,
    gives_source,
    is_bibliographic,
    is_labelled,
    is_mark,
    is_navigation,
    is_reference,
    is_rule,
    is_source,
    parts,
)
from rag.readers.record_page.people import author, recipient
from rag.readers.record_page.reader import documents
from rag.readers.registry import read
from rag.records.warnings import examine
from rag.types import Failure

PAGES = Path(__file__).parent / "pages"
REAL = Path(__file__).resolve().parents[3] / "shared/archive/1931-11-21-voroshilov.txt"


def load(path: Path) -> dict[str, Document]:
    """The documents of a page by language; a Failure fails the test."""
    found: dict[str, Document] = {}
    for item in read(path):
        assert isinstance(item, Document), item
        assert item.document_id == f"{path.stem}.{item.lang}"
        assert item.record_id == path.stem
        found[item.lang] = item
    return found


AI = {"kind": "translation", "translator": "AI"}
EXPECTED: dict[str, dict[str, dict[str, Any]]] = {
    "harbour-full.txt": {
        "en": {
            **AI,
            "title": "Letter to N.P. Orlova, April 12, 1927",
            "author": "L. Gradov",
            "recipient": "N. P. Orlova",
            "date": "1927-04-12",
            "date_text": "1927-04-12",
            "collection": "Folder 5",
            "source": "Letters of a Miller. Lugansk, 1998, pp. 12-13",
            "archival_ref": "GAVO F. 3. Op. 1. D. 9. L. 4-5",
            "text": "Dear Nina Petrovna!\n\nThe mill stands idle since Monday [1]. They bring flour"
            " from Sosnovka.\n\n---\n\nI add a page from the day book:\nSource: our agent in Riga."
            "\n\n***\n\nSend me the seals, please; see pp. 3-4 of my note.\n\nL. Gradov\n\n"
            "14/IV-27.",
        },
        "ru": {
            "kind": "original",
            "translator": None,
            "title": "Письмо Н. П. Орловой 12 апреля 1927 года",
            "author": "Л. Градов",
            "recipient": "Н. П. Орловой",
            "collection": "Папка 5",
            "source": "Письма мельника. Луганск, 1998. С. 12–13",
            "archival_ref": "ГАВО. Ф. 3. Оп. 1. Д. 9. Л. 4–5",
            "start": "Дорогая Нина Петровна!\nМельница",
            "end": "Пришлите печати.\nЛ. Градов\n14/IV-27.",
        },
    },
    "russian-first.txt": {
        "ru": {
            "kind": "original",
            "date": "1930",
            "author": "Кротов",
            "collection": "Телеграммы 2",
            "source": "Соляной сборник. С. 7",
            "archival_ref": "ЦГАВ. Ф. 8. Оп. 2. Д. 1. Л. 3 об.",
            "text": "Везите соль немедленно.\n\nКротов",
        },
        "en": {
            "kind": "translation",
            "translator": "human",
            "title": "Telegram to V.S. Lyapin, 1930",
            "collection": "Wires 2",
            "source": "Salt Papers, vol. 2, p. 9",
            "archival_ref": None,
            "text": "Bring the salt at once.\nKrotov",
        },
    },
    "english-only.txt": {
        "en": {
            "kind": "original",
            "date": "../1931-08-15",
            "date_from": None,
            "date_to": "1931-08-14",
            "date_text": "before 15 August 1931",
            "author": "A. Moor, Keeper; B. Stone, Keeper",
            "recipient": "the Board of the Tarn Light Company",
            "source": "Lamp Room Books, pp. 3-4; Annual Sheets, p. 77",
            "archival_ref": "TLC F. 1. Op. 2. D. 3. L. 4; TLC F. 1. Op. 2. D. 5. L. 6",
            "start": "Gentlemen,",
            "end": "A. Moor, Keeper\nB. Stone, Keeper",
        }
    },
    "russian-only-compact.txt": {
        "ru": {
            "date": "1932-03-03/..",
            "date_text": "не ранее 3 марта 1932 г.",
            "author": "П. Ильин",
            "recipient": "М. Я. Берёзкину",
            "collection": "Коробка 7",
            "source": "Бумаги сторожей. Т. 3. С. 5–6",
            "text": "Матвей Яковлевич!\nОставьте ключ у сторожа.\nП. Ильин\n"
            "P.S. Собаку я накормил.",
        }
    },
    "no-date.txt": {
        "en": {
            **AI,
            "date": None,
            "date_text": None,
            "collection": None,
            "source": None,
            "archival_ref": None,
            "recipient": "the Editor of the Ferry News",
            "text": "Sir, the ferry was late again.\n\nA Passenger of Long Patience",
        },
        "ru": {
            "collection": "press",
            "title": "Письмо редактору",
            "recipient": "редактору",
            "text": "Паром опять опоздал.\nПассажир",
        },
    },
    "no-headings.txt": {
        "en": {
            **AI,
            "title": "Letter from O. Velt to S. Kern, [1931]",
            "recipient": "S. Kern",
            "date": "1931",
            "date_text": "[1931]",
            "collection": None,
            "archival_ref": "ARK F. 2. Op. 1. D. 1. L. 1",
            "text": "Dear Kern, the bridge is closed, and the road with it.\n\nO. Velt",
        },
        "ru": {
            "title": "Письмо О. Вельта С. Керну [1931]",
            "recipient": "С. Керну",
            "author": "О. Вельт",
            "source": "Мостовые письма. С. 4",
            "archival_ref": None,
            "text": "Дорогой Керн, мост закрыт, и дорога с ним.\nО. Вельт",
        },
    },
    "no-rule-no-blank.txt": {
        "en": {
            **AI,
            "author": "Anton",
            "source": None,
            "collection": "Tom 4",
            "start": "Irina,\nthe apples came. «Спасибо»",
            "end": "Yours,\nAnton\nMoscow, 3 May 1930",
        },
        "ru": {
            "collection": "Том 4",
            "author": "Антон",
            "text": "Ирина,\nяблоки пришли.\nАнтон\nМосква, 3 мая 1930 г.",
        },
    },
    "several-marks.txt": {
        "en": {
            "date": "1928-03",
            "author": "V. Tolk; G. Brand; E. Munk",
            "recipient": None,
            "source": None,
            "archival_ref": "RCA F. 4. Op. 1. D. 2. L. 3; RCA F. 4. Op. 1. D. 7. L. 8",
            "text": "Resolved to buy rope.\n\nV. Tolk, G. Brand, E. Munk",
        }
    },
    "edtf-interval.txt": {
        "ru": {
            "date": "1930/1932",
            "date_from": "1930-01-01",
            "date_to": "1932-12-31",
            "author": "Ив. Седов",
            "source": "Маячный сборник. С. 1",
            "text": "Товарищи! Пишу коротко.\n\n---\nТак кончается первый лист.\n---\n"
            "Второй лист потерян.\n\nС приветом\nИв. Седов",
        }
    },
    "uncertain-mismatched.txt": {
        "en": {**AI, "recipient": "F. Halm", "archival_ref": "HGA F. 5. Op. 5. D. 5. L. 5"},
        "ru": {
            "recipient": "Г. Лунину",
            "date": "1929-06-02",
            "archival_ref": None,
            "source": "Лодочные бумаги. С. 88",
            "text": "Лодку мы не продали.\nК. Рот",
        },
    },
    "ends-with-signature.txt": {
        "en": {
            "date": "1926?",
            "author": "M. Hale",
            "source": None,
            "text": "Price agreed.\nSource: our agent in Riga\n---\nShip on Friday.\n\n"
            "Signed: M. Hale",
        }
    },
    "long-form-both.txt": {
        "en": {**AI, "date": "1925-05-01", "date_text": "1 May 1925", "collection": "Tom 1"},
        "ru": {
            "collection": "Том 1",
            "source": "Школьные письма. С. 1",
            "archival_ref": "ШКА. Ф. 1. Оп. 1. Д. 1. Л. 1",
            "text": "Школа откроется осенью.\n\nТ. Вольф",
        },
    },
    "without-pairs.txt": {
        "en": {
            "kind": "original",
            "date": "1924-07-07",
            "collection": "Box 3",
            "source": "Pump House Papers, p. 2",
            "text": "The pump works.\n\nR. Dahl",
        }
    },
    "source-in-body-end.txt": {
        "en": {
            "source": "Night Notes, p. 5",
            "text": "Two trains passed at night.\nSource: our agent in Riga",
        },
        "ru": {
            "source": "Ночные заметки. С. 5",
            "text": "Ночью прошли два поезда.\nИсточник: наш агент в Риге",
        },
    },
    "plain-html.html": {
        "en": {
            **AI,
            "recipient": "K. L. Brandt",
            "author": "E. Lund",
            "date_text": "1922-06-04",
            "collection": "Tom 6",
            "source": "Clock Letters, pp. 8-9",
            "archival_ref": "CLA F. 1. Op. 1. D. 2. L. 3",
            "text": "Dear Karl, 2 < 3 & the clock «strikes».\n\n---\n\nA second sheet.\n\n"
            "E. Lund\n5 June 1922",
        },
        "ru": {
            "collection": "Том 6",
            "source": "Письма о часах. С. 8–9",
            "text": "Дорогой Карл, часы бьют.\n\nЭ. Лунд",
        },
    },
    "wide-signature.txt": {
        "en": {
            "author": "J. Reed; P. Low",
            "recipient": "the Council",
            "source": "Council Books, p. 3",
            "end": "Yours faithfully,\nJ. Reed          P. Low\n9 March 1921",
        }
    },
    "box-and-folder.txt": {
        "en": {
            "kind": "translation",
            "translator": "human",
            "author": "M. Sokolin",
            "recipient": "P. I. Rudnev",
            "source": "Years on the River. New York, 1955",
            "archival_ref": "Hill Library Archives, Rudnev Papers, Box 4, Folder 11; "
            "TGA F. 396. Op. 7. D. 12. L. 3; TGA F. 5. Op. 1. D. 40. L. 9-10",
            "end": "M. Sokolin\nHead of the Granary",
        },
        "ru": {
            "kind": "original",
            "recipient": "Рудневу П. И.",
            "source": "Бумаги амбара. С. 14",
            "archival_ref": "ТГА. Ф. 396. Оп. 7. Д. 12. Л. 3. Подлинник. Машинопись",
            "end": "М. Соколин\nПриложение: смета, с. 3-4.",
        },
    },
    "quoted-letter.txt": {
        "en": {
            **AI,
            "date": "1929-05-09",
            "title": "Telegram No. 45 to T. Ardov, May 9, 1929",
            "author": "M. Sokolin",
            "recipient": "T. Ardov",
            "source": "Granary Papers, pp. 14-15",
            "start": "Top secret\n\n| Sack",
            "end": "With regards, M. Sokolin",
        },
        "ru": {"author": "М. Соколин", "recipient": "Т. Ардову", "source": None},
    },
    "dated-above.txt": {
        "en": {
            "author": "M. Sokolin",
            "recipient": "V. Tolk",
            "archival_ref": "Hill Archives, fond 20, opis 1, delo 88, list 5",
            "text": "Tavrovo, 13 March 1932\n\nThe ferry sank.",
        },
        "ru": {"author": "М. Соколин", "recipient": "В. Толку", "archival_ref": None},
    },
    "site.html": {
        "en": {
            **AI,
            "date": "1929-05-09",
            "source": "Granary Papers, pp. 14-15",
            "text": "The ferry\nstands.\n\nM. Sokolin",
        },
        "ru": {
            "recipient": "Э. Мунка",
            "source": "Бумаги амбара. С. 14",
            "text": "Паром\nстоит.\n\nМ. Соколин",
        },
    },
}


def check(page: dict[str, Document], expected: dict[str, dict[str, Any]]) -> None:
    assert list(page) == list(expected)
    for lang, fields in expected.items():
        for name, value in fields.items():
            if name == "start":
                assert page[lang].text.startswith(value)
            elif name == "end":
                assert page[lang].text.endswith(value)
            else:
                assert getattr(page[lang], name) == value, (lang, name)


@pytest.mark.parametrize("name", EXPECTED)
def test_page(name: str) -> None:
    check(load(PAGES / name), EXPECTED[name])


def test_every_page_is_tested() -> None:
    assert {path.name for path in PAGES.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize(
    ("name", "en", "ru"),
    [
        ("box-and-folder.txt", set(), set()),
        ("quoted-letter.txt", {"machine_translation"}, set()),
        ("dated-above.txt", {"machine_translation", "date_conflict"}, {"date_conflict"}),
        ("site.html", {"machine_translation"}, set()),
    ],
)
def test_warnings_on_a_page(name: str, en: set[str], ru: set[str]) -> None:
    found = {d.lang: {w.code for w in d.warnings} for d in examine([*load(PAGES / name).values()])}
    assert found == {"en": en, "ru": ru}


def test_a_common_author_does_not_make_two_texts_one(tmp_path: Path) -> None:
    page = (
        "Letter to L.S. Lapin, May 9, 1929\n\nПисьмо Г. Н. Черных 9 мая 1929 года\n\n"
        "1929-05-09 ru:tom4;en:AI AI translated\n\nLetter to L.S. Lapin, May 9, 1929\n\n"
        "Have read your note on timber. Discuss it with the others on Tuesday.\n\nGrinev\n\n"
        "Письмо Г. Н. Черных 9 мая 1929 года\n12 тысяч тонн угля отправить из Кузнецка. За вагоны"
        " отвечает Ордынский, за баржи — Фельдман.\nГринев\n"
    )
    found = examine(list(documents(page, tmp_path / "a.txt")))
    assert [any(w.code == "halves_differ" for w in d.warnings) for d in found] == [True, True]


def test_a_table_that_quotes_a_date_line_is_no_page(tmp_path: Path) -> None:
    path = tmp_path / "table.txt"
    path.write_text('id,lang,text\n1,en,"1929-05-09 ru:tom4;en:AI AI translated"\n')
    (item,) = read(path)
    assert isinstance(item, Document)
    assert item.text == "1929-05-09 ru:tom4;en:AI AI translated"


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "utf-16", "utf-8-sig"])
def test_page_in_another_encoding_with_crlf(tmp_path: Path, encoding: str) -> None:
    for name in ("harbour-full.txt", "long-form-both.txt", "no-headings.txt"):
        page = (PAGES / name).read_text(encoding="utf-8").translate({0x2190: "<", 0x2192: ">"})
        if encoding in ("koi8-r", "cp866"):
            page = page.replace("–", "-")
        same, other = tmp_path / "utf-8" / name, tmp_path / "other" / name
        for path in (same, other):
            path.parent.mkdir(exist_ok=True)
        same.write_bytes(page.encode())
        other.write_bytes(page.replace("\n", "  \r\n").encode(encoding))
        expected = {lang: _comparable(document) for lang, document in load(same).items()}
        found = {lang: _comparable(document) for lang, document in load(other).items()}
        assert found == expected


def _comparable(document: Document) -> Document:
    """Path left out, and white space at the ends of lines."""
    text = "\n".join(line.rstrip() for line in document.text.split("\n"))
    return replace(document, path="", text=text)


def test_the_real_page() -> None:
    if not REAL.exists():
        pytest.skip("the shared archive is not beside the project")
    page = load(REAL)
    expected: dict[str, dict[str, Any]] = {
        "en": {
            **AI,
            "title": "Letter to K.E. Voroshilov, November 21, 1931",
            "author": "Stalin",
            "recipient": "K. E. Voroshilov",
            "date": "1931-11-21",
            "date_text": "1931-11-21",
            "collection": "Tom 17",
            "source": "Soviet Leadership. Correspondence. 1928-1941, pp. 161-163",
            "archival_ref": "RGASPI F. 74. Op. 2. D. 38. L. 48-51",
            "start": "Greetings to Klim!\n",
            "end": "Yours,\nStalin\n\n27/XI-31.",
        },
        "ru": {
            "kind": "original",
            "translator": None,
            "title": "Из телеграммы Э. Синклеру 21 ноября 1931 года",
            "author": "Сталин",
            "recipient": "Э. Синклеру",
            "date": "1931-11-21",
            "collection": "Том 17",
            "source": "Сталин и Каганович. Переписка. 1931–1936 гг. С. 101",
            "archival_ref": None,
            "start": "Эйзенштейн потерял",
            "end": "Привет.\nСталин",
        },
    }
    check(page, expected)


HEAD = "← Back to index\n\nLetter to A. Berg, 1 May 1925\n\nПисьмо А. Бергу 1 мая 1925 г.\n\n"
ENGLISH_TOP = "Letter to A. Berg, 1 May 1925\nSource: Tom 1\n\n"
ENGLISH_END = "\n\n---\nSource: School Letters, p. 1.\nSHA F. 1. Op. 1. D. 1. L. 1.\n\n"
RUSSIAN_TOP = "Том 1\nПисьмо А. Бергу 1 мая 1925 г.\n"
RUSSIAN_END = "\nШкольные письма. С. 1.\nШКА. Ф. 1. Оп. 1. Д. 1. Л. 1.\n"
SNARES = ["---", "***", "Source: our agent in Riga", "[1] a note", "Том 1", "pp. 3-4", "- - -", "."]


def _bodies(letters: str, snares: list[str]) -> st.SearchStrategy[str]:
    line = st.one_of(
        st.text(alphabet=letters + " ,.;!?[]()1234567890-–«»:", min_size=1, max_size=80),
        st.sampled_from(snares),
    )
    body = st.lists(line, min_size=0, max_size=12).map("\n".join)
    # A body begins and ends with a plain sentence: at its edges even an archivist could not tell.
    return body.map(lambda text: f"{letters[:9]} begins.\n{text}\n{letters[:9]} ends here.")


@settings(deadline=None, max_examples=150)
@given(
    english=_bodies("abcdefghiklmnopqrstuvwxyzABCDE", SNARES),
    russian=_bodies("абвгдежзиклмнопрстуфхцшыьэюяАБВГ", [*SNARES, "Источник: наш агент"]),
)
def test_no_body_is_lost_or_altered(english: str, russian: str) -> None:
    page = (
        f"{HEAD}1925-05-01 ru:tom1;en:AI AI translated\n\n"
        f"{ENGLISH_TOP}{english}{ENGLISH_END}{RUSSIAN_TOP}{russian}{RUSSIAN_END}"
    )
    first, second = documents(page, Path("1925.txt"))
    assert (first.text, second.text) == (english, russian)
    assert first.source == "School Letters, p. 1"
    assert second.archival_ref == "ШКА. Ф. 1. Оп. 1. Д. 1. Л. 1"


@settings(deadline=None, max_examples=100)
@given(body=_bodies("abcdefghiklmnopqrstuvwxyzABCDE", SNARES), blocks=st.booleans())
def test_one_language(body: str, blocks: bool) -> None:
    end = ENGLISH_END if blocks else "\n"
    page = f"Letter to A. Berg\n\n1925 en:tom1\n\nLetter to A. Berg\nSource: Tom 1\n\n{body}{end}"
    (document,) = documents(page, Path("1925.txt"))
    assert document.text == body
    assert (document.archival_ref is not None) == blocks


@pytest.mark.parametrize(
    "text",
    [
        "Dear Sir,\n\nThe ratio is 3:4; see en:AI.\n\n---\n\nYours,\nA. B.\n",
        "A poem\n\nA rose\nis a rose\n\n---\nby nobody\n",
        "Minutes\n\n1931-11-21\n\nPresent: all.\n",
        "# Notes\n\nSource: a friend\n\n---\n\nSource: another friend\n",
        "",
    ],
)
def test_ordinary_text_is_no_record_page(text: str) -> None:
    assert parse_head(text.split("\n")) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("← Back to index", True),
        ("Next →", True),
        ("Назад", True),
        ("К списку писем", True),
        ("← Previous | Next →", True),
        ("«Правда» → «Известия» пишут об этом каждый день, и не по одному разу", False),
        ("Next week I leave for Riga.", False),
        ("Назад пути нет.", False),
        ("---", False),
    ],
)
def test_navigation(line: str, expected: bool) -> None:
    assert is_navigation(line) is expected


KINDS = [
    ("The mill stands idle since Monday.", LineKind.TEXT),
    ("", LineKind.TEXT),
    ("* * *", LineKind.RULE),
    ("← Back to index", LineKind.NAVIGATION | LineKind.ARROW),
    ("Назад", LineKind.NAVIGATION),
    ("Source: Tom 17", LineKind.LABELLED | LineKind.SOURCE),
    ("Source: →", LineKind.LABELLED | LineKind.SOURCE | LineKind.NAVIGATION | LineKind.ARROW),
    ("Letters of a Miller, pp. 12-13.", LineKind.BIBLIOGRAPHIC | LineKind.SOURCE),
    (
        "Источник: Сборник. С. 5.",
        LineKind.LABELLED | LineKind.BIBLIOGRAPHIC | LineKind.SOURCE,
    ),
    ("ГАВО. Ф. 3. Оп. 1. Д. 9. Л. 4–5", LineKind.SHELF_MARK | LineKind.SOURCE),
    ("Hill Archives, Low Papers, Box 4, Folder 11", LineKind.REFERENCE),
    ("Письма мельника. 1931–1936 гг.", LineKind.ENDS_IN_YEARS),
    ("Source: " + "x" * 600, LineKind.LABELLED),
]


@pytest.mark.parametrize(("line", "kind"), KINDS)
def test_the_kinds_of_a_line(line: str, kind: LineKind) -> None:
    assert classify(line) == kind


@given(
    st.lists(
        st.sampled_from(
            [*(line for line, _ in KINDS), *("Архив: ", "; ", "С. 5.", "1931", " ", "→", "Box 4")]
        )
        | st.text(max_size=8),
        max_size=4,
    )
)
@settings(deadline=None)
def test_the_kinds_are_what_the_tests_say(pieces: list[str]) -> None:
    """Each test by itself and the kinds together agree on any line."""
    line = "".join(pieces).replace("\n", " ")
    kind = classify(line)
    assert bool(kind & LineKind.RULE) == is_rule(line)
    assert bool(kind & LineKind.NAVIGATION) == is_navigation(line)
    assert bool(kind & LineKind.LABELLED) == is_labelled(line)
    assert bool(kind & LineKind.SHELF_MARK) == is_mark(line)
    assert bool(kind & LineKind.SOURCE) == is_source(line)
    assert bool(kind & LineKind.REFERENCE) == is_reference(line)
    assert bool(kind & (LineKind.SOURCE | LineKind.REFERENCE)) == gives_source(line)


def test_each_line_is_classified_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines near titles, rules and sources are, those in the midst of a text are not at all."""
    seen: list[str] = []

    def counted(line: str) -> LineKind:
        seen.append(line)
        return classify(line)

    monkeypatch.setattr(versions, "classify", counted)
    body = [f"The mill of {n} stones stands idle." for n in range(30)]
    page = (PAGES / "harbour-full.txt").read_text(encoding="utf-8")
    page = page.replace("14/IV-27.", "\n".join(["14/IV-27.", *body]), 1)
    lines = page.split("\n")
    head = parse_head(lines)
    assert head is not None
    english, russian = versions.language_versions(lines[head.end :], head)
    assert english.text.endswith(body[-1]) and english.marks and russian.sources
    assert seen and Counter(seen) <= Counter(lines)
    assert body[15] not in seen


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Письма мельника. 1931–1936 гг. С. 101.", True),
        ("Letters of a Miller, pp. 12-13.", True),
        ("«Правда», 5 марта 1931, № 64", True),
        ("Please see my report, pp. 3-4.", False),
        ("Прошу прислать книгу, с. 45.", False),
        ("The mill has 12 stones.", False),
    ],
)
def test_bibliographic(line: str, expected: bool) -> None:
    assert is_bibliographic(line) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Source: Papers, p. 3. GAVO F. 1. Op. 2. D. 3. L. 4.",
         ("Papers, p. 3", "GAVO F. 1. Op. 2. D. 3. L. 4")),
        ("Papers, p. 3 (GAVO F. 1. Op. 2. D. 3. L. 4).",
         ("Papers, p. 3", "GAVO F. 1. Op. 2. D. 3. L. 4")),
        ("Архив: ГАВО. Ф. 1. Оп. 2. Д. 3. Л. 4.", ("", "ГАВО. Ф. 1. Оп. 2. Д. 3. Л. 4")),
        ("Источник: Сборник. С. 5.", ("Сборник. С. 5", "")),
    ],
)  # fmt: skip
def test_source_and_mark_on_one_line(line: str, expected: tuple[str, str]) -> None:
    assert parts(line) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Letter to K.E. Moroz, November 21, 1931", "K. E. Moroz"),
        ("From a telegram to U. Sink, before 15 August 1931", "U. Sink"),
        ("Letter from A. Petrov to B. Smith, 3 May 1930", "B. Smith"),
        ("Письмо И. В. Иванова П. П. Петрову от 3 мая 1930 г.", "П. П. Петрову"),
        ("Письмо А. Иванова к Б. Петрову", "Б. Петрову"),
        ("Докладная записка В. Кулику", "В. Кулику"),
        ("Записка Соколина Ардову", "Ардову"),
        ("Письмо М. Соколина П. Рудневу и А. Зимину", "П. Рудневу и А. Зимину"),
        ("П. И. Рудневу. 9 мая 1929 года", "П. И. Рудневу"),
        ("Note to Members of the Committee on Grain, [1931]", "Members of the Committee on Grain"),
        ("Reply to P.I. Rudnev's letter, May 9, 1929", "P. I. Rudnev"),
        ("Minutes of the board, 2 February 1929", None),
        ("Речь на съезде 5 мая 1930 года", None),
    ],
)
def test_recipient(title: str, expected: str | None) -> None:
    assert recipient(title) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Come soon.\nYours,\nAnton", "Anton"),
        ("Come soon.\nПривет.\nАнтон", "Антон"),
        ("Come soon.\nYour brother, A. Moor", "A. Moor"),
        ("Come soon.\n\nA. Moor\nB. Low\n5 May 1930", "A. Moor; B. Low"),
        ("Come soon.\nA. Moor 27/XI-31.", "A. Moor"),
        ("Come soon.\nMember of the Board\nA. Low\n9 May", "A. Low"),
        ("Жду.\nСекретарь союза И. Мунк", "И. Мунк"),
        ("Жду.\nВашъ\nМ. Соколинъ", "М. Соколинъ"),
        ("Come soon.\nThe road is closed.", None),
        ("Приезжайте.\nПривет.", None),
        ("A. Moor", None),
    ],
)
def test_author(text: str, expected: str | None) -> None:
    assert author(text) == expected


@pytest.mark.parametrize(
    ("ending", "source"),
    [
        ("\n.\nПисьма мельника. 1931–1936 гг.", "Письма мельника. 1931–1936 гг."),
        ("\n---\nПисьма мельника. 1931–1936 гг.", "Письма мельника. 1931–1936 гг."),
        ("\n---\nРига, 5 мая 1931 г.", None),
        ("\n---\nЖду лета 1931 года вместе с вами.", None),
        ("\nПисьма мельника. 1931–1936 гг.", None),
    ],
)
def test_a_source_without_pages_only_where_one_is_due(ending: str, source: str | None) -> None:
    page = f"Письмо\n\n1931 ru:tom1\n\nПисьмо\nИсточник: Том 1\n\nЛодка ушла.\nА. Мор{ending}\n"
    (document,) = documents(page, Path("a.txt"))
    assert document.source == source
    assert document.text == "Лодка ушла.\nА. Мор" + ("" if source else ending)


def test_a_page_without_text_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.write_text("Letter to A. Berg\n\n1925 en:tom1\n\nLetter to A. Berg\n", encoding="utf-8")
    (item,) = read(path)
    assert isinstance(item, Failure)
    assert "no text" in item.error


def test_html_that_is_no_record_page_is_one_text(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<html><body><p>Hello</p></body></html>", encoding="utf-8")
    (item,) = read(path)
    assert isinstance(item, Document)
    assert item.text == "Hello"
