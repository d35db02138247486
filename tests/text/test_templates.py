"""Templates escape what is put into them, and miss no name silently."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import UndefinedError

from rag.text.templates import html_environment


def test_values_are_escaped_and_missing_names_are_errors(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("  {% if title %}\n<h1>{{ title }}</h1>\n{% endif %}\n")
    page = html_environment(tmp_path).get_template("page.html")
    assert page.render(title='<b onclick="x">') == "<h1>&lt;b onclick=&#34;x&#34;&gt;</h1>\n"
    with pytest.raises(UndefinedError, match="title"):
        page.render()
