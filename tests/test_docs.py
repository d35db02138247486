"""The documents say what is there: every command, option and setting, and the README's ways."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import click
import pytest

from rag.cli.commands import cli
from rag.readers.registry import FORMATS
from rag.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DOCS = {p.name: p.read_text(encoding="utf-8") for p in (ROOT / "docs").glob("*.md")}
README = (ROOT / "README.md").read_text(encoding="utf-8")
EVERYTHING = README + "".join(DOCS.values())


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_documented_and_explains_itself(name: str) -> None:
    assert f"fonds {name}" in EVERYTHING
    command = cli.commands[name]
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name not in ("k", "kind", "style"):
            assert parameter.help, f"fonds {name} {parameter.opts[0]} has no help"


@pytest.mark.parametrize("name", [f.name for f in fields(Settings) if "help" in f.metadata])
def test_every_setting_is_documented(name: str) -> None:
    assert f"FONDS_{name.upper()}" in DOCS["operations.md"]


@pytest.mark.parametrize("name", [part for f in FORMATS for part in f.name.split(" or ")])
def test_every_format_is_documented(name: str) -> None:
    table = DOCS["formats.md"].partition("\n## ")[0]
    assert re.search(rf"\b{name}\b", table)


def test_documented_commands_exist() -> None:
    for name in set(re.findall(r"`?fonds ([a-z]+)", EVERYTHING)):
        assert name in cli.commands, f"the documents speak of `fonds {name}`"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`make ([a-z]+)", EVERYTHING)):
        assert re.search(rf"^{target}:", makefile, re.M), f"make {target}"


def test_links_lead_somewhere() -> None:
    for name, text in {"README.md": README, **{f"docs/{n}": t for n, t in DOCS.items()}}.items():
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert ((ROOT / name).parent / target).exists(), f"{name} links to {target}"


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = {_name(requirement) for group in groups for requirement in group} - {"fonds"}
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert not wanted - {_name(line) for line in lines if "==" in line}


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=\[]", requirement)[0]).lower()
