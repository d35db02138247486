"""Passwords of the chat's users: a file of names with scrypt hashes, and the check of one.

`python -m rag.auth NAME` asks for a password and prints the line for the file. scrypt is RFC 7914;
its cost here is 64 MB and about a tenth of a second. Not here: sessions and cookies.
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

SHORTEST = 10  # characters of a new password
LONGEST = 1_000  # of one that is tried
_COST, _BLOCK, _LANES = 2**16, 8, 1
_MOST_COST = 2**18  # of a hash in the file: more would take gigabytes
_MEMORY = 512 * 1024 * 1024
_NAME = re.compile(r"[^\W_][\w.@-]{0,63}")
_LINE = re.compile(r"scrypt\$(\d{1,7})\$(\d{1,2})\$(\d)\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class _Hash:
    cost: int
    block: int
    lanes: int
    salt: bytes
    digest: bytes

    def of(self, password: str) -> bytes:
        return hashlib.scrypt(
            password.encode("utf-8", "surrogatepass"),
            salt=self.salt,
            n=self.cost,
            r=self.block,
            p=self.lanes,
            maxmem=_MEMORY,
            dklen=len(self.digest),
        )


class Users:
    """Who may sign in."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._hashes = {name: _parsed(line) for name, line in hashes.items()}
        self._nobody = _parsed(hashed(secrets.token_hex()))

    def __len__(self) -> int:
        return len(self._hashes)

    def check(self, name: str, password: str) -> bool:
        """Whether this is the user's password; takes as long for a name that is not known."""
        if len(password) > LONGEST:
            return False
        known = self._hashes.get(name)
        kept = known or self._nobody
        return hmac.compare_digest(kept.of(password), kept.digest) and known is not None


def hashed(password: str) -> str:
    """The password as the file holds it, with a salt of its own."""
    kept = _Hash(_COST, _BLOCK, _LANES, secrets.token_bytes(16), bytes(32))
    salt, digest = (base64.b64encode(part).decode() for part in (kept.salt, kept.of(password)))
    return f"scrypt${_COST}${_BLOCK}${_LANES}${salt}${digest}"


def load(path: Path) -> Users:
    """The users of a file with a line `name:hash` each; "#" begins a comment.

    Raises SettingsError naming the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"users names {path}, which cannot be read: {error}") from error
    hashes: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.strip().partition(":")
        if not _NAME.fullmatch(name) or name in hashes:
            raise SettingsError(
                f"{path}, line {number}: {name!r} is no name, or stands there twice"
            )
        try:
            _parsed(rest)
        except ValueError as error:
            raise SettingsError(
                f"{path}, line {number}: no hash of a password follows the name;"
                f" `python -m rag.auth {name}` makes the line"
            ) from error
        hashes[name] = rest
    if not hashes:
        raise SettingsError(f"{path} names no user; `python -m rag.auth NAME` makes a line for it")
    return Users(hashes)


def _parsed(line: str) -> _Hash:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError("not a hash")
    cost, block, lanes = (int(found[n]) for n in (1, 2, 3))
    if not (2 <= cost <= _MOST_COST and cost & (cost - 1) == 0 and 1 <= block <= 8 and lanes == 1):
        raise ValueError("costs that are not allowed")
    try:
        salt, digest = (base64.b64decode(found[n], validate=True) for n in (4, 5))
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(salt) < 8 or not 16 <= len(digest) <= 64:
        raise ValueError("too short")
    return _Hash(cost, block, lanes, salt, digest)


def main(arguments: list[str]) -> None:
    """Print the line for one user."""
    if len(arguments) != 1 or not _NAME.fullmatch(arguments[0]):
        raise SettingsError("give one name: python -m rag.auth NAME")
    if sys.stdin.isatty():
        password = getpass.getpass(f"Password of {arguments[0]}: ")
        if getpass.getpass("Again: ") != password:
            raise SettingsError("the two are not the same; nothing was made")
    else:
        password = sys.stdin.readline().rstrip("\n")
    if not SHORTEST <= len(password) <= LONGEST:
        raise SettingsError(f"a password has {SHORTEST} to {LONGEST} characters")
    print(f"{arguments[0]}:{hashed(password)}")
