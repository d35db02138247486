"""Commands about the store as a whole: doctor, backup, restore, info, settings.

Not here: commands about its documents (`commands`), the checks themselves
(`index_store.maintenance`).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rag.cli import output
from rag.cli.options import ANSWERING, archive_of, common, settings_of
from rag.cli.output import emit

if TYPE_CHECKING:
    from index_store.maintenance.picture_backup import Lacking


@click.command()
@click.option("--repair", is_flag=True, help="Repair what can be repaired.")
@common()
def doctor(repair: bool, **options: Any) -> None:
    """Check the whole store for damage."""
    from index_store.maintenance import doctor as doctors

    settings = settings_of(options)
    check = doctors.repair if repair else doctors.check
    report = check(
        settings.directory,
        settings.chroma_server(),
        settings.catalogue_server(),
        settings.chroma,
    )
    emit(options, report.to_dict(), output.doctor_report(report))
    sys.exit(0 if report.sound else 1)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@common("pictures")
def backup(file: Path, **options: Any) -> None:
    """Back up the store to FILE, also during an ingest.

    With --no-pictures the pictures of pages are left out, which make most of its size; after a
    restore `fonds ingest` of the files makes them again.
    """
    from index_store.maintenance import backup as backups

    settings = settings_of(options)
    # Only for the flag: a store has what was ingested under another setting, too.
    pictures = options["pictures"] is not False
    lacking = backups.backup(
        settings.directory, file, pictures=pictures, server=settings.catalogue_server()
    )
    data = {"file": str(file), "bytes": file.stat().st_size, "pictures": pictures}
    text = f"backed up to {file}" + ("" if pictures else ", without the pictures of pages")
    emit(options, {**data, **_told(lacking)}, _with(text, lacking))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@common()
def restore(file: Path, **options: Any) -> None:
    """Restore a backup from FILE into a store that does not exist yet."""
    from index_store.maintenance import backup as backups

    settings = settings_of(options)
    lacking = backups.restore(
        file,
        settings.directory,
        settings.chroma_server(),
        settings.catalogue_server(),
        settings.chroma,
    )
    data = {"store": str(settings.directory), **_told(lacking)}
    emit(options, data, _with(f"restored to {settings.directory}", lacking))


def _told(lacking: Lacking) -> dict[str, Any]:
    """The JSON of lacking pictures, empty where there are none."""
    if not lacking.pictures:
        return {}
    documents = list(lacking.documents)
    return {"lacking": {"pictures": lacking.pictures, "documents": documents}}


def _with(text: str, lacking: Lacking) -> str:
    return f"{text}\n{lacking}" if lacking.pictures else text


@click.command()
@common()
def info(**options: Any) -> None:
    """Show counts, languages, dates, encoder and sizes."""
    with archive_of(options) as archive:
        data = archive.info()
    emit(options, data, output.info(data))


@click.command()
@common(*ANSWERING)
def settings(**options: Any) -> None:
    """Show every setting with its value and origin."""
    rows = settings_of(options).describe()
    emit(options, {"settings": rows}, output.settings(rows))


COMMANDS = (doctor, backup, restore, info, settings)
