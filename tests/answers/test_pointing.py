"""A language model that points at sentences: what is quoted, stated, doubted and left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rag import Archive
from rag.answers.grounding import Checker
from rag.answers.pointing import supported
from rag.answers.selection import Quotation
from rag.models import calibration
from rag.settings import Settings
from rag.types import VerifiedAnswer
from tests.answers.test_generation import LETTERS, QUESTION, archive_of, store
from tests.kits.bundled import bundled
from tests.kits.llm_server import Reply, scripted
from tests.kits.small_model import small_model

__all__ = ["store"]  # the fixture

FERRY = "The ferry at Kettle Strait carried forty sacks of coal and two horses in March 1907."


def said(answered: str, *points: tuple[list[int], str]) -> str:
    told = [{"sentences": numbers, "statement": text} for numbers, text in points]
    return json.dumps({"answered": answered, "points": told})


def ask(store: Path, reply: Reply | str, mode: str = "statements", **more: Any) -> VerifiedAnswer:
    with scripted(reply) as server, archive_of(store, server, llm_mode=mode, **more) as archive:
        pieces = list(archive.stream(QUESTION))
        answer = pieces[-1].answer
        assert answer is not None
        begin = max([n for n, piece in enumerate(pieces) if piece.restarts], default=0)
        assert "".join(pieces[begin:]) == answer.answer
        for citation in answer.citations:
            document = archive.show(citation.document.document_id).document
            assert document.text[citation.start : citation.end] == citation.quote
        numbered = server.prompts[0].split("Question:")[0] if server.prompts else ""
        assert "RGASPI" not in numbered and "Op." not in numbered
        return answer


def number_of(store: Path, sentence: str) -> int:
    """The number under which the model is shown the sentence."""
    with scripted("no") as server, archive_of(store, server, llm_mode="points") as archive:
        archive.ask(QUESTION)
        line = next(x for x in server.prompts[0].splitlines() if x.endswith(sentence))
    return int(line.split(".")[0])


def test_a_statement_stands_with_the_quotations_that_bear_it_out(store: Path) -> None:
    n = number_of(store, FERRY)
    true = "The ferry carried forty sacks of coal and two horses."
    answer = ask(store, said("yes", ([n], true)))
    assert (answer.engine, answer.notice, answer.status) == ("scripted", None, "answered")
    assert [(s.kind, s.text) for s in answer.statements] == [("quotation", FERRY), ("prose", true)]
    assert answer.citations[0].document.archival_ref == LETTERS[0]["archival_ref"]


@pytest.mark.parametrize(
    "statement",
    [
        "The ferry carried fifty sacks of coal.",
        "The ferry did not carry coal.",
        "Captain Smith carried forty sacks of coal.",
        "See [2] and RGASPI F. 1. Op. 2. D. 3.",
        "Ask www.example.com about the ferry.",
        "",
    ],
)
def test_a_statement_that_they_do_not_bear_out_is_left_out(store: Path, statement: str) -> None:
    answer = ask(store, said("yes", ([number_of(store, FERRY)], statement)))
    assert [(s.kind, s.text) for s in answer.statements] == [("quotation", FERRY)]
    assert answer.answer.endswith(f"“{FERRY}” [1]")


def test_numbers_that_were_not_offered_are_no_answer(store: Path) -> None:
    answer = ask(store, said("yes", ([77, 0], "The ferry carried coal.")))
    plain = Archive(Settings(store=store), bundled()).ask(QUESTION)
    assert (answer.answer, answer.engine) == (plain.answer, "extractive")
    assert answer.notice and "not an answer" in answer.notice


def test_a_no_lowers_the_confidence(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Archive(Settings(store=store), bundled()).ask(QUESTION)
    unsure = calibration.PointingWeights(-1.0, 1.0, 1.0, 0.9, 0.3)
    monkeypatch.setattr(calibration, "pointing", lambda: unsure)
    answer = ask(store, said("no"))
    assert answer.confidence < plain.confidence
    assert answer.status == "answered" and answer.certainty == "doubtful"
    assert answer.notice and "found no answer" in answer.notice
    assert [c.quote for c in answer.citations] == [c.quote for c in plain.citations]
    certain = calibration.PointingWeights(-9.0, 1.0, 1.0, 0.9, 0.3)
    monkeypatch.setattr(calibration, "pointing", lambda: certain)
    silent = ask(store, said("no"))
    assert (silent.status, silent.citations, silent.certainty) == ("abstained", (), None)


@pytest.mark.parametrize(
    "reply", ["", "I cannot help.", Reply(status=500), Reply("{", cut="chunk")]
)
def test_a_fault_gives_the_extractive_answer(store: Path, reply: Reply | str) -> None:
    answer = ask(store, reply)
    plain = Archive(Settings(store=store), bundled()).ask(QUESTION)
    assert (answer.engine, answer.answer) == ("extractive", plain.answer)
    assert answer.notice and "extractive" in answer.notice


def test_a_server_that_knows_no_forms_is_asked_without(store: Path) -> None:
    replies = [Reply(status=400), Reply(said("yes", ([number_of(store, FERRY)], "")))]
    with (
        scripted(*replies) as server,
        archive_of(store, server, llm_mode="statements") as archive,
    ):
        answer = archive.ask(QUESTION)
    assert answer.engine == "scripted" and [c.quote for c in answer.citations] == [FERRY]
    assert ["response_format" in request for request in server.requests] == [True, False]


def test_the_model_can_be_left_out_of_a_question(store: Path) -> None:
    with scripted(said("no")) as server, archive_of(store, server, llm_mode="points") as archive:
        answer = archive.ask(QUESTION, without=["model"])
    assert (answer.engine, server.requests) == ("extractive", [])


def test_a_real_model_points(store: Path) -> None:
    settings = Settings(store=store, llm=f"gguf:{small_model()}", llm_timeout=120)
    with Archive(settings, bundled()) as archive:
        pieces = list(archive.stream(QUESTION))
    answer = pieces[-1].answer
    assert answer is not None and answer.notice is None
    assert any(piece.read == 1 for piece in pieces)
    texts = [letter["text"] for letter in LETTERS]
    assert all(any(c.quote in text for text in texts) for c in answer.citations)


@pytest.mark.parametrize(
    ("premise", "statement", "holds"),
    [
        ("They sent chronometer No. 2217 to London.", "Chronometer No. 2217 went to London.", True),
        ("They sent no chronometer to London.", "They sent a chronometer to London.", False),
        ("The Japanese minister refused the loan.", "Tokyo refused the loan.", True),
        ("The Japanese minister refused the loan.", "Rome refused the loan.", False),
        ("The Japanese minister refused the loan.", "It is.", False),
    ],
)
def test_what_bears_a_statement_out(
    tmp_path: Path, premise: str, statement: str, holds: bool
) -> None:
    (tmp_path / "a.txt").write_text(premise, encoding="utf-8")
    with Archive(Settings(store=tmp_path / "store"), encoder=bundled()) as archive:
        archive.ingest(tmp_path / "a.txt")
        (hit,) = archive.search("refused or sent").hits
        passage = hit.passage
        quotation = Quotation(hit, passage.start, passage.end)
        checker = Checker(archive.store, archive.models)
        assert supported(statement, [quotation], checker)[1] == [holds]


@pytest.mark.parametrize(
    ("statement", "holds"),
    [
        # Each sentence has a quotation of its own.
        ("The harbour froze in March. The pilots wrote to Riga.", [True, True]),
        ("The harbour froze in March. The pilots wrote to Oslo.", [False, False]),
        # One sentence draws on two quotations of the document.
        ("The harbour froze in March and the pilots wrote to Riga.", [True, True]),
        ("The pilots wrote to Riga about the ice.", [False, True]),
    ],
)
def test_sentences_are_borne_out_each_by_itself_or_by_quotations_together(
    tmp_path: Path, statement: str, holds: list[bool]
) -> None:
    text = "The harbour froze in March. Nobody came. The pilots wrote to Riga about the ice."
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    with Archive(Settings(store=tmp_path / "store"), encoder=bundled()) as archive:
        archive.ingest(tmp_path / "a.txt")
        (hit,) = archive.search("harbour ice").hits
        spans = ((0, 27), (41, len(text)))
        quotations = [Quotation(hit, *span) for span in spans]
        checker = Checker(archive.store, archive.models)
        assert supported(statement, quotations, checker)[1] == holds
