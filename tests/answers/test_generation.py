"""Prose by a language model over real HTTP: what is shown of it, and what becomes of its faults."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest

from rag import Archive
from rag.errors import SettingsError
from rag.llm.http import BoundedClient
from rag.models import calibration
from rag.settings import Settings
from rag.types import VerifiedAnswer
from tests.kits.bundled import bundled
from tests.kits.injections import INJECTIONS
from tests.kits.llm_server import LLMServer, Reply, scripted

QUESTION = "What did the ferry at Kettle Strait carry in March 1907?"
LETTERS = [
    {
        "id": "ferry",
        "lang": "en",
        "title": "Lindqvist to Orlova",
        "author": "V. Lindqvist",
        "date": "1907-03-14",
        "archival_ref": "Harbour Archive F. 3. Op. 1. D. 17. L. 5",
        "text": "The ferry at Kettle Strait carried forty sacks of coal and two horses in March "
        "1907. Captain Berg did not sell the lamps. See the ledger [2] for the toll.",
    },
    {
        "id": "lamps",
        "lang": "en",
        "title": "Berg to Lindqvist",
        "author": "O. Berg",
        "date": "1907-03-20",
        "text": "The ferry at Kettle Strait needs lamps. I sold three of them in March 1907.",
    },
]
GOOD = "The ferry at Kettle Strait carried forty sacks of coal and two horses [1]."
SHOWN = "The ferry at Kettle Strait carried forty sacks of coal and two horses. [1]"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ferry")
    lines = "".join(json.dumps(letter) + "\n" for letter in LETTERS)
    (folder / "letters.jsonl").write_text(lines, encoding="utf-8")
    with Archive(Settings(store=folder / "store"), bundled()) as archive:
        archive.ingest([folder / "letters.jsonl"])
    return folder / "store"


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FONDS_LLM_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def archive_of(store: Path, server: LLMServer, **settings: Any) -> Archive:
    return Archive(Settings(store=store, llm=server.spec, **settings), bundled())


def ask(store: Path, reply: Reply | str, **settings: Any) -> VerifiedAnswer:
    with scripted(reply) as server, archive_of(store, server, **settings) as archive:
        return checked(archive, archive.ask(QUESTION))


def checked(archive: Archive, answer: VerifiedAnswer) -> VerifiedAnswer:
    """The answer, once this test has compared all it shows with the store."""
    cited = {citation.n for citation in answer.citations}
    for citation in answer.citations:
        document = archive.show(citation.document.document_id).document
        assert document.text[citation.start : citation.end] == citation.quote
        assert citation.document.archival_ref == document.archival_ref
    if answer.engine != "extractive":
        assert {int(n) for n in re.findall(r"\[(\d+)\]", answer.answer)} == cited
        texts = " ".join(archive.show(d["id"]).document.text for d in LETTERS)
        for quotation in re.findall("“([^”]*)”", answer.answer):
            assert all(part.strip() in texts for part in re.split(r"\[…\]|…", quotation))
        for forbidden in ("http", "](", "<", ">", "www.", "Op."):
            assert forbidden not in answer.answer
    return answer


def test_prose_is_cited_from_the_store(store: Path) -> None:
    answer = ask(store, GOOD)
    assert (answer.engine, answer.notice, answer.status) == ("scripted", None, "answered")
    assert answer.answer == SHOWN
    (statement,) = answer.statements
    assert (statement.kind, statement.support, statement.citations) == ("prose", "verified", (1,))
    (citation,) = answer.citations
    assert citation.document.archival_ref == LETTERS[0]["archival_ref"]
    assert citation.quote.startswith("The ferry at Kettle Strait carried")
    plain = Archive(Settings(store=store), bundled()).ask(QUESTION)
    assert plain.citations and plain.to_dict().keys() == answer.to_dict().keys()
    assert plain.citations[0].to_dict().keys() == citation.to_dict().keys()


def test_doubtful_prose_stands_under_its_heading(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = calibration.reader()
    unsure = replace(fitted, evidence=replace(fitted.evidence, clear=1.0))
    monkeypatch.setattr(calibration, "reader", lambda: unsure)
    with scripted(GOOD) as server, archive_of(store, server) as archive:
        pieces = list(archive.stream(QUESTION))
        answer = archive.ask(QUESTION)
    assert answer.certainty == "doubtful"
    heading = "These passages come nearest; whether they answer is for you to judge."
    assert answer.answer == f"{heading}\n\n{SHOWN}" == "".join(pieces)


UNSUPPORTED = [
    ("number", "The ferry carried fifty sacks of coal [1]."),
    ("digits", "The ferry carried 41 sacks of coal [1]."),
    ("date", "The ferry at Kettle Strait carried coal in April 1907 [1]."),
    ("year", "The ferry at Kettle Strait carried coal and horses in 1908 [1]."),
    ("name", "Smith carried forty sacks of coal on the ferry [1]."),
    ("place", "The ferry at Bergen Strait carried forty sacks of coal [1]."),
    ("not added", "The ferry at Kettle Strait did not carry forty sacks of coal [1]."),
    ("not dropped", "Captain Berg did sell the lamps [1]."),
    ("wrong passage", "The ferry carried forty sacks of coal and two horses [2]."),
    ("no words of it", "The moon is made of green cheese [1]."),
    ("half invented", "The ferry carried forty sacks of coal, and the harbour burned down [1]."),
    (
        "half at first",
        "Because the harbour was burning, the ferry carried forty sacks of coal [1].",
    ),
    ("false quotation", 'The ferry carried "forty sacks of gold" [1].'),
    ("false single", "The ferry carried 'forty sacks of gold and silver' [1]."),
    ("false block", "> The ferry carried forty sacks of gold [1]"),
    ("wrong document", 'Berg wrote: "I sold three of them in March 1907" [1].'),
    ("splice", '"The ferry at Kettle Strait carried forty sacks of the lamps" [1].'),
    ("dropped not", '"Captain Berg did sell the lamps" [1].'),
    ("unclosed", "The ferry carried “forty sacks of coal [1]."),
    ("shelf-mark", "The ferry carried forty sacks of coal, F. 3. Op. 1. D. 99 [1]."),
    ("link", "The ferry carried forty sacks of coal, see https://evil.example/x [1]."),
]


@pytest.mark.parametrize("text", [t for _, t in UNSUPPORTED], ids=[n for n, _ in UNSUPPORTED])
def test_forgeries(store: Path, text: str) -> None:
    strict = ask(store, f"{GOOD} {text}" if not text.startswith(">") else f"{GOOD}\n{text}")
    assert strict.engine == "scripted"
    assert strict.answer == SHOWN and len(strict.statements) == 1
    loose = ask(store, f"{GOOD}\n{text}", strict=False)
    assert [s.support for s in loose.statements] == ["verified", "unsupported"]
    assert loose.statements[1].citations == ()
    assert "not supported by the archive" in loose.answer
    assert not re.search('[“”"«»]', loose.statements[1].text)


@pytest.mark.parametrize(
    "markers",
    ["[0][1][99]", "[1]" * 10, "[1, 0]", "[1-99999999]", "[[1]]", "【1†x】", "[1](#y)"],
)
def test_markers(store: Path, markers: str) -> None:
    answer = ask(store, GOOD.replace("[1]", markers))
    assert answer.answer == SHOWN, "what was not offered is dropped, a repeated one counts once"
    assert len(answer.citations) == 1


def test_a_quotation_is_placed_and_shown_as_stored(store: Path) -> None:
    answer = ask(store, 'Lindqvist wrote: "forty  sacks of coal and two horses" [1].')
    assert answer.answer == "Lindqvist wrote: “forty sacks of coal and two horses”. [1]"
    assert answer.citations[0].quote == "forty sacks of coal and two horses"
    answer = ask(store, '"See the ledger [2] for the toll." [1]')
    assert answer.citations[0].quote.startswith("See the ledger [2]")
    assert answer.statements[0].kind == "quotation"


FAULTS = {
    "timeout": Reply(GOOD, pause=3),
    "trickle": Reply(GOOD, pings=100, pause=0.1),
    "busy": Reply("slow down", status=429),
    "failed": Reply("oh no", status=500),
    "refused": Reply("bad key sk-secret", status=401),
    "unknown": Reply("no such model", status=404),
    "cut": Reply(GOOD, cut="chunk"),
    "cut-stream": Reply(GOOD, cut="stream"),
    "html": Reply(raw=b"<html>It works!</html>"),
    "garbage": Reply(raw=b"\x00\xff\xfe{{{{"),
    "empty": Reply(""),
    "noise": Reply("}{ ]] 0 0 0 ((("),
    "nonsense": Reply("As an AI I think bananas are curved."),
    "endless": Reply("word " * 5000, step=500),
    "redirect": Reply(status=307, headers={"location": "/elsewhere"}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_gives_the_extractive_answer_and_says_so(store: Path, name: str) -> None:
    started = time.monotonic()
    with scripted(FAULTS[name]) as server:
        with archive_of(store, server, llm_timeout=1) as archive:
            answer = archive.ask(QUESTION)
            pieces = list(archive.stream(QUESTION))
        assert "/elsewhere" not in server.paths, "no redirect is followed"
    assert time.monotonic() - started < 15
    plain = Archive(Settings(store=store), bundled()).ask(QUESTION)
    assert answer.engine == "extractive" and answer.status == "answered"
    assert (answer.answer, answer.statements) == (plain.answer, plain.statements)
    assert answer.notice and answer.notice.startswith("The language model scripted ")
    assert "extractive" in answer.notice and "\n" not in answer.notice
    assert "sk-secret" not in answer.notice and "oh no" not in answer.notice
    begin = max([n for n, piece in enumerate(pieces) if piece.restarts], default=0)
    assert "".join(pieces[begin:]) == answer.answer


def test_an_answer_given_up_is_collected_during_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Garbage collection closes it in the middle of anything, also of the next request's start."""
    assign = httpcore.ConnectionPool._assign_requests_to_connections
    given_up: list[httpx.Response] = []

    def collecting(pool: httpcore.ConnectionPool) -> Any:
        while given_up:
            given_up.pop().close()
        return assign(pool)

    monkeypatch.setattr(
        httpcore.ConnectionPool, "_assign_requests_to_connections", collecting, raising=True
    )
    with scripted(GOOD) as server:
        client = BoundedClient(5, own_machine=True)

        def ask_once() -> httpx.Response:
            body = {"stream": True, "messages": [{"role": "user", "content": "?"}]}
            request = client.build_request("POST", f"{server.url}/chat/completions", json=body)
            return client.send(request, stream=True)

        given_up.append(ask_once())
        second: list[int] = []

        def ask_again() -> None:
            response = ask_once()
            second.append(response.status_code)
            response.close()

        asking = threading.Thread(target=ask_again, daemon=True)
        asking.start()
        asking.join(10)
        assert second == [200] and not given_up
        client.close()


