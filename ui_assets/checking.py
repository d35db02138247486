"""A checked quotation as the page shows it: the stored words, the differing ones set apart.

The differences are those of the report; here they are only found again in the stored words, in
their order. One that cannot be placed is listed and not marked. Not here: comparing.
"""

from __future__ import annotations

from rag.errors import FondsError
from rag.types import Match
from ui_assets import render
from ui_assets.evidence import ArchiveLike

Pieces = list[tuple[str, bool]]


def report(archive: ArchiveLike, quotation: str, lang: str) -> str:
    """Where the words stand, as HTML; a fault is told in its place."""
    try:
        checked = archive.verify(quotation)
    except FondsError as error:
        return render.page("checked.html", lang, report=None, matches=(), fault=str(error))
    matches = [(match, pieces(match)) for match in checked.matches]
    return render.page("checked.html", lang, report=checked, matches=matches, fault=None)


def pieces(match: Match) -> Pieces:
    """The stored words in pieces, each with whether it differs from what was quoted."""
    text, rest = match.citation.quote, 0
    made: Pieces = []
    for difference in match.differences:
        at = text.find(difference.stored, rest) if difference.stored else -1
        if at < 0:
            continue
        made += [(text[rest:at], False), (difference.stored, True)]
        rest = at + len(difference.stored)
    return [piece for piece in (*made, (text[rest:], False)) if piece[0]]
