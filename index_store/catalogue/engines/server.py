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


@dataclass(frozen=True, slots=True)
class CatalogueServer:
    """A catalogue in PostgreSQL: the address, as libpq takes it, and the schema of its tables.

    The address may hold a password, so it is never shown: `str` gives host, database and schema.
    Raises StoreError for what is no such address or schema.
    """

    url: str = field(repr=False)
    schema: str = "fonds"

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            good = parts.scheme in ("postgresql", "postgres") and parts.port != 0
        except ValueError:
            good = False
        if not good:
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

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        database = parts.path.lstrip("/") or "the user's database"
        host = parts.hostname or "this machine"
        return f"PostgreSQL on {host}:{parts.port or _PORT}, {database}, schema {self.schema}"
