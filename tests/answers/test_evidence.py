"""What speaks for a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from eval.training.evidence import _clear, _threshold
from index_store.analysis.stemming import stems
from rag import Archive
from rag.answers.question_terms import QuestionTerms
from rag.questions.parsed import parse
from rag.settings import load
from tests.kits.bundled import bundled

TEXTS = {
    "talks": "The President of Romania, Mr. Ceaușescu, spoke with the Secretary about credits for a"
    " steel mill. No paper was signed.",
    "harvest": "The harvest of the district has failed and seed is asked for before the spring.",
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("evidence")
    corpus = folder / "corpus.jsonl"
    rows = [{"id": n, "title": n, "text": text, "lang": "en"} for n, text in TEXTS.items()]
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with Archive(load({"store": folder / "store"}), bundled()) as opened:
        assert not opened.ingest([corpus]).failures
        yield opened


@pytest.mark.parametrize(
    "question",
    [
        "What did Ceausescu speak about with the Secretary?",
        "О чём Чаушеску говорил с секретарём?",
    ],
)
def test_a_name_is_met_without_its_marks_and_in_the_other_alphabet(
    archive: Archive, question: str
) -> None:
    answer = archive.ask(question)
    assert answer.status == "answered", answer
    assert "steel mill" in answer.citations[0].quote


@pytest.mark.parametrize("question", ["What did he write about %s?", "Что он писал о %s?"])
def test_that_somebody_wrote_is_not_looked_for(archive: Archive, question: str) -> None:
    asked = QuestionTerms(parse(question % "Romania"), archive.store)
    assert set(asked.weights) == {"romania"}
    assert set(QuestionTerms(parse("Who wrote it?"), archive.store).weights) == {"wrote"}


def test_what_one_sentence_of_a_passage_has_and_the_others_lack(archive: Archive) -> None:
    asked = QuestionTerms(parse("Did the Secretary sign a paper on the harvest?"), archive.store)
    secretary, paper, harvest = (stems(word)[0] for word in ("secretary", "paper", "harvest"))
    everywhere = frozenset({secretary})
    shares = asked.rare([everywhere, everywhere | {paper}, frozenset()])
    assert shares[1] > 2 * shares[0] > 0 and shares[2] == 0
    assert asked.rare([]) == []
    alike = asked.rare([frozenset({harvest})] * 3)
    assert len(set(alike)) == 1 and alike[0] < shares[1]


def test_the_share_of_the_names_that_stand_in_a_sentence(archive: Archive) -> None:
    asked = QuestionTerms(parse("What did Nicolae Ceausescu sign?"), archive.store)
    assert asked.share_of_names("Mr. Ceaușescu did.") == 0.5
    assert (
        QuestionTerms(parse("Что подписал Чаушеску?"), archive.store).share_of_names(
            "Mr. Ceaușescu did."
        )
        == 1
    )
    assert asked.share_of_names("He did.") == 0 and asked.share_of_names("Nicolae Ceaușescu") == 1
    assert QuestionTerms(parse("What was signed?"), archive.store).share_of_names("He did.") is None


@pytest.mark.parametrize(
    "question",
    [
        "How many tons of seed did the district ask for?",
        pytest.param(
            "How many farmers lost crops and want seeds?",
            marks=pytest.mark.xfail(strict=True, reason="its cosine is below near_subject"),
        ),
    ],
)
def test_what_is_near_the_subject_in_other_words_is_told(archive: Archive, question: str) -> None:
    answer = archive.ask(question)
    assert answer.abstention is not None
    assert answer.abstention.reason == "silent"


def test_what_is_foreign_to_the_archive_is_told(archive: Archive) -> None:
    answer = archive.ask("Which telescope found the moons of Jupiter?")
    assert answer.abstention is not None
    assert answer.abstention.reason == "no_evidence"


def test_the_threshold_is_where_the_sets_are_told_best() -> None:
    likely = np.array([0.2, 0.33, 0.38, 0.9, 0.1, 0.2, 0.7, 0.8])
    told = np.array([False, False, True, True, False, False, True, True])
    of_set = np.array(["hard"] * 4 + ["easy"] * 4)
    assert _threshold(likely, told, of_set) == 0.35
    assert _threshold(likely[4:], told[4:], of_set[4:]) == 0.3, "the lowest of equals"


def test_a_question_asked_again_is_not_read_again(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "What was said of the steel mill in Romania?"
    first = archive.ask(asked)

    def fail(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("rag.models.reader.TrainedReader.read", fail)
    again = archive.ask(asked)
    assert (again.answer, again.confidence) == (first.answer, first.confidence)


def test_an_answer_is_clear_where_few_unanswered_questions_reach() -> None:
    likely = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
    told = np.array([False, False, False, True, True, True])
    of_set = np.array(["a"] * 6)
    assert _clear(likely, told, of_set, 0.3) == 0.72
    assert _clear(likely, told, of_set, 0.9) == 0.9, "not below the border of answers"


def test_words_that_are_not_translated_are_not_held_against_an_archive(archive: Archive) -> None:
    german = replace(parse("Wer unterschrieb den Vertrag?"), written_in="de")
    assert QuestionTerms(german, archive.store).unseen == 0
    assert QuestionTerms(replace(german, written_in="en"), archive.store).unseen > 0
