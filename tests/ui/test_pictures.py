"""The route of the pictures: what it gives, how long it may be kept, what it refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from rag.errors import StoreError
from tests.kits.fake_archive import FakeArchive
from tests.kits.fake_documents import ALL
from tests.kits.fake_pages import DRAWN
from tests.kits.http_kit import get, sign_in
from ui_assets.server.pictures import PagePictures
from ui_assets.session.served_archive import EmptyArchive

PAGE = "/pictures/harbour%2Flog%201908.xml/2"


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive({**ALL, DRAWN.document_id: DRAWN})


@pytest.fixture
def client(archive: FakeArchive) -> Iterator[TestClient]:
    app = Starlette(middleware=[Middleware(PagePictures, archive=lambda: archive)])
    with TestClient(app) as opened:
        yield opened


def test_a_picture_comes_in_two_sizes_and_may_be_kept(
    client: TestClient, archive: FakeArchive
) -> None:
    name = archive.layouts[DRAWN.document_id].pages[1].picture
    assert name
    for size, data in zip(("small", "large"), archive.pictures[name], strict=True):
        kept = client.get(f"{PAGE}/{size}?v={name}")
        assert (kept.status_code, kept.content) == (200, data)
        assert kept.headers["content-type"] == "image/png"
        assert kept.headers["cache-control"] == "private, max-age=31536000, immutable"
        for query in ("", "?v=old"):  # the picture of this page may change
            asked = client.get(f"{PAGE}/{size}{query}")
            assert asked.content == data and asked.headers["cache-control"] == "private, no-cache"
        again = client.get(f"{PAGE}/{size}", headers={"if-none-match": kept.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.head(f"{PAGE}/{size}").headers["content-length"] == str(len(data))
    archive.pictures[name] = b"\xff\xd8\xffsmall", b"\xff\xd8\xfflarge"
    assert client.get(f"{PAGE}/small").headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    "path",
    [
        "/pictures/harbour%2Flog%201908.xml/0/small", "/pictures/harbour%2Flog%201908.xml/4/small",
        "/pictures/harbour%2Flog%201908.xml/2/huge", "/pictures/harbour%2Flog%201908.xml/-1/small",
        "/pictures/harbour%2Flog%201908.xml/2", "/pictures/harbour%2Flog%201908.xml/٢/small",
        "/pictures/log/1/small", "/pictures/no%20such/1/small", "/pictures//1/small", "/pictures/",
        "/pictures/..%2f..%2f..%2fetc%2fpasswd/1/small", "/pictures/%00/1/large",
        "/pictures/harbour%2Flog%201908.xml/99999999999999999999/small",
        f"/pictures/{'x' * 5_000}/1/small",
    ],
)  # fmt: skip
def test_a_page_that_is_not_there_is_a_plain_404(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404 and answer.headers["content-type"].startswith("text/plain")
    assert answer.text == "there is no picture of such a page"


def test_nothing_is_written_and_faults_are_told(client: TestClient, archive: FakeArchive) -> None:
    assert client.post(f"{PAGE}/small").status_code == 405

    def broken(name: str, large: bool = False) -> bytes:
        raise StoreError("the picture is damaged; ingest its file again")

    archive.picture = broken  # type: ignore[method-assign]
    answer = client.get(f"{PAGE}/small")
    assert answer.status_code == 503 and "ingest its file again" in answer.text


def test_an_empty_archive_has_no_pages() -> None:
    empty = EmptyArchive(FakeArchive({}))
    app = Starlette(middleware=[Middleware(PagePictures, archive=lambda: empty)])
    with TestClient(app) as client:
        assert client.get("/pictures/x/1/small").status_code == 404


def test_the_route_is_guarded_like_every_other(closed_url: str, open_url: str) -> None:
    path = "/pictures/log/1/small"
    assert get(closed_url, path)[0] == 401
    assert get(closed_url, path, cookie=sign_in(closed_url))[0] == 404
    status, headers, _ = get(open_url, path, origin="https://evil.example.org")
    assert status == 404 and "img-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert not [name for name in headers if name.lower().startswith("access-control-")]
    assert get(open_url, path, "POST", origin="https://evil.example.org")[0] == 403
