from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product
from typing import Any

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware
from hypothesis import given, settings
from hypothesis import strategies as st

from index_store.types import Document
from rag import citations
from rag.citations.citation import STYLES, cite, format_citation, page_of
from rag.citations.fields import persons, plain
from rag.dates.formatting import words
from rag.errors import UsageError
from rag.readers.registry import read
from rag.text.chunking import split
from tests.conftest import SHARED

LETTER = Document(
    "lidin-17",
    "lidin-17",
    "en",
    "The ice has gone. Write soon.",
    title="On the opening of the river",
    date="1927-05-04",
    author="P. Lidin",
    recipient="Anna Varina",
    source="Letters from Lunda, vol. 2.",
    archival_ref="LSA F. 7. Op. 2. D. 38. L. 4-5.",
)
RUSSIAN = replace(
    LETTER,
    lang="ru",
    title="Письмо А. Вариной об открытии реки",
    author="Лидин П.",
    recipient="А. Варина",
    source="Письма из Лунды",
    archival_ref="ЛГА. Ф. 7. Оп. 2. Д. 38. Л. 4–5 об.",
)
TRANSLATION = replace(LETTER, kind="translation", translator="AI")
BARE = Document("note", "note", "en", "Ice.")


def test_a_citation_is_read_from_the_store() -> None:
    (passage,) = split(LETTER)
    citation = cite(3, LETTER, passage, 4, 16, "normalised")
    assert (citation.quote, citation.n, citation.check) == ("ice has gone", 3, "normalised")
    assert citation.passage_id == "lidin-17#0"
    assert set(citation.formatted) == {"chicago", "gost"}
    assert citation.to_dict()["archival_ref"] == LETTER.archival_ref


@pytest.mark.parametrize("span", [(-1, 3), (3, 3), (5, 2), (0, 99)])
def test_no_citation_without_text(span: tuple[int, int]) -> None:
    (passage,) = split(LETTER)
    with pytest.raises(ValueError, match="no text at"):
        cite(1, LETTER, passage, *span)
    with pytest.raises(ValueError, match="not a passage of"):
        cite(1, BARE, passage, 0, 3)


def test_pages() -> None:
    paged = replace(LETTER, pages=((0, "iv"), (10, "1"), (20, "2")))
    assert [page_of(paged, *span) for span in ((0, 10), (9, 11), (12, 29))] == ["iv", "iv–1", "1–2"]
    assert page_of(LETTER, 0, 5) is None


def test_a_page_that_the_source_does_not_have_stays_out_of_the_reference() -> None:
    in_volume = replace(LETTER, source="Letters, vol. 2, pp. 14–16")
    assert "p. 15;" in format_citation(in_volume, "chicago", "15")
    for style in ("chicago", "gost"):
        assert "10v" not in format_citation(in_volume, style, "10v")


def test_chicago() -> None:
    assert format_citation(LETTER, "chicago") == (
        "P. Lidin to Anna Varina, 4 May 1927, “On the opening of the river,” "
        "Letters from Lunda, vol. 2; LSA F. 7. Op. 2. D. 38. L. 4-5."
    )
    plain = replace(LETTER, title="P. Lidin to Anna Varina, 4 May 1927", source=None)
    assert format_citation(plain, "chicago", "12–13") == (
        "P. Lidin to Anna Varina, 4 May 1927, pp. 12–13; LSA F. 7. Op. 2. D. 38. L. 4-5."
    )
    assert format_citation(BARE, "chicago") == "“note”."


def test_gost() -> None:
    assert format_citation(RUSSIAN, "gost", "8") == (
        "Лидин П. Письмо А. Вариной об открытии реки, 4 мая 1927 г. // "
        "Письма из Лунды. С. 8. ЛГА. Ф. 7. Оп. 2. Д. 38. Л. 4–5 об."
    )
    assert format_citation(BARE, "gost") == "note."


@pytest.mark.parametrize("style", STYLES)
def test_machine_translations_say_so(style: str) -> None:
    assert "Translated by machine (AI)" in format_citation(TRANSLATION, style)
    assert "ranslated" not in format_citation(LETTER, style)


def test_csl_json() -> None:
    (item,) = json.loads(format_citation(LETTER, "csl-json", "3"))
    assert item["type"] == "personal_communication"
    assert item["issued"] == {"date-parts": [[1927, 5, 4]]}
    assert item["archive_location"] == LETTER.archival_ref
    assert (item["archive"], item["page"]) == ("LSA", "3")
    (bare,) = json.loads(format_citation(BARE, "csl-json"))
    assert bare == {"id": "note", "type": "document", "title": "note", "language": "en"}
    (unsure,) = json.loads(format_citation(replace(LETTER, date="1927?/1928"), "csl-json"))
    assert unsure["issued"] == {"date-parts": [[1927], [1928]], "circa": True}


