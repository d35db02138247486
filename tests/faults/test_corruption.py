"""Faults 5, 7, 8 and 15: indexes that must agree, flipped bits, backups under way, many rows.

Injected by rewriting bytes of closed stores, by killing a writer at the n-th call of a function,
and by Chroma's limits made small.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from index_store.errors import StoreError
from index_store.maintenance import doctor
from index_store.maintenance.backup import backup, restore
from index_store.store import IndexStore
from index_store.vectors import chroma_rows
from tests.faults import kit
from tests.faults.host import change
from tests.kits.store_kit import ENCODER, IDENTITY, entry, letter

FULL = pytest.mark.slow
LETTERS = [letter(n) for n in range(8)]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("sound") / "store"
    with IndexStore.open(directory, write=True, encoder=IDENTITY) as store:
        store.put(LETTERS)
    return directory


def _flip_a_bit(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(content))


def _read_rightly(store: Path) -> None:
    """What is read from a damaged store is as it was written, or the damage is reported."""
    for item in LETTERS:
        try:
            with IndexStore.open(store) as reader:
                document = reader.document(item.document.document_id)
                passages = tuple(reader.passages(item.document.document_id))
                holders = reader.containing(item.search_key[:40])
        except StoreError:
            continue
        assert document == item.document, "a wrong document was served"
        assert passages == item.passages, "a wrong passage was served"
        assert item.document.document_id in holders


@pytest.mark.parametrize("trials", [15, pytest.param(1000, marks=FULL)])
def test_flipped_bits_are_found_and_never_served(trials: int, sound: Path, tmp_path: Path) -> None:
    """Fault 7: any bit of the catalogue, of the word indexes and of Chroma's segments."""
    chance = random.Random(f"bits {trials}")
    sealed = [sound / "catalogue.sqlite3", *(sound / "lexical").rglob("*")]
    if trials > 100:  # opening what may be damaged takes a child process and seconds
        sealed += (sound / "vectors").rglob("*.bin")
    covered = sorted(p for p in sealed if p.is_file() and p.suffix != ".lock" and p.stat().st_size)
    for trial in range(trials):
        victim = chance.choice(covered)
        store = tmp_path / str(trial)
        of_chroma = "vectors" in victim.relative_to(sound).parts
        left_out = [] if of_chroma else ["vectors"]
        shutil.copytree(sound, store, ignore=shutil.ignore_patterns(*left_out))
        _flip_a_bit(store / victim.relative_to(sound), chance)
        _read_rightly(store)
        report = doctor.check(store)
        found = {problem.code for problem in report.problems}
        if of_chroma:  # its files have no seal that holds: served rightly, or told
            assert report.sound or found <= doctor._VECTORS, (victim, report)
        else:
            assert found - {"vectors_damaged"}, (victim, trial)
        kit.discard(store)


@pytest.mark.parametrize(("was", "is_now"), [(b"TABLE passages", b"TABLE qassages"),
                                             (b"vector BLOB", b"wector BLOB")])  # fmt: skip
def test_a_flipped_bit_of_the_schema_is_found(
    was: bytes, is_now: bytes, sound: Path, tmp_path: Path
) -> None:
    """Fault 7: the catalogue then lacks a table or a column; that is damage, and no other fault."""
    store = tmp_path / "store"
    shutil.copytree(sound, store)
    catalogue = store / "catalogue.sqlite3"
    content = catalogue.read_bytes()
    assert content.count(was) == 1
    catalogue.write_bytes(content.replace(was, is_now))
    _read_rightly(store)
    found = {problem.code for problem in doctor.check(store).problems}
    assert doctor._UNREADABLE in found


@pytest.mark.parametrize("segments", [1, pytest.param(None, marks=FULL)])
def test_a_truncated_segment_is_rebuilt(segments: int | None, sound: Path, tmp_path: Path) -> None:
    """Fault 7: a diagnosis and a rebuild, never a crash of the process."""
    for n, victim in enumerate(sorted((sound / "vectors").rglob("*.bin"))[:segments]):
        store = tmp_path / str(n)
        shutil.copytree(sound, store)
        path = store / victim.relative_to(sound)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        assert doctor.repair(store).sound
        with IndexStore.open(store, exact_limit=1) as reader:
            for item in LETTERS:
                for passage, vector in zip(item.passages, item.vectors, strict=True):
                    assert reader.dense_search(vector, 1)[0].passage_id == passage.passage_id