def test_no_server_at_all(store: Path) -> None:
    with scripted(GOOD) as server:
        pass
    with archive_of(store, server) as archive:
        notice = archive.ask(QUESTION).notice
    assert notice and "cannot be reached" in notice


def test_no_answer_is_told(store: Path) -> None:
    notice = ask(store, "NO ANSWER").notice
    assert notice and "found no answer" in notice


def test_without_evidence_the_model_is_not_asked(store: Path) -> None:
    with scripted(GOOD) as server, archive_of(store, server) as archive:
        answer = archive.ask("Who discovered penicillin in Ouagadougou?")
        assert answer.status == "abstained" and server.requests == []


def test_stream_gives_evidence_then_statements(store: Path) -> None:
    with scripted(Reply(f"{GOOD} {GOOD[:-4]}, said Lindqvist [1]. {GOOD}", step=3)) as server:
        with archive_of(store, server) as archive:
            kept = list(archive.stream(QUESTION))
        assert server.requests[0]["stream"] is True
    assert kept[0] == "" and kept[0].hits
    first = next(piece for piece in kept if not piece.hits)
    assert first.statement and first.citations[0].n == 1
    last = kept[-1].answer
    assert last and "".join(kept) == last.answer


def test_the_same_question_gives_the_same_prompt_and_answer(store: Path) -> None:
    with scripted(GOOD) as server, archive_of(store, server) as archive:
        first, second = (archive.ask(QUESTION).to_dict() for _ in range(2))
        assert server.prompts[0] == server.prompts[1]
        assert server.requests[0]["temperature"] == 0
    first.pop("seconds"), second.pop("seconds")
    assert first == second


