"""Folding, stems in each language, and the lexical index by itself."""

from __future__ import annotations

import time
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index_store.analysis.folding import fold
from index_store.analysis.rarity import idf, idf_of_each
from index_store.analysis.stemming import (
    has_own_stemmer,
    is_stop_word,
    query_stems,
    query_stems_of_words,
    stems,
    stems_in,
    stems_of_words,
)
from index_store.errors import StoreCorrupt, StoreError
from index_store.lexical_index import LexicalIndex, rounded
from index_store.lexical_schema import FIELDS, IndexEntry
from index_store.types import Document, DocumentWarning, Filter


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ёлка", "ЕЛКА"),
        ("за́мок", "замок"),
        ("мір", "мир"),
        ("хлѣбъ", "хлеб"),
        ("объявленіе", "объявление"),
        ("теле\u00adграмма", "телеграмма"),
        ("письмами", "письмо"),
        ("letters", "Letter"),
        ("café", unicodedata.normalize("NFD", "café")),
        ("O’Hara", "o'hara"),
        ("Ceaușescu", "CEAUSESCU"),
        ("Wałęsa", unicodedata.normalize("NFD", "walesą")),
    ],
)
def test_forms_of_one_word_share_a_stem(one: str, other: str) -> None:
    assert stems(one) == stems(other) != []


def test_distinct_words_stay_apart() -> None:
    assert len({tuple(stems(word)) for word in ("café", "подъезд", "въезд", "письмо", "not")}) == 5
    assert fold("съезд") == "съезд"


def test_stop_words_go_unless_nothing_is_left() -> None:
    assert query_stems("What did he write about the harbour?") == stems("write harbour")
    assert query_stems("Что он писал о гавани?") == stems("писал гавани")
    assert query_stems("to be or") == stems("to be or") != []
    assert query_stems("not") == ["not"] and query_stems("?!") == []


@pytest.mark.parametrize(
    ("lang", "one", "other"),
    [
        ("da", "brevene", "brev"), ("de", "Häuser", "Haus"), ("de", "Straßen", "strasse"),
        ("el", "επιστολές", "επιστολή"), ("es", "habitaciones", "habitación"),
        ("fi", "kirjeet", "kirje"), ("fr", "arrivées", "arriver"), ("hu", "levelek", "levele"),
        ("it", "abbandonati", "abbandonare"), ("nb", "brevene", "brev"), ("nl", "boeken", "boek"),
        ("pt", "cartas", "carta"), ("ro", "scrisorile", "scrisori"), ("sv", "breven", "brev"),
        ("tr", "mektuplar", "mektup"), ("de", "письмами", "письмо"), ("pl", "Wałęsa", "walesa"),
    ],
)  # fmt: skip
def test_forms_of_a_word_share_a_stem_in_its_language(lang: str, one: str, other: str) -> None:
    assert stems(one, lang) == stems(other, lang) == stems(one.upper(), lang) != []


def test_a_language_without_a_stemmer_is_stemmed_as_english() -> None:
    assert not any(map(has_own_stemmer, ("en", "ru", "pl", "uk", "xx", "")))
    text = "Letters of the harbour, письмами"
    assert stems(text, "pl") == stems(text, "ru") == stems(text)


def test_stop_words_are_those_of_the_language_of_the_query() -> None:
    german = "Wann wurde die Brücke in der Stadt gebaut?"
    assert query_stems(german, "de", "de") == ["bruck", "stadt", "gebaut"]
    assert query_stems(german, "en", "de") == ["bruck", "stadt", "gebaut"]
    assert query_stems("wer und wann", "de", "de") == ["wer", "und", "wann"]
    assert query_stems("¿Dónde están las cartas?", "es", "es") == ["cart"]
    assert is_stop_word("Wer", "de") and is_stop_word("The", "de")
    assert not is_stop_word("Wer") and not is_stop_word("Brücke", "de")


