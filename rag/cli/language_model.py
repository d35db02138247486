"""Commands about the language model: `fonds llm check`.

Not here: what is measured (`rag.answers.model_check`).
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from rag.archive import Archive
from rag.cli.options import ANSWERING, common, settings_of
from rag.cli.output import emit
from rag.errors import UsageError


@click.group()
def llm() -> None:
    """The language model."""


@llm.command()
@common(*ANSWERING)
def check(**options: Any) -> None:
    """Ask the language model twenty questions over the sample archive, and say what it is good
    for."""
    import samples
    from rag.answers import model_check
    from rag.answers.inquiry import Inquiry

    settings = settings_of(options)
    if settings.llm is None:
        raise UsageError("no language model; name one with --llm, for example gguf:FILE")
    with (
        tempfile.TemporaryDirectory(prefix="fonds-check-") as folder,
        Archive(replace(settings, store=Path(folder) / "store")) as archive,
        click.progressbar(length=20, label="questions", file=sys.stderr) as bar,
    ):
        archive.ingest([samples.ARCHIVE])
        models = archive.answering_models
        assert models.llm is not None
        inquiry = Inquiry(archive.store, models)
        report = model_check.check(
            models.llm, inquiry, samples.QUESTIONS, lambda n, of: bar.update(1)
        )
    told = report.to_dict()
    emit(options, told, _text(told))


def _text(told: dict[str, Any]) -> str:
    right, no, borne = (told[k] for k in ("chose_right", "said_no", "statements_borne_out"))
    apart = told["tells_apart"]
    sure = "it tells no probabilities" if apart is None else f"{apart:.2f} (.5 is chance)"
    return "\n".join(
        [
            f"{told['model']}: {told['questions']} questions over the sample archive",
            f"  a question                 {told['seconds_per_question']} s",
            f"  writing                    {told['tokens_per_second']} tokens a second",
            f"  chose a right sentence     {right[0]} of {right[1]} questions with an answer",
            f"  said no                    {no[0]} of {no[1]} without one",
            f"  its yes tells them apart   {sure}",
            f"  statements borne out       {borne[0]} of {borne[1]}",
            f"  answers without the form   {told['malformed']}",
            told["advice"],
        ]
    )
