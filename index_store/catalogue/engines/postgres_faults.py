"""Faults of PostgreSQL in words for people: what happened, and how to mend it.

Not here: when they happen (`postgres_engine`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from index_store.catalogue.engines.server import CatalogueServer
from index_store.errors import StoreCorrupt, StoreError

if TYPE_CHECKING:
    import psycopg


def unreachable(server: CatalogueServer, error: Exception) -> str:
    """Why no connection is made: the server's own words, on one line, with what to do."""
    told = " ".join(str(error).split())
    mend = "is FONDS_CATALOGUE right, and does the server run?"
    if "password" in told or "authentication" in told or "no pg_hba" in told:
        mend = "check the user in FONDS_CATALOGUE, and the password in the file of PGPASSFILE"
    elif "does not exist" in told:
        mend = "make it with `createdb`, or name another in FONDS_CATALOGUE"
    elif "ssl" in told.lower() or "certificate" in told:
        mend = "check sslmode and sslrootcert in FONDS_CATALOGUE"
    elif "too many" in told or "reserved" in told:
        mend = "raise the server's max_connections, or try again later"
    return f"{server}: cannot connect ({without_password(told, server)}); {mend}"


def explained(
    server: CatalogueServer, error: psycopg.Error, what: str, overdue: float | None, lost: bool
) -> StoreError:
    """An error in one line, with the mend. Never the address: it may hold a password.

    `what` could not be done; `overdue` are the seconds after which an answer was not waited for any
    more, None where that was not so; `lost`: the connection has ended.
    """
    import psycopg
    from psycopg import errors

    told = " ".join(str(error).split())
    told = without_password(told, server)
    if isinstance(error, errors.DataCorrupted | errors.IndexCorrupted):
        return StoreCorrupt(f"{server}: the catalogue is damaged ({told}); ask its keeper")
    if isinstance(error, errors.UndefinedTable | errors.UndefinedColumn):
        return StoreCorrupt(
            f"{server}: tables of the catalogue are missing ({told}); restore a backup with"
            " `fonds restore`"
        )
    mend = "try again"
    if overdue is not None or isinstance(error, errors.QueryCanceled):
        within = "" if overdue is None else f" of {overdue:g} seconds"
        told, mend = f"no answer within the time{within}", "is the server overloaded?"
    elif lost:
        told = f"the connection was lost: {told}"
        mend = "run the same command again; what was committed is safe"
    elif isinstance(error, errors.DiskFull):
        mend = "make room on the server; what was committed is safe"
    elif isinstance(error, errors.InsufficientPrivilege):
        mend = _rights(told, server.schema)
    elif isinstance(error, errors.ProgramLimitExceeded):
        mend = "an id or path is too long to be looked up: give the file or record a shorter name"
    elif isinstance(error, errors.ReadOnlySqlTransaction):
        mend = "this server only copies another: name the main one in FONDS_CATALOGUE"
    elif isinstance(error, psycopg.DataError):
        mend = "remove such characters from the file"
    return StoreError(f"{server}: {what} ({told}); {mend}")


def _rights(told: str, schema: str) -> str:
    """Which rights the user lacks, as it may be meant."""
    if "for database" in told:
        return "give the user the right: GRANT CREATE ON DATABASE … TO …"
    if "must be owner" in told:
        return (
            "this version adds to the tables, which only their owner may: write as the owner once,"
            " or make the user a member of that role with GRANT OWNER TO …"
        )
    return (
        f"a reader needs GRANT USAGE ON SCHEMA {schema} TO … and GRANT SELECT ON ALL TABLES IN"
        f" SCHEMA {schema} TO …; who writes must own the tables, or be a member of the role that"
        " does"
    )


def without_password(told: str, server: CatalogueServer) -> str:
    """A message of the server or its library without the address, should it repeat that."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    hidden = told.replace(server.url, "(the address)")
    try:
        secret = conninfo_to_dict(server.url).get("password")
    except ProgrammingError:  # it is no address, which the message tells
        secret = None
    return hidden.replace(str(secret), "…") if secret else hidden
