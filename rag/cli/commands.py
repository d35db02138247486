"""The `fonds` command: flags in, words or one JSON object out, exit code.

Nothing is decided here. With `--json` standard output carries that object alone; messages go
to standard error. Exit codes: 0 done, 1 a fault or an unsound store, 2 wrong usage.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from index_store.maintenance import backup as backups
from index_store.maintenance import doctor as doctors
from rag.answers import messages
from rag.answers import replay as replays
from rag.archive import Archive
from rag.cli import output
from rag.cli.batch import BatchFailed, run_batch
from rag.cli.options import ANSWERING, common, filtering, filters_of, settings_of
from rag.cli.options import batch as batch_form
from rag.errors import FondsError, UsageError
from rag.records.counts import FIELDS as COUNTED
from rag.settings import load
from rag.types import Filters, Question


def _archive(options: dict[str, Any]) -> Archive:
    return Archive(settings_of(options))


def _emit(options: dict[str, Any], data: dict[str, Any], words: str) -> None:
    """The JSON object, or the same in words."""
    if options["as_json"]:
        text = json.dumps(data, ensure_ascii=False)
        # Bytes of the command line that are no UTF-8 are told by their number.
        click.echo(text.encode("utf-8", "backslashreplace").decode("utf-8"))
    elif words:
        click.echo(output.printable(words))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fonds", prog_name="fonds")
def cli() -> None:
    """Ask an archive of historical documents; check every word of the answer."""


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--prune", is_flag=True, help="Remove documents whose file has gone.")
@common("people")
def ingest(paths: tuple[Path, ...], prune: bool, **options: Any) -> None:
    """Load files and folders into the store."""
    with _archive(options) as archive, output.progress_bar() as progress:
        report = archive.ingest(paths, prune=prune, progress=progress)
    _emit(options, report.to_dict(), output.ingest_report(report))
    if report.failures:
        for failure in report.failures:
            click.echo(output.failure(failure), err=True)
        sys.exit(1)


@cli.command()
@click.argument("question", required=False)
@click.option("-k", default=10, show_default=True, type=click.IntRange(1), help="Passages.")
@batch_form
@filtering
@common()
def search(question: str | None, k: int, **options: Any) -> None:
    """Find the passages nearest to a question."""
    filters = filters_of(options)
    with _archive(options) as archive:
        if _is_batch(question, options):
            _run_batch(options, filters, lambda q: archive.search(q.text, k, q.filters).to_dict())
            return
        result = archive.search(str(question), k, filters)
    _emit(options, result.to_dict(), output.search_result(result))


@cli.command()
@click.argument("question", required=False)
@click.option("--without", multiple=True, metavar="FIELD", help="Do not infer this constraint.")
@click.option(
    "--replay",
    type=click.Path(path_type=Path),
    help="Ask again what FILE, kept from `--json`, says; tell what has changed.",
)
@batch_form
@filtering
@common(*ANSWERING)
def ask(
    question: str | None, without: tuple[str, ...], replay: Path | None, **options: Any
) -> None:
    """Ask a question: a cited answer, or an abstention."""
    filters = filters_of(options)
    if replay is not None:
        _replay(replay, question, filters, options)
        return
    with _archive(options) as archive:
        if _is_batch(question, options):
            _run_batch(
                options,
                filters,
                lambda q: archive.ask(q.text, q.filters, q.history, without).to_dict(),
            )
            return
        answer = archive.ask(str(question), filters, without=without)
    _emit(options, answer.to_dict(), output.answer(answer))


def _replay(file: Path, question: str | None, filters: Filters, options: dict[str, Any]) -> None:
    if question is not None or options["batch"] or options["out"] or filters != Filters():
        raise UsageError("--replay asks what the file says: give no question, batch or filters")
    kept = replays.read(file)
    with _archive(options) as archive:
        report = archive.replay(kept.answer)
    _emit(options, report.to_dict(), output.replay_report(report))


@cli.command()
@click.argument("quotation", required=False)
@click.option("--document", metavar="DOCUMENT_ID", help="Ask of one document only.")
@batch_form
@common()
def verify(quotation: str | None, document: str | None, **options: Any) -> None:
    """Where a quotation stands in the archive; `-` reads standard input."""
    with _archive(options) as archive:
        if _is_batch(quotation, options):
            _run_batch(options, Filters(), lambda q: archive.verify(q.text, document).to_dict())
            return
        text = sys.stdin.read() if quotation == "-" else str(quotation)
        report = archive.verify(text, document)
    _emit(options, report.to_dict(), output.quotation_report(report))


def _is_batch(given: str | None, options: dict[str, Any]) -> bool:
    """Whether the batch form was used; either form must be whole."""
    if options["batch"] is None and options["out"] is None:
        if given is None:
            raise UsageError("nothing was asked: give a text, or --batch IN.jsonl --out OUT.jsonl")
        return False
    if given is not None or options["batch"] is None or options["out"] is None:
        raise UsageError("give either one text, or both --batch IN.jsonl and --out OUT.jsonl")
    return True


def _run_batch(
    options: dict[str, Any], filters: Filters, answer: Callable[[Question], dict[str, Any]]
) -> None:
    """Answer a batch; a fault at its end when lines failed."""
    report = run_batch(options["batch"], options["out"], filters, answer)
    _emit(options, report.to_dict(), "")
    if report.failed:
        raise BatchFailed(
            f"{report.failed} of {report.lines} lines of {options['batch']} failed; "
            f"{report.out} tells why"
        )


@cli.command()
@click.argument("document_id")
@click.option("--passage", metavar="ID", help="Mark one passage.")
@common()
def show(document_id: str, passage: str | None, **options: Any) -> None:
    """A whole document with its metadata and warnings."""
    with _archive(options) as archive:
        shown = archive.show(document_id, passage)
    _emit(options, shown.to_dict(), output.document(shown))


@cli.command("list")
@click.option("--count-by", type=click.Choice(COUNTED), help="Count them instead.")
@filtering
@common()
def list_(count_by: str | None, **options: Any) -> None:
    """The documents of the store."""
    filters = filters_of(options)
    with _archive(options) as archive:
        documents = archive.documents(filters)
        counts = archive.counts(count_by, filters) if count_by else None
    data: dict[str, Any] = {
        "documents": [d.to_dict() for d in documents],
        "filters": filters.to_dict(),
    }
    if counts is not None:
        data["count_by"] = count_by
        data["counts"] = [c.to_dict() for c in counts]
    if not documents:
        data["message"] = messages.no_documents(filters)
    words = output.documents(documents, filters)
    _emit(options, data, output.counts(counts) if counts else words)


@cli.command()
@click.argument("document_ids", nargs=-1, required=True)
@common()
def remove(document_ids: tuple[str, ...], **options: Any) -> None:
    """Remove documents from the store."""
    with _archive(options) as archive:
        removed = archive.remove(document_ids)
    _emit(options, {"removed": removed}, f"removed: {', '.join(removed)}")


@cli.command()
@click.argument("passage_id")
@click.option(
    "--style",
    default="chicago",
    show_default=True,
    type=click.Choice(["chicago", "gost", "bibtex", "ris", "csl-json"]),
)
@common()
def cite(passage_id: str, style: str, **options: Any) -> None:
    """The citation of a passage."""
    with _archive(options) as archive:
        text = archive.cite(passage_id, style)
    _emit(options, {"passage_id": passage_id, "style": style, "text": text}, text)


@cli.command()
@common("host", "port", *ANSWERING)
def chat(**options: Any) -> None:
    """The web chat, same as `python ui.py`."""
    import ui

    ui.serve(settings_of(options))


@cli.command()
@click.option("--repair", is_flag=True, help="Mend what can be mended.")
@common()
def doctor(repair: bool, **options: Any) -> None:
    """Check the whole store."""
    settings = settings_of(options)
    check = doctors.repair if repair else doctors.check
    report = check(settings.directory, settings.chroma_server())
    _emit(options, report.to_dict(), output.doctor_report(report))
    sys.exit(0 if report.sound else 1)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@common()
def backup(file: Path, **options: Any) -> None:
    """A consistent copy of the store, also during an ingest."""
    settings = settings_of(options)
    backups.backup(settings.directory, file)
    _emit(options, {"file": str(file), "bytes": file.stat().st_size}, f"backed up to {file}")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@common()
def restore(file: Path, **options: Any) -> None:
    """Restore a backup into a store that does not exist yet."""
    settings = settings_of(options)
    backups.restore(file, settings.directory, settings.chroma_server())
    data = {"store": str(settings.directory)}
    _emit(options, data, f"restored to {settings.directory}")


@cli.command()
@common()
def info(**options: Any) -> None:
    """Counts, languages, date span, encoder, sizes, schema version."""
    with _archive(options) as archive:
        data = archive.info()
    _emit(options, data, output.info(data))


@cli.command()
@common(*ANSWERING)
def settings(**options: Any) -> None:
    """Every setting with its value, its origin and one line of help."""
    rows = settings_of(options).describe()
    _emit(options, {"settings": rows}, output.settings(rows))


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code; faults are one line on standard error."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        cli.main(given, prog_name="fonds", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        context = (
            error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "fonds"
        )
        _fault(f"{error.format_message().rstrip('.')}; see `{context} --help`", given)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("fonds: interrupted; what was committed stays", err=True)
        sys.exit(130)
    except FondsError as error:
        _fault(str(error), given)
        sys.exit(error.exit_code)
    except OSError as error:
        where, cause = error.filename or "input/output", error.strerror or error
        _fault(f"{where}: {cause}; check the path, its permissions and the space left", given)
        sys.exit(1)
    except UnicodeError:
        _fault("a text given is not valid UTF-8; send it as UTF-8", given)
        sys.exit(2)
    except Exception as error:  # noqa: BLE001 - the last edge: every fault leaves in one line
        _fault(f"unexpected fault ({type(error).__name__}: {error}); --debug shows where", given)
        sys.exit(1)


def _fault(message: str, arguments: list[str]) -> None:
    if _debugging(arguments):
        traceback.print_exc()
    click.echo(f"fonds: {' '.join(message.split())}", err=True)


def _debugging(arguments: list[str]) -> bool:
    """Whether tracebacks are wanted; settings that cannot be read are a fault of their own."""
    if "--debug" in arguments:
        return True
    try:
        return load().debug
    except FondsError:
        return False


if __name__ == "__main__":
    main()