def test_unknown_style() -> None:
    with pytest.raises(UsageError, match="chicago, gost"):
        format_citation(LETTER, "apa")


HOSTILE = st.text(
    st.one_of(st.characters(), st.sampled_from("{}\\%&#_~^$@,\"'\n\r\u2028\x00- ER.")), max_size=60
)


@settings(deadline=None, max_examples=100)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_values_cannot_leave_their_field(title: str, source: str, identifier: str) -> None:
    document = replace(LETTER, document_id=identifier or "x", title=title, source=source)
    assert json.loads(format_citation(document, "csl-json"))[0]["id"] == document.document_id

    lines = format_citation(document, "ris").split("\n")
    assert lines[0] == "TY  - PCOMM" and lines[-1] == "ER  - "
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .+", line) for line in lines[:-1])
    assert sum(line.startswith("ER  -") for line in lines) == 1

    entry = format_citation(document, "bibtex")
    assert re.fullmatch(r"@misc\{[A-Za-z0-9.-]+,\n(  \w+ = \{[^\n]*\},\n)+\}", entry)
    depth = 0
    for line in entry.split("\n"):  # braces balance in each field and never close early
        depth += line.count("{") - line.count("}")
        assert depth == (0 if line == "}" else 1)

    for style in ("chicago", "gost"):
        assert not re.search(r"[\x00-\x1f\u2028]", format_citation(document, style))


@pytest.mark.parametrize("style", ["chicago", "gost"])
@pytest.mark.parametrize("document", [LETTER, RUSSIAN, TRANSLATION, BARE])
def test_no_double_stops(style: str, document: Document) -> None:
    text = format_citation(document, style)
    assert text.endswith(".") and ".." not in text and " ." not in text and ", ," not in text


@pytest.mark.parametrize(
    ("edtf", "english", "russian"),
    [
        ("1931-11-21", "21 November 1931", "21 ноября 1931 г."),
        ("1931-11", "November 1931", "ноябрь 1931 г."),
        ("1931?", "1931?", "1931 г.?"),
        ("1931~", "c. 1931", "ок. 1931 г."),
        ("1930/1932", "1930–1932", "1930–1932 гг."),
        ("../1931-08-15", "before 16 August 1931", "до 16 августа 1931 г."),
        ("../1931-12", "before January 1932", "до января 1932 г."),
        ("1931-01-01/..", "after 31 December 1930", "после 31 декабря 1930 г."),
        ("193X", "1930s", "1930-е гг."),
        ("1931-11-XX", "November 1931", "ноябрь 1931 г."),
        ("1931-13-45", "1931-13-45", "1931-13-45"),
        ("soon", "soon", "soon"),
    ],
)
def test_dates_in_words(edtf: str, english: str, russian: str) -> None:
    assert (words(edtf, "en"), words(edtf, "ru")) == (english, russian)


@pytest.mark.parametrize(
    ("date", "shown"),
    [
        ("../1931-02-31", "../1931-02-31"),
        ("0000-00-00", "0000-00-00"),
        ("1931/", "after 1930"),
        ("9999-12-31/..", "after 30 December 9999"),
        ("", "spring"),
    ],
)
def test_a_date_without_numbers_is_cited_in_words_or_as_it_is_stored(date: str, shown: str) -> None:
    document = replace(LETTER, date=date, date_text="spring")
    for style in ("chicago", "gost"):
        assert f", {shown}" in format_citation(document, style)
    (item,) = json.loads(format_citation(document, "csl-json"))
    assert item["issued"] == {"literal": shown}
    assert ("  date = {" + date + "}," in format_citation(document, "bibtex")) == bool(date)
    assert "\nPY  - " not in format_citation(document, "ris")


def test_each_style_is_a_module_of_its_own() -> None:
    """A new style is a module and a line of the registry, and no other module is left over."""
    shared = {"citation", "fields", "regions", "marking"}
    modules = {m.name for m in pkgutil.iter_modules(citations.__path__)} - shared
    assert modules == {style.partition("-")[0] for style in STYLES}
    for name in modules:
        home = importlib.import_module(f"rag.citations.{name}")
        defined = [f for f in vars(home).values() if getattr(f, "__module__", "") == home.__name__]
        public = [f for f in defined if callable(f) and not f.__name__.startswith("_")]
        assert len(public) == 1, name


