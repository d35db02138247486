"""Reading JSON Lines: the data sets' own files, which are trusted to be whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file.

    Lines end at line feeds only: a JSON string may hold the other characters that Python splits
    lines at. Raises OSError, and ValueError for a line that is not JSON.
    """
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
