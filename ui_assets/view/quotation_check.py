"""A checked quotation as the page shows it: both texts, the differing words set apart.

The differences are those of the report; here they are only found again in the words, in
their order. One that cannot be placed is listed and not marked. Not here: comparing.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.errors import FondsError
from rag.types import Match
from ui_assets.model import ArchiveLike
from ui_assets.view import render

Pieces = list[tuple[str, bool]]


def report(archive: ArchiveLike, quotation: str, lang: str) -> str:
    """Where the words stand, as HTML; a fault is told in its place."""
    try:
        checked = archive.verify(quotation)
    except FondsError as error:
        return render.page(
            "checked.html", lang, report=None, words=(), matches=(), fault=str(error)
        )
    # What explains an absent quotation is shown as its places are.
    explained = checked.explanation.parts if checked.explanation else ()
    matches = [(match, stored(match)) for match in (*checked.matches, *explained)]
    words = quoted(quotation, checked.matches[0]) if checked.matches else [(quotation, False)]
    return render.page(
        "checked.html", lang, report=checked, words=words, matches=matches, fault=None
    )


def stored(match: Match) -> Pieces:
    """The stored words in pieces, each with whether it differs from what was quoted."""
    return _pieces(match.citation.quote, [d.stored for d in match.differences])


def quoted(quotation: str, match: Match) -> Pieces:
    """The quotation in pieces, each with whether it differs from what is stored."""
    return _pieces(quotation, [d.quoted for d in match.differences])


def _pieces(text: str, differing: Sequence[str]) -> Pieces:
    rest = 0
    made: Pieces = []
    for words in differing:
        at = text.find(words, rest) if words else -1
        if at < 0:
            continue
        made += [(text[rest:at], False), (words, True)]
        rest = at + len(words)
    return [piece for piece in (*made, (text[rest:], False)) if piece[0]]
