"""A PostgreSQL server as the settings name it: address, database and schema.

The address is checked when the value is made. Not here: connections (`postgres_engine`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from index_store.errors import StoreError

_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_PORT = 5432
_HOST = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]{1,5}))?")


@dataclass(frozen=True, slots=True)
class CatalogueServer:
    """A catalogue in PostgreSQL: the address, as libpq takes it, and the schema of its tables.

    The address may hold a password, so it is never shown: `str` gives hosts, database and schema.
    Raises StoreError for what is no such address or schema.
    """

    url: str = field(repr=False)
    schema: str = "fonds"

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
        except ValueError:
            parts = urlsplit("")
        if (
            "@" in parts.netloc.rpartition("@")[0]
            or "@" in parts.path + parts.query + parts.fragment
        ):
            raise StoreError(
                "FONDS_CATALOGUE has an `@` that does not end the user's name and password: write"
                " it as %40 (and `/` as %2F, `:` as %3A, `#` as %23, `?` as %3F), or keep the"
                " password in the file that PGPASSFILE names"
            )
        if parts.scheme not in ("postgresql", "postgres") or parts.fragment or not self._hosts():
            raise StoreError(
                "FONDS_CATALOGUE is not an address of PostgreSQL; expected"
                " postgresql://USER@HOST:PORT/DATABASE, and the password in the file that"
                " PGPASSFILE names"
            )
        if not _SCHEMA.fullmatch(self.schema):
            raise StoreError(
                f"FONDS_CATALOGUE_SCHEMA is {self.schema!r}; expected small letters, digits and"
                " underscores, beginning with a letter"
            )

    def _hosts(self) -> list[str]:
        """Each host with its port; [] where one of them is none."""
        hosts = []
        for given in urlsplit(self.url).netloc.rpartition("@")[2].split(","):
            found = _HOST.fullmatch(given)
            port = int((found and found[2]) or _PORT)
            if found is None or not 0 < port < 1 << 16:
                return []
            hosts.append(f"{found[1] or 'this machine'}:{port}")
        return hosts

    def __str__(self) -> str:
        database = urlsplit(self.url).path.lstrip("/") or "the user's database"
        return f"PostgreSQL on {', '.join(self._hosts())}, {database}, schema {self.schema}"
