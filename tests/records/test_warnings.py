"""What does not fit in a record, on invented letters."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index_store.types import Document, DocumentWarning
from rag import dates
from rag.records import versions
from rag.records.warnings import examine
from tests.kits.excerpts import documents as archived

ENGLISH = """My dear Captain!

I received your letter of 2 October. The sawmill at Verkhny Log has 340 logs left, and Zastruyev
says that another 125 lie under the ice at Lotvino. Sazhin promised horses from Petrozavodsk, but
the horses have not come. Tell Ventling that the telegraph to Arkhangelsk is broken again.

I shake your hand.
A. Tverezov
"""
RUSSIAN = """Дорогой капитан!

Получил Ваше письмо от 2 октября. На лесопилке в Верхнем Логу осталось 340 брёвен, и Заструев
говорит, что ещё 125 лежат подо льдом в Лотвино. Сажин обещал лошадей из Петрозаводска, но лошади
не пришли. Скажите Вентлингу, что телеграф в Архангельск опять сломан.

Жму руку.
А. Тверезов
"""
OTHER = """Уважаемый Игнат Петрович!

Художник Мельгунов потерял доверие артели. Боюсь, в Кологриве к нему скоро потеряют интерес: за
прошлый год он прислал 18 листов вместо 60. Очень сожалею, но Бархатов и Крутикова пишут то же.
Желаю Вам здоровья и успеха в Костроме, когда Вы туда доберётесь.

Привет.
Ф. Рындин
"""
DAY = {"date": "1931-10-21", "date_from": "1931-10-21", "date_to": "1931-10-21"}


def document(text: str, lang: str = "en", **fields: object) -> Document:
    base = Document(f"page.{lang}", "page", lang, text, sha256="0" * 64)
    return replace(base, **{**DAY, **fields})  # type: ignore[arg-type]


def codes(document: Document) -> list[str]:
    return [warning.code for warning in document.warnings]


def message(document: Document, code: str) -> str:
    return next(w.message for w in document.warnings if w.code == code)


def test_a_sound_record_has_no_warnings() -> None:
    record = [document(ENGLISH), document(RUSSIAN, "ru")]
    assert examine(record) == record


def test_date_conflict_is_named_and_the_span_covers_both() -> None:
    [found] = examine([document(ENGLISH + "\n27/X-31.")])
    assert codes(found) == ["date_conflict"]
    assert message(found, "date_conflict") == (
        "The page is dated 21 October 1931 (1931-10-21); the text is signed 27/X-31 (1931-10-27)."
    )
    assert (found.date, found.date_from, found.date_to) == (
        "1931-10-21",
        "1931-10-21",
        "1931-10-27",
    )
    assert found.sha256 == "0" * 64


def test_a_date_in_the_heading_counts_where_none_is_signed() -> None:
    headed = "Vetlino, 27 October 1931\n\n" + ENGLISH
    [found] = examine([document(headed)])
    assert message(found, "date_conflict") == (
        "The page is dated 21 October 1931 (1931-10-21); the text is headed"
        " 27 October 1931 (1931-10-27)."
    )
    assert found.date_to == "1931-10-27"
    assert examine([document(headed + "\n21/X-31.")])[0].warnings == (), "the signature decides"


def test_a_conflict_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The warning and the span of days come from one comparison; without a date there is none."""
    read: list[str] = []
    real = dates.signature_date

    def counted(text: str) -> dates.HistoricalDate | None:
        read.append(text)
        return real(text)

    monkeypatch.setattr(dates, "signature_date", counted)
    text = ENGLISH + "\n27/X-31."
    assert codes(examine([document(text)])[0]) == ["date_conflict"]
    assert read == [text]
    examine([document(text, date=None, date_from=None, date_to=None)])
    assert read == [text]


def test_dates_years_apart_do_not_widen_the_span() -> None:
    [found] = examine([document(ENGLISH + "\n27/X-38.")])
    assert codes(found) == ["date_conflict"]
    assert (found.date_from, found.date_to) == ("1931-10-21", "1931-10-21")


@pytest.mark.parametrize("signature", ["21/X-31", "October 1931", "1931", "21 октября 1931 г."])
def test_agreeing_signature(signature: str) -> None:
    assert examine([document(f"{ENGLISH}\n{signature}")])[0].warnings == ()


def test_old_style_signature_is_no_conflict() -> None:
    day = {"date": "1917-11-23", "date_from": "1917-11-23", "date_to": "1917-11-23"}
    assert examine([document(RUSSIAN + "\n10 ноября 1917", "ru", **day)])[0].warnings == ()
    assert codes(examine([document(RUSSIAN + "\n11 ноября 1917", "ru", **day)])[0]) == [
        "date_conflict"
    ]


def test_versions_of_different_letters() -> None:
    english = document(ENGLISH, title="Letter to P. S. Zastruyev, October 21, 1931")
    russian = document(OTHER, "ru", title="Из телеграммы И. П. Мельгунову 21 октября 1931 года")
    found = examine([english, russian])
    assert [codes(d) for d in found] == [["halves_differ"]] * 2
    told = message(found[0], "halves_differ")
    assert told == message(found[1], "halves_differ")
    for words in ("Мельгунов", "Zastruyev", "60"):
        assert words in told, "the reasons with most weight are given"


def test_versions_differ_without_titles_and_in_any_order() -> None:
    record = [document(OTHER, "ru"), document(ENGLISH)]
    assert [codes(d) for d in examine(record)] == [["halves_differ"]] * 2


