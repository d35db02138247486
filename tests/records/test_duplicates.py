"""Copies and near-copies: what is one, what is none, and which warnings they get. All invented."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from itertools import combinations, permutations
from pathlib import Path

import pytest

from eval.probes import near_duplicates as made
from eval.probes.near_duplicates import Changed, cut, hyphenated, misread, respelled
from index_store.maintenance import doctor
from index_store.maintenance.backup import backup, restore
from index_store.types import Document, DocumentWarning, Hit, Passage
from rag import Archive
from rag.answers.evidence import Evidence
from rag.answers.selection import choose
from rag.cli import output
from rag.records import duplicates
from rag.records.minhash import MAX_PAIRS_PER_TEXT, pairs, sketch
from rag.records.similarity import alike, worded
from rag.settings import Settings
from rag.text.normalization import key
from rag.types import Filters, SearchResult
from tests.kits.hashing import HashingEncoder
from ui_assets.model import Exchange
from ui_assets.view import render
from ui_assets.view.excerpts import hit_sources

LETTER = """Dear Osip Karlovich, the barge came in on Thursday with its tow rope parted and half
the deck load gone over the side. The mate swears that he lashed the barrels himself, yet not one
of the rings shows a mark. I have had the cargo counted twice before witnesses: 212 sacks of rye,
48 of salt, and the surveyor's chest, which nobody had opened.

The owner asks for an advance against the insurance, and I have refused it until the report is
signed. Please send word whether the court at Velsk will hear the pilot before the ice closes the
river, for afterwards no one will find him. Your brother is well and has taken the room over the
chandler's shop, where he paints in the mornings.

Yours ever, A. Mirolin, 14 October 1927."""
ПИСЬМО = """Уважаемая Вера Андреевна, посылку с книгами получили в среду, но ящик был вскрыт, и
двух томов атласа в нём нет. Почтмейстер уверяет, что печать сломалась дорогой, однако верёвка
развязана, а не порвана. Я составил опись при свидетелях: 31 том, 6 карт и глобус без подставки.

Прошу вас написать в Никольское отделение, пока квитанция не потеряла силы. Снег лежит уже с
Покрова, и обоз пойдёт только после ярмарки; до тех пор объясняться будет не с кем. Дети здоровы,
учатся охотно и каждый вечер спрашивают, когда приедет тётя Вера.

