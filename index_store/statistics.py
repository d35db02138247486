"""Statistics of a store: counts, languages, date span, encoder, sizes on the disk."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from index_store.catalogue.reading import Catalogue
from index_store.pictures import Pictures
from index_store.types import Manifest
from index_store.vectors.index import FOLDER
from index_store.vectors.mapped_vectors import FOLDER as MATRIX

READINGS = "readings"
"""The folder of a store with what recognition found in pages, kept to be found once."""


def statistics(catalogue: Catalogue, manifest: Manifest) -> dict[str, Any]:
    """The JSON of `fonds info`, sizes in bytes; of pages only where there are any."""
    directory = catalogue.directory
    first, last = catalogue.rows("SELECT min(date_from), max(date_to) FROM documents")[0]
    told: dict[str, Any] = {
        "documents": catalogue.count("documents"),
        "passages": catalogue.count("passages"),
        "languages": dict(catalogue.rows("SELECT lang, count(*) FROM documents GROUP BY lang")),
        "date_from": first,
        "date_to": last,
        "encoder": manifest.encoder,
        "schema": manifest.schema,
        "version": manifest.version,
        "bytes": {
            "catalogue": catalogue.engine.bytes(),
            "vectors": _size(directory / FOLDER) + _size(directory / MATRIX),
            "lexical": _size(directory / "lexical"),
        },
    }
    if pages := catalogue.page_count():
        told["pages"] = pages
        told["bytes"]["pictures"] = Pictures(directory).bytes()
    if readings := _size(directory / READINGS):
        told["bytes"]["readings"] = readings
    return told


def _size(path: Path) -> int:
    """The size of a file, or of all files in a folder; what goes away meanwhile does not count."""
    files = [path, *(Path(folder, name) for folder, _, names in os.walk(path) for name in names)]
    total = 0
    for file in files:
        with contextlib.suppress(FileNotFoundError):
            total += file.stat().st_size if file.is_file() else 0
    return total
