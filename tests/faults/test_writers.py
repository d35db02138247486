"""Fault 9: a second writer is refused in time and told who writes; readers go on meanwhile."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from index_store.errors import StoreLocked
from index_store.maintenance import doctor
from index_store.store import IndexStore
from tests.faults import kit
from tests.kits.store_kit import IDENTITY, letter

WRITER = """
import sys
from pathlib import Path
from index_store.store import IndexStore
from tests.kits.store_kit import IDENTITY, letter
with IndexStore.open(Path(sys.argv[1]), write=True, encoder=IDENTITY) as store:
    store.put([letter(2)])
    print("writing", flush=True)
    sys.stdin.readline()
    store.put([letter(3)])
"""


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("trials", [1, pytest.param(20, marks=pytest.mark.slow)])
def test_a_second_writer_is_refused_and_readers_go_on(trials: int, tmp_path: Path) -> None:
    with IndexStore.open(tmp_path, write=True, encoder=IDENTITY) as store:
        store.put([letter(1)])
    first = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        cwd=kit.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert first.stdin and first.stdout
    assert first.stdout.readline() == "writing\n"
    with IndexStore.open(tmp_path) as reader:
        for _ in range(trials):
            for refused in (
                lambda: IndexStore.open(tmp_path, write=True, encoder=IDENTITY),
                lambda: IndexStore.check_free(tmp_path),
                lambda: doctor.repair(tmp_path),
            ):
                started = time.monotonic()
                with pytest.raises(StoreLocked, match=str(first.pid)):
                    refused()
                assert time.monotonic() - started < 2
            assert {d.document_id for d in reader.documents()} == {"d1", "d2"}
            for item in (letter(1), letter(2)):
                found = reader.dense_search(item.vectors[0], 1)
                assert found[0].passage_id == item.passages[0].passage_id
                word = item.passages[1].text.split()[-1]
                assert reader.lexical_search(word, 1)[0].passage_id == item.passages[1].passage_id
        first.communicate("\n")
        assert first.returncode == 0
        assert {d.document_id for d in reader.documents()} == {"d1", "d2", "d3"}
    assert doctor.check(tmp_path).sound