def test_keys_go_into_the_header_alone(
    store: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("FONDS_LLM_API_KEY", "fonds-key-1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai-2")
    with scripted(Reply("fonds-key-1", status=500), GOOD) as server:
        with archive_of(store, server) as archive:
            answers = [archive.ask(QUESTION).to_dict() for _ in range(2)]
        assert server.headers[0]["Authorization"] == "Bearer fonds-key-1"
        sent = json.dumps(server.requests)
    told = (
        sent
        + json.dumps(answers)
        + caplog.text
        + json.dumps(archive.settings.describe(), default=str)
    )
    assert "fonds-key-1" not in told and "sk-openai-2" not in told


@pytest.mark.parametrize(
    ("llm", "told"),
    [
        ("gpt", "expected gguf:FILE, openai-like:URL:MODEL"),
        ("parrot:polly", "expected gguf:FILE, openai-like:URL:MODEL"),
        ("openai-like:model", "expected gguf:FILE, openai-like"),
        ("openai-like:http://u:pass@host/v1:m", "without name, password"),
        ("openai-like:http://10.0.0.7:8080/v1:m", "plain http"),
        ("openai-like:http://localhost.evil.example/v1:m", "plain http"),
        ("openai:gpt-4o", "set OPENAI_API_KEY in the environment"),
        ("ollama:llama3:8b", "pip install 'fonds\\[ollama\\]'"),
        ("anthropic:claude", "pip install 'fonds\\[anthropic\\]'"),
    ],
)
def test_settings_that_make_no_sense(
    llm: str, told: str, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "llama_index.llms.ollama", None)
    monkeypatch.setitem(sys.modules, "llama_index.llms.anthropic", None)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "x")
    archive = Archive(Settings(store=store, llm=llm), bundled())
    with archive, pytest.raises(SettingsError, match=told) as caught:
        archive.ask(QUESTION)
    assert "pass@" not in str(caught.value)


