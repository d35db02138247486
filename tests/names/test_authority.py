"""The authority file: namesakes stay two, aliases and alphabets are one, bad files are reported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index_store.maintenance import backup
from rag import Archive, Filters
from rag.errors import ReadError
from rag.readers.authority import read
from rag.readers.source import open_source
from rag.settings import Settings
from tests.kits import letters_kit
from tests.kits.hashing import HashingEncoder


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("people")
    with letters_kit.opened(folder / "store") as archive:
        report = archive.ingest([letters_kit.write(folder / "in")])
        assert (report.added, report.failed) == (6, 0)
        yield archive


def ids(archive: Archive, **filters: Any) -> set[str]:
    return {d.document_id for d in archive.documents(Filters(**filters))}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"author": "Клим"}, {"b", "e"}),
        ({"author": "Klim"}, {"b", "e"}),
        ({"author": "Stozharov"}, {"b", "e"}),
        ({"author": "Стожаров"}, {"b", "e"}),
        ({"recipient": "Klim"}, {"a.en", "a.ru"}),
        ({"author": "Игнат Рындин"}, {"c"}),
        ({"author": "Полундра"}, {"c"}),
        ({"author": "I. N. Ryndin"}, {"d"}),
        ({"author": "счетовод Рындин"}, {"d"}),
        ({"author": "Ryndin"}, {"c", "d"}),
        ({"author": "Ветлин"}, {"a.en", "a.ru"}),
        ({"author": "Nobody"}, set()),
    ],
)
def test_filters(archive: Archive, filters: dict[str, str], expected: set[str]) -> None:
    assert ids(archive, **filters) == expected


def test_counts_merge_spellings_and_not_namesakes(archive: Archive) -> None:
    counts = {c.value: (c.documents, c.records) for c in archive.counts("author")}
    assert counts == {
        "К. Е. Стожаров": (2, 2),
        "A. Vetlin": (2, 1),
        "И. Н. Рындин": (1, 1),
        "Игнат Рындин (1890–1951)": (1, 1),
    }
    by_year = [(c.value, c.documents) for c in archive.counts("year")]
    assert by_year == [("1930/1932", 1), ("1931", 3), ("1932", 1), ("undated", 1)]
    recipients = {c.value: c.documents for c in archive.counts("recipient")}
    assert recipients == {"A. Vetlin": 3, "К. Е. Стожаров": 2, "not given": 1}
    within = archive.counts("lang", Filters(author="Klim"))
    assert [(c.value, c.documents) for c in within] == [("en", 1), ("ru", 1)]


def test_people_are_kept_with_the_store(archive: Archive, tmp_path: Path) -> None:
    assert archive.info()["people"] == 3
    copy = tmp_path / "copy.fonds"
    backup.backup(archive.settings.directory, copy)
    backup.restore(copy, tmp_path / "restored", None)
    with letters_kit.opened(tmp_path / "restored") as restored:
        assert restored.info()["people"] == 3
        assert ids(restored, author="Клим") == {"b", "e"}


def test_an_authority_file_changes_and_goes(tmp_path: Path) -> None:
    folder = letters_kit.write(tmp_path / "in")
    with letters_kit.opened(tmp_path / "store") as archive:
        archive.ingest([folder])
        before = archive.store.sha256()
        (folder / "people.yaml").write_text("- name: X\n  alias: Y\n", encoding="utf-8")
        report = archive.ingest([folder])
        (failure,) = report.failures
        assert (
            failure.path.endswith("people.yaml") and "no field is called 'alias'" in failure.error
        )
        assert report.unchanged == 6, "the rest of the batch goes on"
    with letters_kit.opened(tmp_path / "store") as archive:
        assert archive.info()["people"] == 3, "a bad file leaves the old in force"
        (folder / "people.yaml").write_text("К. Е. Стожаров: Klim\n", encoding="utf-8")
        assert not archive.ingest([folder]).failures
    with letters_kit.opened(tmp_path / "store") as archive:
        assert archive.info()["people"] == 1 and archive.store.sha256() != before
        (folder / "people.yaml").unlink()
        archive.ingest([folder], prune=True)
    with letters_kit.opened(tmp_path / "store") as archive:
        assert archive.info()["people"] == 0
        assert ids(archive, author="Klim") == {"e"}


def test_a_file_named_by_the_setting(tmp_path: Path) -> None:
    folder = letters_kit.write(tmp_path / "in", people=None)
    named = tmp_path / "authorities.yaml"
    named.write_text(letters_kit.PEOPLE, encoding="utf-8")
    settings = Settings(store=tmp_path / "store", people=named)
    with Archive(settings, HashingEncoder(dimension=16)) as archive:
        assert not archive.ingest([folder]).failures
        assert archive.info()["people"] == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("people: Klim\n", "not a list"),
        ("- aliases: [Klim]\n", "entry 1 has no name"),
        ("- name: Berg\n- name: [A, B]\n", "entry 2 has no name"),
        ("- name: A. Berg\n  aliases: [[B]]\n", "aliases must be names"),
        ("- name: A. Berg\n- name: A. Berg\n", "distinguish them"),
        ("- name: 'A. Berg\n", "YAML"),
        ("people: [1, 2\n", "YAML"),
    ],
)
def test_bad_files(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(text, encoding="utf-8")
    with open_source(path) as source, pytest.raises(ReadError, match=told):
        read(source)


@pytest.mark.parametrize(
    "text",
    [
        "people:\n  - name: K. E. Berg\n    aliases: Klim\n",
        "- name: K. E. Berg\n  transliterations: [Klim]\n",
        "K. E. Berg: [Klim]\n",
        "K. E. Berg:\n  aliases: [Klim]\n",
    ],
)
def test_short_forms(text: str, tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(text, encoding="utf-8")
    with open_source(path) as source:
        (person,) = read(source)
    assert (person.name, person.aliases) == ("K. E. Berg", ("Klim",))
