"""Flag, then environment, then fonds.toml, then default; each with its origin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.cli.commands import cli, main
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
        "WEIGHTS",
        "ENCODER_LANGUAGES",
        "LLM_TIMEOUT",
        "QUERY_PROMPT",
        "PASSAGE_PROMPT",
    ):
        monkeypatch.delenv(f"FONDS_{name}", raising=False)


def test_precedence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fonds.toml").write_text('store = "from-file"\nport = 1000\n', encoding="utf-8")
    monkeypatch.setenv("FONDS_PORT", "2000")
    settings = load({"port": 3000})
    assert (settings.port, settings.store) == (3000, Path("from-file"))
    assert load().port == 2000
    origins = {row["name"]: row["origin"] for row in settings.describe()}
    set_here = {name: origin for name, origin in origins.items() if origin != "default"}
    assert set_here == {"store": "fonds.toml", "port": "--port"}
    assert origins["encoder"] == "default"


def test_default_store_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert load().directory == tmp_path / "data" / "fonds" / "store"


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("FONDS_PORT", "many", "FONDS_PORT: port is 'many'"),
        ("FONDS_PORT", "99999", "expected 0 to 65535"),
        ("FONDS_DEBUG", "perhaps", "expected true or false"),
        ("FONDS_WEIGHTS", "dense=2 lexical=1", "FONDS_WEIGHTS: 'dense=2' is not understood"),
        ("FONDS_WEIGHTS", "speed=1", "'speed=1' is not understood"),
        ("FONDS_WEIGHTS", "dense=1", "give lexical or document a weight"),
        ("FONDS_ENCODER_LANGUAGES", "en, russian", "'russian' is not a language"),
        ("FONDS_LLM_TIMEOUT", "0", "expected seconds"),
        ("FONDS_CONFIG", "nowhere.toml", "nowhere.toml, which is not a file"),
    ],
)
def test_nonsense_is_refused(
    variable: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=message):
        load()


@pytest.mark.parametrize(
    ("content", "message"), [("prot = 1", "no setting is called prot"), ("store", "as TOML")]
)
def test_bad_file_is_refused(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "fonds.toml").write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=message):
        load()


def test_languages_and_weights_of_an_encoder() -> None:
    assert load().chosen_weights is None
    assert load().chosen_languages is None
    chosen = load({"weights": "dense=0.5, lexical=1", "encoder_languages": "en, de"})
    assert chosen.chosen_languages == frozenset({"en", "de"})
    wanted = {"lexical": 1.0, "document": 0.0, "dense": 0.5, "dense_document": 0.0}
    assert chosen.chosen_weights == wanted


def test_a_prompt_keeps_its_trailing_space(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().query_prompt is None and load().passage_prompt is None
    monkeypatch.setenv("FONDS_QUERY_PROMPT", "query: ")
    monkeypatch.setenv("FONDS_PASSAGE_PROMPT", "none")
    settings = load()
    assert settings.query_prompt == "query: "
    assert settings.passage_prompt == "", "no prompt, rather than the model's own"


def test_settings_prints_the_prompts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FONDS_QUERY_PROMPT", "query: ")
    main(["settings", "--passage-prompt", "none"])
    text = capsys.readouterr().out
    assert "query_prompt = query:   (FONDS_QUERY_PROMPT)" in text
    assert "passage_prompt =   (--passage-prompt)" in text
    main(["settings", "--json"])
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["settings"]}
    query, passage = rows["query_prompt"], rows["passage_prompt"]
    assert (query["value"], query["origin"]) == ("query: ", "FONDS_QUERY_PROMPT")
    assert (passage["value"], passage["origin"]) == (None, "default")
    assert query["help"] and passage["help"]


def test_every_setting_is_a_flag_of_every_command() -> None:
    names = {row["name"] for row in load().describe()}
    groups = [command for command in cli.commands.values() if hasattr(command, "commands")]
    single = [command for command in cli.commands.values() if not hasattr(command, "commands")]
    for command in (*single, *(one for group in groups for one in group.commands.values())):
        assert names <= {option.name for option in command.params}, command.name
