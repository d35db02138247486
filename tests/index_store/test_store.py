"""The store's contract, over SQLite and PostgreSQL, Chroma in the store and on a real server."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index_store import lexical_schema, sync
from index_store.catalogue.schema import COPIED
from index_store.errors import NotStored, StoreError, StoreLocked, StoreMismatch
from index_store.maintenance import doctor
from index_store.positions import INDEXES
from index_store.store import EncoderIdentity, Entry, FileState, IndexStore
from index_store.types import DocumentWarning, Filter, Origin
from index_store.vectors.server import Chroma, ChromaServer
from tests.kits.chroma_kit import chroma_server, guarded_server
from tests.kits.store_kit import ENCODER, IDENTITY, entry, letter, run_python

PLACES = {"a": "Tiksi", "b": "Tiksi Bay", "c": "Амдерма", "d": "Tiksi", "e": None}

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_server(tmp_path_factory.mktemp("chroma")) as url:
        yield url


@pytest.fixture(scope="module")
def guarded(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    with guarded_server(server, tmp_path_factory.mktemp("tls")) as behind_tls:
        yield behind_tls


@pytest.fixture(
    params=["embedded", "server", pytest.param("guarded", marks=pytest.mark.slow)],
)
def url(request: pytest.FixtureRequest) -> Chroma:
    """Chroma in the store, on a server, and on one behind TLS with tenant, database, header."""
    if request.param == "embedded":
        return None
    chroma: Chroma = request.getfixturevalue(request.param)
    return chroma


def writer(directory: Path, url: Chroma = None) -> IndexStore:
    return IndexStore.open(directory, write=True, encoder=IDENTITY, chroma_url=url)


def contents(directory: Path) -> list[object]:
    """All rows of the catalogue."""
    with IndexStore.open(directory) as store:
        return [store._catalogue.rows(f"SELECT * FROM {table}") for table in COPIED]


def found(store: IndexStore, entries: list[Entry]) -> None:
    """Every passage is found by its own vector and its own words."""
    for item in entries:
        assert store.document(item.document.document_id) == item.document
        assert tuple(store.passages(item.document.document_id)) == item.passages
        for passage, vector in zip(item.passages, item.vectors, strict=True):
            assert passage.passage_id in [hit.passage_id for hit in store.dense_search(vector, 1)]
            mark = passage.text.split()[-1]
            assert store.lexical_search(mark, 2)[0].passage_id == passage.passage_id


def test_put_replace_delete_and_the_indexes_agree(tmp_path: Path, url: Chroma) -> None:
    first = [letter(n) for n in range(20)]
    changed = [letter(n, seed=1, paragraphs=2) for n in range(0, 20, 3)]
    kept = [item for n, item in enumerate(first) if n % 3 and n % 2]
    with writer(tmp_path, url) as store:
        store.put(first)
        found(store, first)
        store.put(changed)
        doomed = [f"d{n}" for n in range(20) if n % 3 and not n % 2]
        assert store.delete([*doomed, "nothing", doomed[0]]) == doomed
        found(store, kept + changed)
        assert len(store) == sum(len(item.passages) for item in kept + changed)
        assert not any(
            hit.passage_id.split("#")[0] in doomed
            for query in ("grain harbour", "зерно гавань")
            for hit in store.lexical_search(query, 100)
        )
        assert store.lexical_search("mark0x0x0", 5) == []
    report = doctor.check(tmp_path, url)
    assert report.sound, report
    assert report.checked["passages"] == sum(len(item.passages) for item in kept + changed)
    with IndexStore.open(tmp_path, chroma_url=url) as store:
        found(store, kept + changed)


def test_beyond_the_exact_limit_scores_are_exact(tmp_path: Path, url: Chroma) -> None:
    with writer(tmp_path, url) as store:
        store.put([letter(n, paragraphs=4) for n in range(60)])
    query = ENCODER.encode(["grain frost гавань"])[0]
    with (
        IndexStore.open(tmp_path, chroma_url=url) as exact,
        IndexStore.open(tmp_path, chroma_url=url, exact_limit=10) as proposed,
    ):
        assert proposed.dense_search(query, 10) == exact.dense_search(query, 10)
        assert proposed.dense_search(query, 10) == proposed.dense_search(query, 10)


def test_another_processs_commits_are_seen(tmp_path: Path, url: Chroma) -> None:
    with writer(tmp_path, url) as store:
        store.put([letter(1)])
    with IndexStore.open(tmp_path, chroma_url=url) as reader, writer(tmp_path, url) as store:
        assert len(reader.lexical_search("mark0x2x0", 5)) == 0
        assert len(reader.dense_search(letter(1).vectors[0], 100)) == 3
        store.put([letter(2), letter(1, seed=9)])
        found(reader, [letter(2), letter(1, seed=9)])
        store.delete(["d2"])
        assert reader.lexical_search("mark0x2x0", 5) == []
        assert len(reader.dense_search(letter(1).vectors[0], 100)) == 3
        with pytest.raises(NotStored, match="d2"):
            reader.document("d2")


CRASH = """
import os, sys
from pathlib import Path
from index_store import lexical_schema, sync
from index_store.catalogue.schema import COPIED
from index_store.store import IndexStore
from tests.kits.store_kit import IDENTITY, letter
url = dict(enumerate(sys.argv)).get(3)
store = IndexStore.open(Path(sys.argv[1]), write=True, encoder=IDENTITY, chroma_url=url)
store.put([letter(n) for n in range(5)])
setattr(sync, sys.argv[2], lambda *_: os._exit(7))
store.put([letter(n, seed=1) for n in range(3, 8)])
"""


@pytest.mark.parametrize(
    ("step", "chroma"),
    [("apply_lexical", "embedded"), ("apply_vectors", "embedded"), ("apply_vectors", "server")],
)
def test_killed_between_the_commit_and_the_indexes(
    tmp_path: Path, step: str, chroma: str, request: pytest.FixtureRequest
) -> None:
    url: str | None = None if chroma == "embedded" else request.getfixturevalue("server")
    child = run_python(CRASH, tmp_path, step, *([url] if url else []))
    assert child.returncode == 7, child.stderr
    expected = [letter(n) for n in range(3)] + [letter(n, seed=1) for n in range(3, 8)]
    with IndexStore.open(tmp_path) as reader:  # a reader has the catalogue's truth at once
        for item in expected:
            assert reader.document(item.document.document_id) == item.document
        assert reader._positions.behind_most(INDEXES) > 0
    with writer(tmp_path, url) as store:
        found(store, expected)
    assert doctor.check(tmp_path, url).sound


def test_an_index_that_fails_leaves_the_documents_safe(
    tmp_path: Path, url: Chroma, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("disk full")

    with writer(tmp_path, url) as store:
        store.put([letter(0)])
        with monkeypatch.context() as patch:
            patch.setattr("index_store.sync.apply_vectors", full)
            with pytest.raises(StoreError, match="disk full"):
                store.put([letter(1)])
        assert len(store) == 6
        store.put([letter(2)])
        found(store, [letter(n) for n in range(3)])


def test_what_a_failed_writer_left_does_not_stop_the_next(tmp_path: Path) -> None:
    """tantivy refuses to write a file that is there already, as it is after a full disk."""
    with writer(tmp_path) as store:
        store.put([letter(n) for n in range(4)])
    (tmp_path / "lexical.seal.json").unlink()  # as after a writer that failed
    left = 0
    for segment in (tmp_path / "lexical").rglob("*.term"):
        for stamp in range(40):
            segment.with_suffix(f".{stamp}.del").touch()
            left += 1
    assert left
    with writer(tmp_path) as store:
        store.put([letter(1, seed=1)])
        found(store, [letter(0), letter(1, seed=1), letter(2), letter(3)])
    assert doctor.check(tmp_path).sound
    assert not list((tmp_path / "lexical").rglob("*.del"))


def test_a_bad_entry_writes_nothing(tmp_path: Path) -> None:
    good, other = letter(0), letter(1)
    wrong = np.array(other.vectors) * 2
    bad = Entry(other.document, other.passages, wrong, other.search_key, other.header)
    surrogate = entry("d9", "a lone \ud800 surrogate")
    with writer(tmp_path) as store:
        undated = entry("d8", "text", date_from="1931-1")
        nul = entry("d7", "text", author="A\0B")
        for entries in ([good, bad], [good, undated], [good, nul]):
            with pytest.raises(StoreError, match=entries[1].document.document_id):
                store.put(entries)
        with pytest.raises(StoreError, match="surrogate"):
            store.put([good, surrogate])
        taken = Entry(
            other.document, (), np.empty((0, 32), np.float32), other.search_key, other.header
        )
        store.put([taken])
        assert len(store) == 0 and store.document("d1") == other.document
        assert store.info()["documents"] == 1


def test_a_second_writer_is_refused_and_told_who_writes(tmp_path: Path) -> None:
    with writer(tmp_path):
        started = time.monotonic()
        with pytest.raises(StoreLocked, match=str(os.getpid())):
            writer(tmp_path)
        assert time.monotonic() - started < 2
    writer(tmp_path).close()


HOLD = """
import os, sys
from pathlib import Path
from index_store.store import IndexStore
IndexStore.open(Path(sys.argv[1]), write=True)
os._exit(9)
"""


def test_a_dead_writers_lock_is_free(tmp_path: Path) -> None:
    writer(tmp_path).close()
    assert run_python(HOLD, tmp_path).returncode == 9
    assert (tmp_path / "writer.json").exists()
    writer(tmp_path).close()


def test_other_encoders_and_missing_stores_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="fonds ingest"):
        IndexStore.open(tmp_path / "none")
    with pytest.raises(StoreError, match="encoder"):
        IndexStore.open(tmp_path / "none", write=True)
    assert not (tmp_path / "none").exists()
    with writer(tmp_path) as store:
        store.put([letter(0)])
        with pytest.raises(StoreMismatch, match="16 dimensions"):
            store.dense_search(np.ones(16, np.float32), 3)
    before = contents(tmp_path)
    for other in (EncoderIdentity("other", 32), EncoderIdentity("hashing", 64)):
        for write in (True, False):
            with pytest.raises(StoreMismatch, match="--store"):
                IndexStore.open(tmp_path, write=write, encoder=other)
    assert contents(tmp_path) == before
    with IndexStore.open(tmp_path, encoder=IDENTITY) as reader, pytest.raises(StoreError):
        reader.put([letter(1)])


def test_reading_needs_no_chroma(tmp_path: Path) -> None:
    with writer(tmp_path) as store:
        store.put([letter(0)])
    code = (
        "import sys; from pathlib import Path; from index_store.store import IndexStore;"
        "from tests.kits.store_kit import letter;"
        "s = IndexStore.open(Path(sys.argv[1])); assert s.dense_search(letter(0).vectors[0], 3);"
        "assert s.lexical_search('grain зерно', 3); s.documents(); s.info(); s.close();"
        "assert not {'chromadb', 'torch'} & set(sys.modules)"
    )
    child = run_python(code, tmp_path)
    assert child.returncode == 0, child.stderr


def test_results_do_not_depend_on_the_history(tmp_path: Path, url: Chroma) -> None:
    letters = [letter(n, paragraphs=4) for n in range(12)]
    with writer(tmp_path / "a", url) as store:
        store.put(letters)
    random.Random(4).shuffle(letters)
    with writer(tmp_path / "b", url) as store:
        store.put([letter(n, seed=3) for n in range(15)])
        store.put(letters[:5])
        store.put(letters[5:])
        store.delete(["d12", "d13", "d14"])
    query = "frost ledger orchard гавань министерство"
    vector = ENCODER.encode([query])[0]
    with (
        IndexStore.open(tmp_path / "a", chroma_url=url, exact_limit=20) as one,
        IndexStore.open(tmp_path / "b", chroma_url=url, exact_limit=20) as two,
    ):
        assert one.sha256() == two.sha256()
        for k in (1, 7, 50):
            assert one.dense_search(vector, k) == two.dense_search(vector, k)
            assert one.lexical_search(query, k) == two.lexical_search(query, k)
        wholes = [store.lexical_search(query, 9, level="document") for store in (one, two)]
        assert wholes[0] == wholes[1] and len(wholes[0]) == 9


def test_files_hits_and_figures(tmp_path: Path) -> None:
    state = FileState("letters/d0.txt", "ab" * 32, ("d0", "d1"), True)
    with writer(tmp_path) as store:
        store.put([letter(0), letter(1), entry("z", "Ёлка у гавани.", record_id="d0", lang="ru")])
        store.set_file(state)
        store.set_file(FileState("other", "cd", (), False))
        store.forget_file("other")
    with IndexStore.open(tmp_path) as store:
        assert store.file("letters/d0.txt") == state and store.files() == [state]
        assert store.file("other") is None
        assert [d.document_id for d in store.record("d0")] == ["d0", "z"]
        origin = {"dense": Origin(2, 0.5)}
        hits = store.hits([("z#0", 0.9, origin), ("gone", 0.8, {}), ("d1#2", 0.7, {})])
        assert [(h.passage.passage_id, h.rank, h.score) for h in hits] == [
            ("z#0", 1, 0.9),
            ("d1#2", 2, 0.7),
        ]
        assert hits[0].document == store.document("z") and hits[0].origins == origin
        assert store.passage("d1#2") == letter(1).passages[2]
        assert store.containing("кауг") == ["z"] and store.containing("кауг", "d0") == []
        assert store.values("lang") == sorted(
            {letter(0).document.lang, letter(1).document.lang, "ru"}
        )
        assert store.stem_frequency("елк") == 1
        info = store.info()
        assert (info["documents"], info["passages"], info["encoder"]) == (3, 7, "hashing")
        assert min(info["bytes"].values()) > 0
        assert [d.text for d in store.documents()] == ["", "", ""]
        dates = [d.date_from or "9999" for d in store.documents()]
        assert dates == sorted(dates)
        assert store.documents(Filter(documents=())) == []
        assert store.documents(Filter(), 2, 1) == store.documents()[1:]
        assert store.documents(Filter(), 1) == store.documents()[:1]


def test_documents_by_their_place_and_title(tmp_path: Path) -> None:
    with writer(tmp_path) as store:
        store.put([entry(name, "Ice.", place=place) for name, place in PLACES.items()])
    with IndexStore.open(tmp_path) as reader:
        title = reader.document("a").title
        assert reader.titled(title) == ["a"]
        assert reader.titled(title.lower()) == []
        assert reader.written_at(["Tiksi", "Амдерма", "Igarka"]) == ["a", "c", "d"]
        assert reader.written_at([]) == []


def test_a_store_of_before_its_fields_had_indexes_gets_them(tmp_path: Path) -> None:
    with writer(tmp_path) as store:
        engine = store._writer().engine
        with engine.transaction():
            engine.execute("DROP INDEX documents_by_place")
    with writer(tmp_path) as store:
        assert store._writer().engine.has("documents_by_place")


@pytest.mark.parametrize(("changed", "sound"), [(5, True), (2, False)])
def test_a_row_that_chroma_lost_is_put_back_after_a_large_change(
    changed: int, sound: bool, tmp_path: Path
) -> None:
    with writer(tmp_path) as store:
        store.put([letter(n) for n in range(9)])
    with writer(tmp_path) as store:
        store.put([letter(n, seed=1) for n in range(changed)])
        lost = next(
            sync.vector_rows(store._catalogue, [letter(8).passages[0].passage_id], "passage_id")
        )
        with store._vectors.use(store._catalogue.generation()) as chroma:
            chroma.replace([replace(lost, vector=-lost.vector)])
            assert chroma.not_found([lost])
    assert doctor.check(tmp_path).sound is sound


def test_a_store_of_before_misread_entries_were_marked_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noisy = entry("n", "The harbour was frozen")
    warned = replace(noisy.document, warnings=(DocumentWarning("ocr_noise", "misread"),))
    with monkeypatch.context() as before, writer(tmp_path) as store:
        before.setattr(lexical_schema, "MISREAD", "text")
        store.put([replace(noisy, document=warned), entry("e", "The houses")])
        store._writer().rows("DELETE FROM meta WHERE key = 'misreadings'")
    with IndexStore.open(tmp_path) as reader:
        assert reader.near_stems() is None
        writer(tmp_path).close()
        assert reader.near_stems() is not None
        rebuilt = reader._catalogue.generation()
        writer(tmp_path).close()
        assert reader._catalogue.generation() == rebuilt, "once"


def test_a_store_of_before_each_language_had_its_stemmer_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    german = entry("g", "Die Häuser am Hafen", lang="de")
    with monkeypatch.context() as before, writer(tmp_path) as store:
        before.setattr(lexical_schema, "has_own_stemmer", lambda lang: False)
        store.put([german, entry("e", "The houses")])
        store._writer().rows("DELETE FROM meta WHERE key = 'stemming'")
    with IndexStore.open(tmp_path) as reader:
        assert reader.stem_language("de") == "en" and reader.stem_rules() == ["en"]
        assert reader.stem_frequency("hauser") == 1
        assert [hit.passage_id for hit in reader.lexical_search("Häuser", 1)] == ["g#0"]
        writer(tmp_path).close()
        assert (reader.stem_language("de"), reader.stem_language("ru")) == ("de", "ru")
        assert reader.stem_rules() == ["de", "en"]
        assert reader.stem_rules(Filter(lang="ru")) == ["en"]
        assert [hit.passage_id for hit in reader.lexical_search("Haus", 1)] == ["g#0"]
    assert doctor.check(tmp_path).sound
