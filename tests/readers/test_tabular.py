"""JSON Lines, BEIR and CSV: texts unchanged, bad lines told by number, the rest goes on."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index_store.types import Document
from rag.readers import source
from rag.readers.registry import read
from rag.types import Failure, ReadItem


def items(path: Path, content: str | bytes) -> list[ReadItem]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read(path))


def one(path: Path, record: dict[str, Any]) -> Document:
    (item,) = items(path, json.dumps(record))
    assert isinstance(item, Document), item
    return item


def jsonl(*records: Any) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def test_every_field(tmp_path: Path) -> None:
    document = one(
        tmp_path / "a.jsonl",
        {
            "id": 17,
            "record_id": "r1",
            "lang": "EN",
            "title": "On coal",
            "date": "27 November 1931",
            "author": ["A. Moor", "B. Low"],
            "recipient": "C. Dahl",
            "place": "Riga",
            "source": "Source: Papers, p. 3.",
            "archival_ref": "Archive: ARK F. 1. Op. 2. D. 3. L. 4.",
            "collection": "Box 3",
            "kind": "translation",
            "translator": "J. Smith",
            "pair_id": "p1",
            "notes": [{"n": 1}],
            "text": "There is none.",
        },
    )
    assert document == Document(
        document_id="17",
        record_id="r1",
        lang="en",
        text="There is none.",
        kind="translation",
        translator="human",
        title="On coal",
        date="1931-11-27",
        date_from="1931-11-27",
        date_to="1931-11-27",
        date_text="27 November 1931",
        author="A. Moor; B. Low",
        recipient="C. Dahl",
        place="Riga",
        collection="Box 3",
        source="Papers, p. 3",
        archival_ref="ARK F. 1. Op. 2. D. 3. L. 4",
        path=str(tmp_path / "a.jsonl"),
        extra={"translator": "J. Smith", "pair_id": "p1", "notes": [{"n": 1}]},
    )


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"text": "Пишу по-русски."}, {"lang": "ru", "document_id": "a-1"}),
        ({"text": "In English."}, {"lang": "en", "record_id": "a-1"}),
        ({"text": "Слово and words", "lang": "en+ru"}, {"lang": "en", "extra": {"lang": "en+ru"}}),
        ({"text": "Ein Wort", "lang": "de"}, {"lang": "de", "extra": {}}),
        ({"text": "x", "_id": "d1"}, {"document_id": "d1", "record_id": "d1"}),
        ({"text": "x", "id": None, "_id": 0}, {"document_id": "0"}),
        ({"text": "x", "date": "Michaelmas"}, {"date": None, "date_text": "Michaelmas"}),
        ({"text": "x", "date": 1931}, {"date": "1931", "date_to": "1931-12-31"}),
        ({"text": "x", "date_text": "до 1931 г."}, {"date": "../1931", "date_from": None}),
        ({"text": "x", "archival_ref": "[AA:A1,B4/1]"}, {"archival_ref": "[AA:A1,B4/1]"}),
        ({"text": "x", "translator": "AI"}, {"kind": "translation", "translator": "AI"}),
        ({"text": "x", "kind": "draft"}, {"kind": "original", "extra": {"kind": "draft"}}),
        ({"text": "x", "author": "  "}, {"author": None}),
    ],
)
def test_fields_as_people_write_them(
    tmp_path: Path, record: dict[str, Any], expected: dict[str, Any]
) -> None:
    document = one(tmp_path / "a.jsonl", record)
    assert {name: getattr(document, name) for name in expected} == expected


BAD = [
    ("not json", "not valid JSON"),
    ("[1, 2]", "not a JSON object"),
    ('{"id": 1}', "no field text"),
    ('{"text": 5}', "not a string"),
    ('{"text": "  "}', "empty"),
    (r'{"text": "half \ud800 a letter"}', "ud800"),
    (r'{"text": "x", "deep": [{"a": "\udfff"}]}', "deep"),
    (r'{"text": "a \u0000 b"}', "NUL"),
    ('{"text": "x", "n": NaN}', "NaN"),
    ('{"text": "x", "n": ' + "9" * 5000 + "}", "not valid JSON"),
    ('{"text": ' + "[" * 100_000, "nested"),
]


@pytest.mark.parametrize(("line", "cause"), BAD, ids=[cause for _, cause in BAD])
def test_a_bad_line_is_told_and_the_rest_goes_on(tmp_path: Path, line: str, cause: str) -> None:
    good = jsonl({"id": "a", "text": "one"})
    found = items(tmp_path / "a.jsonl", f"{good}\n{line}\n{good}")
    first, failure, last = found
    assert isinstance(first, Document)
    assert isinstance(last, Document)
    assert isinstance(failure, Failure)
    assert (failure.path, failure.line) == (str(tmp_path / "a.jsonl"), 3)
    assert cause in failure.error


def test_one_damaged_line_of_utf8(tmp_path: Path) -> None:
    good = jsonl({"text": "Слово на кириллице"}).encode()
    found = items(tmp_path / "a.jsonl", good * 3 + b'{"text": "\xff\xfe"}\n' + good)
    assert [type(item) for item in found] == [Document] * 3 + [Failure] + [Document]
    assert isinstance(found[3], Failure)
    assert found[3].line == 4


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251", "koi8-r", "cp866", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    texts = [f"Письмо номер {n} о том, как лодка ушла и не вернулась" for n in range(5)]
    content = jsonl(*({"id": str(n), "text": text} for n, text in enumerate(texts)))
    found = items(tmp_path / "a.jsonl", content.encode(encoding))
    assert [item.text for item in found if isinstance(item, Document)] == texts


def test_a_line_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_LINE", 1000)
    good = jsonl({"text": "short"})
    found = items(tmp_path / "a.jsonl", good + jsonl({"text": "x" * 5000}) + good)
    assert [type(item) for item in found] == [Document, Failure, Document]
    assert isinstance(found[1], Failure)
    assert (found[1].line, "longer than" in found[1].error) == (2, True)


# Any text that JSON and UTF-8 can hold and that is not empty.
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1
).filter(lambda text: bool(text.strip()))


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(TEXTS, min_size=1, max_size=4), st.booleans())
def test_jsonl_keeps_every_code_point(tmp_path: Path, texts: list[str], ascii_only: bool) -> None:
    lines = (json.dumps({"text": text}, ensure_ascii=ascii_only) + "\n" for text in texts)
    found = items(tmp_path / "a.jsonl", "".join(lines))
    assert [item.text for item in found if isinstance(item, Document)] == texts


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(TEXTS, min_size=1, max_size=4), st.sampled_from(",;\t"))
def test_csv_keeps_every_code_point(tmp_path: Path, texts: list[str], delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "text"])
    writer.writerows([str(n), text] for n, text in enumerate(texts))
    found = items(tmp_path / "a.csv", out.getvalue())
    assert [item.text for item in found if isinstance(item, Document)] == texts


def test_csv(tmp_path: Path) -> None:
    content = (
        "ID;Lang;Date;Author;Text;Shelf\n"
        'n-1;en;1929-03;"Moor; A.";"Seven stand\nin the room.";3\n'
        ";ru;;;Слово;\n"
        "\n"
        "n-3;en;;;;\n"
        "n-4;en;;;text;x;too many\n"
    )
    first, second, empty, long = items(tmp_path / "a.csv", content)
    assert isinstance(first, Document)
    assert (first.document_id, first.author, first.date) == ("n-1", "Moor; A.", "1929-03")
    assert (first.text, first.extra) == ("Seven stand\nin the room.", {"Shelf": "3"})
    assert isinstance(second, Document)
    assert (second.document_id, second.extra) == ("a-4", {})
    assert isinstance(empty, Failure)
    assert (empty.line, "empty" in empty.error) == (6, True)
    assert isinstance(long, Failure)
    assert (long.line, "7 cells" in long.error) == (7, True)


def test_csv_with_an_open_quote(tmp_path: Path) -> None:
    first, second = items(tmp_path / "a.csv", 'id,text\na,one\nb,"two\nc,three\n')
    assert isinstance(first, Document)
    assert isinstance(second, Failure)
    assert (second.line, "close the quotes" in second.error) == (3, True)


def test_csv_whose_header_does_not_close_a_quote(tmp_path: Path) -> None:
    path = tmp_path / "letters.csv"
    path.write_text('id,lang,"text\n1,en,Coal\n', encoding="utf-8")
    (item,) = read(path)
    assert isinstance(item, Failure) and item.line == 1 and "close the quotes" in item.error


def test_csv_without_a_text_column(tmp_path: Path) -> None:
    (item,) = items(tmp_path / "a.csv", "id,body\na,one\n")
    assert isinstance(item, Failure)
    assert "column text" in item.error


def test_csv_is_told_by_its_header(tmp_path: Path) -> None:
    (item,) = items(tmp_path / "table.txt", "id\ttext\na\tone\n")
    assert isinstance(item, Document)
    assert (item.document_id, item.text) == ("a", "one")


def test_the_shared_data_unchanged() -> None:
    path = Path(__file__).resolve().parents[3] / "shared/data/tolstoy_letters_ru/docs.jsonl"
    if not path.exists():
        pytest.skip("the shared data are not beside the project")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    documents = [item for item in read(path) if isinstance(item, Document)]
    assert [(d.document_id, d.text) for d in documents] == [(r["id"], r["text"]) for r in rows]
    assert {d.lang for d in documents} <= {"en", "ru"}