def test_a_word_has_a_stem_for_each_way_of_stemming() -> None:
    assert stems_in("Häuser", ["de", "en"]) == ["haus", "hauser"]
    assert stems_of_words("The Häuser", ["de", "en"]) == [["the"], ["haus", "hauser"]]
    assert query_stems_of_words("The Häuser", ["de", "en"]) == [["haus", "hauser"]]
    assert query_stems_of_words("the", ["en"]) == [["the"]]
    assert stems_of_words("письма письма", ["en"]) == [[stem] for stem in stems("письма")]


def test_rarer_words_weigh_more_and_none_less_than_nothing() -> None:
    weights = [idf(frequency, 10) for frequency in range(11)]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == pytest.approx(np.log(22))
    assert weights[10] > 0
    assert idf_of_each(np.arange(11.0), 10) == pytest.approx(weights)


@settings(deadline=None, max_examples=100)
@given(text=st.text())
def test_folding_is_stable_under_normal_forms(text: str) -> None:
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    assert fold(forms[0]) == fold(forms[1])
    assert stems(text) == stems(forms[0])


def test_a_megabyte_is_folded_and_stemmed_in_time() -> None:
    started = time.monotonic()
    for text in ("бъ" * 500_000, "а\u0301 " * 330_000):
        stems(text)
    assert time.monotonic() - started < 6


def words(row: int, text: str, header: str = "", lang: str = "en") -> IndexEntry:
    return IndexEntry(row, text, header, Document(f"d{row}", f"d{row}", lang, text))


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    index = LexicalIndex(tmp_path / "words", create=True)
    index.update([], [words(n, "frost " * (n % 3 + 1) + "ledger", "Canal") for n in range(30)])
    return index


def test_ties_are_kept_whole(index: LexicalIndex) -> None:
    best = index.search("frost", 1, Filter(), FIELDS)
    assert [row for row, _ in best] == [n for n in range(30) if n % 3 == 2]
    assert len({score for _, score in best}) == 1
    assert index.search("frost", 0, Filter(), FIELDS) == []


def test_fields_are_boosted(index: LexicalIndex) -> None:
    assert index.search("canal", 3, Filter(), {"text": 1.0}) == []
    low = index.search("canal", 1, Filter(), {"header": 0.5})[0][1]
    high = index.search("canal", 1, Filter(), {"header": 2.0})[0][1]
    assert high == pytest.approx(4 * low, rel=1e-3)
    with pytest.raises(StoreError, match="titel"):
        index.search("canal", 3, Filter(), {"titel": 1.0})


def test_each_text_is_stemmed_by_the_rules_of_its_language(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "words", create=True)
    texts = ("die Häuser am Hafen", "the houses", "дома у гавани")
    langs = ("de", "en", "ru")
    index.update([], [words(n, text, text, langs[n]) for n, text in enumerate(texts)])
    assert index.stem_frequency("haus") == 1 and index.stem_frequency("hauser") == 0
    assert index.stem_frequency("hous") == 1 and index.stem_frequency("гаван") == 1
    fields = {"text": 1.0}

    def found(query: str, lang: str | None, *langs: str) -> list[int]:
        return [row for row, _ in index.search(query, 9, Filter(lang=lang), fields, langs)]

    assert found("Häuser", None, "de", "en") == [0] and found("Häuser", None, "en") == []
    assert found("Häuser", "ru", "de", "en") == []
    assert sorted(found("house Haus дома", None, "de", "en")) == [0, 1, 2]
    assert index.holding([["haus"], ["haf"]], Filter()) == [0]
    index.update([0], [words(0, "das Haus", lang="de")])
    assert found("Häuser", "de", "de") == [0] and index.stem_frequency("haf") == 0


