"""Flag, then environment, then fonds.toml, then default; every origin told."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.settings import load


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (
        "STORE",
        "PORT",
        "ENCODER",
        "CONFIG",
        "DEBUG",
        "CHROMA_URL",
        "LLM",
        "STRICT",
        "NLI",
    ):
        monkeypatch.delenv(f"FONDS_{name}", raising=False)


def test_precedence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fonds.toml").write_text('store = "from-file"\nport = 1000\n', encoding="utf-8")
    monkeypatch.setenv("FONDS_PORT", "2000")
    settings = load({"port": 3000})
    assert (settings.port, settings.store) == (3000, Path("from-file"))
    assert load().port == 2000
    origins = {row["name"]: row["origin"] for row in settings.describe()}
    assert origins == {
        "store": "fonds.toml",
        "encoder": "default",
        "chroma_url": "default",
        "exact_limit": "default",
        "people": "default",
        "host": "default",
        "port": "--port",
        "debug": "default",
        "llm": "default",
        "llm_timeout": "default",
        "llm_http": "default",
        "strict": "default",
        "nli": "default",
    }


def test_default_store_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert load().directory == tmp_path / "data" / "fonds" / "store"


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("FONDS_PORT", "many", "FONDS_PORT: port is 'many'"),
        ("FONDS_PORT", "99999", "expected 0 to 65535"),
        ("FONDS_DEBUG", "perhaps", "expected true or false"),
        ("FONDS_CONFIG", "nowhere.toml", "nowhere.toml, which is not a file"),
    ],
)
def test_nonsense_is_refused(
    variable: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=told):
        load()


@pytest.mark.parametrize(
    ("content", "told"), [("prot = 1", "no setting is called prot"), ("store", "as TOML")]
)
def test_bad_file_is_refused(content: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "fonds.toml").write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=told):
        load()
