"""Searches of the sample archive across languages."""

from __future__ import annotations

import pytest

from rag import Archive
from rag.types import Filters


@pytest.mark.parametrize(
    ("question", "lang", "document"),
    [
        ("Что нашли мастера внутри хронометра?", "en", "1930-05-06-ventling.en"),
        ("Сколько лука дал пароход Alder Queen?", "en", "alder-queen-1929-07-12"),
        (
            "How did the boatswain get from his sledge to a river?",
            "ru",
            "1929-04-22-zastruyev.ru",
        ),
        ("Which shoal is shown on the chart of the strait?", "ru", "1929-03-14-sazhin.ru"),
    ],
)
def test_a_question_finds_documents_in_the_other_language(
    sample_archive: Archive, question: str, lang: str, document: str
) -> None:
    hits = sample_archive.search(question, k=10, filters=Filters(lang=lang)).hits
    found = list(dict.fromkeys(hit.document.document_id for hit in hits))
    assert document in found[:5]
    assert {hit.document.lang for hit in hits} == {lang}


def test_both_versions_of_a_record_are_found_without_a_filter(sample_archive: Archive) -> None:
    hits = sample_archive.search("Почему ледокол не послали к «Гагаре»?", k=5).hits
    assert {hit.document.lang for hit in hits} == {"en", "ru"}
