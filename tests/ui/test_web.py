"""Access over real HTTP: sign-in, closed routes, other sites, uploads, health, settings."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from pathlib import Path
from typing import Any

import pytest

from rag.settings import Settings
from tests.kits.http_kit import PASSWORD, get, sign_in
from ui_assets.server import launching


async def routes() -> list[tuple[str, str]]:
    """Every method and route of the app, as Gradio declares them."""
    from gradio.routes import App

    import ui
    from tests.kits.fake_archive import FakeArchive
    from tests.kits.fake_documents import TAME
    from ui_assets.session.conversations import Conversations
    from ui_assets.session.served_archive import ServedArchive

    page = ui.build(ServedArchive(FakeArchive(TAME)), Conversations(None))
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


def test_every_route_but_the_login_is_closed_to_strangers(closed_url: str) -> None:
    """Fault 16: all declared routes, and some undeclared ones."""
    declared = asyncio.run(routes())
    assert len(declared) > 40, declared
    paths = (
        "/theme.css", "/config", "/gradio_api/info", "/x/../config", "//config", "/docs",
        "/openapi.json", "/gradio_api/mcp/", "/gradio_api/mcp/sse", "/static/../config",
        "/pictures/log/1/small",
    )  # fmt: skip
    extra = [("GET", path) for path in paths]
    tried = 0
    for method, declared_path in [*declared, *extra]:
        path = declared_path.replace("{path:path}", "etc/passwd").replace("{", "").replace("}", "")
        if path in ("/", "/favicon.ico", "/healthz") or path.strip("/") == "login":
            continue
        for cookie in ("", "access-token-x=1", "access-token-unsecure-=; fonds-visitor=0"):
            status, _, body = get(closed_url, path, method, b"{}" if method == "POST" else None,
                                  cookie=cookie)  # fmt: skip
            assert status == 401, (method, path, status, body[:200])
            tried += 1
    print("routes refused to strangers:", tried)
    assert tried > 100
    for path in ("/", "/healthz"):
        assert get(closed_url, path)[0] == 200
    page = get(closed_url, "/")[2].decode()
    assert "Lindqvist" not in page and "gradio" not in page and 'type="password"' in page
    for method in ("GET", "PUT", "DELETE"):
        status, headers, _ = get(closed_url, "/login", method)
        assert status in (303, 401) and "set-cookie" not in headers


def test_only_the_right_password_signs_in(closed_url: str) -> None:
    cookie = sign_in(closed_url)
    other = sign_in(closed_url)
    assert cookie and get(closed_url, "/config", cookie=cookie)[0] == 200
    assert get(closed_url, "/logout", cookie=cookie)[0] == 303
    assert get(closed_url, "/config", cookie=cookie)[0] == 401, "the session has ended"
    assert get(closed_url, "/config", cookie=other)[0] == 200
    for name, password in (("anna", "wrong password"), ("nobody", PASSWORD), ("boris", "")):
        assert not sign_in(closed_url, name, password)
    basic = base64.b64encode(f"boris:{PASSWORD}boris".encode()).decode()
    assert get(closed_url, "/config", authorization=f"Basic {basic}")[0] == 200
    assert get(closed_url, "/gradio_api/info", authorization=f"Basic {basic}")[0] == 200
    for wrong in ("Basic !", "Basic " + base64.b64encode(b"boris:x").decode(), "Bearer x"):
        assert get(closed_url, "/config", authorization=wrong)[0] == 401


@pytest.mark.parametrize("signed_in", [True, False])
def test_no_files_are_served_and_other_sites_get_nothing(
    closed_url: str, open_url: str, signed_in: bool
) -> None:
    """Fault 16: paths outside the app, addresses of other hosts, requests from other sites."""
    address = closed_url if signed_in else open_url
    own = {"cookie": sign_in(closed_url)} if signed_in else {}
    passwd = ["/etc/passwd", "/etc//passwd", "../../../../../etc/passwd", "..%2f..%2fetc%2fpasswd",
              "%2e%2e/%2e%2e/etc/passwd", "file:///etc/passwd", "/proc/self/environ",
              "http://192.0.2.1/x", "https://192.0.2.1/x", "//192.0.2.1/x", "C:\\Windows\\win.ini",
              "pyproject.toml", "fonds.toml"]  # fmt: skip
    folders = [
        "/gradio_api/file=", "/file=", "/file/", "/gradio_api/file/", "/static/", "/assets/",
        "/svelte/", "/custom_component/", "/gradio_api/proxy=", "/proxy=",
        "/gradio_api/reverse_proxy=", "/gradio_api/stream/", "/gradio_api/deep_link/", "/pictures/",
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


def test_uploads_can_be_switched_off_and_are_limited(closed_url: str, open_url: str) -> None:
    form = (b'--b\r\ncontent-disposition: form-data; name="files"; filename="a.txt"\r\n'
            b"content-type: text/plain\r\n\r\n%b\r\n--b--\r\n")  # fmt: skip
    kind = {"content_type": "multipart/form-data; boundary=b"}
    status, _, body = get(
        closed_url, "/gradio_api/upload", "POST", form % b"x", cookie=sign_in(closed_url), **kind
    )
    assert status == 403 and b"accepts no files" in body
    assert get(open_url, "/gradio_api/upload", "POST", form % b"x", **kind)[0] == 200
    large = form % (b"x" * (101 * 1024 * 1024))
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the server stops reading
        assert get(open_url, "/gradio_api/upload", "POST", large, **kind)[0] == 413


def test_the_health_route_reports_a_fault(tmp_path: Path) -> None:
    """A store is damaged while the chat runs."""
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


def test_an_open_chat_on_the_network_gives_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    assert launching.server_config(Settings(host="0.0.0.0")).users is None
    assert "FONDS_USERS" in capsys.readouterr().err
    launching.server_config(Settings())
    assert capsys.readouterr().err == ""
