"""Readings are kept within a bound, and one that is damaged is read again."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rag.readers.scans.readings import Readings, key
from rag.readers.scans.unread import Scan


def test_readings_are_kept_and_pruned(tmp_path: Path) -> None:
    kept = Readings(tmp_path / "readings", max_bytes=2000)
    noise = {name: os.urandom(400).hex() for name in "abcde"}  # 400 bytes or more when compressed
    for at, (name, text) in enumerate(noise.items()):
        kept.put(name, text)
        os.utime(tmp_path / "readings" / f"{name}.reading", (at, at))
    assert kept.get("a") == noise["a"], "which makes it the one used last"
    assert kept.prune() > 0
    left = [name for name in noise if kept.get(name) is not None]
    assert "a" in left and "b" not in left and "e" in left
    assert sum(file.stat().st_size for file in (tmp_path / "readings").iterdir()) <= 2000


def test_threads_may_put_the_same_reading(tmp_path: Path) -> None:
    """And a folder that cannot be written keeps none."""
    kept, text = Readings(tmp_path), "level\tpage" * 1000
    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(kept.put, "a", text) for _ in range(200)]:
            done.result()
    assert kept.get("a") == text and [p.name for p in tmp_path.iterdir()] == ["a.reading"]
    nowhere = Readings(tmp_path / "a.reading")
    nowhere.put("b", text)
    assert (nowhere.get("b"), nowhere.prune()) == (None, 0)


def test_a_damaged_reading_is_none(tmp_path: Path) -> None:
    kept = Readings(tmp_path)
    kept.put("a", "level\tпage")
    assert kept.get("a") == "level\tпage"
    (tmp_path / "a.reading").write_bytes(b"\x00\x01")
    assert kept.get("a") is None
    (tmp_path / "b.part").write_bytes(b"cut off")
    assert (kept.prune(), sorted(p.name for p in tmp_path.iterdir())) == (0, ["a.reading"])


def test_the_key_tells_picture_languages_and_version() -> None:
    scan = Scan(2, 1, 300, b"\x00\xff")
    others = [
        Scan(1, 2, 300, b"\x00\xff"),
        Scan(2, 1, None, b"\x00\xff"),
        Scan(2, 1, 300, b"\xff\x00"),
    ]
    names = {key(scan, "tesseract 5.3.0 eng"), key(scan, "tesseract 5.3.0 rus")}
    assert len(names | {key(other, "tesseract 5.3.0 eng") for other in others}) == 5