Ваш И. Лопахин, 9 ноября 1926 года."""
FORM = """District Fisheries Board, form {n}. To the keeper of the store at {place}. You are
instructed to release to {name}, against this paper and his signature, {sacks} sacks of coarse salt
and {nets} nets of the second sort, to enter both in the ledger under this number, and to return
the lower half of the form by the next boat. What is not fetched within ten days goes back to the
common stock. Complaints are to be made in writing to the Board and not to the keeper.
Given on {day} {month} {year}."""
ПРОТОКОЛ = """Протокол № {n} заседания правления артели от {day} {month} {year} года.
Председатель: {name}. Присутствовали члены правления и представитель {place}. Слушали: о ходе
заготовок и о ремонте лодок. Постановили: доклад принять к сведению, отпустить на ремонт {sacks}
рублей, смолы {nets} пудов, о ходе работ докладывать правлению не реже одного раза в месяц.
Следующее заседание созвать обычным порядком. Подлинный за надлежащими подписями."""
HEAD = "From the papers of the harbour office, second bundle. Printed here for the first time.\n\n"


def copy(how: Changed, text: str) -> str:
    return how(text, random.Random(text), HEAD)


def noisy(text: str, share: float) -> str:
    return misread(text, random.Random(f"{share} {text}"), share)


COPIES = {
    "misread, 1%": (LETTER, noisy(LETTER, 0.01)),
    "misread, 3%": (ПИСЬМО, noisy(ПИСЬМО, 0.03)),
    "a sentence left out": (LETTER, copy(cut, LETTER)),
    "a sentence left out, misread": (ПИСЬМО, noisy(copy(cut, ПИСЬМО), 0.02)),
    "an editor's head": (LETTER, HEAD + LETTER),
    "old spelling": (ПИСЬМО, copy(respelled, ПИСЬМО)),
    "hyphens": (LETTER, copy(hyphenated, LETTER)),
    "other lines and capitals": (ПИСЬМО, ПИСЬМО.upper().replace("\n", " \n")),
    "a word corrected": (LETTER, LETTER.replace("swears", "maintains")),
}


def filled(form: str, seed: int) -> str:
    """The form, filled in."""
    chance = random.Random(seed)
    english = form is FORM
    return form.format(
        n=100 + seed,
        place=("Ust-Yama", "Kholmy", "Serebryanka", "Dolgoye")[seed % 4],
        name=("P. Gavrin", "S. Tolmach", "Y. Orehov", "D. Lukin", "F. Zybin")[seed % 5],
        sacks=chance.randint(11, 99),
        nets=chance.randint(2, 9),
        day=chance.randint(1, 28),
        month=chance.choice(["March", "May", "June"] if english else ["марта", "мая", "июня"]),
        year=chance.randint(1924, 1933),
    )


BERTH = LETTER.replace("Osip Karlovich", "Marfa Petrovna").replace("the pilot", "the cook")
NO_COPIES = {
    "a form with other names and numbers": (filled(FORM, 1), filled(FORM, 2)),
    "minutes of another meeting": (filled(ПРОТОКОЛ, 1), filled(ПРОТОКОЛ, 2)),
    "a form, both misread": tuple(noisy(filled(FORM, n), 0.01) for n in (3, 4)),
    "only another date": (LETTER, LETTER.replace("14 October 1927", "21 November 1928")),
    "only other sums": (ПИСЬМО, ПИСЬМО.replace("31 том, 6 карт", "54 тома, 9 карт")),
    "one figure, all else clear": (LETTER, LETTER.replace("212 sacks", "217 sacks")),
    "another person": (LETTER, BERTH),
    "an excerpt": (LETTER, LETTER[: len(LETTER) // 2]),
    "too short to tell": ("Send no ship. Coal will do. Wait for me.",) * 2,
    "another letter": (LETTER, HEAD * 5),
}


def line(name: str, text: str, **more: object) -> str:
    lang = "ru" if "е" in text.lower() else "en"
    return json.dumps({"id": name, "lang": lang, "text": text, **more}) + "\n"


def near(archive: Archive) -> dict[str, str]:
    """The warnings about near-copies, by document."""
    return {
        document.document_id: warning.message
        for document in archive.documents()
        for warning in document.warnings
        if warning.code == duplicates.NEAR
    }


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(Settings(store=tmp_path / "store"), HashingEncoder()) as archive:
        yield archive


@pytest.mark.parametrize("what", COPIES)
def test_a_near_copy_is_told_of_both(tmp_path: Path, archive: Archive, what: str) -> None:
    one, other = COPIES[what]
    (tmp_path / "a.jsonl").write_text(line("one", one) + line("other", other))
    report = archive.ingest([tmp_path / "a.jsonl"])
    told = near(archive)
    assert told.keys() == {"one", "other"}
    match = re.fullmatch(
        r"Nearly the same text stands in other \((\d+)% of the words\)\.", told["one"]
    )
    assert match and 80 <= int(match[1]) <= 100
    assert {i for i, w in report.warnings if w.code == duplicates.NEAR} == {"one", "other"}


@pytest.mark.parametrize("what", NO_COPIES)
def test_what_is_no_copy_is_not_called_one(tmp_path: Path, archive: Archive, what: str) -> None:
    one, other = NO_COPIES[what]
    (tmp_path / "a.jsonl").write_text(line("one", one) + line("other", other))
    archive.ingest([tmp_path / "a.jsonl"])
    assert near(archive) == {}


def test_precision_and_recall(sample_archive: Archive) -> None:
    """Of the sample's letters, their copies, and two forms filled in a hundred times."""
    letters = [sample_archive.show(d.document_id).document for d in sample_archive.documents()]
    texts = {d.text: d.document_id for d in letters if len(worded(d.text).words) >= 60}
    assert len(texts) > 25
    named = list(texts.items())
    copies = []
    for text, name in texts.items():
        for how in (noisy(text, 0.02), copy(cut, text), HEAD + text):
            copies.append((how, name))
    forms = [(filled(form, n), f"{form[0]}{n}") for form in (FORM, ПРОТОКОЛ) for n in range(100)]
    whole = named + copies + forms
    read = [worded(text) for text, _ in whole]
    told = [
        (whole[a][1], whole[b][1])
        for a, b in pairs([sketch(key(text)) for text, _ in whole])
        if alike(read[a], read[b])
    ]
    right = [one == other for one, other in told]
    possible = 6 * len(texts)  # each with its three copies, and these with each other
    assert sum(right) == len(right), [pair for pair in told if pair[0] != pair[1]]
    assert sum(right) >= 0.9 * possible, (sum(right), possible)


