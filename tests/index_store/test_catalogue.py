"""Filters against a brute-force oracle; schema, hashes and refusals of the catalogue."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from index_store.catalogue.engines.sqlite_engine import SqliteEngine
from index_store.catalogue.schema import set_meta
from index_store.errors import StoreCorrupt, StoreError, StoreMismatch
from index_store.store import IndexStore
from index_store.types import Document, Filter
from tests.kits.store_kit import ENCODER, IDENTITY, entry, letter

LETTERS = [letter(n, paragraphs=1 + n % 2) for n in range(80)]
DAYS = st.none() | st.dates(
    min_value=datetime.date(1918, 1, 1),
    max_value=datetime.date(1952, 1, 1),
).map(lambda day: day.isoformat())
PEOPLE = st.none() | st.lists(st.sampled_from(["A. Berg", "И. Сомов", "nobody"]), max_size=2).map(
    tuple
)
IDS = st.lists(st.sampled_from([f"d{n}" for n in range(90)]), max_size=40).map(tuple)
FILTERS = st.builds(
    Filter,
    date_from=DAYS,
    date_to=DAYS,
    lang=st.sampled_from([None, None, "en", "ru", "fr"]),
    kind=st.sampled_from([None, None, "original", "translation"]),
    authors=PEOPLE,
    recipients=st.sampled_from([None, None, None, ("C. Dahl",), ()]),
    collections=st.sampled_from([None, None, None, ("Бумаги",), ("Papers", "Бумаги")]),
    documents=st.none() | IDS,
    exclude=IDS,
)


def allowed(document: Document, filter: Filter) -> bool:
    """What a filter means, in the plainest words."""
    if filter.date_from or filter.date_to:
        if not document.date_from and not document.date_to:
            return False
        if (document.date_from or "0000") > (filter.date_to or "9999-99"):
            return False
        if (document.date_to or "9999-99") < (filter.date_from or "0000"):
            return False
    return (
        filter.lang in (None, document.lang)
        and filter.kind in (None, document.kind)
        and (filter.authors is None or document.author in filter.authors)
        and (filter.recipients is None or document.recipient in filter.recipients)
        and (filter.collections is None or document.collection in filter.collections)
        and (filter.documents is None or document.document_id in filter.documents)
        and document.document_id not in filter.exclude
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexStore]:
    directory = tmp_path_factory.mktemp("filters")
    with IndexStore.open(directory, write=True, encoder=IDENTITY) as writer:
        writer.put(LETTERS)
    with IndexStore.open(directory) as reader:
        yield reader


@settings(deadline=None, max_examples=80)
@given(filter=FILTERS)
def test_filters_mean_the_same_everywhere(store: IndexStore, filter: Filter) -> None:
    _check(store, filter)


@pytest.mark.slow
@settings(deadline=None, max_examples=500)
@given(filter=FILTERS)
def test_five_hundred_filters_mean_the_same_everywhere(store: IndexStore, filter: Filter) -> None:
    _check(store, filter)


def _check(store: IndexStore, filter: Filter) -> None:
    meant = [item for item in LETTERS if allowed(item.document, filter)]
    expected = {item.document.document_id for item in meant}
    assert {document.document_id for document in store.documents(filter)} == expected
    vector = LETTERS[0].vectors[0]
    dense = store.dense_search(vector, 1000, filter)
    assert {hit.passage_id.split("#")[0] for hit in dense} == expected
    words = " ".join(passage.text for item in LETTERS for passage in item.passages)
    by_words = store.lexical_search(words, 1000, filter)
    assert {hit.passage_id.split("#")[0] for hit in by_words} == expected
    whole = store.lexical_search(words, 1000, filter, level="document")
    assert {hit.passage_id for hit in whole} == expected
    assert store.size(filter, level="document") == len(meant)
    assert store.size(filter) == sum(len(item.passages) for item in meant)
    spread = store.dense_stats(vector, filter)
    cosines = [vector @ other for item in meant for other in item.vectors] or [0.0]
    assert spread.count == store.size(filter)
    assert spread.mean == pytest.approx(np.mean(cosines), abs=1e-3)  # stored as float16
    assert spread.deviation == pytest.approx(np.std(cosines), abs=1e-3)
    everything = {hit.passage_id: hit.score for hit in store.lexical_search(words, 1000)}
    assert all(everything[hit.passage_id] == hit.score for hit in by_words)


def test_a_bad_day_in_a_filter_is_told(store: IndexStore) -> None:
    for search in (store.documents, lambda f: store.lexical_search("grain", 3, f)):
        with pytest.raises(StoreError, match="1931-13-01"):
            search(Filter(date_to="1931-13-01"))


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexStore]:
    folder = tmp_path_factory.mktemp("texts")
    with IndexStore.open(folder, write=True, encoder=IDENTITY) as store:
        yield store


TEXTS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60), min_size=20, max_size=20
)


@settings(deadline=None, max_examples=5, phases=[Phase.generate])
@given(texts=TEXTS)
def test_texts_come_back_code_point_for_code_point(writer: IndexStore, texts: list[str]) -> None:
    entries = [
        entry(f"odd{n}", text, title=text, path=text, author=text.replace("\0", ""))
        for n, text in enumerate(texts)
    ]
    writer.put(entries)
    for item in entries:
        back = writer.document(item.document.document_id)
        assert back == item.document
        assert writer.passages(back.document_id) == list(item.passages)
        by_author = writer.documents(Filter(authors=(item.document.author or "",)))
        assert back.document_id in [document.document_id for document in by_author]


def set_values(folder: Path, **values: str) -> None:
    """Changes values of the manifest, and leaves no write-ahead log behind."""
    with closing(SqliteEngine(folder, write=True)) as engine, engine.transaction():
        set_meta(engine, values)


def test_a_newer_schema_is_refused_unchanged(tmp_path: Path) -> None:
    IndexStore.open(tmp_path, write=True, encoder=IDENTITY).close()
    path = tmp_path / "catalogue.sqlite3"
    set_values(tmp_path, schema="2")
    before = path.read_bytes()
    for write in (True, False):
        with pytest.raises(StoreMismatch, match="schema 2"):
            IndexStore.open(tmp_path, write=write, encoder=IDENTITY)
    assert path.read_bytes() == before
    set_values(tmp_path, schema="1", metric="l2")
    with pytest.raises(StoreMismatch, match="l2"):
        IndexStore.open(tmp_path)


def test_a_damaged_catalogue_is_told_not_served(tmp_path: Path) -> None:
    (tmp_path / "catalogue.sqlite3").write_bytes(b"no database at all" * 500)
    for write in (True, False):
        with pytest.raises(StoreCorrupt, match=r"damaged|readable"):
            IndexStore.open(tmp_path, write=write, encoder=IDENTITY)


def test_rows_are_never_reused(tmp_path: Path) -> None:
    with IndexStore.open(tmp_path, write=True, encoder=IDENTITY) as store:
        store.put([entry("a", "one", "two")])
        store.delete(["a"])
        store.put([entry("b", "three")])
        rows = store._catalogue.rows("SELECT row FROM passages")
    assert rows == [(3,)]


def test_the_disk_format_of_schema_1(tmp_path: Path) -> None:
    """What other programs may read; a change here needs a new schema number."""
    with IndexStore.open(tmp_path, write=True, encoder=IDENTITY) as store:
        store.put([entry("a", "Frost on the canal.")])
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite3")) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        (blob,) = connection.execute("SELECT vector FROM passages").fetchone()
        meta = dict(connection.execute("SELECT key, value FROM meta"))
    assert {"meta", "documents", "texts", "search_keys", "passages", "files", "outbox"} <= tables
    assert blob == ENCODER.encode(["Frost on the canal."])[0].astype("float16").tobytes()
    assert (meta["schema"], meta["metric"], meta["dimension"]) == ("1", "cosine", "32")
