"""Backup and restore: a zip file with a consistent catalogue, also taken during an ingest.

The pictures of pages are in it, unless they are left out. One that is missing, or not what was
written, is lacking: that is told and stops neither; its page has none until its file is ingested
again. The indexes are not in it; restoring rebuilds them from the
catalogue. A restored store gets an identity of its own, and with it its own collection on a Chroma
server.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
import uuid
import zipfile
from pathlib import Path

from index_store.catalogue.connection import Place
from index_store.catalogue.engines.server import CatalogueServer
from index_store.catalogue.engines.sqlite_engine import CATALOGUE
from index_store.catalogue.moving import copy_to_file, move_to_server, take_from_server
from index_store.catalogue.outbox import FROM_THE_START
from index_store.catalogue.reading import Catalogue
from index_store.catalogue.schema import set_meta
from index_store.catalogue.writing import WritingCatalogue
from index_store.errors import StoreCorrupt, StoreError
from index_store.maintenance.picture_backup import Lacking, unpack_pictures, write_pictures
from index_store.positions import Positions
from index_store.store import IndexStore
from index_store.sync import SERVER_POSITION
from index_store.vectors.server import Chroma

MANIFEST = "manifest.json"
_COPY_BYTES = 1 << 20
_ATTEMPTS = 5


def backup(
    directory: Path, file: Path, pictures: bool = True, server: CatalogueServer | None = None
) -> Lacking:
    """Copies the store in `directory` into the zip `file`, which is written whole or not at all.

    `pictures`: with the pictures of pages; returns those that the store should have but lacks,
    which are not in the zip. Raises StoreError when there is no store, `file` exists,
    or the disk is full.
    """
    place, file = Place(Path(directory), server), Path(file)
    if not IndexStore.exists(place.directory, server):
        raise StoreError(f"there is no store in {place} to back up")
    if file.exists():
        raise StoreError(f"{file} exists; name a new file or remove it first")
    source = Catalogue(place)
    try:
        source.manifest()
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=_parent(file)) as folder:
            draft = Path(folder) / "draft.zip"
            for _ in range(_ATTEMPTS):
                lacking = _write(source, Path(folder), draft, pictures)
                if lacking is not None:
                    break
            else:
                raise StoreError(f"{place} changes too fast to be backed up; try again later")
            draft.replace(file)
            return lacking
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"the backup {file} could not be written: {error}") from error
    finally:
        source.close()


def _write(source: Catalogue, folder: Path, draft: Path, pictures: bool) -> Lacking | None:
    """Writes the zip; None where an ingest changed a picture of the state that was copied."""
    copy = folder / CATALOGUE
    copy.unlink(missing_ok=True)
    copy_to_file(source, copy)
    manifest = {"format": 1, "files": {CATALOGUE: _sha256(copy)}}
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        archive.write(copy, CATALOGUE)
        if not pictures:
            return Lacking()
        copied = Catalogue(Place(folder))
        try:
            written = copied.pictures()
            lacking = write_pictures(source.directory, written, archive)
            now = source.pictures() if lacking else {}
            if any(now.get(name) != written[name] for name in lacking):
                return None
            return Lacking.of(copied, lacking)
        finally:
            copied.close()


def restore(
    file: Path,
    directory: Path,
    chroma_url: Chroma = None,
    server: CatalogueServer | None = None,
    with_chroma: bool = True,
) -> Lacking:
    """Makes the store in `directory`, missing or empty, from a backup, indexes included.

    With a server its catalogue goes there, where there may be none yet. Without `with_chroma`,
    Chroma is left out.

    Returns the pictures that the backup lacks. Raises StoreError when `file` is not a backup or
    `directory` is not empty, StoreCorrupt when the catalogue in it is damaged; `directory` is then
    as it was.
    """
    file, directory = Path(file), Path(directory)
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise StoreError(f"{directory} is not empty; restore into a new folder")
    if server is not None and IndexStore.exists(directory, server):
        raise StoreError(
            f"{server} has a catalogue; name another schema with FONDS_CATALOGUE_SCHEMA"
        )
    parent = _parent(directory)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=parent) as folder:
        built = Path(folder) / "store"
        built.mkdir()
        try:
            _unpack(file, built / CATALOGUE)
            store_id = _renew(built)
            lacking = unpack_pictures(file, built)
        except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
            raise StoreError(f"{file} cannot be read as a backup: {error}") from error
        claimed = None if server is None else move_to_server(built, server)
        try:
            with IndexStore.open(
                built, write=True, chroma_url=chroma_url, server=server, with_chroma=with_chroma,
                claimed=claimed,
            ):  # fmt: skip
                pass  # opening for writing builds the indexes
        except BaseException as error:
            if claimed is not None:
                claimed.close()
                try:
                    take_from_server(claimed.place, store_id)
                except StoreError as left:
                    error.add_note(str(left))  # the first error is the one to report
            raise
        if directory.exists():
            directory.rmdir()
        built.replace(directory)
    return lacking


def _parent(path: Path) -> Path:
    parent = path.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    return parent


def _unpack(file: Path, path: Path) -> None:
    """Copies the catalogue out of the zip, by its own name: no path in the zip is used."""
    with zipfile.ZipFile(file) as archive:
        try:
            manifest = json.loads(archive.read(MANIFEST))
            expected = manifest["files"][CATALOGUE]
            known = manifest["format"] == 1
        except (KeyError, ValueError, TypeError) as error:
            raise StoreError(f"{file} is not a backup of a Fonds store") from error
        if not known:
            raise StoreError(f"{file} was made by a newer Fonds: install that to restore it")
        with archive.open(CATALOGUE) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target, _COPY_BYTES)
    if _sha256(path) != expected:
        raise StoreCorrupt(f"{file} is damaged: the catalogue in it is not what was saved")


def _renew(directory: Path) -> str:
    """Gives the copy an identity of its own, and makes all of its indexes read everything.

    Returns the identity.
    """
    store_id = uuid.uuid4().hex
    catalogue = WritingCatalogue(Place(directory))
    try:
        catalogue.engine.rows("PRAGMA journal_mode = WAL")
        catalogue.manifest()
        anew = {SERVER_POSITION: str(FROM_THE_START)}
        with catalogue.transaction():
            set_meta(catalogue.engine, {"store_id": store_id, **anew})
        Positions(catalogue).start_anew()
    finally:
        catalogue.close()
    return store_id


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
