"""Options that several commands share. Every setting is a flag of every command.

A command's help shows only the settings that matter to it; `fonds settings` lists all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, TypeVar

import click

from rag.archive import Archive
from rag.settings import Settings, load
from rag.types import Filters

F = TypeVar("F", bound=Callable[..., Any])

ANSWERING = ("llm", "llm_mode", "llm_read", "llm_timeout", "llm_http", "strict", "nli")
_SHOWN = ("store", "encoder", "chroma_url", "debug")
_SETTINGS = tuple(f for f in fields(Settings) if "help" in f.metadata)
_FILTERS = tuple(f for f in fields(Filters) if f.metadata)


def _options(*options: Callable[[F], F]) -> Callable[[F], F]:
    def wrap(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return wrap


def common(*shown: str) -> Callable[[F], F]:
    """`--json` and all settings; the help shows only the usual settings and those in `shown`."""
    return _options(
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
        *(_flag(f, f.name in (*_SHOWN, *shown)) for f in _SETTINGS),
    )


def _flag(setting: Field[Any], shown: bool) -> Callable[[F], F]:
    flag = "--" + setting.name.replace("_", "-")
    help = setting.metadata["help"]
    if setting.type == "bool":
        both = f"{flag}/--no-{flag[2:]}"
        return click.option(both, setting.name, default=None, help=help, hidden=not shown)
    kind = click.INT if setting.type == "int" else click.STRING
    return click.option(flag, setting.name, type=kind, help=help, hidden=not shown)


def _filter(own: Field[Any]) -> Callable[[F], F]:
    given = own.metadata
    kind = click.Choice(given["choices"]) if given["choices"] else click.STRING
    return click.option(
        given["flag"], own.name, type=kind, metavar=given["metavar"], help=given["help"]
    )


filtering = _options(
    *map(_filter, _FILTERS),
    click.option("--exclude", multiple=True, metavar="DOCUMENT_ID", help="Leave a document out."),
)
batch = _options(
    click.option("--batch", type=click.Path(path_type=Path), help="JSON Lines of questions."),
    click.option("--out", type=click.Path(path_type=Path), help="File for the answers."),
)


def settings_of(options: Mapping[str, Any]) -> Settings:
    """The settings with a command's flags. Raises SettingsError."""
    return load({f.name: options.get(f.name) for f in _SETTINGS})


def filters_of(options: Mapping[str, Any]) -> Filters:
    """The filters of a command's flags."""
    given = {f.name: options[f.name] for f in _FILTERS}
    return Filters(**given, exclude=options["exclude"])


def archive_of(options: Mapping[str, Any]) -> Archive:
    """The archive with a command's settings. Raises SettingsError."""
    return Archive(settings_of(options))
