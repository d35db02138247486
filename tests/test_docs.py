"""The documents say what is there: commands, options, settings, formats, paths, links, tests.

The README's examples are run. Not here: whether the prose is right.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner, Result

import samples
from rag.cli.commands import cli
from rag.readers.registry import FORMATS
from rag.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DOCS = {p.name: p.read_text(encoding="utf-8") for p in (ROOT / "docs").glob("*.md")}
README = (ROOT / "README.md").read_text(encoding="utf-8")
EVERYTHING = README + "".join(DOCS.values())
PAGES = {
    **{
        name: (ROOT / name).read_text(encoding="utf-8")
        for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
    },
    "samples/README.md": (ROOT / "samples" / "README.md").read_text(encoding="utf-8"),
    **{f"docs/{name}": text for name, text in DOCS.items()},
}
NO_SETTINGS = {"FONDS_CONFIG", "FONDS_LLM_API_KEY", "FONDS_SHOTS", "FONDS_AXE"}
"""Variables that are read from the environment alone: no flag, no line of `fonds.toml`."""


def _blocks(text: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page: language and content."""
    return re.findall(r"^```(\w*)\n(.*?)^```", text, re.M | re.S)


def _spans(text: str) -> list[str]:
    """What stands in single backticks, fenced blocks aside, on one line each."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)]


def _command_lines(text: str) -> Iterator[str]:
    """Lines of code that start a command, without comments."""
    for line in [*_spans(text), *(li for _, block in _blocks(text) for li in block.splitlines())]:
        yield re.sub(r"\s+# .*", "", line)


def _options(line: str) -> set[str]:
    """The options in a command line, also in the square brackets of a synopsis."""
    return set(re.findall(r"(?<![^\s\[])(--?[a-z][a-z-]*)", line))


def _of(command: click.Command) -> set[str]:
    """The options of a command, and of those in it."""
    own = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
    return own.union(*(_of(one) for one in getattr(command, "commands", {}).values()))


OPTIONS = {name: _of(command) for name, command in cli.commands.items()}


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_documented_and_explains_itself(name: str) -> None:
    assert f"fonds {name}" in EVERYTHING
    command = cli.commands[name]
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name not in ("k", "kind", "style"):
            assert parameter.help, f"fonds {name} {parameter.opts[0]} has no help"


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_option_is_documented(name: str) -> None:
    settings = {f.name for f in fields(Settings)}
    for parameter in cli.commands[name].params:
        if isinstance(parameter, click.Option) and parameter.name not in settings:
            assert any(
                option in _options(line)
                for line in _command_lines(EVERYTHING)
                for option in parameter.opts
            ), f"fonds {name} {parameter.opts[0]} is nowhere documented"


@pytest.mark.parametrize("name", [f.name for f in fields(Settings) if "help" in f.metadata])
def test_every_setting_is_documented(name: str) -> None:
    assert f"FONDS_{name.upper()}" in DOCS["operations.md"]


def test_documented_settings_exist() -> None:
    known = {f"FONDS_{f.name.upper()}" for f in fields(Settings)} | NO_SETTINGS
    for page, text in PAGES.items():
        named = set(re.findall(r"\bFONDS_[A-Z_]*[A-Z]\b(?!_)", text))
        assert named <= known, f"{page} names {sorted(named - known)}"


def test_the_compose_file_names_settings_and_pins_its_images() -> None:
    text = (ROOT / "docs" / "compose.yaml").read_text(encoding="utf-8")
    compose = yaml.safe_load(text)
    known = {f"FONDS_{f.name.upper()}" for f in fields(Settings)}
    services = compose["services"]
    for name in ("front", "writer"):
        named = {key for key in services[name]["environment"] if key.startswith("FONDS_")}
        assert named and named <= known
        Settings(catalogue=services[name]["environment"]["FONDS_CATALOGUE"]).catalogue_server()
    for name in ("postgres", "chroma"):
        assert re.fullmatch(r"[\w./-]+:\d+(\.\d+)+", services[name]["image"])
    assert re.search(r"FROM python:\d+\.\d+\.\d+-slim", text)
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert f"chromadb=={services['chroma']['image'].split(':')[1]}\n" in pinned


@pytest.mark.parametrize("name", [part for f in FORMATS for part in f.name.split(" or ")])
def test_every_format_is_documented(name: str) -> None:
    table = DOCS["formats.md"].partition("\n## ")[0]
    assert re.search(rf"\b{name}\b", table)


def test_documented_commands_exist() -> None:
    for name in set(re.findall(r"`?fonds ([a-z]+)", EVERYTHING)):
        assert name in cli.commands, f"the documents speak of `fonds {name}`"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page, text in PAGES.items():
        for line in _command_lines(text):
            if target := re.match(r"make ([a-z]+)", line):
                assert re.search(rf"^{target[1]}:", makefile, re.M), f"{page}: {line}"


@pytest.mark.parametrize("page", [name for name in PAGES if name != "docs/evaluation.md"])
def test_documented_options_exist(page: str) -> None:
    """Those in a line of `fonds` belong to its command; those alone belong to some command."""
    anywhere = set().union(*OPTIONS.values())
    for line in _command_lines(PAGES[page]):
        if found := re.match(r"fonds ([a-z]+)\b", line):
            assert _options(line) <= OPTIONS[found[1]], f"{page}: {line}"
        elif line.startswith("--"):
            assert _options(line) <= anywhere, f"{page}: {line}"


def test_commands_of_the_evaluation_are_documented_and_exist() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "eval", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    listed = re.search(r"\{([a-z0-9,\s-]+)\}", done.stdout)
    assert listed, done.stdout + done.stderr
    commands = {name.strip() for name in listed[1].split(",")}
    documented: set[str] = set()
    for page, text in PAGES.items():
        named = {
            found[1]
            for line in _command_lines(text)
            if (found := re.match(r"python -m eval ([a-z][a-z0-9-]*)", line))
        }
        assert named <= commands, f"{page}: python -m eval {sorted(named - commands)}"
        documented |= named
    assert commands == documented


def test_modules_that_are_run_exist() -> None:
    for page, text in PAGES.items():
        for module in set(re.findall(r"python -m (rag[\w.]*)", text)):
            assert importlib.util.find_spec(module), f"{page}: python -m {module}"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:\s]*)(?:#([^)\s]*))?\)", PAGES[page]):
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), f"{page} links to {target}"
        if anchor:
            assert anchor in _anchors(path.read_text(encoding="utf-8")), f"{page}: #{anchor}"


def _anchors(text: str) -> set[str]:
    """What the headings of a page are called in links, as GitHub does it."""
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


# The changelog tells of what was; baseline.md is written by a command.
@pytest.mark.parametrize("page", sorted(PAGES.keys() - {"CHANGELOG.md", "docs/baseline.md"}))
def test_paths_in_the_documents_exist(page: str) -> None:
    """Whatever in backticks looks like a path of this repository, and the sample's files.

    Of a pattern such as `rag/readers/formats/NAME.py` the folder must exist.
    """
    for span in _spans(PAGES[page]):
        for path in re.findall(
            r"(?<![\w./])((?:rag|index_store|eval|ui_assets|tests|samples|docs)/[\w./-]*)", span
        ):
            known = ROOT / path.partition("NAME")[0]
            assert known.exists(), f"{page}: {span}"
    if page == "samples/README.md":
        for name in re.findall(r"`([\w.-]+\.(?:txt|html|md|csv|yaml|jsonl))`", PAGES[page]):
            assert any((folder / name).exists() for folder in (ROOT / "samples", samples.ARCHIVE))


def test_the_tests_of_the_faults_exist() -> None:
    """Each row of the table names files or folders of tests, and how tests in them begin."""
    rows = [line for line in DOCS["faults.md"].splitlines() if re.match(r"\| \d+ \|", line)]
    assert len(rows) == 20
    for row in rows:
        cell = row.split("|")[4]
        paths = [ROOT / path for path in re.findall(r"`(tests/[\w./]+)`", cell)]
        files = [f for path in paths for f in ([path] if path.is_file() else path.glob("*.py"))]
        assert files, row
        names = {name for file in files for name in _tests(file)}
        for beginning in re.findall(r"`(\w+)…`", cell):
            assert any(name.startswith(f"test_{beginning}") for name in names), (beginning, row)


def _tests(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name


@pytest.fixture
def letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `letters` in the working directory, and no settings from outside."""
    monkeypatch.chdir(tmp_path)
    for setting in fields(Settings):
        monkeypatch.delenv(f"FONDS_{setting.name.upper()}", raising=False)
    folder = tmp_path / "letters"
    folder.mkdir()
    for name in ("1928-10-24-zastruyev.txt", "1928-11-26-tverezov.txt"):
        shutil.copyfile(samples.ARCHIVE / name, folder / name)
    return folder


