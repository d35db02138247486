"""The Chroma server of the settings, with its headers read from their file.

Not here: what is sent to it (`index_store.vectors`).
"""

from __future__ import annotations

import re

from index_store.server import ChromaServer
from rag.errors import SettingsError
from rag.settings import Settings

_HEADER = re.compile(r"([A-Za-z0-9-]+):[ \t]*(\S(?:[ -~]*\S)?)")


def server(settings: Settings) -> ChromaServer | None:
    """None where Chroma is inside the store. Raises SettingsError and StoreError."""
    if settings.chroma_url is None:
        return None
    return ChromaServer(
        settings.chroma_url,
        settings.chroma_tenant,
        settings.chroma_database,
        _headers(settings),
        settings.chroma_certificates,
        settings.chroma_plain_http,
    )


def _headers(settings: Settings) -> dict[str, str]:
    path = settings.chroma_headers
    if path is None:
        return {}
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"chroma_headers names {path}, which cannot be read: {error}") from (
            error
        )
    headers = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _HEADER.fullmatch(line.strip())
        if found is None:
            raise SettingsError(f"{path}, line {number}: expected `Name: value`")
        headers[found[1]] = found[2]
    return headers
