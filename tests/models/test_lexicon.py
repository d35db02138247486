"""The bundled translation lexicon and its file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rag.errors import FondsError
from rag.models import lexicon as lexicons
from rag.models.lexicon import PackedWordList, bundled, load

ROOT = Path(__file__).resolve().parents[2]


def test_weights_are_probabilities() -> None:
    for stem, lang in (("войн", "ru"), ("war", "en"), ("govern", "en"), ("посол", "ru")):
        translations = bundled().translations(stem, lang)
        assert 0 < sum(translations.values()) <= 1.03 and len(translations) <= 8
        assert list(translations.values()) == sorted(translations.values(), reverse=True)
    assert "war" in bundled().translations("войн", "ru")
    assert "bukharin" in bundled().translations("бухарин", "ru")


def test_the_file_is_small_and_loads_quickly_without_torch() -> None:
    assert lexicons.FILE.stat().st_size < 7_000_000
    code = (
        "import sys, time, tracemalloc; from rag.models.lexicon import load\n"
        "def timed():\n"
        "    started = time.process_time(); load(); return time.process_time() - started\n"
        "seconds = min(timed() for _ in range(3))\n"
        "tracemalloc.start(); kept = load(); size = tracemalloc.get_traced_memory()[0]\n"
        "heavy = [m for m in ('torch', 'scipy', 'onnxruntime') if m in sys.modules]\n"
        "print(seconds, size, heavy)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    seconds, size, heavy = done.stdout.split(maxsplit=2)
    assert heavy.strip() == "[]"
    assert float(seconds) <= 0.3 and int(size) < 40_000_000


def test_words_are_found_in_a_packed_list() -> None:
    listed = sorted(["а", "б", "ёж", "abc", "zebra", "я"])
    packed = PackedWordList(listed)
    assert [packed[n] for n in range(len(packed))] == listed
    assert [packed.find(word) for word in listed] == list(range(len(listed)))
    assert packed.find("нет") is None and packed.find("") is None
    assert PackedWordList([]).find("a") is None


def test_a_missing_or_damaged_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "bad.npz").write_bytes(lexicons.FILE.read_bytes()[:10_000])
    for name in ("bad.npz", "none.npz"):
        with pytest.raises(FondsError, match="install Fonds again"):
            load(tmp_path / name)
