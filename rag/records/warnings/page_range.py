"""`page_range`: the source or the shelf-mark gives an impossible range of pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index_store.types import Document, DocumentWarning

_SIDE = r"(?:\s?(?:об|ob|v|r)\b\.?)?"
_RANGE = rf"\d{{1,5}}{_SIDE}(?:\s?[-–—]\s?\d{{1,5}}{_SIDE})?"
_PAGES = re.compile(
    r"(?<!\w)(?:pp?|pages?|сс?|стр|страницы|лл?|листы|ll?|leaves|fols?|ff?)\b\.?\s{0,3}"
    rf"(?P<ranges>{_RANGE}(?:,\s{{0,2}}{_RANGE}){{0,30}})(?![\w/])",
    re.I,
)
_PAGE_RANGE = re.compile(rf"(\d{{1,5}}){_SIDE}\s?[-–—]\s?(\d{{1,5}})")


def check(document: Document) -> Iterator[DocumentWarning]:
    """The warning, where it applies."""
    for field, value in (("source", document.source), ("shelf-mark", document.archival_ref)):
        for pages in _PAGES.finditer(value or ""):
            for match in _PAGE_RANGE.finditer(pages["ranges"]):
                if _runs_backwards(match[1], match[2]):
                    yield DocumentWarning(
                        "page_range",
                        f"The {field} gives an impossible range of pages, {match[0]}: {value}",
                    )
                    return


def _runs_backwards(first: str, last: str) -> bool:
    """ "161-3" means 161 to 163; "15-3" may be page 3 of chapter 15 and is accepted."""
    if len(last) < len(first):
        if len(first) < 3:
            return False
        last = first[: len(first) - len(last)] + last
    return int(last) < int(first)
