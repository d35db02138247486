"""What cookies and headers say: the reader's language and the visitor."""

from __future__ import annotations

import pytest

from ui_assets.server import visitor


class Request:
    def __init__(self, cookie: str = "", languages: str = "") -> None:
        self.headers = {"cookie": cookie, "accept-language": languages}


@pytest.mark.parametrize(
    ("cookie", "languages", "lang"),
    [
        ("", "", "en"),
        ("", "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("", "de,ru;q=0.5", "ru"),
        ("", "de", "en"),
        ("fonds-lang=ru", "en", "ru"),
        ("fonds-lang=xx", "ru", "ru"),
        ('fonds-lang="; \x01=', "en", "en"),
    ],
)
def test_the_language_is_chosen_for_the_reader(cookie: str, languages: str, lang: str) -> None:
    assert visitor.language_of(Request(cookie, languages)) == lang


def test_only_our_own_cookie_identifies_a_visitor() -> None:
    assert visitor.user_of(Request(f"fonds-visitor={'0a' * 16}")) == f"visitor:{'0a' * 16}"
    for forged in ("", "fonds-visitor=user:admin", "fonds-visitor=' OR 1=1", "fonds-visitor=A"):
        assert visitor.user_of(Request(forged)) == ""
    signed = Request(f"fonds-visitor={'0a' * 16}")
    signed.username = "orlova"  # type: ignore[attr-defined]
    assert visitor.user_of(signed) == "user:orlova"
