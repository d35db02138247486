"""The API over real HTTP: what programs may ask, logs, queue, many sessions, MCP."""

from __future__ import annotations

import base64
import concurrent.futures
import json
from pathlib import Path

from tests.kits.http_kit import PASSWORD, call, get


def test_programs_ask_search_and_verify(open_url: str) -> None:
    ended, answer = call(open_url, "ask", {"question": "When did the ferry stop?"})
    assert ended == "complete" and answer["status"] == "answered", answer
    assert answer["citations"][0]["quote"]
    _, found = call(open_url, "search", {"question": "ferry", "k": 2, "lang": "en"})
    assert {"question", "hits", "filters", "seconds"} <= set(found)
    _, report = call(open_url, "verify", {"quotation": "The ferry has not run since Monday"})
    assert report["status"] == "exact" and report["matches"]
    for name, wrong in (("ask", " "), ("ask", "x" * 20_000), ("verify", "")):
        field = "quotation" if name == "verify" else "question"
        ended, told = call(open_url, name, {field: wrong})
        assert ended == "error" and "1 to 10000 characters" in str(told)
    for name in ("load", "act", "load_files", "ask_again", "ask_1", "answer", "fragment"):
        ended, _ = call(open_url, name, {})
        assert ended in ("404", "500", "error"), name


def test_logs_have_ids_and_questions_only_when_asked(
    closed_url: str, open_url: str, web_folder: Path
) -> None:
    secret = "Who mended the lamps of the pilots?"
    basic = base64.b64encode(f"anna:{PASSWORD}anna".encode()).decode()
    proxy = {"x_request_id": "from-the-proxy-1"}
    assert (
        call(closed_url, "ask", {"question": secret}, authorization=f"Basic {basic}", **proxy)[0]
        == "complete"
    )
    assert call(open_url, "ask", {"question": secret}, **proxy)[0] == "complete"
    assert get(closed_url, "/healthz", **proxy)[1]["x-request-id"] == "from-the-proxy-1"
    assert get(closed_url, "/healthz", x_request_id='"; evil')[1]["x-request-id"] != '"; evil'
    closed = (web_folder / "log").read_text(encoding="utf-8")
    assert secret not in closed and PASSWORD not in closed and basic not in closed
    lines = [json.loads(line) for line in closed.splitlines() if line.startswith("{")]
    (asked,) = [one for one in lines if one["event"] == "question" and one["id"] in proxy.values()]
    assert asked["characters"] == len(secret) and asked["status"] == "answered"
    requests = [line for line in lines if line["event"] == "request"]
    assert all({"id", "method", "path", "status", "seconds"} <= set(line) for line in requests)
    assert not any("?" in line["path"] for line in requests)


def test_fifty_sessions_see_nothing_of_each_other(open_url: str) -> None:
    """Fault 17: each gets the answer to its own question."""

    def one(n: int) -> int:
        questions = [f"When did the ferry number {n} stop on day {day}?" for day in range(2)]
        return sum(call(open_url, "ask", {"question": q})[1]["question"] == q for q in questions)

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(one, range(50))) == 100


def test_a_full_queue_says_so(closed_url: str) -> None:
    """Fault 17: questions that find the queue full are refused at once."""
    basic = {"authorization": "Basic " + base64.b64encode(f"anna:{PASSWORD}anna".encode()).decode()}
    call(closed_url, "ask", {"question": "ferry"}, **basic)  # the password is checked once
    questions = [f"slow {n}" for n in range(30)]
    with concurrent.futures.ThreadPoolExecutor(30) as pool:
        told = list(
            pool.map(lambda q: call(closed_url, "ask", {"question": q}, **basic), questions)
        )
    done = [q for q, (ended, result) in zip(questions, told, strict=True)
            if ended == "complete" and result["question"] == q]  # fmt: skip
    full = [result for ended, result in told if ended != "complete"]
    assert full and all("queue" in str(one).lower() for one in full), full[:3]
    assert len(done) + len(full) == len(questions) and len(done) >= 6
