"""The report on a checked quotation: both texts, with the words that differ marked.

The differences come from the report of `rag`; here they are only located in the texts, in their
order. A difference that is not found is listed and not marked. Not here: comparing.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.errors import FondsError
from rag.types import Match
from ui_assets.model import ArchiveLike
from ui_assets.view import render

Pieces = list[tuple[str, bool]]
"""A text in pieces, each with whether it differs from the other text."""


def report(archive: ArchiveLike, quotation: str, lang: str) -> str:
    """HTML that says where the words are in the archive, or which error prevented the check."""
    try:
        checked = archive.verify(quotation)
    except FondsError as error:
        return render.page(
            "checked.html", lang, report=None, words=(), matches=(), fault=str(error)
        )
    # The places that explain an absent quotation are shown like matches.
    explained = checked.explanation.parts if checked.explanation else ()
    matches = [(match, stored_pieces(match)) for match in (*checked.matches, *explained)]
    words = [(quotation, False)]
    if checked.matches:
        words = quoted_pieces(quotation, checked.matches[0])
    return render.page(
        "checked.html", lang, report=checked, words=words, matches=matches, fault=None
    )


def stored_pieces(match: Match) -> Pieces:
    """The stored text, with the pieces that differ from the quotation."""
    return _pieces(match.citation.quote, [d.stored for d in match.differences])


def quoted_pieces(quotation: str, match: Match) -> Pieces:
    """The quotation, with the pieces that differ from the stored text."""
    return _pieces(quotation, [d.quoted for d in match.differences])


def _pieces(text: str, differing: Sequence[str]) -> Pieces:
    rest = 0
    pieces: Pieces = []
    for words in differing:
        at = text.find(words, rest) if words else -1
        if at < 0:
            continue
        pieces += [(text[rest:at], False), (words, True)]
        rest = at + len(words)
    return [piece for piece in (*pieces, (text[rest:], False)) if piece[0]]
