"""HTML from Jinja templates, for the chat and for reports.

Not here: the templates and what is put into them.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def html_environment(folder: Path) -> Environment:
    """The environment for the templates in `folder`.

    Whatever is put into a template is escaped, unless it is of type `Markup`; a name that the
    template is not given is an error. Lines that hold only a tag of Jinja leave no empty line.
    """
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
