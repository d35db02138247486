"""Encodings: right or refused, never nonsense; figures on invented and on real Russian."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.probes import encodings
from rag.errors import ReadError
from rag.readers.encoding import decode, encoding_of

DATA = Path(__file__).resolve().parents[3] / "shared/data"
XQUAD = DATA / "xquad/passages.jsonl"
ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8-r", "cp866")
# What koi8-r and cp866 cannot hold.
SIMPLE = str.maketrans("«»“”„—–−’", '"""""---\'')
INVENTED = (
    "Смотритель маяка записал в журнал, что ночью прошла шхуна без огней. Он звонил в колокол до"
    " рассвета, но ответа не получил. Утром на отмели нашли бочку с дёгтем и обломок весла; хозяин"
    " не объявился. Жители посёлка говорят, будто шхуна та самая, что в прошлом году ушла к"
    " Песчаному мысу за солью и не вернулась. Я этому не верю: фонарь у неё был зелёный, а у той"
    " красный. Прошу прислать новое стекло, двести свечей и, если можно, помощника помоложе — глаза"
    " мои слабеют, и буквы в книге уже двоятся. Щебень для насыпи привезли, хватит на три сажени."
    " Объявление о ярмарке повесил у причала. Эхо от колокола слышно теперь и на хуторе Жуки."
)


def survey(text: str, samples: int, shortest: int, longest: int) -> Counter[str]:
    """Right, refused and wrong over random stretches of a text in every encoding."""
    choose = random.Random(1917)
    found: Counter[str] = Counter()
    for n in range(samples):
        length = choose.randint(shortest, min(longest, len(text) - 1))
        start = choose.randrange(len(text) - length)
        encoding = ENCODINGS[n % len(ENCODINGS)]
        stretch = text[start : start + length]
        if encoding in ("koi8-r", "cp866"):
            stretch = stretch.translate(SIMPLE)
        stretch = stretch.encode(encoding, "ignore").decode(encoding)
        try:
            found["right" if decode(stretch.encode(encoding)) == stretch else "wrong"] += 1
        except ReadError:
            found["refused"] += 1
    return found


def test_invented_russian() -> None:
    found = survey(INVENTED, 350, 60, 600)
    assert found["wrong"] == 0
    assert found["right"] >= 0.995 * 350


def test_real_russian() -> None:
    if not XQUAD.exists():
        pytest.skip("the shared data are not beside the project")
    lines = XQUAD.read_text(encoding="utf-8").splitlines()
    text = " ".join(r["text"] for r in map(json.loads, lines) if r["lang"] == "ru")
    found = survey(text, 1001, 40, 1200)
    assert found["wrong"] == 0
    assert found["right"] >= 0.995 * 1001


def test_a_thousand_samples_of_three_archives() -> None:
    """200 in each encoding: at least 99.5 % right, the rest refused, none wrong."""
    if not XQUAD.exists():
        pytest.skip("the shared data are not beside the project")
    total = sum(encodings.survey(encodings.russian_texts(DATA)).values(), Counter())
    assert total["wrong"] == 0
    assert total["right"] >= 0.995 * 1000


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("shape", [str.upper, str.lower, str.title])
def test_capitals(encoding: str, shape: object) -> None:
    text = INVENTED.translate(SIMPLE)
    text = {str.upper: text.upper(), str.lower: text.lower()}.get(shape, text.title())  # type: ignore[call-overload]
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Die Männer führen schöne Lieder über die Straße. " * 4, "cp1252"),
        ("L'été dernier, la forêt était pleine d'élèves. " * 4, "latin-1"),
        ("Η χώρα αυτή έχει μεγάλη ιστορία και πολιτισμό. " * 4, "cp1253"),
        ("Zażółć gęślą jaźń i wróć do łódki na rzece. " * 4, "cp1250"),
        ("这是一个位于东亚的国家，首都是北京。" * 6, "gbk"),
        ("これはテストです。首都は東京です。" * 6, "shift_jis"),
        (INVENTED.replace("ё", "е"), "iso8859-5"),
        (INVENTED, "mac-cyrillic"),
        (INVENTED, "utf-32"),
    ],
)
def test_what_is_not_read_is_refused(text: str, encoding: str) -> None:
    with pytest.raises(ReadError, match="UTF-8"):
        decode(text.encode(encoding, "ignore"))


def test_windows_quotation_marks_in_english() -> None:
    text = "The captain’s log — “nothing to report” – was signed at noon…"
    assert encoding_of(text.encode("cp1252")) == "cp1252"
    assert decode(text.encode("cp1252")) == text
    with pytest.raises(ReadError):
        decode("The café in Köln was closed all day.".encode("cp1252"))


def test_damaged_utf8_names_the_line() -> None:
    data = "первая строка\nвторая строка\n".encode() * 3
    with pytest.raises(ReadError, match="not valid UTF-8") as caught:
        decode(data[:60] + b"\xff" + data[60:])
    assert caught.value.line == 3


def test_marks_are_dropped_and_nul_is_refused() -> None:
    assert decode(b"\xef\xbb\xbfship") == "ship"
    assert decode("корабль".encode("utf-16")) == "корабль"
    with pytest.raises(ReadError, match="NUL") as caught:
        decode(b"one\ntwo\nth\x00ree and more")
    assert caught.value.line == 3


def test_letters_like_a_byte_order_mark() -> None:
    text = "яются самым ранним описанием этих берегов, с которого начинали все лоцманы"
    assert decode(text.encode("cp1251")) == text


@settings(deadline=None, max_examples=200)
@given(st.text())
def test_utf8_comes_back_or_is_refused(text: str) -> None:
    try:
        found = decode(text.encode())
    except ReadError:
        return
    assert found == text.removeprefix("\ufeff")


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400))
def test_any_bytes_without_replacement_characters(data: bytes) -> None:
    try:
        found = decode(data)
    except ReadError:
        return
    assert (
        "\ufffd" not in found or b"\xef\xbf\xbd" in data or data[:2] in (b"\xff\xfe", b"\xfe\xff")
    )
    assert "\x00" not in found
