"""The sample archive reads without failures, warns where it should, and says it is invented."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import samples
from index_store.types import Document
from rag import Archive
from rag.readers import registry
from rag.readers.scans import parts
from rag.records import warnings
from rag.types import Failure


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


QUESTIONS = _lines(samples.QUESTIONS)
DIALOGUES = _lines(samples.DIALOGUES)
INVENTED = ("Invented sample archive of Fonds, ", "Вымышленный архив-образец Fonds. ")


def _items() -> Iterator[Document | Failure]:
    for path in parts.find_documents([samples.ARCHIVE]):
        if isinstance(path, Failure):
            yield path
        else:
            yield from registry.read(path)


@pytest.fixture(scope="module")
def archive() -> dict[str, Document]:
    """Every sample document by id, with its warnings."""
    records: dict[str, list[Document]] = defaultdict(list)
    for item in _items():
        assert isinstance(item, Document), item
        records[item.record_id].append(item)
    examined = [d for record in records.values() for d in warnings.examine(record)]
    by_id = {d.document_id: d for d in examined}
    assert len(by_id) == len(examined), "two sample documents propose one id"
    return by_id


def codes(document: Document) -> set[str]:
    return {warning.code for warning in document.warnings}


def test_every_source_says_that_it_is_invented(archive: dict[str, Document]) -> None:
    assert {
        d.document_id for d in archive.values() if not (d.source or "").startswith(INVENTED)
    } == set()
    assert all((d.source or "").startswith(INVENTED[d.lang == "ru"]) for d in archive.values())


WARNED = {
    "date_conflict": {"1929-01-12-tverezov.en", "1929-01-12-tverezov.ru"},
    "halves_differ": {"1929-03-14-sazhin.en", "1929-03-14-sazhin.ru"},
    "undated": {"lotvintseva-note.en", "lotvintseva-note.ru"},
    "page_range": {"1928-11-26-tverezov.en", "1928-11-26-tverezov.ru"},
    "old_orthography": {"1926-09-05-tverezov.ru", "1932-09-10-tverezov"},
    "duplicate": {
        "1929-03-07-tverezov.en",
        "1929-03-07-tverezov.ru",
        "1929-03-07-tverezov-telegrams.en",
        "1929-03-07-tverezov-telegrams.ru",
    },
}


def test_only_the_difficult_documents_warn(
    archive: dict[str, Document], sample_archive: Archive
) -> None:
    """Ingest warns of the difficulties that were put in, and of machine translations."""
    warned: dict[str, set[str]] = defaultdict(set)
    for document in sample_archive.documents():
        for warning in document.warnings:
            warned[warning.code].add(document.document_id)
    machine = {i for i, d in archive.items() if d.translator == "AI"}
    assert warned == WARNED | {"machine_translation": machine}
    assert len(sample_archive.documents()) == len(archive)


def test_translations_are_marked(archive: dict[str, Document]) -> None:
    translations = {i for i, d in archive.items() if d.kind == "translation"}
    originals_in_english = {
        "1930-05-06-ventling.en",
        "1932-08-20-lotvintseva.en",
        "1934-06-03-pell-garrow",
        "alder-queen-1929-07-12",
    }
    by_hand = {"1932-08-20-lotvintseva.ru"}
    english = {i for i, d in archive.items() if d.lang == "en"}
    assert translations == english - originals_in_english | by_hand
    assert {i for i in translations if archive[i].translator == "human"} == by_hand


def test_the_span_of_years(archive: dict[str, Document]) -> None:
    years = {d.date[:4] for d in archive.values() if d.date}
    assert (min(years), max(years), len(archive)) == ("1925", "1935", 50)


def test_uncertain_date_and_metadata_beside_the_file(archive: dict[str, Document]) -> None:
    note = archive["ryndin-explanation"]
    assert (note.date, note.date_from, note.date_to) == ("1929-05?", "1929-05-01", "1929-05-31")
    assert note.title == "Объяснительная записка счетовода И. Н. Рындина"
    assert note.author == "И. Н. Рындин"


def test_no_shelf_mark(archive: dict[str, Document]) -> None:
    bare = {i for i, d in archive.items() if d.archival_ref is None}
    assert bare == {"1929-03-14-sazhin.ru", "1930-05-20-ventling.en", "1930-05-20-ventling.ru"}


def test_several_sources(archive: dict[str, Document]) -> None:
    letter = archive["1931-05-25-tverezov.en"]
    assert letter.archival_ref == "GALK F. 12. Op. 4. D. 7. L. 20-21; GALK F. 12. Op. 5. D. 1. L. 3"
    assert (letter.source or "").count("Invented sample archive of Fonds") == 2


def test_contradicting_date(archive: dict[str, Document]) -> None:
    letter = archive["1929-01-12-tverezov.ru"]
    assert (letter.date, letter.date_from, letter.date_to) == (
        "1929-01-12",
        "1929-01-12",
        "1929-01-21",
    )


def test_undated_note(archive: dict[str, Document]) -> None:
    assert archive["lotvintseva-note.ru"].date is None


def test_mispaired_page(archive: dict[str, Document]) -> None:
    english, russian = archive["1929-03-14-sazhin.en"], archive["1929-03-14-sazhin.ru"]
    assert english.archival_ref == "GALK F. 12. Op. 3. D. 45. L. 52-53"
    assert russian.archival_ref is None
    assert russian.source == "Вымышленный архив-образец Fonds. Т. 5. С. 212"


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_duplicate_telegram(archive: dict[str, Document], lang: str) -> None:
    book = archive[f"1929-03-07-tverezov.{lang}"]
    wire = archive[f"1929-03-07-tverezov-telegrams.{lang}"]
    assert book.text == wire.text
    assert book.collection != wire.collection
    assert book.archival_ref != wire.archival_ref


def test_one_language_only(archive: dict[str, Document]) -> None:
    by_record: dict[str, set[str]] = defaultdict(set)
    for d in archive.values():
        by_record[d.record_id].add(d.lang)
    assert by_record[archive["1929-04-22-zastruyev.ru"].record_id] == {"ru"}
    assert by_record[archive["1930-05-06-ventling.en"].record_id] == {"en"}


@pytest.mark.parametrize(
    ("lang", "inside", "after", "source"),
    [
        ("en", "Source: log of the Gagara, leaf 44.", "printed with a question mark", "pp. 71-72"),
        ("ru", "Источник: журнал «Гагары», лист 44.", "с вопросительным знаком", "С. 71–72"),
    ],
)
def test_source_line_and_rules_inside_a_letter(
    archive: dict[str, Document], lang: str, inside: str, after: str, source: str
) -> None:
    letter = archive[f"1929-07-30-tverezov.{lang}"]
    assert inside in letter.text
    assert after in letter.text
    assert letter.text.count("---") == 2
    assert (letter.source or "").endswith(source)


def test_namesakes(archive: dict[str, Document]) -> None:
    assert "Боцман Игнат Рындин" in archive["1929-04-22-zastruyev.ru"].text
    assert "счетовод И. Н. Рындин" in archive["1928-11-26-tverezov.ru"].text


def test_people_and_shelfmarks(archive: dict[str, Document]) -> None:
    letter = archive["1928-10-24-zastruyev.ru"]
    assert (letter.author, letter.archival_ref) == (
        "А. Тверезов",
        "ГАЛК. Ф. 12. Оп. 3. Д. 45. Л. 7–9",
    )
    assert letter.collection == "Книга писем 3"
    page = archive["1929-08-02-zastruyev.en"]
    assert (page.author, page.archival_ref) == ("F. Sazhin", "GALK F. 12. Op. 3. D. 47. L. 8")


def test_questions_are_balanced() -> None:
    assert len({q["id"] for q in QUESTIONS}) == len(QUESTIONS) == 40
    assert sum(q["lang"] == "en" for q in QUESTIONS) == 20
    kinds = [q["type"] for q in QUESTIONS if not q["answerable"]]
    assert (kinds.count("unanswerable"), kinds.count("false_premise")) == (7, 3)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q["id"])
def test_gold(archive: dict[str, Document], question: dict[str, Any]) -> None:
    gold = [archive[i] for i in question["gold_docs"]]
    quotes = question["gold_quotes"]
    assert bool(gold) == bool(question["answer_strings"]) == question["answerable"]
    assert bool(quotes) == (question["answerable"] and not question["type"].startswith("record"))
    for quote in quotes:
        assert any(quote in d.text for d in gold), quote
    if quotes:
        assert all(any(quote in d.text for quote in quotes) for d in gold)


def test_dialogues_are_balanced() -> None:
    assert len({d["id"] for d in DIALOGUES}) == len(DIALOGUES) == 30
    assert sum(d["lang"] == "en" for d in DIALOGUES) == 15
    assert {len(d["turns"]) for d in DIALOGUES} == {3}


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda d: d["id"])
def test_gold_of_dialogues(archive: dict[str, Document], dialogue: dict[str, Any]) -> None:
    for turn in dialogue["turns"]:
        assert turn["question"].strip() and turn["gold_documents"]
        gold = [archive[i] for i in turn["gold_documents"]]
        if turn["gold_quote"] is not None:
            assert any(turn["gold_quote"] in d.text for d in gold), turn["gold_quote"]