@pytest.fixture(scope="module")
def host(catalogue: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[kit.Host]:
    with kit.host(tmp_path_factory.mktemp("host")) as running:
        yield running


@pytest.mark.parametrize("steps", [20, pytest.param(10_000, marks=FULL)])
def test_the_store_is_its_model_whatever_is_killed(
    steps: int, host: kit.Host, tmp_path: Path
) -> None:
    """Fault 5: random puts, edits, deletions, kills and reopenings against a plain dict."""
    seed, store, done = f"model {steps}", tmp_path / "store", tmp_path / "done"
    chance = random.Random(seed)
    model: dict[str, str] = {}
    step = 0
    while step < steps:
        count = chance.randint(3, 20)
        trial = {"seed": seed, "first": step, "steps": count, "done": str(done)}
        if chance.random() < 0.5:
            trial["kill_at"] = chance.randint(1, 15_000 * count)
        ended = host.run(store, **trial)
        assert ended["exit"] in (0, kit.KILLED), ended
        assert not ended.keys() & {"crash", "fault"}, ended
        acknowledged = len(done.read_text().split()) if done.exists() else 0
        for number in range(step, step + acknowledged):
            _apply(model, seed, number)
        step += acknowledged
        if not IndexStore.exists(store):
            assert ended["exit"] == kit.KILLED and not model
            continue
        with IndexStore.open(store) as reader:
            stored = {d.document_id: reader.document(d.document_id).text
                      for d in reader.documents()}  # fmt: skip
        if ended["exit"] == kit.KILLED and stored != model:
            _apply(model, seed, step)  # killed after its commit, before its note
            step += 1
        assert stored == model, step
        if ended["exit"] == 0:
            report = doctor.check(store)
            assert report.sound, (step, report.problems)
            assert report.checked["documents"] == len(model)


def _apply(model: dict[str, str], seed: str, step: int) -> None:
    puts, deletions = change(seed, step)
    model |= {item.document.document_id: item.document.text for item in puts}
    for name in deletions:
        model.pop(name, None)


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("size", [90, pytest.param(1350, marks=FULL)])
def test_every_live_passage_is_found(size: int, tmp_path: Path) -> None:
    """Fault 5: many in (4,050 passages in full), half deleted, a third of the rest replaced."""
    letters = {n: letter(n) for n in range(size)}
    with IndexStore.open(tmp_path, write=True, encoder=IDENTITY) as store:
        for start in range(0, size, 90):
            store.put([letters[n] for n in range(start, min(start + 90, size))])
        store.delete([f"d{n}" for n in letters if n % 2])
        live = {n: item for n, item in letters.items() if n % 2 == 0}
        live |= {n: letter(n, seed=1) for n in live if n % 3 == 0}
        store.put([item for n, item in live.items() if n % 3 == 0])
    report = doctor.repair(tmp_path)
    assert report.sound, report.problems
    with IndexStore.open(tmp_path, exact_limit=1) as reader:
        assert len(reader) == sum(len(item.passages) for item in live.values())
        for item in live.values():
            for passage, vector in zip(item.passages, item.vectors, strict=True):
                assert reader.dense_search(vector, 1)[0].passage_id == passage.passage_id
                word = passage.text.split()[-1]
                assert reader.lexical_search(word, 1)[0].passage_id == passage.passage_id


@pytest.mark.parametrize("trials", [2, pytest.param(20, marks=FULL)])
def test_backups_of_an_ingest_under_way(trials: int, host: kit.Host, tmp_path: Path) -> None:
    """Fault 8: each restores to a sound store that holds whole documents and finds them."""
    world = kit.World(tmp_path / "world")
    world.write(world.before)
    store = tmp_path / "store"
    kit.ingest(world.letters, store)
    chance = random.Random(f"backup {trials}")
    for trial in range(trials):
        world.write(world.after if trial % 2 == 0 else world.before)
        copy = tmp_path / f"{trial}.zip"
        with host.running(store, letters=str(world.letters)) as ingest:
            time.sleep(chance.random())
            backup(store, copy)
        assert ingest.ended["exit"] == 0, ingest.ended
        restored = tmp_path / f"restored {trial}"
        restore(copy, restored)
        assert doctor.check(restored).sound
        world.check_whole(restored)
        kit.discard(restored)


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("rows", [150, pytest.param(34_000, marks=FULL)])
def test_above_chromas_limits_every_row_comes_back_once(
    rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 15: beyond the 32,766 rows at which Chroma's `get` fails, and beyond its batches."""
    if rows < 1000:
        monkeypatch.setattr(chroma_rows, "PAGE", 7)
    paragraphs = 50
    with IndexStore.open(tmp_path, write=True, encoder=IDENTITY) as store:
        for start in range(0, rows, 1000):
            store.put(
                [
                    entry(f"d{n}", *(f"grain mark{n}x{part}" for part in range(paragraphs)))
                    for n in range(start // paragraphs, min(start + 1000, rows) // paragraphs)
                ]
            )
        with store._vectors.use(store._catalogue.generation()) as chroma:
            ids = [name for page in chroma.all_rows() for name in page["ids"]]
    assert len(ids) == len(set(ids)) == rows
    assert doctor.check(tmp_path).sound
    with IndexStore.open(tmp_path) as reader:
        near = reader.dense_search(ENCODER.encode(["grain"])[0], rows + 10)
        worded = reader.lexical_search("grain", rows + 10)
    assert {hit.passage_id for hit in near} == {hit.passage_id for hit in worded} == set(ids)
    assert len(near) == len(worded) == rows
