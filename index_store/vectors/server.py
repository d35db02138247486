"""A Chroma server as the settings name it: address, tenant, database, headers, certificates.

The address is checked when the value is made. Not here: connections (`chroma_client`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from index_store.errors import StoreError
from index_store.loopback import is_loopback

_HEADER = re.compile(r"([A-Za-z0-9-]+):[ \t]*(\S(?:[ -~]*\S)?)")


@dataclass(frozen=True, slots=True)
class ChromaServer:
    """A Chroma server.

    `headers` are sent with each request and are secret. `certificates` is a PEM file of certificate
    authorities, used beside the system's. `plain_http` allows http:// to another machine. Raises
    StoreError for an address that is not one, and for plain HTTP to another machine unless it is
    allowed.
    """

    url: str
    tenant: str = "default_tenant"
    database: str = "default_database"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    certificates: Path | None = None
    plain_http: bool = False

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            good = parts.scheme in ("http", "https") and bool(parts.hostname)
            good = good and (parts.port is None or parts.port > 0)
            good = good and parts.path in ("", "/") and not parts.query and not parts.username
        except ValueError:
            good = False
        if not good:
            told = "is no address" if set(self.url) & set("@?#") else f"is {self.url!r}"
            raise StoreError(  # what is not repeated may hold a password
                f"FONDS_CHROMA_URL {told}; expected https://HOST:PORT, and tokens in the"
                " file that FONDS_CHROMA_HEADERS names"
            )
        if not self.encrypted and not is_loopback(self.host) and not self.plain_http:
            raise StoreError(
                f"FONDS_CHROMA_URL leads to {self.host} by plain HTTP, where anyone on the way can"
                " read and change the archive: use https://, or set FONDS_CHROMA_PLAIN_HTTP=true"
                " if the network between is your own"
            )
        if self.certificates is not None and not self.certificates.is_file():
            raise StoreError(f"FONDS_CHROMA_CERTIFICATES names {self.certificates}, not a file")

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or (443 if self.encrypted else 8000)

    @property
    def encrypted(self) -> bool:
        return urlsplit(self.url).scheme == "https"


Chroma = ChromaServer | str | None
"""A server, the address of one that needs nothing else, or None for the Chroma in the store."""


def as_server(chroma: Chroma) -> ChromaServer | None:
    """The server, None for the Chroma in the store. Raises StoreError for a bad address."""
    return ChromaServer(chroma) if isinstance(chroma, str) else chroma


def read_headers(path: Path) -> dict[str, str]:
    """The headers of a file with `Name: value` on each line; # at the start marks a comment.

    Raises ValueError with a message for the user.
    """
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"chroma_headers names {path}, which cannot be read: {error}") from error
    headers = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _HEADER.fullmatch(line.strip())
        if found is None:
            raise ValueError(f"{path}, line {number}: expected `Name: value`")
        headers[found[1]] = found[2]
    return headers
