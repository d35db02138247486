"""Faults 16 and 17 over real HTTP: who is let in, what programs may ask, limits, logs, health."""

from __future__ import annotations

import asyncio
import base64
import concurrent.futures
import contextlib
import http.client
import importlib.util
import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.errors import SettingsError
from rag.settings import Settings
from tests.kits.browser_kit import served
from ui_assets.server import launching, passwords

PASSWORD = "lamp-oil and wicks"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("web")
    lines = [f"{name}:{passwords.hashed(PASSWORD + name)}" for name in ("anna", "boris")]
    (made / "users").write_text("\n".join(lines), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    """A chat with sign-in, logs, a short queue, and no uploads."""
    users, errors = str(folder / "users"), folder / "log"
    with served(
        folder, "tame", errors=errors, users=users, log="1", upload_mb="0", queue="6"
    ) as address:
        yield address


@pytest.fixture(scope="module")
def open_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One without."""
    made = tmp_path_factory.mktemp("open")
    with served(made, "tame", errors=made / "log", log="1", log_questions="1") as address:
        yield address


def get(
    url: str, path: str, method: str = "GET", body: bytes | None = None, /, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body; the path is sent as it stands."""
    host = url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=30)
    try:
        connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


def sign_in(url: str, name: str = "anna", password: str | None = None) -> str:
    """The cookie, or "" when it was refused."""
    form = {"username": name, "password": PASSWORD + name if password is None else password}
    status, headers, _ = get(
        url, "/login", "POST", urllib.parse.urlencode(form).encode(),
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip
    if status != 303:
        return ""
    assert "HttpOnly" in headers["set-cookie"] and "SameSite=lax" in headers["set-cookie"]
    return headers["set-cookie"].split(";")[0]


async def routes() -> list[tuple[str, str]]:
    """Every route of the app with its method, as Gradio declares them."""
    from gradio.routes import App

    import ui
    from tests.kits.fake_archive import TAME, FakeArchive
    from ui_assets.session.conversations import Conversations
    from ui_assets.session.served import Served

    page = ui.build(Served(FakeArchive(TAME)), Conversations(None))
    found: set[tuple[str, str]] = set()

    def walk(router: Any, prefix: str) -> None:
        for one in router.routes:
            inner = getattr(one, "original_router", None)
            if inner is not None:
                walk(inner, prefix)
            elif path := getattr(one, "path", ""):
                found.update((method, prefix + path) for method in one.methods or ["GET"])

    walk(App.create_app(page), "")
    return sorted(found)


def test_every_route_but_the_login_is_closed_to_strangers(url: str) -> None:
    """Fault 16: all declared routes, and some that are not."""
    declared = asyncio.run(routes())
    assert len(declared) > 40, declared
    paths = (
        "/theme.css", "/config", "/gradio_api/info", "/x/../config", "//config", "/docs",
        "/openapi.json", "/gradio_api/mcp/", "/gradio_api/mcp/sse", "/static/../config",
    )  # fmt: skip
    extra = [("GET", path) for path in paths]
    tried = 0
    for method, declared_path in [*declared, *extra]:
        path = declared_path.replace("{path:path}", "etc/passwd").replace("{", "").replace("}", "")
        if path in ("/", "/favicon.ico", "/healthz") or path.strip("/") == "login":
            continue
        for cookie in ("", "access-token-x=1", "access-token-unsecure-=; fonds-visitor=0"):
            status, _, body = get(url, path, method, b"{}" if method == "POST" else None,
                                  cookie=cookie)  # fmt: skip
            assert status == 401, (method, path, status, body[:200])
            tried += 1
    print("routes refused to strangers:", tried)
    assert tried > 100
    for path in ("/", "/healthz"):
        assert get(url, path)[0] == 200
    page = get(url, "/")[2].decode()
    assert "Lindqvist" not in page and "gradio" not in page and 'type="password"' in page
    for method in ("GET", "PUT", "DELETE"):
        status, headers, _ = get(url, "/login", method)
        assert status in (303, 401) and "set-cookie" not in headers


def test_one_signs_in_with_the_right_password_alone(url: str) -> None:
    cookie = sign_in(url)
    other = sign_in(url)
    assert cookie and get(url, "/config", cookie=cookie)[0] == 200
    assert get(url, "/logout", cookie=cookie)[0] == 303
    assert get(url, "/config", cookie=cookie)[0] == 401, "the session has ended"
    assert get(url, "/config", cookie=other)[0] == 200
    for name, password in (("anna", "wrong password"), ("nobody", PASSWORD), ("boris", "")):
        assert not sign_in(url, name, password)
    basic = base64.b64encode(f"boris:{PASSWORD}boris".encode()).decode()
    assert get(url, "/config", authorization=f"Basic {basic}")[0] == 200
    assert get(url, "/gradio_api/info", authorization=f"Basic {basic}")[0] == 200
    for wrong in ("Basic !", "Basic " + base64.b64encode(b"boris:x").decode(), "Bearer x"):
        assert get(url, "/config", authorization=wrong)[0] == 401


@pytest.mark.parametrize("signed_in", [True, False])
def test_files_and_foreign_pages_get_nothing(url: str, open_url: str, signed_in: bool) -> None:
    """Fault 16: paths out of the app, other hosts' addresses, and requests of other sites."""
    address = url if signed_in else open_url
    own = {"cookie": sign_in(url)} if signed_in else {}
    passwd = ["/etc/passwd", "/etc//passwd", "../../../../../etc/passwd", "..%2f..%2fetc%2fpasswd",
              "%2e%2e/%2e%2e/etc/passwd", "file:///etc/passwd", "/proc/self/environ",
              "http://192.0.2.1/x", "https://192.0.2.1/x", "//192.0.2.1/x", "C:\\Windows\\win.ini",
              "pyproject.toml", "fonds.toml"]  # fmt: skip
    folders = [
        "/gradio_api/file=", "/file=", "/file/", "/gradio_api/file/", "/static/", "/assets/",
        "/svelte/", "/custom_component/", "/gradio_api/proxy=", "/proxy=",
        "/gradio_api/reverse_proxy=", "/gradio_api/stream/", "/gradio_api/deep_link/",
    ]  # fmt: skip
    for route in folders:
        for path in passwd:
            status, _, body = get(address, route + path, **own)
            assert status in (307, 400, 401, 403, 404, 405), (route, path, status)
            assert b"root:" not in body and b"PATH=" not in body and b"[project]" not in body
    for origin in ("https://evil.example.org", "null", "http://127.0.0.1.evil.example.org"):
        for method in ("GET", "OPTIONS"):
            _, headers, _ = get(address, "/config", method, origin=origin,
                                access_control_request_method="POST", **own)  # fmt: skip
            granted = [name for name in headers if name.lower().startswith("access-control-")]
            assert granted == [], (origin, method)
        status, _, _ = get(address, "/gradio_api/queue/join", "POST", b"{}", origin=origin,
                           content_type="text/plain", **own)  # fmt: skip
        assert status == 403
    assert get(address, "/", origin=address, **own)[0] == 200


def test_uploads_can_be_switched_off_and_are_limited(url: str, open_url: str) -> None:
    form = (b'--b\r\ncontent-disposition: form-data; name="files"; filename="a.txt"\r\n'
            b"content-type: text/plain\r\n\r\n%b\r\n--b--\r\n")  # fmt: skip
    kind = {"content_type": "multipart/form-data; boundary=b"}
    status, _, body = get(
        url, "/gradio_api/upload", "POST", form % b"x", cookie=sign_in(url), **kind
    )
    assert status == 403 and b"takes no files" in body
    assert get(open_url, "/gradio_api/upload", "POST", form % b"x", **kind)[0] == 200
    large = form % (b"x" * (101 * 1024 * 1024))
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it stopped reading
        assert get(open_url, "/gradio_api/upload", "POST", large, **kind)[0] == 413


def call(url: str, name: str, given: dict[str, Any], **headers: str) -> tuple[str, Any]:
    """How a call of the API ended, "complete" or "error", with its result."""
    body = json.dumps(given).encode()
    headers = {"content_type": "application/json", **headers}
    status, _, told = get(url, f"/gradio_api/call/v2/{name}", "POST", body, **headers)
    if status != 200:
        return str(status), told
    _, _, stream = get(url, f"/gradio_api/call/{name}/{json.loads(told)['event_id']}", **headers)
    event, data = stream.decode().strip().split("\n\n")[-1].split("\n")
    result = json.loads(data.removeprefix("data: "))
    ended = event.removeprefix("event: ")
    return ended, result[0] if ended == "complete" else result


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
    for name in ("load", "act", "load_files", "put", "ask_1", "answer", "piece"):
        ended, _ = call(open_url, name, {})
        assert ended in ("404", "500", "error"), name


def test_logs_have_ids_and_questions_only_when_asked(url: str, open_url: str, folder: Path) -> None:
    secret = "Who mended the lamps of the pilots?"
    basic = base64.b64encode(f"anna:{PASSWORD}anna".encode()).decode()
    proxy = {"x_request_id": "from-the-proxy-1"}
    assert (
        call(url, "ask", {"question": secret}, authorization=f"Basic {basic}", **proxy)[0]
        == "complete"
    )
    assert call(open_url, "ask", {"question": secret}, **proxy)[0] == "complete"
    assert get(url, "/healthz", **proxy)[1]["x-request-id"] == "from-the-proxy-1"
    assert get(url, "/healthz", x_request_id='"; evil')[1]["x-request-id"] != '"; evil'
    closed = (folder / "log").read_text(encoding="utf-8")
    assert secret not in closed and PASSWORD not in closed and basic not in closed
    lines = [json.loads(line) for line in closed.splitlines() if line.startswith("{")]
    (asked,) = [one for one in lines if one["event"] == "question" and one["id"] in proxy.values()]
    assert asked["characters"] == len(secret) and asked["status"] == "answered"
    requests = [line for line in lines if line["event"] == "request"]
    assert all({"id", "method", "path", "status", "seconds"} <= set(line) for line in requests)
    assert not any("?" in line["path"] for line in requests)


def test_health_tells_a_fault(tmp_path: Path) -> None:
    """The real chat on a store that is damaged while it runs."""
    from rag.archive import Archive
    from tests.faults.host import FailingEncoder

    (tmp_path / "a.txt").write_text("A letter about coal.", encoding="utf-8")
    store = tmp_path / "store"
    with Archive(Settings(store=store), FailingEncoder()) as archive:
        archive.ingest([tmp_path / "a.txt"])

    from ui_assets.server.guard import Guard

    def healthy() -> object:
        with Archive(Settings(store=store)) as archive:
            return archive.info()

    async def status() -> int:
        guard = Guard(lambda *_: None, None, False, healthy, asyncio.Event())  # type: ignore[arg-type]
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        scope = {"type": "http", "path": "/healthz", "method": "GET", "headers": []}
        await guard(scope, receive, send)
        return int(sent[0]["status"])

    assert asyncio.run(status()) == 200
    (store / "catalogue.sqlite3").write_bytes(b"nothing of the kind" * 1000)
    assert asyncio.run(status()) == 503


def test_fifty_sessions_see_nothing_of_each_other(open_url: str) -> None:
    """Fault 17: each gets the answer to its own question."""

    def one(n: int) -> int:
        questions = [f"When did the ferry number {n} stop on day {day}?" for day in range(2)]
        return sum(call(open_url, "ask", {"question": q})[1]["question"] == q for q in questions)

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(one, range(50))) == 100