def test_the_examples_of_the_readme_run(letters: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its shell commands, its JSON line and its Python; the chat is served in test_wheel.py."""
    (line,) = [block for lang, block in _blocks(README) if lang == "json"]
    (letters / "one.jsonl").write_text(line, encoding="utf-8")
    (shell,) = [block for _, block in _blocks(README) if block.startswith("fonds")]
    outputs = {}
    for command in shell.splitlines():
        _, name, *arguments = shlex.split(command)
        if name != "chat":
            result = _fonds(name, *arguments)
            assert result.exit_code == 0, (command, result.output)
            outputs[name] = result.stdout
    assert "5 added" in outputs["ingest"]
    assert "your own bookkeeper I.N. Ryndin" in outputs["ask"]
    assert "“Take care of chronometer”" in outputs["verify"]
    (code,) = [block for lang, block in _blocks(README) if lang == "python"]
    exec(compile(code, "README.md", "exec"), {})
    assert "GALK F. 12. Op. 3. D. 45. L. 18-19" in capsys.readouterr().out


def test_the_batch_line_of_the_readme_runs(letters: Path) -> None:
    (command,) = [s for s in _spans(README) if s.startswith("fonds ask --batch")]
    (line,) = [s for s in _spans(README) if s.startswith('{"id"')]
    Path("questions.jsonl").write_text(line + "\n", encoding="utf-8")
    assert _fonds("ingest", str(letters), "--store", "s").exit_code == 0
    result = _fonds(*shlex.split(command)[1:], "--store", "s")
    assert result.exit_code == 0, result.output
    answer = json.loads(Path("answers.jsonl").read_text(encoding="utf-8"))
    assert (answer["id"], answer["status"]) == ("1", "answered")


def _fonds(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments), catch_exceptions=False)


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = {_name(requirement) for group in groups for requirement in group} - {"fonds"}
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert not wanted - {_name(line) for line in lines if "==" in line}


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=\[]", requirement)[0]).lower()
