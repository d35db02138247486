"""The command `fonds`: parses the command line, calls the archive, prints the result.

With `--json` standard output has one JSON object and nothing else; messages go to standard error.
Exit codes: 0 done, 1 an error or an unsound store, 2 wrong usage.

Not here: commands about the store as a whole (`maintenance`), the wording of results (`output`).
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from rag.answers import messages
from rag.answers import replay as replays
from rag.cli import language_model, maintenance, output, pages, tools
from rag.cli.batch import BatchFailed, is_batch, run_batch
from rag.cli.options import ANSWERING, archive_of, common, filtering, filters_of, settings_of
from rag.cli.options import batch as batch_options
from rag.cli.output import emit
from rag.errors import FondsError, UsageError
from rag.records.counts import FIELDS as COUNTED
from rag.settings import load
from rag.types import Filters, Question


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fonds", prog_name="fonds")
def cli() -> None:
    """Answer questions over an archive of historical documents, with verified quotations."""


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--prune", is_flag=True, help="Remove documents whose file no longer exists.")
@click.option(
    "--workers", default=1, show_default=True, metavar="N", help="Processes, from 1 to 64."
)
@common("people", "pictures", "ocr_languages")
def ingest(paths: tuple[Path, ...], prune: bool, workers: int, **options: Any) -> None:
    """Load files and folders into the store."""
    with archive_of(options) as archive, output.progress_bar() as (progress, pages):
        report = archive.ingest(paths, prune=prune, progress=progress, pages=pages, workers=workers)
    emit(options, report.to_dict(), output.ingest_report(report))
    if report.failures:
        for failure in report.failures:
            click.echo(output.failure(failure), err=True)
        sys.exit(1)


@cli.command()
@click.argument("question", required=False)
@click.option(
    "-k", default=10, show_default=True, type=click.IntRange(1), help="Passages to return."
)
@batch_options
@filtering
@common("rerank")
def search(question: str | None, k: int, **options: Any) -> None:
    """Find the passages that best match a question."""
    filters = filters_of(options)
    with archive_of(options) as archive:
        if is_batch(question, options):
            _run_batch(options, filters, lambda q: archive.search(q.text, k, q.filters).to_dict())
            return
        result = archive.search(str(question), k, filters)
    emit(options, result.to_dict(), output.search_result(result))


@cli.command()
@click.argument("question", required=False)
@click.option("--without", multiple=True, metavar="FIELD", help="Do not infer this constraint.")
@click.option(
    "--replay",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Ask the question of an answer saved with --json again and show what has changed.",
)
@batch_options
@filtering
@common(*ANSWERING)
def ask(
    question: str | None, without: tuple[str, ...], replay: Path | None, **options: Any
) -> None:
    """Answer a question with citations, or abstain."""
    filters = filters_of(options)
    if replay is not None:
        _replay(replay, question, filters, options)
        return
    with archive_of(options) as archive:
        if is_batch(question, options):
            _run_batch(
                options,
                filters,
                lambda q: archive.ask(q.text, q.filters, q.history, without).to_dict(),
            )
            return
        answer = archive.ask(str(question), filters, without=without)
    emit(options, answer.to_dict(), output.answer(answer))


def _replay(file: Path, question: str | None, filters: Filters, options: dict[str, Any]) -> None:
    if question is not None or options["batch"] or options["out"] or filters != Filters():
        raise UsageError(
            "--replay asks the question of the file: give no question, batch or filters"
        )
    kept = replays.read(file)
    with archive_of(options) as archive:
        report = archive.replay(kept.answer)
    emit(options, report.to_dict(), output.replay_report(report))


@cli.command()
@click.argument("quotation", required=False)
@click.option("--document", metavar="DOCUMENT_ID", help="Search one document only.")
@batch_options
@common()
def verify(quotation: str | None, document: str | None, **options: Any) -> None:
    """Find a quotation in the archive; `-` reads standard input."""
    with archive_of(options) as archive:
        if is_batch(quotation, options):
            _run_batch(options, Filters(), lambda q: archive.verify(q.text, document).to_dict())
            return
        text = sys.stdin.read() if quotation == "-" else str(quotation)
        report = archive.verify(text, document)
    emit(options, report.to_dict(), output.quotation_report(report))


def _run_batch(
    options: dict[str, Any], filters: Filters, answer: Callable[[Question], dict[str, Any]]
) -> None:
    """Answer a batch and print its report. Raises BatchFailed when a line failed."""
    report = run_batch(options["batch"], options["out"], filters, answer)
    emit(options, report.to_dict(), "")
    if report.failed:
        raise BatchFailed(
            f"{report.failed} of {report.lines} lines of {options['batch']} failed; "
            f"{report.out} has the errors"
        )


@cli.command()
@click.argument("document_id")
@click.option("--passage", metavar="ID", help="Mark this passage in the text.")
@click.option("--page", type=click.IntRange(1), metavar="N", help="The page to write, from 1.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE.png",
    help="The file to write the page's picture to.",
)
@click.option("--quote", metavar="TEXT", help="Mark this quotation on the page.")
@common()
def show(
    document_id: str,
    passage: str | None,
    page: int | None,
    out: Path | None,
    quote: str | None,
    **options: Any,
) -> None:
    """Show a whole document with its metadata and warnings.

    With --page and --out the picture of a page is written instead, as it was scanned or printed;
    the documents of PDF files, scans and transcriptions have pages.
    """
    if (page is None) != (out is None) or (quote and page is None) or (page and passage):
        raise UsageError("give --page N with --out FILE.png, and --quote TEXT only with them")
    with archive_of(options) as archive:
        if page is not None and out is not None:
            told = pages.write_page(archive, document_id, page, out, quote)
            emit(options, told, f"page {page} of {told['pages']} written to {out}")
            return
        shown = archive.show(document_id, passage)
    emit(options, shown.to_dict(), output.document(shown))


@cli.command("list")
@click.option("--count-by", type=click.Choice(COUNTED), help="Count documents by this field.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="List at most N documents.")
@click.option(
    "--offset", type=click.IntRange(0), default=0, metavar="N", help="Leave out the first N."
)
@filtering
@common()
def list_(count_by: str | None, limit: int | None, offset: int, **options: Any) -> None:
    """List the documents of the store, by date."""
    filters = filters_of(options)
    with archive_of(options) as archive:
        documents = archive.documents(filters, limit, offset)
        in_all = archive.matching(filters) if limit or offset else len(documents)
        counts = archive.counts(count_by, filters) if count_by else None
    data: dict[str, Any] = {
        "documents": [d.to_dict() for d in documents],
        "filters": filters.to_dict(),
    }
    if limit or offset:
        data["in_all"] = in_all
    if counts is not None:
        data["count_by"] = count_by
        data["counts"] = [c.to_dict() for c in counts]
    if not in_all:
        data["message"] = messages.no_documents(filters)
    if options["as_json"]:
        emit(options, data, "")
    elif counts:
        emit(options, data, output.counts(counts))
    else:
        emit(options, data, output.documents(documents, filters, in_all, offset))


@cli.command()
@click.argument("document_ids", nargs=-1, required=True)
@common()
def remove(document_ids: tuple[str, ...], **options: Any) -> None:
    """Remove documents from the store."""
    with archive_of(options) as archive:
        removed = archive.remove(document_ids)
    emit(options, {"removed": removed}, f"removed: {', '.join(removed)}")


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
    """Print the citation of a passage."""
    with archive_of(options) as archive:
        text = archive.cite(passage_id, style)
    emit(options, {"passage_id": passage_id, "style": style, "text": text}, text)


@cli.command()
@common("host", "port", *ANSWERING)
def chat(**options: Any) -> None:
    """Start the web chat, same as `python ui.py`."""
    import ui

    ui.serve(settings_of(options))


for command in (*maintenance.COMMANDS, language_model.llm, tools.mcp):
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code; an error is one line on standard error."""
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
        _print_error(f"{error.format_message().rstrip('.')}; see `{context} --help`", given)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("fonds: interrupted; documents already stored are kept", err=True)
        sys.exit(130)
    except FondsError as error:
        _print_error(str(error), given)
        sys.exit(error.exit_code)
    except OSError as error:
        where, cause = error.filename or "input/output", error.strerror or error
        _print_error(f"{where}: {cause}; check the path, its permissions and the space left", given)
        sys.exit(1)
    except UnicodeError:
        _print_error("the text is not valid UTF-8; send it as UTF-8", given)
        sys.exit(2)
    except Exception as error:  # noqa: BLE001 - every error is reported in one line
        _print_error(
            f"unexpected error ({type(error).__name__}: {error}); --debug shows where", given
        )
        sys.exit(1)


def _print_error(message: str, arguments: list[str]) -> None:
    if _debugging(arguments):
        traceback.print_exc()
    click.echo(f"fonds: {' '.join(message.split())}", err=True)


def _debugging(arguments: list[str]) -> bool:
    """Whether to print tracebacks; no, when the settings themselves cannot be read."""
    if "--debug" in arguments:
        return True
    try:
        return load().debug
    except FondsError:
        return False


if __name__ == "__main__":
    main()
