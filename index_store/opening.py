"""What is looked at and made ready before a store is opened. Not here: the open store (`store`)."""

from __future__ import annotations

import shutil
from pathlib import Path

from index_store.catalogue.connection import Place
from index_store.catalogue.engines.sqlite_engine import CATALOGUE
from index_store.catalogue.entry import EncoderIdentity
from index_store.catalogue.reading import Catalogue
from index_store.catalogue.schema import check_encoder
from index_store.errors import StoreError
from index_store.seal import break_seal, damaged


def make_folder(directory: Path) -> None:
    """Makes the folder of a store, where it is missing. Raises StoreError."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the folder {directory}: {error}") from error


def is_store(place: Place) -> bool:
    """Whether there is a store; not where a writer was killed before it had made the tables."""
    if not place.has_file():
        return False
    catalogue = Catalogue(place)
    try:
        return catalogue.has_tables()
    finally:
        catalogue.close()


def check_fits(place: Place, encoder: EncoderIdentity | None) -> None:
    """Raises StoreMismatch for a store that does not fit, before anything in its folder changes."""
    catalogue = Catalogue(place)
    try:
        check_encoder(catalogue.manifest(), encoder, str(place))
    finally:
        catalogue.close()


def unseal(place: Place) -> None:
    """Breaks the seals before the first change; removes a damaged word index, to be rebuilt."""
    lexical = place.directory / "lexical"
    if damaged(lexical):
        # Renamed first: a reader that is opening it may put tantivy's lock file back.
        old = lexical.with_name("lexical.old")
        shutil.rmtree(old, ignore_errors=True)
        lexical.rename(old)
        shutil.rmtree(old, ignore_errors=True)
    break_seal(lexical)
    break_seal(place.directory / CATALOGUE)
