"""Choosing from the archive: filters, example questions, the table of documents."""

from __future__ import annotations

from index_store.types import Document
from rag.types import Filters
from tests.kits.fake_documents import ALL, LINDKVIST, LOG, TAME
from ui_assets.model import Scope
from ui_assets.session.controller import without_filter
from ui_assets.view.facets import count, examples, filters_from, scope
from ui_assets.view.table import table


def test_facets_have_all_years_and_values_by_frequency() -> None:
    facets = count(list(ALL.values()))
    assert facets.years == ((1907, 2), (1908, 0), (1909, 1)) and facets.max_per_year == 2
    assert facets.undated == len(ALL) - 3 and facets.languages[0] == "en"
    assert scope([LINDKVIST, LOG]) == Scope(2, 1907, 1909, ("en", "ru"))
    assert count([]).years == () and count([]).max_per_year == 1


def test_filters_take_only_what_is_offered() -> None:
    facets = count(list(TAME.values()))
    form = {"date_from": "1909", "date_to": "1908", "lang": "ru", "author": "K. Haldane"}
    chosen = filters_from(form, facets)
    assert chosen == Filters("1908", "1909", "ru", "K. Haldane")
    whole = filters_from({"date_from": "1907", "date_to": "1909", "kind": ""}, facets)
    assert whole == Filters()
    forged = {"date_from": "x", "lang": "xx", "kind": "forged", "exclude": ["no such", "log"]}
    assert filters_from(forged, facets) == Filters(exclude=("log",))
    assert without_filter(chosen, {"field": "dates"}) == Filters(lang="ru", author="K. Haldane")


def test_examples_come_from_the_archive() -> None:
    for lang in ("en", "ru"):
        asked = examples(list(TAME.values()), lang)
        assert asked and all(
            any(d.title in q or (d.author or "-") in q for d in TAME.values()) for q in asked
        )
        assert len(examples([], lang, sample=True)) == 4
    assert examples([], "en") == []


def test_the_table_sorts_searches_and_turns_pages() -> None:
    many = [Document(f"d{n:03}", "r", "en", "", title=f"T{n % 7}") for n in range(120)]
    documents = [*many, *TAME.values()]
    first = table(documents, {})
    assert [d.document_id for d in first.rows][:2] == ["lindqvist-en", "lindqvist-ru"]
    assert (first.all, first.first, first.last, first.sort) == (123, 1, 50, "date")
    assert table(documents, {"page": "99"}).first == 101
    assert [d.document_id for d in table(documents, {"year": "1909"}).rows] == ["log"]
    assert table(documents, {"words": "HARBOUR lindqvist"}).all == 1
    assert table(documents, {"words": "nothing"}).rows == ()
    pointed = table(documents, {"document": "d119"})
    assert "d119" in [d.document_id for d in pointed.rows] and pointed.document == "d119"
    up, down = (table(documents, {"sort": s}).rows for s in ("title", "-title"))
    assert up[0].title == "Log of the harbour office" and down[0].title.startswith("В.")
    assert table(documents, {"sort": "__class__"}).sort == "date"