def test_short_texts_with_nothing_to_compare_pass_unless_their_lengths_are_absurd() -> None:
    short = document("Agreed. Send the paper tomorrow and say nothing.")
    other = document("Согласен. Пришлите завтра бумагу и молчите.", "ru")
    assert [d.warnings for d in examine([short, other])] == [(), ()]
    absurd = document("Agreed. Send the paper tomorrow and say nothing. " * 30)
    assert [codes(d) for d in examine([absurd, other])] == [["halves_differ"]] * 2
    assert "times as long" in message(examine([absurd, other])[0], "halves_differ")


def test_versions_in_one_language_are_not_compared() -> None:
    second = replace(document("Something else altogether. " * 40), document_id="page.en2")
    assert examine([document(ENGLISH), second])[0].warnings == ()


@given(st.integers(10, 9999), st.integers(10, 9999))
@settings(deadline=None, max_examples=20)
def test_true_versions_survive_other_numbers(first: int, second: int) -> None:
    english = ENGLISH.replace("340", str(first)).replace("125", str(second))
    russian = RUSSIAN.replace("340", str(first)).replace("125", str(second))
    assert versions.difference(document(english), document(russian, "ru")) is None


def test_machine_translation() -> None:
    translated = document(ENGLISH, kind="translation", translator="AI")
    assert codes(examine([translated])[0]) == ["machine_translation"]
    assert examine([replace(translated, translator="human")])[0].warnings == ()


def test_undated() -> None:
    undated = document(ENGLISH, date=None, date_from=None, date_to=None)
    assert codes(examine([undated])[0]) == ["undated"]
    assert examine([replace(undated, date_to="1931-10-21")])[0].warnings == ()


@pytest.mark.parametrize(
    "source",
    [
        "Letters, pp. 163-161",
        "Письма. С. 163–161",
        "Letters, pp. 12-14, 99-95",
        "Letters, pp. 163-61",
    ],
)
def test_impossible_pages(source: str) -> None:
    [found] = examine([document(ENGLISH, source=source)])
    assert codes(found) == ["page_range"]
    assert source in message(found, "page_range")
    assert codes(examine([document(ENGLISH, archival_ref="ГАРФ. Ф. 1. Л. 51–48 об.")])[0]) == [
        "page_range"
    ]


@pytest.mark.parametrize(
    "source",
    [
        "Letters. 1928-1941, pp. 161-163",
        "Letters. 1941-1928",
        "Letters, pp. 161-3",
        "С. 101",
        "Letters, pp. 9-12",
        "Letters, p. 15-3",
        "Л. 12 об.–13",
        "Box 9-3",
        "pp. 161-161",
    ],
)
def test_possible_pages(source: str) -> None:
    assert examine([document(ENGLISH, source=source, archival_ref=source)])[0].warnings == ()


def test_ocr_noise() -> None:
    noisy = "Th3re w~re t0 be f1ve hоrses (о) but the sаwmill w|s cl0sed and n0 one c@me hоme."
    [found] = examine([document(noisy)])
    assert codes(found) == ["ocr_noise"]
    clean = "In the 1930s, on 27/XI, box B41/1/6 held 5kg; see https://a.b/c1d, a@b.c, H2O. " * 3
    assert examine([document(clean)])[0].warnings == ()


def test_old_orthography() -> None:
    old = "Онъ получилъ письмо отъ брата и отвѣтилъ въ тотъ же день, что пріѣдетъ къ веснѣ."
    assert codes(examine([document(old, "ru")])[0]) == ["old_orthography"]
    cited = RUSSIAN * 3 + "\nНа вывеске стояло: «Трактиръ Бѣловъ»."
    assert examine([document(cited, "ru")])[0].warnings == ()
    assert examine([document(old, "uk")])[0].warnings == ()


def test_warnings_that_are_there_stay_and_none_comes_twice() -> None:
    given_before = (DocumentWarning("undated", "as read"), DocumentWarning("duplicate", "of x"))
    bare = document(ENGLISH, date=None, date_from=None, date_to=None, translator="AI")
    once = examine([replace(bare, warnings=given_before)])
    assert once[0].warnings[:2] == given_before
    assert codes(once[0]) == ["undated", "duplicate", "machine_translation"]
    assert examine(once) == once


@pytest.mark.parametrize("unit", ["a1b ", "Л. 12-", "pp. 1-2, ", "Aa ", "12 ", "Ворон"])
def test_time_is_linear(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    started = time.process_time()
    examine([document(text, source=text, archival_ref=text), document(text, "ru")])
    assert time.process_time() - started < 2


def test_the_date_of_an_approval_is_no_signature() -> None:
    for note in ("Approved by:\nF. Rodin", "Prepared by:", "Утверждено"):
        assert examine([document(f"{ENGLISH}\n{note}\n27/X-31.")])[0].warnings == ()
    assert codes(examine([document(f"{ENGLISH}\nF. Rodin\n27/X-31.")])[0]) == ["date_conflict"]


def test_real_archives_warn_of_what_is_there_and_of_nothing_else() -> None:
    """Each warning below was looked up in its document: all of them are right."""
    found: dict[str, set[str]] = {}
    records: dict[str, list[Document]] = {}
    for item in archived():
        records.setdefault(item.record_id, []).append(item)
    if not records:
        pytest.skip("the development archives are not here: this clone stands alone")
    for record in records.values():
        for examined in examine(record):
            for code in codes(examined):
                found.setdefault(code, set()).add(examined.document_id)
    undated = {d.document_id for record in records.values() for d in record if not d.date}
    assert found.pop("undated") == undated and len(undated) == 29
    assert found == {
        "date_conflict": {"tol-4580b2e4"},  # dated 1861, headed 5 March 1860
        "page_range": {"frus1961-63v06-d87"},  # "pp. 1310-1212"
        "old_orthography": {
            *("tol-4580b2e4", "tol-d3f024c4", "tol-f9e71f34", "tol-116dd066", "tol-b83bbe67"),
            *("tol-edaeef73", "tol-25e2702f"),
        },
    }
