"""A file opened once: what it says of itself, small or large, and what is not opened."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rag.errors import ReadError
from rag.readers import source as module
from rag.readers.discovery import sidecar_of
from rag.readers.encoding import decode, with_line_feeds
from rag.readers.encoding import encoding_of as real
from rag.readers.source import open_regular, open_source

RUSSIAN = "Смотритель маяка записал в журнал, что ночью прошла шхуна без огней.\n"


def outcome(read: Callable[[], str]) -> object:
    """The text that is read, or what is said of it."""
    try:
        return read()
    except ReadError as error:
        return error.error, error.line


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
@example(b"")
@example(b"x" * 63)
@example(b"x" * 64)
@example(b"x" * 65)
@example(b"x\n" * 40 + "ж".encode())
def test_small_and_large_files_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    """Whether the first piece holds all of the file, or the file is read again from its start."""
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with monkeypatch.context() as patched:
        for chunk in (64, 1000):
            patched.setattr(module, "_CHUNK", chunk)
            patched.setattr(module, "_START", 16)
            with open_source(path) as file:
                lines = [line for _, line in file.lines()]
                assert b"".join(line for line in lines if isinstance(line, bytes)) == data
                assert file.sha256 == hashlib.sha256(data).digest()
                assert file.start == data[:16]
                assert file.read() == data
                assert file.sample in data and len(file.sample) <= chunk
                assert outcome(file.text) == outcome(lambda: with_line_feeds(decode(data)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251", "koi8-r", "cp866"])
@pytest.mark.parametrize("times", [1, 30_000], ids=["small", "large"])
def test_the_encoding_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, times: int
) -> None:
    """Once for a file below 1 MB; of a larger one the sample, and then the whole."""
    asked: list[int] = []

    def encoding_of(data: bytes) -> str:
        asked.append(len(data))
        return real(data)

    monkeypatch.setattr(module, "encoding_of", encoding_of)
    monkeypatch.setattr("rag.readers.encoding.encoding_of", encoding_of)
    path = tmp_path / "a.txt"
    path.write_bytes((RUSSIAN * times).encode(encoding))
    with open_source(path) as file:
        assert file.first_line + "\n" == RUSSIAN
        assert (RUSSIAN * times).startswith(file.head[:100])
        assert file.text() == RUSSIAN * times
        assert file.head == file.head
    assert len(asked) == (1 if times == 1 else 2)


def test_the_sample_is_where_other_letters_begin(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"plain\n" * 400_000 + RUSSIAN.encode("cp1251") * 100)
    with open_source(path) as file:
        assert file.start == (b"plain\n" * 400_000)[: 2**16]
        assert not file.sample.isascii()
        assert file.encoding == "cp1251"
        assert file.text().endswith(RUSSIAN)


def test_a_file_and_its_sidecar_are_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Coal.")
    sidecar_of(path).write_text("title: On coal\n")
    with open_source(path) as file:
        assert file.sidecar is not None
        assert file.sidecar.read() == b"title: On coal\n"
    assert file.file.closed and file.sidecar.file.closed


def test_a_file_is_closed_where_its_sidecar_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Coal.")
    sidecar_of(path).write_text("title: On coal\n")
    opened = []

    def refuse(wanted: Path) -> object:
        if wanted != path:
            raise PermissionError(13, "Permission denied")
        opened.append(open_regular(wanted))
        return opened[0]

    monkeypatch.setattr(module, "open_regular", refuse)
    with pytest.raises(PermissionError):
        open_source(path)
    assert opened[0].closed


def test_what_is_no_regular_file_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.txt").write_text("Coal.")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/null")):
        with pytest.raises(ReadError, match="not a regular file"):
            open_source(path)
    # The name is that of a file when it is looked at, and of a pipe when it is opened.
    regular = (tmp_path / "a.txt").stat()
    monkeypatch.setattr(Path, "stat", lambda *_, **__: regular)
    with pytest.raises(ReadError, match="not a regular file"):
        open_source(tmp_path / "pipe")


def test_limits_of_size_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\n" + b"x" * 50 + b"\nthree\n")
    monkeypatch.setattr(module, "MAX_LINE", 20)
    with open_source(path) as file:
        with pytest.raises(ReadError, match="larger than 10 bytes"):
            file.read(10)
        with pytest.raises(ReadError, match="longer than 20 bytes") as caught:
            file.read()
        assert caught.value.line == 2
        (_, first), (number, fault), (_, last) = file.lines()
        assert (first, number, last) == (b"one\n", 2, b"three\n")
        assert isinstance(fault, ReadError) and fault.line == 2
