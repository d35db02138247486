"""Passwords of the chat's users: a file of names and scrypt hashes, and checking a password.

`python -m rag.auth NAME` asks for a password and prints the line for the file. scrypt (RFC 7914)
takes 64 MB and about a tenth of a second here. Not here: sessions and cookies.
"""

from __future__ import annotations

import base64
import binascii
import getpass
import hashlib
import hmac
import re
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.errors import SettingsError

MIN_CHARS = 10  # of a new password
MAX_CHARS = 1_000  # longer ones are not checked
_COST, _BLOCK, _PARALLEL = 2**16, 8, 1
_MAX_COST = 2**18  # accepted in the file; more would take gigabytes
_MAX_MEMORY_BYTES = 512 * 1024 * 1024
_NAME = re.compile(r"[^\W_][\w.@-]{0,63}")
_LINE = re.compile(r"scrypt\$(\d{1,7})\$(\d{1,2})\$(\d)\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class _Hash:
    cost: int
    block: int
    parallel: int
    salt: bytes
    digest: bytes

    def of(self, password: str) -> bytes:
        return hashlib.scrypt(
            password.encode("utf-8", "surrogatepass"),
            salt=self.salt,
            n=self.cost,
            r=self.block,
            p=self.parallel,
            maxmem=_MAX_MEMORY_BYTES,
            dklen=len(self.digest),
        )


class Users:
    """The users who may sign in, with their password hashes."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._hashes = {name: _parsed(line) for name, line in hashes.items()}
        self._nobody = _parsed(hash_password(secrets.token_hex()))

    def __len__(self) -> int:
        return len(self._hashes)

    def check(self, name: str, password: str) -> bool:
        """Whether this is the user's password. An unknown name takes as long as a known one."""
        if len(password) > MAX_CHARS:
            return False
        known = self._hashes.get(name)
        kept = known or self._nobody
        return hmac.compare_digest(kept.of(password), kept.digest) and known is not None


def hash_password(password: str) -> str:
    """The hash of a password as the file has it, with a new salt."""
    kept = _Hash(_COST, _BLOCK, _PARALLEL, secrets.token_bytes(16), bytes(32))
    salt, digest = (base64.b64encode(part).decode() for part in (kept.salt, kept.of(password)))
    return f"scrypt${_COST}${_BLOCK}${_PARALLEL}${salt}${digest}"


def load(path: Path) -> Users:
    """The users of a file with lines `name:hash`; a line that starts with "#" is a comment.

    Raises SettingsError, which names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the file of users {path} cannot be read: {error}") from error
    hashes: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.strip().partition(":")
        if not _NAME.fullmatch(name) or name in hashes:
            raise SettingsError(
                f"{path}, line {number}: {name!r} is not a valid name, or is there twice"
            )
        try:
            _parsed(rest)
        except ValueError as error:
            raise SettingsError(
                f"{path}, line {number}: the name must be followed by a password hash;"
                f" `python -m rag.auth {name}` makes the line"
            ) from error
        hashes[name] = rest
    if not hashes:
        raise SettingsError(f"{path} has no users; `python -m rag.auth NAME` makes a line for it")
    return Users(hashes)


def _parsed(line: str) -> _Hash:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError("not a hash")
    cost, block, parallel = (int(found[n]) for n in (1, 2, 3))
    if not (
        2 <= cost <= _MAX_COST and cost & (cost - 1) == 0 and 1 <= block <= 8 and parallel == 1
    ):
        raise ValueError("parameters that are not allowed")
    try:
        salt, digest = (base64.b64decode(found[n], validate=True) for n in (4, 5))
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(salt) < 8 or not 16 <= len(digest) <= 64:
        raise ValueError("too short")
    return _Hash(cost, block, parallel, salt, digest)


def main(arguments: list[str]) -> None:
    """Ask for a password and print the line for one user.

    Raises SettingsError for a bad name or password.
    """
    if len(arguments) != 1 or not _NAME.fullmatch(arguments[0]):
        raise SettingsError("give one name: python -m rag.auth NAME")
    if sys.stdin.isatty():
        password = getpass.getpass(f"Password of {arguments[0]}: ")
        if getpass.getpass("Again: ") != password:
            raise SettingsError("the two passwords differ; try again")
    else:
        password = sys.stdin.readline().rstrip("\n")
    if not MIN_CHARS <= len(password) <= MAX_CHARS:
        raise SettingsError(f"a password must have {MIN_CHARS} to {MAX_CHARS} characters")
    print(f"{arguments[0]}:{hash_password(password)}")
