"""JSON Lines, BEIR corpora and CSV: one document a line or row, read line by line.

Texts are kept code point for code point. A line that cannot be read is a Failure with its number,
and the rest goes on. Not here: JSON arrays, spreadsheets, nested texts.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from io import BufferedReader, TextIOWrapper
from typing import Any, NoReturn

from rag.errors import ReadError
from rag.readers import metadata
from rag.readers.encoding import encoding_of
from rag.readers.source import MAX_LINE, SourceFile
from rag.types import Failure, ReadItem

_DELIMITERS = ",;\t|"


def read_jsonl(source: SourceFile) -> Iterator[ReadItem]:
    """A document a line. Raises ReadError where the encoding is not clear."""
    path = source.path
    for number, line in _lines(source):
        try:
            if isinstance(line, ReadError):
                raise line
            if not line.strip():
                continue
            yield metadata.document(_object(line), f"{path.stem}-{number}", str(path))
        except ReadError as error:
            yield Failure(str(path), error.error, number)


def _object(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line.rstrip("\r\n"), parse_constant=_no_number)
    except json.JSONDecodeError as error:
        message = f"not valid JSON: {error.msg} at column {error.colno}; one object a line"
        raise ReadError(message) from error
    except ValueError as error:  # NaN, and numbers of thousands of digits
        raise ReadError(f"not valid JSON: {error}; put it in quotes") from error
    except RecursionError as error:
        raise ReadError("JSON nested too deeply; give plain fields") from error
    if not isinstance(record, dict):
        raise ReadError('not a JSON object; write {"id": …, "text": …}')
    return record


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def read_csv(source: SourceFile) -> Iterator[ReadItem]:
    """A document a row, under a header. Raises ReadError where there is no header with `text`."""
    path, lines = source.path, _RowLines(source)
    header, delimiter = _header(lines)
    try:
        columns = next(csv.reader([header], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ReadError(f"the header is not valid CSV: {error}; close the quotes", 1) from error
    names = [_column(cell) for cell in columns]
    if "text" not in names:
        raise ReadError("the header has no column text; name the columns in the first row", 1)
    csv.field_size_limit(MAX_LINE)
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number = lines.begin_row()
        try:
            row = next(rows, None)
            if row is None:
                return
            if any(cell.strip() for cell in row):
                yield metadata.document(_record(names, row), f"{path.stem}-{number}", str(path))
        except csv.Error as error:
            message = f"not valid CSV: {error}; close the quotes, double those inside a cell"
            yield Failure(str(path), message, number)
        except ReadError as error:
            yield Failure(str(path), error.error, number)


def _column(cell: str) -> str:
    name = cell.strip()
    return name.lower() if name.lower() in metadata.NAMES else name


def _record(names: list[str], row: list[str]) -> dict[str, Any]:
    if len(row) > len(names) and any(row[len(names) :]):
        raise ReadError(f"{len(row)} cells under {len(names)} columns; quote cells with commas")
    cells = zip(names, row, strict=False)
    return {name: cell if name == "text" else cell or None for name, cell in cells if name}


def _header(lines: _RowLines) -> tuple[str, str]:
    """The first line that is not empty, and the delimiter that finds most known columns in it."""
    for line in lines:
        if line.strip():
            return line.strip("\r\n"), max(_DELIMITERS, key=lambda d: _known(line, d))
    raise ReadError("the file is empty; remove it or fill it")


def is_header(line: str) -> bool:
    """Is this the header of a CSV file of documents: `text` and another known column?"""
    return any(_known(line, delimiter) >= 2 for delimiter in _DELIMITERS)


def _known(line: str, delimiter: str) -> int:
    """How many known columns the line names; 0 without `text`."""
    names = [cell.strip(' \t\r\n"').lower() for cell in line.split(delimiter)]
    return sum(name in metadata.NAMES for name in names) if "text" in names else 0


class _RowLines:
    """Lines for the csv module; those of one row may have twice MAX_LINE characters at most."""

    def __init__(self, source: SourceFile) -> None:
        self._lines = _lines(source)
        self._number = 0
        self._size = 0

    def begin_row(self) -> int:
        """The number of the line at which the next row begins."""
        self._size = 0
        return self._number + 1

    def __iter__(self) -> _RowLines:
        return self

    def __next__(self) -> str:
        self._number, line = next(self._lines)
        if isinstance(line, ReadError):
            raise line
        self._size += len(line)
        if self._size > 2 * MAX_LINE:
            raise ReadError("a row never ends; close its quotes")
        return line


def _lines(source: SourceFile) -> Iterator[tuple[int, str | ReadError]]:
    """Numbered lines as text with their line ends; those that cannot be decoded as errors."""
    encoding = _encoding(source.sample)
    if encoding.startswith("utf-16"):
        yield from _wide_lines(source.file, encoding)
        return
    for number, line in source.lines():
        if isinstance(line, ReadError):
            yield number, line
            continue
        try:
            text = line.decode(encoding)
            yield number, text.removeprefix("\ufeff") if number == 1 else text
        except UnicodeDecodeError as error:
            cause = f"not valid {encoding} at byte {error.start}; save the file as UTF-8"
            yield number, ReadError(cause, number)


def _encoding(data: bytes) -> str:
    """The encoding of most lines of the sample, so that one bad line is a fault of its own."""
    lines = [line for line in data.split(b"\n")[:-1] if not line.isascii()] or [data]
    good = sum(_is_utf8(line) for line in lines)
    return "utf-8" if 2 * good > len(lines) else encoding_of(b"\n".join(lines) if good else data)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\x00" not in line


def _wide_lines(file: BufferedReader, encoding: str) -> Iterator[tuple[int, str | ReadError]]:
    """Lines of UTF-16, in which a line feed is two bytes; ends at the first that is damaged."""
    file.seek(0)
    text, number = TextIOWrapper(file, encoding=encoding, newline="\n"), 0
    try:
        while True:
            number += 1
            try:
                line = text.readline(MAX_LINE)
            except UnicodeDecodeError as error:
                cause = f"not valid {encoding.upper()}: {error.reason}; save the file as UTF-8"
                yield number, ReadError(cause, number)
                return
            if not line:
                return
            if len(line) == MAX_LINE and not line.endswith("\n"):
                yield number, ReadError("a line never ends; break it into lines", number)
                return
            yield number, line.removeprefix("\ufeff")
    finally:
        text.detach()  # the file is closed by who opened it
