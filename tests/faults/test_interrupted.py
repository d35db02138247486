"""Faults 2, 3 and 6: killed, failing or out of disk in the middle of an ingest.

Injected by SIGKILL at the n-th call of a function, by an encoder that raises, and by a library
loaded before libc that makes the n-th write below the store fail, whoever writes.
"""

from __future__ import annotations

import errno
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import samples
from tests.faults import kit

FULL = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(catalogue: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("interrupted")


@pytest.fixture(scope="module")
def host(folder: Path) -> Iterator[kit.Host]:
    with kit.host(folder) as running:
        yield running


@pytest.fixture(scope="module")
def failing_host(folder: Path) -> Iterator[kit.Host]:
    with kit.host(folder, kit.build_shim(folder)) as running:
        yield running


@pytest.fixture(scope="module")
def world(folder: Path) -> kit.World:
    return kit.World(folder / "world")


@pytest.fixture(scope="module")
def old_store(folder: Path, world: kit.World) -> Path:
    """The store as it was before the day's work."""
    world.write(world.before)
    kit.ingest(world.letters, folder / "old")
    world.write(world.after)
    return folder / "old"


@pytest.mark.parametrize("trials", [2, pytest.param(200, marks=FULL)])
def test_kill_9(
    trials: int, host: kit.Host, world: kit.World, old_store: Path, tmp_path: Path
) -> None:
    """Fault 2: nothing lost, nothing twice, each document wholly old or wholly new."""
    store = tmp_path / "whole"
    kit.copy_old(old_store, store, world)
    calls = host.ingest(world.letters, store, kill_at=0)["calls"]
    chance = random.Random(f"kill {trials}")
    for trial in range(trials):
        at = chance.randint(1, int(calls))
        store = tmp_path / str(trial)
        kit.copy_old(old_store, store, world)
        assert host.ingest(world.letters, store, kill_at=at)["exit"] == kit.KILLED
        world.check_whole(store)
        kit.ingest(world.letters, store)
        world.check_final(store, world.after)
        kit.discard(store)


@pytest.mark.parametrize("trials", [1, pytest.param(50, marks=FULL)])
def test_kill_9_of_the_first_ingest_and_clean_exits(
    trials: int, host: kit.Host, world: kit.World, old_store: Path, tmp_path: Path
) -> None:
    """Fault 2 where there is no store yet; and clean exits, after which nothing is left to do."""
    chance = random.Random(f"first {trials}")
    calls = int(host.ingest(world.letters, tmp_path / "whole", kill_at=0)["calls"])
    for trial in range(trials):
        store = tmp_path / str(trial)
        at = chance.randint(1, calls)
        assert host.ingest(world.letters, store, kill_at=at)["exit"] == kit.KILLED
        world.check_whole(store)
        clean = host.ingest(world.letters, store)
        assert clean["exit"] == 0 and not clean["report"]["failures"], clean
        world.check_final(store, world.after)
        again = host.ingest(world.letters, store)["report"]["documents"]
        assert again["unchanged"] == len(world.after), again
        assert again["added"] == again["updated"] == again["removed"] == 0, again
        kit.discard(store)


@pytest.mark.slow
def test_kill_9_with_the_real_encoder(tmp_path: Path) -> None:
    """Fault 2 as a user has it: `fonds ingest` of the sample, killed five times, then finished."""
    whole, store = tmp_path / "whole", tmp_path / "store"
    _fonds("ingest", samples.ARCHIVE, "--store", whole)
    for n in range(5):
        process = subprocess.Popen(_command("ingest", samples.ARCHIVE, "--store", store))
        time.sleep(3 + 1.5 * n)
        process.kill()
        process.wait()
    _fonds("ingest", samples.ARCHIVE, "--store", store)
    _fonds("doctor", "--store", store)
    for question in ("Who asks for coal?", "Сколько керосина списано?"):
        answers = [json.loads(_fonds("ask", question, "--json", "--store", s))
                   for s in (whole, store)]  # fmt: skip
        for answer in answers:
            del answer["seconds"]
        assert answers[0] == answers[1]


def _command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "rag.cli", *map(str, arguments)]


def _fonds(*arguments: object) -> str:
    done = subprocess.run(_command(*arguments), cwd=kit.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("every", [1, 2, 3, pytest.param(4, marks=FULL)])
def test_an_encoder_that_fails_now_and_then(
    every: int, host: kit.Host, world: kit.World, old_store: Path, tmp_path: Path
) -> None:
    """Fault 3: no stale passage is returned, nothing is skipped forever."""
    store = tmp_path / "store"
    kit.copy_old(old_store, store, world)
    for _ in range(3):
        failed = host.ingest(world.letters, store, every=every)
        assert "crash" not in failed, failed
        world.check_whole(store)
    assert every > 1 or "the encoder fails" in failed["fault"]
    kit.ingest(world.letters, store)
    world.check_final(store, world.after)


@pytest.mark.parametrize("once", [False, True], ids=["full disk", "I/O error"])
@pytest.mark.parametrize("trials", [3, pytest.param(None, marks=FULL)])
def test_the_nth_write_fails(
    trials: int | None, once: bool, failing_host: kit.Host, folder: Path, tmp_path: Path
) -> None:
    """Fault 6: the old state intact, a clear fault, and it resumes when there is room."""
    small = kit.World(tmp_path / "world", size=2)
    base = folder / tmp_path.name  # the shim watches the module's folder alone
    base.mkdir()
    small.write(small.before)
    kit.ingest(small.letters, base / "old")
    small.write(small.after)
    number = errno.EIO if once else errno.ENOSPC

    def attempt(store: Path, at: int) -> dict[str, object]:
        kit.copy_old(base / "old", store, small)
        return failing_host.ingest(small.letters, store, fail_at=at, errno=number, once=once)

    writes = int(str(attempt(base / "whole", 0)["writes"]))
    assert writes > 50, "the shim must see the writes"
    every = range(1, writes + 1)
    chosen = every if trials is None else random.Random(f"{trials} {once}").sample(every, trials)
    for at in chosen:
        store = base / str(at)
        ended = attempt(store, at)
        assert "crash" not in ended and ended["exit"] == 0, (at, ended)
        assert "fault" in ended or "report" in ended, (at, ended)
        small.check_whole(store)
        kit.ingest(small.letters, store)
        small.check_final(store, small.after)
        kit.discard(store)
