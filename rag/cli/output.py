"""Prints results as JSON or as text for a terminal. Not here: HTML, the wording of answers."""

from __future__ import annotations

import json
import sys
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index_store.types import Document, Hit
from rag.answers.messages import no_documents, no_hits
from rag.records.duplicates import gathered
from rag.records.warning_names import name
from rag.types import (
    Citation,
    Failure,
    Filters,
    IngestReport,
    QuotationReport,
    SearchResult,
    ShownDocument,
    VerifiedAnswer,
)

if TYPE_CHECKING:
    from index_store.maintenance.doctor import DoctorReport
    from rag.answers.replay import ReplayReport
    from rag.ingest import Progress
    from rag.readers.scans.recognition import PageProgress
    from rag.records.counts import Count

WIDTH = 96


def emit(options: Mapping[str, Any], data: Mapping[str, Any], text: str) -> None:
    """Prints `data` as one JSON object if `--json` was given, otherwise the text."""
    if options["as_json"]:
        line = json.dumps(data, ensure_ascii=False)
        # Bytes of the command line that are not UTF-8 are printed as escapes.
        click.echo(line.encode("utf-8", "backslashreplace").decode("utf-8"))
    elif text:
        click.echo(printable(text))


@contextmanager
def progress_bar() -> Iterator[tuple[Progress | None, PageProgress | None]]:
    """A progress bar on a terminal, for files and for the pages of a long scan; otherwise None."""
    if not sys.stderr.isatty():
        yield None, None
        return
    from tqdm import tqdm

    with tqdm(unit=" files", file=sys.stderr, dynamic_ncols=True) as bar:

        def progress(done: int, total: int, passages: int) -> None:
            bar.total = total
            bar.n = done
            bar.set_postfix(passages=passages)

        def pages(path: Path, read: int, of: int) -> None:
            if of > 1:
                shown = " ".join(printable(path.name).split())
                bar.set_postfix_str(f"{shown}: page {read:,} of {of:,}")

        yield progress, pages


def printable(text: str) -> str:
    """The text without control characters, by which a document could control the terminal."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")


def ingest_report(report: IngestReport) -> str:
    counts = (
        f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.removed} removed, {report.failed} failed; "
        f"{report.passages} passages in {report.seconds:.1f} s"
    )
    return "\n".join([counts, *(f"  {d}: {w.message} [{w.code}]" for d, w in report.warnings)])


def failure(item: Failure) -> str:
    line = f", line {item.line}" if item.line is not None else ""
    return f"fonds: {item.path}{line}: {item.error}"


def search_result(result: SearchResult) -> str:
    if not result.hits:
        return result.message or no_hits("en", result.filters)
    return "\n\n".join(_hits(result.hits))


def answer(result: VerifiedAnswer) -> str:
    parts = [f"understood as: {result.understood}"] if result.understood else []
    parts += [_wrap(result.notice)] if result.notice else []
    parts.append(_wrap(result.answer))
    parts += [_citation(c) for c in result.citations]
    cited = {c.document.document_id: c.document for c in result.citations}
    if warned := [line for document in cited.values() for line in _warnings(document)]:
        parts.append("\n".join(warned))
    if result.abstention:
        parts += _hits(result.abstention.nearest)
    for constraint in result.constraints:
        if constraint.origin == "inferred":
            state = "applied" if constraint.applied else "not applied: no document meets it"
            parts.append(f"understood from the question: {constraint.value} ({state})")
    return "\n\n".join(parts)


def replay_report(report: ReplayReport) -> str:
    if not report.changes:
        return "The answer is the same, on the same store with the same settings."
    if report.same:
        lines = ["The answer is the same, but this has changed:"]
    else:
        lines = ["The answer has changed:"]
    for change in report.changes:
        lines += [f"  {change.what}", f"    was {_brief(change.before)}"]
        lines.append(f"    is  {_brief(change.after)}")
    return "\n".join(lines)


def _brief(value: Any) -> str:
    """A value of an answer's JSON on one line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "(nothing)" if value is None else textwrap.shorten(text, 2 * WIDTH, placeholder=" …")


def quotation_report(report: QuotationReport) -> str:
    explained = {
        "exact": "is in the archive word for word",
        "normalised": "is in the archive; only its typography differs",
        "near": "is not in the archive; the most similar text is",
        "absent": "is not in the archive",
    }
    parts = [f"{report.status}: the quotation {explained[report.status]}"]
    if report.explanation:
        lines = [report.explanation.message]
        for part in report.explanation.parts:
            lines += [f"“{part.citation.quote}”", _source(part.citation)]
        parts.append("\n".join(lines))
    for match in report.matches:
        lines = [f"{match.status}: “{match.citation.quote}”", _source(match.citation)]
        lines += [f"  quoted “{d.quoted}”, stored “{d.stored}”" for d in match.differences]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def document(shown: ShownDocument) -> str:
    meta = _metadata(shown.document)
    text = shown.document.text
    if shown.marked is not None:
        marked = next(p for p in shown.passages if p.passage_id == shown.marked)
        text = f"{text[: marked.start]}⟦{marked.text}⟧{text[marked.end :]}"
    notes = [f"note {n}: {_line(note)}" for n, note in _notes(shown.document)]
    return "\n\n".join(filter(None, [meta, text, "\n".join(notes)]))