def test_misread_stems_count_in_misread_documents_alone(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "words", create=True)
    texts = ["the ledger froze", "the lcdger froze", "the lcdger froze", "the canal froze"]
    entries = [words(n, text) for n, text in enumerate(texts)]
    index.update([], entries)
    assert not index.has_misread()
    warning = DocumentWarning("ocr_noise", "badly read")
    noisy = replace(entries[1].document, warnings=(warning,))
    index.update([1], [replace(entries[1], document=noisy)])
    assert index.has_misread()

    def found(*misread: dict[str, float]) -> dict[int, float]:
        return dict(index.search_words([{"ledger": 1.0}], 9, Filter(), {"text": 1.0}, misread))

    plain, also = found(), found({"lcdger": 0.6})
    assert plain.keys() == {0} and also.keys() == {0, 1}
    assert also[0] == plain[0] > also[1] > 0


def test_pairs_of_words_find_what_single_words_do_not(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "words", create=True)
    texts = [
        "ledger the seen had he which",
        "ledger the had which seen he",
        "which he had sccn thc 1edger",
    ]
    index.update([], [words(n, text) for n, text in enumerate(texts)])
    best = index.search_pairs("which he had seen the ledger", 1, Filter())
    assert best[0][0] == 2
    assert index.search_pairs("ledger", 3, Filter()) == [] == index.search_pairs("", 3, Filter())


def test_update_replaces_and_rebuild_forgets_the_deleted(index: LexicalIndex) -> None:
    index.update([3, 4], [words(3, "orchard")])
    assert len(index) == 29 and index.rows() == [n for n in range(30) if n != 4]
    assert index.deleted() == 2
    assert index.stem_frequency("orchard") == 1 and index.stem_frequency("canal") == 28
    everything = [words(n, "frost") for n in range(5)]
    index.rebuild(everything)
    assert (index.deleted(), index.rows(), index.stem_frequency("canal")) == (0, [0, 1, 2, 3, 4], 0)


def test_another_reader_sees_commits_after_reload(index: LexicalIndex) -> None:
    reader = LexicalIndex(index.path)
    index.update([], [words(99, "lantern")])
    assert reader.stem_frequency("lantern") == 0
    reader.reload()
    assert reader.stem_frequency("lantern") == 1


def test_scores_are_bm25(tmp_path: Path) -> None:
    """Against the formula, on lengths that tantivy stores without rounding."""
    import math

    texts = ["frost frost canal", "frost canal ledger envoy", "canal", "tariff ledger canal envoy"]
    index = LexicalIndex(tmp_path / "words", create=True)
    index.update([], [words(n, text) for n, text in enumerate(texts)])
    average = sum(len(text.split()) for text in texts) / len(texts)
    expected = {}
    for n, text in enumerate(texts):
        score = 0.0
        for term in ("frost", "ledger"):
            df = sum(term in other.split() for other in texts)
            tf = text.split().count(term)
            idf = math.log(1 + (len(texts) - df + 0.5) / (df + 0.5))
            length = 1 - 0.75 + 0.75 * len(text.split()) / average
            score += idf * tf * 2.2 / (tf + 1.2 * length)
        if score:
            expected[n] = score
    found = dict(index.search("frost ledger", 9, Filter(), {"text": 1.0}))
    assert found == pytest.approx(expected, rel=1e-3)


@given(st.lists(st.floats(0, 65536.0, width=32).filter(lambda score: not 0 < score < 1e-6)))
@example([0.0, 1.0, 9.99995, 9.999949, 10.0, 0.5, 2.000050067901611328125])
def test_scores_are_rounded_as_decimals(scores: list[float]) -> None:
    assert rounded(scores) == [float(f"{score:.4e}") for score in scores]


def test_a_missing_or_broken_index_is_told(tmp_path: Path, index: LexicalIndex) -> None:
    with pytest.raises(StoreCorrupt, match="doctor --repair"):
        LexicalIndex(tmp_path / "nowhere")
    (index.path / "meta.json").write_text("{")
    with pytest.raises(StoreCorrupt, match="doctor --repair"):
        LexicalIndex(index.path)
