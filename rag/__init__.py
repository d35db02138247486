"""Fonds: ask an archive of historical documents, check every word of the answer.

    import rag
    archive = rag.open("store")
    archive.ingest(["letters/"])
    archive.ask("Who asked for coal?")

Importing this package loads no model and no index.
"""

from rag.archive import Archive, open
from rag.errors import FondsError
from rag.types import Filters, Turn

__all__ = ["Archive", "Filters", "FondsError", "Turn", "open"]
