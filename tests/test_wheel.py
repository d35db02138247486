"""The wheel is whole: built, installed away from the checkout, it answers and serves the chat.

It is installed without its dependencies, which would be gigabytes: a .pth file lends those of
this environment. Such a file adds a folder to the path and does not read the .pth files in it, so
an editable installation of the checkout stays out of sight.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("rag", "index_store", "eval", "ui_assets", "samples")
BESIDE = ("ui.py", "pyproject.toml", "README.md", "LICENSE")


@dataclass(frozen=True)
class Installed:
    """A wheel in an environment of its own, with an empty home folder."""

    files: frozenset[str]
    environment: Path
    home: Path

    @property
    def variables(self) -> dict[str, str]:
        """The whole environment of a command: neither PYTHONPATH nor any FONDS_ variable."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "FONDS_PORT": "0"}

    def run(self, command: str, *arguments: str) -> str:
        """Runs a command of the environment and returns its standard output."""
        return _run(
            [str(self.environment / "bin" / command), *arguments],
            cwd=self.home,
            env=self.variables,
        )


def _run(command: list[str], cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def sources() -> list[str]:
    """The files of the packages that git tracks or would track, and what the build needs."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("the files of the packages are listed by git, and this is not a git checkout")
    # The checkout may belong to another user, as in a container.
    git = ["git", "-c", "safe.directory=*"]
    listing = [*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    found = _run([*listing, *PACKAGES, *BESIDE], ROOT).split("\0")
    return [name for name in found if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def installed(sources: list[str], tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel of a copy of the sources, so that the build leaves nothing in the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in sources:
        copy = folder / "source" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-deps", "--no-index"]
    build = ["wheel", *offline, "--no-build-isolation", "--wheel-dir", "dist", "./source"]
    _run([*pip, *build], folder)
    wheel = next((folder / "dist").glob("fonds-*.whl"))
    environment = folder / "environment"
    _run([sys.executable, "-m", "venv", "--without-pip", str(environment)], folder)
    python = str(environment / "bin" / "python")
    _run([*pip, "--python", python, "install", *offline, str(wheel)], folder)
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    site = _run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder)
    Path(site.strip(), "dependencies.pth").write_text("\n".join(sorted(lent)) + "\n")
    home = folder / "home"
    home.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        return Installed(frozenset(archive.namelist()), environment, home)


@pytest.fixture(scope="module")
def url(installed: Installed) -> Iterator[str]:
    """The address of the chat. No store is named, so it serves the sample archive."""
    command = [str(installed.environment / "bin" / "fonds"), "chat"]
    with subprocess.Popen(
        command,
        cwd=installed.home,
        env=installed.variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            ready = re.fullmatch(r"Fonds is ready: (http://127\.0\.0\.1:\d+)\n", line)
            assert ready, f"the chat did not start, it printed {line!r}"
            yield ready[1]
        finally:
            process.terminate()


def test_it_holds_every_file_of_the_packages(installed: Installed, sources: list[str]) -> None:
    wanted = {name for name in sources if name not in BESIDE} | {"ui.py"}
    assert {Path(name).suffix for name in wanted} >= {".json", ".npz", ".onnx", ".tsv", ".css"}
    assert wanted - installed.files == set()


def test_its_packages_hide_those_of_the_checkout(installed: Installed) -> None:
    for name in (*PACKAGES, "ui"):
        code = f"import importlib.util as u; print(u.find_spec({name!r}).origin)"
        assert installed.environment in Path(installed.run("python", "-c", code)).parents
    origin = installed.run("python", "-c", "import rag; print(rag.__file__)")
    assert installed.environment in Path(origin).parents


def test_it_answers_a_question_from_the_sample(installed: Installed, url: str) -> None:
    """The chat has loaded the sample into a store of its own in the user's data folder."""
    code = "from rag.settings import user_data; print(user_data() / 'sample-store')"
    store = installed.run("python", "-c", code).strip()
    assert installed.home in Path(store).parents
    read = ("--json", "--store", store)
    answer = json.loads(installed.run("fonds", "ask", "Who signed the waybill?", *read))
    assert answer["status"] == "answered"
    cited = answer["citations"][0]
    assert cited["document_id"] == "1928-11-26-tverezov.en"
    document = json.loads(installed.run("fonds", "show", cited["document_id"], *read))
    assert document["text"][cited["start"] : cited["end"]] == cited["quote"]
    assert "your own bookkeeper I.N. Ryndin" in cited["quote"]


def test_it_serves_the_chat_with_its_style_and_script(url: str) -> None:
    page = _get(f"{url}/")
    assets = re.findall(r'(?:src|href)="\./(assets/[^"]+\.(?:js|css))"', page)
    assert {Path(asset).suffix for asset in assets} == {".js", ".css"}
    for asset in assets:
        assert _get(f"{url}/{asset}")
    config = json.loads(_get(f"{url}/config"))
    templates = ROOT / "ui_assets" / "templates"
    assert (templates / "chat.css").read_text(encoding="utf-8") in config["css"]
    scripts = [part["props"].get("js_on_load") or "" for part in config["components"]]
    # The words that the script says itself are put in when it is served.
    script = (templates / "chat.js").read_text(encoding="utf-8").split('"WORDS"')
    assert any(all(piece in one for piece in script) for one in scripts)
    assert _get(f"{url}/favicon.ico") == (templates / "favicon.svg").read_text(encoding="utf-8")


def _get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as response:
        assert response.status == 200
        return str(response.read().decode("utf-8"))