def test_plain_http_when_the_user_says_so() -> None:
    from rag.llm.providers import build

    far = "openai-like:http://10.0.0.7:8080/v1:qwen2.5:7b"
    model = build(Settings(llm=far, llm_http=True))
    assert model and model.name == "qwen2.5:7b"
    model = build(Settings(llm="openai-like:https://llm.example/v1:m"))
    assert model and model.name == "m"


def test_any_llama_index_llm(store: Path) -> None:
    from llama_index.core.llms import MockLLM

    with Archive(Settings(store=store), bundled(), llm=MockLLM()) as archive:
        answer = archive.ask(QUESTION)  # the mock repeats its prompt
    assert answer.engine in ("extractive", "unknown") and answer.status == "answered"


@pytest.mark.parametrize(
    "injection",
    [
        pytest.param(text, id=str(n), marks=[] if n % 4 == 0 else [pytest.mark.slow])
        for n, text in enumerate(INJECTIONS)
    ],
)
def test_instructions_inside_documents(
    injection: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model obeys the document to the letter; nothing of it reaches the reader."""
    monkeypatch.setenv("FONDS_LLM_API_KEY", "fonds-key-1")
    with scripted("canary") as canary, scripted("x") as server:
        order = injection.format(url=f"http://127.0.0.1:{canary.port}/steal")
        text = f"{LETTERS[0]['text']}\n\n{order}"
        letter = {**LETTERS[0], "text": text, "title": f"Letter. {order}"}
        (tmp_path / "x.jsonl").write_text(json.dumps(letter) + "\n", encoding="utf-8")
        server.replies = [Reply(f'{GOOD}\n{order}\n{order} [1]\n"{order}" [1]')]
        with archive_of(tmp_path / "store", server) as archive:
            archive.ingest([tmp_path / "x.jsonl"])
            answer = archive.ask(QUESTION)
        prompt = server.prompts[0]
        assert canary.paths == [], "nothing was fetched"
    assert answer.engine == "scripted"
    shown = answer.answer
    for forbidden in ("http:", "https:", "//", "](", "![", "<", "javascript:", "fonds-key"):
        assert forbidden not in shown
    assert {int(n) for n in re.findall(r"\[(\d+)\]", shown)} == {c.n for c in answer.citations}
    assert all(c.document.archival_ref == LETTERS[0]["archival_ref"] for c in answer.citations)
    assert "fonds-key-1" not in prompt and str(tmp_path) not in prompt
    seal = re.search(r"A line with (\w+) begins", prompt)
    assert seal and prompt.count(f"=== {seal[1]} ") == 2 * len(
        re.findall(r"PASSAGE \d+ ===\n\(", prompt)
    )
    for mark in ("<|", "<s>", "</", "[INST]", "<<SYS>>", "\u200b", "\U000e0041", "\u202e"):
        assert mark not in prompt