def test_the_figures_of_the_evaluation(tmp_path: Path) -> None:
    for part in made.CHOSEN_ON + made.ELSEWHERE:
        (tmp_path / part).parent.mkdir(exist_ok=True)
        (tmp_path / f"{part}.jsonl").write_text(line("a", LETTER) + line("b", ПИСЬМО))
    figures = made.measure(tmp_path)["elsewhere"]
    assert figures["texts"] == 6 and figures["among the texts themselves"] == 6
    for kind, least, most in (("copies", 0.9, 1.0), ("others", 0.0, 0.0)):
        called = sum(row["called"] for row in figures[kind].values())
        of = sum(row["of"] for row in figures[kind].values())
        assert of >= 6 * 6 and least * of <= called <= most * of, figures


def test_alike_is_symmetrical_and_whole() -> None:
    for one, other in [*COPIES.values(), *NO_COPIES.values()]:
        assert alike(worded(one), worded(other)) == alike(worded(other), worded(one))
    assert alike(worded(LETTER), worded(LETTER)) == 1


def test_the_order_of_ingestion_does_not_matter(tmp_path: Path) -> None:
    texts = {"a": LETTER, "b": HEAD + LETTER, "c": noisy(LETTER, 0.02), "d": LETTER}
    for name, text in texts.items():
        (tmp_path / f"{name}.jsonl").write_text(line(name, text))
    told = []
    for n, order in enumerate([*permutations(texts)][::7]):
        with Archive(Settings(store=tmp_path / f"store{n}"), HashingEncoder()) as archive:
            for name in order:
                archive.ingest([tmp_path / f"{name}.jsonl"])
            told.append(([d.warnings for d in archive.documents()], archive.store.sha256()))
    assert all(one == told[0] for one in told)
    codes = [[w.code for w in warnings] for warnings in told[0][0]]
    both = ["undated", "duplicate", "near_duplicate"]
    assert codes == [both, ["undated", "near_duplicate"], ["undated", "near_duplicate"], both]
    message = told[0][0][2][-1].message
    assert all(f"{name} (" in message for name in "abd"), "copies of a copy are named too"


def test_edits_and_removals_are_followed(tmp_path: Path, archive: Archive) -> None:
    for name, text in (("a", LETTER), ("b", HEAD + LETTER), ("c", noisy(LETTER, 0.02))):
        (tmp_path / f"{name}.jsonl").write_text(line(name, text))
    archive.ingest([tmp_path])
    assert near(archive).keys() == {"a", "b", "c"}

    (tmp_path / "c.jsonl").write_text(line("c", ПИСЬМО))
    archive.ingest([tmp_path])
    told = near(archive)
    assert told.keys() == {"a", "b"} and "c" not in told["a"].split()

    (tmp_path / "b.jsonl").write_text(line("b", HEAD + LETTER, title="A title"))
    archive.ingest([tmp_path])
    assert near(archive) == told, "a document replaced for its title keeps its warning"

    archive.remove(["a"])
    assert near(archive) == {}
    archive.ingest([tmp_path])
    assert near(archive) == told


def test_the_same_text_in_another_language_is_another(tmp_path: Path, archive: Archive) -> None:
    (tmp_path / "a.jsonl").write_text(line("a", LETTER) + line("b", HEAD + LETTER, lang="de"))
    archive.ingest([tmp_path])
    assert near(archive) == {}


