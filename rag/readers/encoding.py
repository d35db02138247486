"""Bytes to text: UTF-8, UTF-16, cp1251, koi8-r, cp866.

An eight-bit encoding is accepted only where the text is plausible Russian in it and in no other
encoding of Cyrillic, including two that Fonds does not read. English whose only bytes outside
ASCII are the quotation marks, dashes and dots of Windows is read as cp1252. Letters with accents
in an eight-bit encoding are refused, because it is not clear which letters they are.

Nothing is guessed and no replacement character is put in: what is not clear is a ReadError that
says what to do.
"""

from __future__ import annotations

import codecs
import re
from math import sqrt

from rag.errors import ReadError
from rag.readers.russian_bigrams import russian

RUSSIAN = ("cp1251", "koi8-r", "cp866")
_RIVALS = ("iso8859-5", "mac-cyrillic")
_REMEDY = "save the file as UTF-8"
_UNCLEAR = (
    f"the encoding is not clear: not UTF-8, nor Russian in cp1251, koi8-r or cp866; {_REMEDY}"
)

# By how much the log likelihood of the best encoding must exceed that of the next.
_MARGIN, _RIVAL_MARGIN = 8.0, 4.0
# The log likelihood of a letter in Russian text, and its spread over letters.
_USUAL_SCORE, _SPREAD = -3.4, 4.0
_CHECKED_BYTES = 20_000  # enough Russian to settle the encoding of any file

# Bytes that are the same mark in cp1251 and cp1252: … ‘ ’ “ ” • – — no-break space, guillemets.
_WINDOWS_MARKS = frozenset(b"\x85\x91\x92\x93\x94\x95\x96\x97\xa0\xab\xbb")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{3}")
_CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")


def decode(data: bytes, encoding: str | None = None) -> str:
    """The text of `data` without a byte order mark.

    `encoding` is what `encoding_of(data)` says, where the caller has asked already. Raises
    ReadError.
    """
    return check(codecs.decode(data, encoding or encoding_of(data)).removeprefix("\ufeff"))


def check(text: str) -> str:
    """`text` itself; ReadError where it holds a NUL or many control characters."""
    if "\x00" in text:
        raise ReadError(
            "NUL characters: a binary or damaged file; convert it to plain text",
            text.count("\n", 0, text.index("\x00")) + 1,
        )
    if len(_CONTROL.findall(text[:100_000])) > 2 + len(text[:100_000]) // 100:
        raise ReadError("control characters: a binary file; convert it to plain text")
    return text


def encoding_of(data: bytes) -> str:
    """The encoding in which all of `data` can be decoded; ReadError where none is clear."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise ReadError(f"UTF-32 is not read; {_REMEDY}")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # In cp1251 the two bytes of the mark are "яю" or "юя", with which a fragment may begin.
        russian_bytes = None if _utf16(data) else _eight_bit(data)
        return russian_bytes or _tried(data, "utf-16")
    if wide := _utf16(data):
        return _tried(data, wide)
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError as error:
        if data.startswith(codecs.BOM_UTF8) or _mostly_utf8(data):
            line = data.count(b"\n", 0, error.start) + 1
            message = f"not valid UTF-8 (byte 0x{data[error.start]:02x}); {_REMEDY}"
            raise ReadError(message, line) from error
    if b"\x00" in data:
        line = data.count(b"\n", 0, data.index(b"\x00")) + 1
        raise ReadError("NUL bytes: a binary or damaged file; convert it to plain text", line)
    if encoding := _eight_bit(data):
        return _tried(data, encoding)
    if _is_windows_english(data):
        return "cp1252"
    raise ReadError(_UNCLEAR)


def _tried(data: bytes, encoding: str) -> str:
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"not valid {encoding.upper()} (at byte {error.start}); {_REMEDY}"
        raise ReadError(message, data.count(b"\n", 0, error.start) + 1) from error
    return encoding


def _mostly_utf8(data: bytes) -> bool:
    """Is this UTF-8 with a few bytes damaged, rather than another encoding?"""
    lost = data[:_CHECKED_BYTES].decode("utf-8", "replace").count("\ufffd")
    high = sum(byte >= 0x80 for byte in data[:_CHECKED_BYTES])
    return lost * 10 < high


def _utf16(data: bytes) -> str | None:
    """UTF-16 without a mark, where every other byte is the high byte of Latin or Cyrillic."""
    if len(data) < 4 or len(data) % 2 or not re.search(rb"[\x00\x04]", data[:2000]):
        return None
    for encoding, high in (("utf-16-le", 1), ("utf-16-be", 0)):
        part = data[high:_CHECKED_BYTES:2]
        usual = sum(part.count(byte) for byte in b"\x00\x01\x04\x20\x21")
        other = data[1 - high : _CHECKED_BYTES : 2]
        if usual >= 0.98 * len(part) and other.count(0) + other.count(4) < 0.05 * len(other):
            return encoding
    return None


def _eight_bit(data: bytes) -> str | None:
    """The one encoding in which the bytes outside ASCII make Russian, or None."""
    evidence = b"\n".join(line for line in data.split(b"\n") if not line.isascii())[:_CHECKED_BYTES]
    readings: list[tuple[float, int, str, str]] = []
    for encoding in RUSSIAN + _RIVALS:
        try:
            text = evidence.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(text != other for *_, other in readings):
            readings.append((*russian(text), encoding, text))
    readings.sort(reverse=True)
    score, letters, encoding, _ = readings[0]
    clear = letters > 5 and score / letters >= _USUAL_SCORE - _SPREAD / sqrt(letters)
    alone = all(
        score - other >= (_MARGIN if name in RUSSIAN else _RIVAL_MARGIN)
        for other, _, name, _ in readings[1:]
    )
    return encoding if clear and alone and encoding in RUSSIAN else None


def _is_windows_english(data: bytes) -> bool:
    """Is this ASCII with a few of the quotation marks, dashes and dots of Windows?"""
    high = [byte for byte in data if byte >= 0x80]
    letters = len(re.findall(rb"[A-Za-z]", data))
    return set(high) <= _WINDOWS_MARKS and len(high) * 4 < letters and not _HIGH_RUN.search(data)


def with_line_feeds(text: str) -> str:
    """The text with CRLF and CR as line feeds."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
