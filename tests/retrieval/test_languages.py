"""An archive in four languages: each document is found, quoted and listed in its own."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from rag import Archive
from rag.settings import Settings
from rag.types import Filters
from tests.kits.bundled import bundled

LETTERS = {
    "de": "Am 3. März 1931 kamen die Häuser am Hafen unter den Hammer. Kapitän Ohlsen kaufte zwei"
    " davon und schrieb darüber an den Senat.",
    "es": "Las habitaciones del faro estaban cerradas desde el invierno. El capitán Ventling pidió"
    " las llaves a la señora Prado.",
    "en": "The granary burned down in the night, and the bookkeeper saved only the ledger.",
    "ru": "Ледокол вышел из гавани утром, и капитан Олсен остался на берегу с грузом муки.",
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("languages")
    lines = [json.dumps({"id": lang, "text": text}) for lang, text in LETTERS.items()]
    (folder / "letters.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with Archive(Settings(store=folder / "store"), bundled()) as archive:
        archive.ingest([folder / "letters.jsonl"])
        yield archive


def test_the_language_of_each_document_is_detected(archive: Archive) -> None:
    assert archive.info()["languages"] == dict.fromkeys(sorted(LETTERS), 1)


@pytest.mark.parametrize(
    ("question", "lang"),
    [
        ("Wer kaufte ein Haus?", "de"),
        ("¿En qué habitación del faro pidió las llaves?", "es"),
        ("What did the bookkeeper save?", "en"),
        ("Когда вышли ледоколы?", "ru"),
        ("What did Ohlsen buy?", "de"),
    ],
)
def test_words_find_documents_in_each_language(archive: Archive, question: str, lang: str) -> None:
    assert archive.search(question).hits[0].document.document_id == lang
    hits = archive.search(question, filters=Filters(lang=lang)).hits
    assert [hit.document.document_id for hit in hits] == [lang]


def test_a_german_question_gets_german_words_and_english_wording(archive: Archive) -> None:
    answer = archive.ask("Wer kaufte die Häuser am Hafen?")
    assert answer.status == "answered"
    assert all(citation.quote in LETTERS["de"] for citation in answer.citations)
    assert "3. März 1931" in answer.citations[0].quote or "Ohlsen" in answer.citations[0].quote
    silent = archive.ask("Wie heißt die Hauptstadt von Australien?")
    assert silent.abstention is None or silent.abstention.message.isascii()


def test_a_phrase_and_a_quotation_are_found_in_any_language(archive: Archive) -> None:
    hits = archive.search('Where is "die Häuser am Hafen"?').hits
    assert {hit.document.document_id for hit in hits} == {"de"}
    assert archive.verify("Kapitän Ohlsen kaufte zwei davon").status == "exact"
    near = archive.verify("Kapitän Ohlsen verkaufte zwei davon und schrieb an den Senat")
    assert near.status == "near" and near.matches[0].citation.document.document_id == "de"


def test_a_list_names_documents_in_any_language(archive: Archive) -> None:
    answer = archive.ask("Every document that mentions Hafen")
    assert [listed.document.document_id for listed in answer.documents or ()] == ["de"]


def test_a_name_in_the_other_alphabet_finds_a_third_language(archive: Archive) -> None:
    def found(question: str) -> list[str]:
        hits = archive.search(question, filters=Filters(lang="es")).hits
        return [hit.document.document_id for hit in hits if "lexical" in hit.origins]

    assert found("Что писал Вентлинг?") == ["es"]
    assert found("Что писал Журавлёв?") == []


def test_a_language_that_the_archive_does_not_have_finds_nothing(archive: Archive) -> None:
    found = archive.search("Hafen", filters=Filters(lang="fr"))
    assert found.hits == () and found.message
