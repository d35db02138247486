"""What a word of a text is."""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
"""Letters, with hyphens and apostrophes between them; no digits."""
