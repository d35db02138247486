"""Lists of one kind of document, in one language, of people known and unknown."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from rag import Archive
from rag.types import VerifiedAnswer
from tests.kits import letters_kit

_FIELDS = ("id", "lang", "title", "date", "author", "recipient", "place")
_DOCUMENTS = (
    ("minutes", "en", "Minutes of the Tern Club, 4 May 1901", "1901-05-04", "J. Lowe", None, None),
    ("letter", "en", "E. Crane to J. Lowe", "1901-06-01", "E. Crane", "J. Lowe", "Hull"),
    ("hers", "en", "Ada Crane to her aunt", "1902-01-03", "Ada Crane", "Mrs. Finch", "Hull"),
    ("wire", "en", "Telegram, Crane to Lowe", "1901-07-02", "E. Crane", "J. Lowe", "Bergen"),
    ("draht", "de", "Telegramm Ohm an Lowe", "1902-07-02", "Kurt Ohm", "J. Lowe", "Kiel"),
    ("diary", "en", "From the diary of E. Crane", "1901-08-02", "E. Crane", None, None),
    ("bericht", "de", "Bericht über die Seeschwalben", "1902", "Kurt Ohm", "J. Lowe", None),
    ("malta", "en", "E. Crane to the Governor of Malta", None, "E. Crane", "The Governor of Malta",
     None),
    ("odessa", "en", "J. Lowe to the Governor of Odessa", "1904", "J. Lowe",
     "The Governor of Odessa", None),
    ("zapiska", "ru", "Записка о крачках", "1903", "П. Лунин", "Дж. Лоу", None),
)  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("kinds")
    rows = (dict(zip(_FIELDS, row, strict=True)) for row in _DOCUMENTS)
    texts = {"en": "The terns have come.", "de": "Die Vögel sind da.", "ru": "Крачки прилетели."}
    lines = (json.dumps(row | {"text": texts[str(row["lang"])]}) for row in rows)
    path = folder / "club.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    with letters_kit.opened(folder / "store") as archive:
        archive.ingest([path])
        yield archive


def listed(answer: VerifiedAnswer) -> set[str]:
    return {item.document.document_id for item in answer.documents or ()}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many minutes are there in the archive?", {"minutes"}),
        ("List all telegrams.", {"wire", "draht"}),
        ("Are there any telegrams from 1902?", {"draht"}),
        ("How many letters are there?", {"letter", "hers", "malta", "odessa"}),
        ("How many letters were sent to the Governor of Malta?", {"malta"}),
        ("Which letters did J. Lowe receive?", {"letter"}),
        ("How many letters did Captain Crane write to Consul Lowe?", {"letter"}),
        ("Which documents are undated?", {"malta"}),
        ("Какие документы не датированы?", {"malta"}),
        ("Which reports were written in German?", {"bericht"}),
        ("Are there any diaries?", {"diary"}),
        ("Which reports are there?", {"bericht"}),
        ("Which documents are in German?", {"draht", "bericht"}),
        ("Which documents of 1903 are in Russian?", {"zapiska"}),
        ("Сколько документов на немецком языке?", {"draht", "bericht"}),
        ("What telegrams did Crane send from Bergen?", {"wire"}),
        ("How many letters did Crane write to Mr. Lowe?", {"letter"}),
        ("All letters of Ada Crane", {"hers"}),
    ],
)
def test_lists(archive: Archive, question: str, expected: set[str]) -> None:
    answer = archive.ask(question)
    assert listed(answer) == expected
    assert answer.certainty == "clear"


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("How many telegrams did Crane send in 1903?", "None: the catalogue has no such document."),
        ("Are there any petitions?", "None: the catalogue has no such document."),
        (
            "How many letters did Crane write to Mrs. Heron?",
            "no sender, recipient or place “Heron”",
        ),
        ("Which letters did the Governor of Malta write?", "place “Governor of Malta”"),
        ("Are there letters from Mr. Pike?", "no sender, recipient or place “Pike”"),
        ("Сколько писем написал Гагарин?", "нет ни отправителя, ни получателя, ни места «Гагарин»"),
    ],
)
def test_nothing_to_list(archive: Archive, question: str, message: str) -> None:
    answer = archive.ask(question)
    assert answer.documents is None and answer.confidence < 0.1
    assert answer.abstention and message in answer.abstention.message


def test_a_name_of_several_people_is_told(archive: Archive) -> None:
    answer = archive.ask("Which letters did Crane write?")
    assert listed(answer) == {"letter", "hers", "malta"}
    assert "The name fits several people: E. Crane; Ada Crane." in answer.answer
    assert "several people" not in archive.ask("Which letters did Ada Crane write?").answer