DEVELOPMENT = ("dfat", "frus", "tolstoy_letters_ru")
# Without braces and ^, whose names (\textbraceleft, ...) the parser's decoder does not know.
VALUE = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_characters="{}^"), st.sampled_from("\\%&#_~$@,\"'- E")
    )
)


def shelved() -> Iterator[Document]:
    yield from (LETTER, RUSSIAN, TRANSLATION, BARE, replace(LETTER, author="P. Lidin; A. Orlov"))
    for name in DEVELOPMENT:
        path = SHARED / "data" / name / "docs.jsonl"
        if path.is_file():
            yield from (d for d in islice(read(path), 100) if isinstance(d, Document))


def from_ris(document: Document) -> dict[str, Any]:
    entry: dict[str, Any]
    (entry,) = rispy.loads(format_citation(document, "ris", "8"))
    return entry


def from_bibtex(document: Document) -> dict[str, str]:
    library = parse_string(
        format_citation(document, "bibtex", "8"), append_middleware=[LatexDecodingMiddleware()]
    )
    assert not library.failed_blocks
    (entry,) = library.entries
    return {field.key: field.value for field in entry.fields}


def test_ris_is_read_back() -> None:
    for document in shelved():
        entry = from_ris(document)
        assert entry["id"] == document.document_id
        assert entry["title"] == (plain(document.title) or document.document_id)
        assert entry.get("authors", []) == persons(document.author)
        assert entry.get("secondary_authors", []) == persons(document.recipient)
        assert entry.get("secondary_title", "") == plain(document.source)
        assert "".join(entry.get("unknown_tag", {}).get("AV", [])) == plain(document.archival_ref)
        assert entry["start_page"] == "8" and entry["language"] == document.lang
        assert entry.get("year", "") == (document.date or "")[:4]


def test_bibtex_is_read_back() -> None:
    for document in shelved():
        entry = from_bibtex(document)
        assert entry.get("author", "") == " and ".join(persons(document.author))
        assert entry["title"] == (plain(document.title) or document.document_id)
        assert entry.get("howpublished", "") == plain(document.source)
        assert entry.get("date", "") == (document.date or "")
        assert plain(document.archival_ref) in entry.get("note", "")


def test_csl_json_is_read_back() -> None:
    for document in shelved():
        (item,) = json.loads(format_citation(document, "csl-json", "8"))
        assert [p["literal"] for p in item.get("author", [])] == persons(document.author)
        assert [p["literal"] for p in item.get("recipient", [])] == persons(document.recipient)
        assert item.get("archive_location", "") == plain(document.archival_ref)
        assert item.get("container-title", "") == plain(document.source)
        assert not [name for name, value in item.items() if value in (None, "", [], {})]


@settings(deadline=None, max_examples=150)
@given(VALUE, VALUE)
def test_any_title_and_source_are_read_back(title: str, source: str) -> None:
    document = replace(LETTER, title=title, source=source)
    ris, bibtex = from_ris(document), from_bibtex(document)
    assert ris["title"] == (plain(title) or "lidin-17")
    assert ris.get("secondary_title", "") == plain(source)
    assert bibtex["title"] == (plain(title) or "lidin-17")
    assert bibtex.get("howpublished", "") == plain(source)


def test_several_people() -> None:
    three = replace(LETTER, author="P. Lidin; A. Orlov; Vera Berg", recipient=None, title="Minutes")
    assert format_citation(three, "chicago").startswith("P. Lidin, A. Orlov, and Vera Berg, 4 May")
    assert format_citation(three, "gost").startswith("P. Lidin, A. Orlov, Vera Berg. Minutes, 4")


def test_gost_names_the_author_once() -> None:
    told = replace(LETTER, author="P. Lidin, Clerk,", title="P. Lidin, Clerk, to Anna Varina")
    assert format_citation(told, "gost").startswith(
        "P. Lidin, Clerk, to Anna Varina, 4 May 1927 //"
    )


def test_every_style_does_without_any_field() -> None:
    optional = ("title", "date", "author", "recipient", "source", "archival_ref")
    for missing in product((False, True), repeat=len(optional)):
        gone = {
            n: "" if n == "title" else None for n, m in zip(optional, missing, strict=True) if m
        }
        document = replace(LETTER, **gone)  # type: ignore[arg-type]
        for style in STYLES:
            text = format_citation(document, style)
            assert text and "None" not in text and "null" not in text
            if style in ("chicago", "gost"):
                assert not re.search(r"\.\.|,,|, ,| [.,;]|; ;|//\s*$|^\W*//", text), text