def test_nothing_is_looked_at_again_where_nothing_changed(
    tmp_path: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jsonl").write_text(line("a", LETTER) + line("b", HEAD + LETTER))
    monkeypatch.setattr(duplicates, "_near", lambda store: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        archive.ingest([tmp_path])
    monkeypatch.undo()
    archive.ingest([tmp_path])
    assert near(archive).keys() == {"a", "b"}, "what a run that was cut off left is made up for"
    monkeypatch.setattr(duplicates, "_near", lambda store: 1 / 0)
    before = archive.store.sha256()
    archive.ingest([tmp_path])
    assert archive.store.sha256() == before


def test_the_store_is_sound_and_a_backup_keeps_the_warnings(
    tmp_path: Path, archive: Archive
) -> None:
    (tmp_path / "a.jsonl").write_text(line("a", LETTER) + line("b", HEAD + LETTER))
    archive.ingest([tmp_path / "a.jsonl"])
    told = near(archive)
    archive.close()
    assert doctor.check(archive.settings.directory).sound
    backup(archive.settings.directory, tmp_path / "saved.zip")
    restore(tmp_path / "saved.zip", tmp_path / "again")
    with Archive(Settings(store=tmp_path / "again"), HashingEncoder()) as restored:
        assert near(restored) == told and len(told) == 2
        restored.remove(["a"])
        assert near(restored) == {}


def test_thousands_of_one_form_cost_little() -> None:
    forms = [sketch(key(filled(FORM, n))) for n in range(600)]
    proposed = pairs(forms)
    most = MAX_PAIRS_PER_TEXT * len(forms)
    assert 0 < len(proposed) <= most < len(list(combinations(forms, 2))) / 20


def hit(name: str, rank: int, text: str, *warnings: DocumentWarning) -> Hit:
    document = Document(name, name, "en", text, title=f"Title {name}", warnings=warnings)
    return Hit(Passage(f"{name}#0", name, 0, 0, len(text), text), document, rank, 1.0)


def copies() -> tuple[Hit, ...]:
    """Four hits: a letter, its near-copy, another, and the copy's second passage."""
    code = duplicates.NEAR
    a = hit(
        "a",
        1,
        LETTER,
        DocumentWarning(code, "Nearly the same text stands in b, x (97% of the words)."),
    )
    b = hit(
        "b, x",
        2,
        HEAD + LETTER,
        DocumentWarning(code, "Nearly the same text stands in a (97% of the words)."),
    )
    x = hit("x", 3, ПИСЬМО)
    return a, b, x, Hit(b.passage, b.document, 4, 0.5)


def test_hits_of_copies_are_gathered_under_the_best() -> None:
    a, b, x, again = copies()
    assert duplicates.gathered([a, b, x, again]) == [(a, [b, again]), (x, [])]
    assert duplicates.gathered([x, again, a]) == [(x, []), (again, [a])]
    assert duplicates.gathered([a, Hit(a.passage, a.document, 2, 0.9)])[1][1] == []
    assert not duplicates.copied(a.document, hit("b", 1, "").document), "an id is taken whole"
    assert not duplicates.copied(x.document, a.document)
    same = DocumentWarning(duplicates.CODE, "The same text stands in b, c (1).")
    one = hit("a", 1, LETTER, same).document
    named = {
        name
        for name in ("a", "b", "c", "c (1)")
        if duplicates.copied(one, hit(name, 1, "").document)
    }
    assert named == {"b", "c (1)"}


def test_the_printed_list_names_copies_and_the_json_has_them_all() -> None:
    hits = copies()
    result = SearchResult("barge?", hits, Filters(), {}, None)
    printed = output.search_result(result)
    assert printed.count("Dear Osip") == 1 and "copies: b, x#0, b, x#0" in printed
    assert re.findall(r"^(\d)\. ", printed, re.MULTILINE) == ["1", "3"], "ranks stay"
    assert [h["rank"] for h in result.to_dict()["hits"]] == [1, 2, 3, 4]


def test_the_chat_lists_a_copy_under_its_source() -> None:
    a, b, x, _ = copies()
    first, second = hit_sources(copies())
    assert (first.n, first.document, first.copies) == (1, a.document, (b.document,))
    assert (second.n, second.document, second.copies) == (2, x.document, ())
    for lang, words in (("en", "Copies also found"), ("ru", "Найдены и копии")):
        page = render.panel([Exchange(1, "barge?", sources=(first, second))], lang, lambda _: [])
        assert page.count(words) == 1 and page.count('data-document="b, x">') == 1


def test_two_copies_are_not_quoted_side_by_side(tmp_path: Path, archive: Archive) -> None:
    (tmp_path / "a.jsonl").write_text(line("a", LETTER) + line("b", HEAD + noisy(LETTER, 0.01)))
    archive.ingest([tmp_path])
    by_name = {h.document.document_id: h for h in archive.search("barge tow rope deck", k=9).hits}
    assert by_name.keys() == {"a", "b"}
    items = []
    for name, words, score in (("a", "The owner asks", 1.0), ("b", "Printed here", 0.9)):
        start = by_name[name].document.text.index(words)
        items.append(Evidence(by_name[name], start, start + len(words), score, {}, frozenset()))
    assert [q.hit.document.document_id for q in choose(items)] == ["a"]
    answer = archive.ask("What did the owner of the barge ask for?")
    cited = answer.to_dict()["citations"]
    assert len({c["document_id"] for c in cited}) == 1
    assert duplicates.NEAR in {w["code"] for c in cited for w in c["warnings"]}
