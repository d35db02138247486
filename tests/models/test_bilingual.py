"""The bilingual path: what is learned, how a question crosses, what stays as it was."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eval.training.lexicon.__main__ import main
from eval.training.lexicon.packing import save
from eval.training.lexicon.pairs import TERMS, Pair, clean, read_pairs
from eval.training.lexicon.sound_alike import alike, dice
from eval.training.lexicon.train import learn
from index_store.analysis.stemming import stems
from index_store.errors import StoreMismatch
from index_store.store import EncoderIdentity, IndexStore
from rag import Archive
from rag.errors import FondsError, UsageError
from rag.models import lexicon as lexicons
from rag.models.bundled import BilingualEncoder
from rag.models.lexicon import Lexicon, Words, bundled, load
from rag.models.minilm import MiniLmEncoder
from rag.retrieval.query_expansion import words
from rag.text.phonetics import skeletons
from rag.types import Filters
from tests.conftest import SHARED

ROOT = Path(__file__).resolve().parents[2]
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


@pytest.fixture(scope="module")
def encoder() -> BilingualEncoder:
    return BilingualEncoder()


def best(lexicon: Lexicon, word: str, lang: str) -> str:
    return next(iter(lexicon.translations(stems(word)[0], lang)))


def test_translations_are_learned_from_sentences_alone(learned: Lexicon) -> None:
    for english, russian in DICTIONARY.items():
        assert best(learned, russian, "ru") == stems(english)[0]
        assert best(learned, english, "en") == stems(russian)[0]
        assert learned.translations(stems(russian)[0], "ru")[stems(english)[0]] > 0.8
    assert learned.translations("неведом", "ru") == {} and learned.seen("неведом", "ru") == 0
    assert learned.form("factori") == "factory" and learned.form("unheard") == "unheard"


def test_the_same_pairs_give_the_same_bytes(tmp_path: Path, learned: Lexicon) -> None:
    save(learned, tmp_path / "one.npz")
    save(learn(invented_pairs()), tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    again = load(tmp_path / "one.npz")
    assert again.translations("угол", "ru") == learned.translations("угол", "ru") != {}
    assert again.digest == hashlib.sha256((tmp_path / "one.npz").read_bytes()).hexdigest()


def test_the_command_trains_and_holds_evaluation_text_out(
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
    assert main_with("train", str(tmp_path), "--out", str(tmp_path / "out.npz")) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["bytes"] == (tmp_path / "out.npz").stat().st_size
    assert load(tmp_path / "out.npz").translations("longboat", "en") == {}


def test_bad_training_data_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main_with("train", str(tmp_path)) == 2
    assert "parallel_open" in capsys.readouterr().err
    (tmp_path / "parallel_open").mkdir()
    with gzip.open(tmp_path / "parallel_open" / "x.tsv.gz", "wt") as file:
        file.write("one column\n")
    with pytest.raises(UsageError, match=r"x\.tsv\.gz:1"):
        list(read_pairs(tmp_path))


def main_with(*arguments: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["bilingual", *arguments])
        return main()


def test_titles_are_turned_round_and_surnames_seeded() -> None:
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


def test_a_rare_name_finds_the_stems_that_sound_like_it() -> None:
    vocabulary = ["verifi", "vetrlng", "ventling", "vessel"]

    def starting(prefix: str) -> list[str]:
        return [stem for stem in vocabulary if stem.startswith(prefix)]

    (ventling,) = words("Вентлинг", "en", bundled(), starting)
    assert "ventling" in ventling and "vessel" not in ventling
    (number,) = words("2217", "ru", bundled(), starting)
    assert number == {"2217": 1.0}
    (other,) = words("Briefe", "de", bundled(), starting)
    assert list(other.values()) == [1.0]


def test_weights_are_probabilities() -> None:
    for stem, lang in (("войн", "ru"), ("war", "en"), ("govern", "en"), ("посол", "ru")):
        translations = bundled().translations(stem, lang)
        assert 0 < sum(translations.values()) <= 1.03 and len(translations) <= 8
        assert list(translations.values()) == sorted(translations.values(), reverse=True)
        assert all(0 < w <= 0.5 for w in bundled().synonyms(stem, lang).values())
    assert "war" in bundled().translations("войн", "ru")
    assert "bukharin" in bundled().translations("бухарин", "ru")


def test_the_artefact_is_small_and_read_in_a_moment_without_torch() -> None:
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


def test_words_are_found_without_being_unpacked() -> None:
    listed = sorted(["а", "б", "ёж", "abc", "zebra", "я"])
    packed = Words(listed)
    assert [packed[n] for n in range(len(packed))] == listed
    assert [packed.find(word) for word in listed] == list(range(len(listed)))
    assert packed.find("нет") is None and packed.find("") is None and Words([]).find("a") is None


def test_a_damaged_artefact_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "bad.npz").write_bytes(lexicons.FILE.read_bytes()[:10_000])
    for name in ("bad.npz", "none.npz"):
        with pytest.raises(FondsError, match="install Fonds again"):
            load(tmp_path / name)


def test_english_goes_through_the_untouched_model(encoder: BilingualEncoder) -> None:
    english = ["Who stole the chronometer?", "", "The КВЖД line to Harbin was cut.", "x" * 3000]
    mixed = [english[0], "Кто украл хронометр?", *english[1:], "Письмо из Харбина."]
    untouched = MiniLmEncoder().encode(english)
    vectors = encoder.encode_passages(mixed)
    assert np.array_equal(vectors[[0, 2, 3, 4]], untouched)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_russian_means_what_its_english_means(encoder: BilingualEncoder) -> None:
    russian = encoder.encode_passages(
        ["Посол отправил телеграмму правительству.", "Собака спит на берегу."]
    )
    english = encoder.encode_passages(
        ["The ambassador sent the government a telegram.", "The dog sleeps."]
    )
    similarity = russian @ english.T
    assert similarity[0, 0] > similarity[0, 1] + 0.3 and similarity[1, 1] > similarity[1, 0]


def test_gloss_rows_are_one_a_word_and_as_long_as_the_models(encoder: BilingualEncoder) -> None:
    rows = encoder.gloss_rows("Война и правительство")
    assert rows.shape == (3, 384) and rows.dtype == np.float32
    usual = np.linalg.norm(MiniLmEncoder().word_rows, axis=1)
    norms = np.linalg.norm(rows, axis=1)
    assert norms.min() > usual.min() and norms.max() < usual.max()
    assert np.array_equal(encoder.gloss_rows("хлѣбъ"), encoder.gloss_rows("хлеб"))
    assert encoder.gloss_rows("").shape == (0, 384)
    assert len(encoder.gloss_rows("щурбзенковатый")) > 1, "unknown words are spelt in pieces"


def test_an_older_store_is_refused_with_the_command_that_mends_it(
    tmp_path: Path, encoder: BilingualEncoder
) -> None:
    assert encoder.identity.name == f"all-MiniLM-L6-v2+ru-{bundled().digest[:12]}"
    older = EncoderIdentity("all-MiniLM-L6-v2", 384)
    IndexStore.open(tmp_path / "store", write=True, encoder=older).close()
    with pytest.raises(StoreMismatch, match="fonds ingest"):
        IndexStore.open(tmp_path / "store", write=True, encoder=encoder.identity)


@pytest.mark.parametrize(
    ("question", "lang", "document"),
    [
        ("Что нашли мастера внутри хронометра?", "en", "1930-05-06-ventling.en"),
        ("Сколько лука дал пароход Alder Queen?", "en", "alder-queen-1929-07-12"),
        (
            "How did the boatswain get from his sledge to a river?",
            "ru",
            "1929-04-22-zastruyev.ru",
        ),
        ("Which shoal is shown on the chart of the strait?", "ru", "1929-03-14-sazhin.ru"),
    ],
)
def test_a_question_finds_documents_in_the_other_language(
    sample_archive: Archive, question: str, lang: str, document: str
) -> None:
    hits = sample_archive.search(question, k=5, filters=Filters(lang=lang)).hits
    assert document in [hit.document.document_id for hit in hits]
    assert {hit.document.lang for hit in hits} == {lang}


def test_both_versions_of_a_record_are_found_without_a_filter(sample_archive: Archive) -> None:
    hits = sample_archive.search("Почему ледокол не послали к «Гагаре»?", k=5).hits
    assert {hit.document.lang for hit in hits} == {"en", "ru"}


@pytest.mark.slow
def test_training_makes_the_artefact_again(tmp_path: Path) -> None:
    data = SHARED / "data"
    if not (data / "parallel_open").is_dir():
        pytest.skip(f"{data} is not here: this clone stands alone")
    assert main_with("train", str(data), "--out", str(tmp_path / "again.npz")) == 0
    assert (tmp_path / "again.npz").read_bytes() == lexicons.FILE.read_bytes()
