"""Terms mined from an archive's records in two languages, and searches with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Archive
from rag.models.lexicon import Lexicon, bundled
from rag.retrieval import archive_terms
from rag.retrieval.term_mining import UnexplainedWords, mine_translations, unexplained
from rag.settings import Settings
from rag.types import Filters
from tests.kits.hashing import HashingEncoder

# "Grabbel" and "хлупень" are invented words and do not sound alike.
_ENGLISH = (
    "The grabbel was moored by the southern wall of the harbour on the third of May.",
    "I ask you to send coal for the grabbel before the ice comes down the river.",
    "Without the grabbel we can bring neither flour nor kerosene to the station.",
    "The engineer says that the grabbel needs a new boiler and eleven plates of iron.",
)
_RUSSIAN = (
    "Хлупень третьего мая поставили у южной стены гавани.",
    "Прошу прислать уголь для хлупеня прежде, чем по реке пойдёт лёд.",
    "Без хлупеня мы не привезём на станцию ни муки, ни керосина.",
    "Инженер говорит, что хлупеню нужен новый котёл и одиннадцать листов железа.",
)
_OTHERS = (
    ("The winter was long. In March the snow lay deeper than the fence. We waited for letters.",
     "Зима была долгая. В марте снег лежал выше забора. Мы ждали писем."),
    ("The doctor has left for the town. There are eight sick men here. Two of them will not live.",
     "Врач уехал в город. Здесь восемь больных. Двое из них не выживут."),
)  # fmt: skip
_APART = "The captain of the grabbel refused to sign."


def _row(name: str, lang: str, text: str) -> dict[str, str]:
    return {"id": f"{name}.{lang}", "record_id": name, "lang": lang, "title": name, "text": text}


def _rows() -> list[dict[str, str]]:
    pairs = [*zip(_ENGLISH, _RUSSIAN, strict=True), *_OTHERS]
    rows = [
        _row(f"r{n}", lang, text)
        for n, pair in enumerate(pairs)
        for lang, text in zip(("en", "ru"), pair, strict=True)
    ]
    return [*rows, _row("apart", "en", _APART), _row("other", "en", "Nothing of boats here.")]


def _write(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(Settings(store=tmp_path / "store"), HashingEncoder()) as archive:
        yield archive


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Archive]:
    with Archive(Settings(store=tmp_path / "other"), HashingEncoder()) as archive:
        yield archive


def _kept(archive: Archive) -> tuple[str | None, str | None]:
    archive.close()
    return archive.store.kept("terms"), archive.store.kept("terms.seen")


def test_unexplained_words_that_occur_together_are_translations() -> None:
    left = [unexplained(a, b, bundled()) for a, b in zip(_ENGLISH, _RUSSIAN, strict=True)]
    assert all("grabbel" in en for en, _ in left)
    assert not any({"harbour", "coal", "flour"} & set(en) for en, _ in left)
    terms = mine_translations(left, 40)
    assert set(terms["en"]) == {"grabbel"}
    assert terms["en"]["grabbel"].keys() <= {"хлупен", "хлупень"}
    assert 0.5 <= max(terms["en"]["grabbel"].values()) < 1
    assert mine_translations(left[:1], 40) == {"en": {}, "ru": {}}
    assert mine_translations(reversed(left), 40) == terms


def test_a_copied_sentence_counts_once() -> None:
    left = (("grabbel", "blurt"), ("хлупен", "шмырь"))
    assert mine_translations([left] * 5, 40) == {"en": {}, "ru": {}}


def test_a_term_finds_a_document_of_the_other_language(
    archive: Archive, other: Archive, tmp_path: Path
) -> None:
    apart = [row for row in _rows() if row["record_id"] in ("apart", "other")]
    other.ingest(_write(tmp_path / "apart.jsonl", apart))
    assert archive_terms.lexicon(other.store) is bundled()
    archive.ingest(_write(tmp_path / "all.jsonl", _rows()))
    assert archive_terms.lexicon(archive.store).translations("хлупен", "ru").keys() == {"grabbel"}
    for asked in (other, archive):
        hits = asked.search("Где хлупень?", filters=Filters(lang="en")).hits
        lexical = {hit.document.document_id: hit.origins.get("lexical") for hit in hits}
        assert bool(lexical["apart.en"]) == (asked is archive)


def test_terms_do_not_depend_on_the_order_of_ingests(
    archive: Archive, other: Archive, tmp_path: Path
) -> None:
    archive.ingest(_write(tmp_path / "all.jsonl", _rows()))
    whole = _kept(archive)
    assert whole[0] and "grabbel" in whole[0]
    for n, row in enumerate(reversed(_rows())):
        other.ingest(_write(tmp_path / f"{n}.jsonl", [row]))
    assert _kept(other) == whole

    other.remove(["r0.en", "r1.ru", "r2.ru"])
    assert "grabbel" not in (_kept(other)[0] or "")
    other.ingest(tmp_path / "all.jsonl")
    assert _kept(other)[0] == whole[0]


def test_an_unchanged_record_is_not_aligned_again(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _write(tmp_path / "all.jsonl", _rows())
    archive.ingest(path)
    examined = []

    def noted(en: str, ru: str, lexicon: Lexicon) -> UnexplainedWords:
        examined.append(en)
        return unexplained(en, ru, lexicon)

    monkeypatch.setattr(archive_terms, "unexplained", noted)
    archive.ingest(path)
    assert examined == []
    rows = _rows()
    rows[0]["text"] += " It leaks."
    archive.ingest(_write(path, rows))
    assert examined and all("moored" in text or "leaks" in text for text in examined)


def test_versions_that_differ_give_no_terms(archive: Archive, tmp_path: Path) -> None:
    rows = _rows()
    for row in rows:
        if row["lang"] == "ru":
            row["text"] = (
                "Прошу Зиновьева, Каменева и Томского явиться 15 и 27 числа: 4511 рублей." * 9
            )
    archive.ingest(_write(tmp_path / "all.jsonl", rows))
    assert archive.store.warned("halves_differ")
    assert not json.loads(archive.store.kept("terms.seen") or '{"records": {}}')["records"]