def test_a_full_queue_says_so(url: str) -> None:
    """Fault 17: above those that may wait, the others are told at once."""
    basic = {"authorization": "Basic " + base64.b64encode(f"anna:{PASSWORD}anna".encode()).decode()}
    call(url, "ask", {"question": "ferry"}, **basic)  # the password is checked once
    questions = [f"slow {n}" for n in range(30)]
    with concurrent.futures.ThreadPoolExecutor(30) as pool:
        told = list(pool.map(lambda q: call(url, "ask", {"question": q}, **basic), questions))
    done = [q for q, (ended, result) in zip(questions, told, strict=True)
            if ended == "complete" and result["question"] == q]  # fmt: skip
    full = [result for ended, result in told if ended != "complete"]
    assert full and all("queue" in str(one).lower() for one in full), full[:3]
    assert len(done) + len(full) == len(questions) and len(done) >= 6


@pytest.mark.skipif(importlib.util.find_spec("mcp") is None, reason="the package mcp is not here")
def test_mcp_has_the_three_tools(tmp_path: Path) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def use(url: str) -> tuple[set[str], str]:
        async with (
            streamablehttp_client(f"{url}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {tool.name for tool in (await session.list_tools()).tools}
            given = {"quotation": "The ferry has not run since Monday"}
            return tools, str(await session.call_tool("verify", given))

    with served(tmp_path, "tame", mcp="1") as address:
        tools, told = asyncio.run(use(address))
    assert tools == {"ask", "search", "verify"}
    assert "exact" in told


def test_without_the_package_mcp_is_a_clear_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"FONDS_MCP.*gradio\[mcp\]"):
        launching.configured(Settings(mcp=True))
    assert launching.configured(Settings()).mcp is False


def test_an_open_chat_on_the_network_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    assert launching.configured(Settings(host="0.0.0.0")).users is None
    assert "FONDS_USERS" in capsys.readouterr().err
    launching.configured(Settings())
    assert capsys.readouterr().err == ""
