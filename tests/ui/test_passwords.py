"""Passwords: hashes, errors in the file of users, equal time for known and unknown names."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag.errors import SettingsError
from ui_assets.server import passwords

PASSWORD = "стол, лампа и окно"


@pytest.fixture(scope="module")
def line() -> str:
    return passwords.hash_password(PASSWORD)


def test_right_wrong_and_unknown(line: str, tmp_path: Path) -> None:
    path = tmp_path / "users"
    path.write_text(f"# readers\nanna:{line}\n\n", encoding="utf-8")
    users = passwords.load(path)
    assert len(users) == 1 and users.check("anna", PASSWORD)
    for name, password in (
        ("anna", PASSWORD + " "), ("Anna", PASSWORD), ("", ""), ("anna", "\ud800"), ("anna", line),
        ("anna", "x" * 2_000_000),
    ):  # fmt: skip
        assert not users.check(name, password)
    assert PASSWORD not in path.read_text(encoding="utf-8")
    assert passwords.hash_password(PASSWORD) != line, "each has a salt of its own"


def test_an_unknown_name_takes_as_long(line: str) -> None:
    users = passwords.Users({"anna": line})

    def seconds(name: str) -> float:
        started = time.process_time()
        for _ in range(2):
            users.check(name, "wrong password")
        return time.process_time() - started

    known, unknown = seconds("anna"), seconds("nobody")
    assert 0.4 < known / unknown < 2.5, (known, unknown)


@pytest.mark.parametrize(
    "text",
    [
        "", "# nobody\n", "anna", "anna:secret", "an na:{line}", ":{line}", "anna:{line}x",
        "anna:{line}\nanna:{line}", "anna:scrypt$33554432$8$1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNo",
        "anna:scrypt$3$8$1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA==",
    ],
)  # fmt: skip
def test_errors_in_the_file_are_named(text: str, line: str, tmp_path: Path) -> None:
    path = tmp_path / "users"
    path.write_text(text.replace("{line}", line), encoding="utf-8")
    with pytest.raises(SettingsError, match=str(path)):
        passwords.load(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        passwords.load(tmp_path / "none")


def test_the_command_makes_the_line(tmp_path: Path) -> None:
    def run(name: str, typed: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "rag.auth", name]
        return subprocess.run(command, input=typed, capture_output=True, text=True, check=False)

    made = run("anna", PASSWORD + "\n")
    (tmp_path / "users").write_text(made.stdout, encoding="utf-8")
    assert passwords.load(tmp_path / "users").check("anna", PASSWORD)
    assert PASSWORD not in made.stdout + made.stderr
    assert run("anna", "short\n").returncode == 2 and run("an:na", PASSWORD).returncode == 2
