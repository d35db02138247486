"""Training the translation lexicon: pairs, alignment, the file, and the collected terms."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import sys
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.training.lexicon.inflect import other_forms
from eval.training.lexicon.packing import save
from eval.training.lexicon.pairs import TERMS, Pair, clean, read_pairs
from eval.training.lexicon.sound_alike import alike, dice
from eval.training.lexicon.train import learn
from index_store.analysis.stemming import stems
from rag.errors import UsageError
from rag.models import lexicon as lexicons
from rag.models.lexicon import Lexicon, load
from rag.text.phonetics import skeletons
from tests.conftest import SHARED

DICTIONARY = {
    "coal": "уголь", "ship": "корабль", "bread": "хлеб", "winter": "зима", "harbour": "гавань",
    "captain": "капитан", "telegram": "телеграмма", "letter": "письмо", "dog": "собака",
    "river": "река", "money": "деньги", "factory": "завод", "teacher": "учитель", "horse": "лошадь",
}  # fmt: skip


def invented_pairs(count: int = 400) -> list[Pair]:
    """Sentences of three to six words with their translations in another order."""
    chance = random.Random(7)
    pairs = []
    for _ in range(count):
        chosen = chance.sample(sorted(DICTIONARY), chance.randint(3, 6))
        russian = [DICTIONARY[word] for word in chosen]
        chance.shuffle(russian)
        pairs.append(Pair(" ".join(["the", *chosen]), " ".join(russian), 1.0))
    return pairs


@pytest.fixture(scope="module")
def learned() -> Lexicon:
    return learn(invented_pairs())


def best(lexicon: Lexicon, word: str, lang: str) -> str:
    return next(iter(lexicon.translations(stems(word)[0], lang)))


def test_translations_are_learned_from_sentences_alone(learned: Lexicon) -> None:
    for english, russian in DICTIONARY.items():
        assert best(learned, russian, "ru") == stems(english)[0]
        assert best(learned, english, "en") == stems(russian)[0]
        assert learned.translations(stems(russian)[0], "ru")[stems(english)[0]] > 0.8
    assert learned.translations("неведом", "ru") == {} and learned.frequency("неведом", "ru") == 0
    assert learned.surface_form("factori") == "factory"
    assert learned.surface_form("unheard") == "unheard"


def test_the_same_pairs_give_the_same_bytes(tmp_path: Path, learned: Lexicon) -> None:
    save(learned, tmp_path / "one.npz")
    save(learn(invented_pairs()), tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    again = load(tmp_path / "one.npz")
    assert again.translations("угол", "ru") == learned.translations("угол", "ru") != {}
    assert again.digest == hashlib.sha256((tmp_path / "one.npz").read_bytes()).hexdigest()


def test_the_command_trains_without_evaluation_texts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "parallel_open"
    folder.mkdir()
    held = "Nine brave sailors rowed the longboat home at dusk"
    lines = [f"{pair.en}\t{pair.ru}" for pair in invented_pairs(60)]
    lines.append(f"{held}\tДевять храбрых моряков гребли домой на баркасе в сумерках")
    with gzip.open(folder / "invented.tsv.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    terms = len(TERMS.read_text(encoding="utf-8").splitlines())
    assert len(list(read_pairs(tmp_path))) == 61 + terms
    (tmp_path / "quiz").mkdir()
    (tmp_path / "quiz" / "q.jsonl").write_text(json.dumps({"text": ["Yes:", held]}) + "\n")
    assert len(list(read_pairs(tmp_path))) == 60 + terms
    assert main_with("train-lexicon", str(tmp_path), "--out", str(tmp_path / "out.npz")) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["bytes"] == (tmp_path / "out.npz").stat().st_size
    assert load(tmp_path / "out.npz").translations("longboat", "en") == {}


def test_bad_training_data_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main_with("train-lexicon", str(tmp_path)) == 2
    assert "parallel_open" in capsys.readouterr().err
    (tmp_path / "parallel_open").mkdir()
    with gzip.open(tmp_path / "parallel_open" / "x.tsv.gz", "wt") as file:
        file.write("one column\n")
    with pytest.raises(UsageError, match=r"x\.tsv\.gz:1"):
        list(read_pairs(tmp_path))


def main_with(*arguments: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["eval", *arguments])
        return main()


def test_names_in_titles_are_put_in_order_and_give_their_surnames() -> None:
    pairs = clean("wikidict_titles", "Nikolai Yezhov (1895)", "Ежов, Николай Иванович (нарком)")
    assert [(p.en, p.ru) for p in pairs] == [
        ("Nikolai Yezhov", "Николай Иванович Ежов"),
        ("Yezhov", "Ежов"),
    ]
    assert clean("ud_pud", "Only English here", "Only English here") == []
    assert clean("ud_pud", "One", "одно слово и ещё много других слов, которых там нет") == []


def test_names_sound_alike_across_alphabets_and_reforms() -> None:
    for one, other in [
        ("Эйзенштейн", "Eisenstein"),
        ("Ворошилову", "Voroshilov"),
        ("Троцкій", "Trotsky"),
        ("Вентлингъ", "Ventling"),
    ]:
        assert alike(one, other)
    assert not alike("Ворошилов", "Kamenev")
    assert dice("abc", "abc") == 1.0 and dice("abc", "xyz") == 0.0 and dice("", "") <= 1.0
    assert set(skeletons("Зиновьев")) & set(skeletons("Zinoviev"))


def test_a_dictionary_word_comes_with_its_other_stems() -> None:
    """The stemmer separates "ждал" from "ждать"; forms with the same stem are given once."""
    forms = other_forms("ждать")
    assert "ждал" in forms
    found = [stems(form) for form in ["ждать", *forms]]
    assert len(found) == len({tuple(stem) for stem in found})
    assert other_forms("дезертир") == [] and other_forms("тыдыщщ") == []


def test_the_collected_terms_are_valid() -> None:
    lines = TERMS.read_text(encoding="utf-8").splitlines()
    assert len(set(lines)) == len(lines) > 900
    for line in lines:
        english, russian = line.split("\t")
        assert clean("terms", english, russian), line


@pytest.mark.slow
def test_training_again_gives_the_bundled_file(tmp_path: Path) -> None:
    data = SHARED / "data"
    if not (data / "parallel_open").is_dir():
        pytest.skip(f"{data} is not available")
    assert main_with("train-lexicon", str(data), "--out", str(tmp_path / "again.npz")) == 0
    assert (tmp_path / "again.npz").read_bytes() == lexicons.FILE.read_bytes()