def _notes(document: Document) -> Iterator[tuple[str, str]]:
    """Number and text of the notes that were stored apart from the document's text."""
    notes = document.extra.get("notes")
    for note in notes if isinstance(notes, list) else []:
        if isinstance(note, dict) and {"n", "text"} <= note.keys():
            yield str(note["n"]), str(note["text"])


def documents(found: Sequence[Document], filters: Filters, in_all: int, offset: int = 0) -> str:
    """A line for each, and where they are not all, a line that says which of `in_all` they are."""
    if not in_all:
        return no_documents(filters)
    lines = [
        f"{d.document_id}  {d.date or 'undated'}  {d.lang}  {_line(d.title)}"
        + (f"  [{', '.join(w.code for w in d.warnings)}]" if d.warnings else "")
        for d in found
    ]
    if not found:
        lines.append(f"(none after the first {offset:,} of {in_all:,} documents)")
    elif len(found) < in_all:
        lines.append(f"({offset + 1:,} to {offset + len(found):,} of {in_all:,} documents)")
    return "\n".join(lines)


def counts(found: Sequence[Count]) -> str:
    """A table of value, documents, records and other spellings."""
    width = max(len(c.value) for c in found)
    lines = [f"{'':{width}}  documents  records"]
    for c in found:
        others = f"  ({'; '.join(c.spellings)})" if c.spellings else ""
        lines.append(f"{_line(c.value):{width}}  {c.documents:9}  {c.records:7}{others}")
    return "\n".join(lines)


def doctor_report(report: DoctorReport) -> str:
    checked = ", ".join(f"{n} {name}" for name, n in report.checked.items())
    state = "sound" if report.sound else "NOT sound"
    lines = [f"The store is {state}. Checked: {checked}."]
    if report.left_out:
        lines.append(f"Not checked: {report.left_out}.")
    if report.repaired:
        lines.append(f"Repaired: {report.repaired}.")
    if not report.sound and report.archive_intact:
        lines.append("No document is damaged; the rest can be rebuilt from the documents.")
    elif not report.sound:
        lines.append("DOCUMENTS ARE DAMAGED. Nothing is deleted; repair these first:")
    for number, problem in enumerate(report.problems, 1):
        lines += [f"{number}. {problem.what}", f"   To repair: {problem.repair}"]
    return "\n".join(lines)


def info(data: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in data.items())


def settings(rows: Sequence[dict[str, Any]]) -> str:
    return "\n".join(
        f"{row['name']} = {row['value']}  ({row['origin']})\n    {row['help']}" for row in rows
    )


def _hits(hits: Sequence[Hit]) -> Iterator[str]:
    """The text of each hit; copies are named under the best of them."""
    for hit, copies in gathered(hits):
        names = ", ".join(copy.passage.passage_id for copy in copies)
        yield _hit(hit) + (f"\n   copies: {_line(names)}" if names else "")


def _hit(hit: Hit) -> str:
    place = f"{hit.rank}. {_line(hit.document.title)} ({hit.document.date or 'undated'})"
    return (
        f"{place}\n   {hit.passage.passage_id}\n{textwrap.indent(_wrap(hit.passage.text), '   ')}"
    )


def _citation(citation: Citation) -> str:
    lines = [f"[{citation.n}] {citation.formatted['chicago']}", _source(citation)]
    if citation.counterpart:
        other = citation.counterpart
        lines.append(textwrap.indent(_wrap(f"in {other.document_id}: {other.text}"), "    "))
    return "\n".join(lines)


def _warnings(document: Document) -> list[str]:
    """Each warning in one short line; `fonds show` has the whole messages."""
    return [f"! {document.document_id}: {name(w)} [{w.code}]" for w in document.warnings]


def _source(citation: Citation) -> str:
    document = citation.document
    reference = document.archival_ref or "archival reference not given"
    return f"    {document.document_id} · {reference} · {document.source or 'source not given'}"


def _metadata(document: Document) -> str:
    data = document.to_dict()
    lines = [
        f"{name}: {_line(str(value))}"
        for name, value in data.items()
        if name not in ("warnings", "extra") and value
    ]
    return "\n".join(lines + [f"! {w.message} [{w.code}]" for w in document.warnings])


def _line(text: str) -> str:
    return " ".join(text.split())


def _wrap(text: str) -> str:
    return "\n".join(
        textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
        for line in text.splitlines()
    )
