"""The language versions below the head of a record page: where each begins and ends.

The second version begins at its repeated title, else where the script changes for good, best
right after a source block. Its collection may stand above its title. A version ends with a rule
and only sources below it, or with a source that closes the text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from rag.readers.record_page.head import Head
from rag.readers.record_page.lines import (
    LineKind,
    classify,
    cyrillic_balance,
    is_rule,
    names_collection,
    parts,
    plain,
)
from rag.records import shelfmarks

_MAX_SOURCES = 12  # lines of a source block
_STRAY = (".", "..", "…")  # what some pages have between a signature and its source
_MAX_PLACES = 500  # repeated titles and rules that are looked at, so that a page takes linear time
_MAX_UNLABELLED = 300  # characters of a source that only the shelf-mark below it shows as one
_FURNITURE = LineKind.NAVIGATION | LineKind.RULE | LineKind.SOURCE


@dataclass(frozen=True, slots=True)
class LanguageVersion:
    """One language version as it stands on the page; `ordinal` counts from 1."""

    ordinal: int
    title: str
    collection: str | None
    text: str
    sources: tuple[str, ...]
    marks: tuple[str, ...]


def language_versions(lines: Sequence[str], head: Head) -> list[LanguageVersion]:
    """The one or two versions in the lines below the head."""
    page = _Page(lines, head)
    end = page.trimmed(len(lines))
    first = page.heading(0, end)
    cut = page.second_begin(first, end)
    if cut is None:
        return [page.version(1, first, end)]
    return [page.version(1, first, cut), page.version(2, page.heading(cut, end), end)]


@dataclass(frozen=True, slots=True)
class _Heading:
    title: str
    collection: str | None
    below: int


class _Page:
    """The lines below a head, each classified once, when it is first looked at."""

    def __init__(self, lines: Sequence[str], head: Head) -> None:
        self.lines = lines
        self.head = head
        self.titles = {plain(title): title for title in head.titles}
        counts = [cyrillic_balance(line) if line else (0, 0) for line in lines]
        self._kinds: dict[int, LineKind] = {}
        self._filled = [n for n, line in enumerate(lines) if line.strip()]
        self._rules = [n for n in self._filled if is_rule(lines[n])]
        self._latin = [0, *accumulate(latin for latin, _ in counts)]
        self._cyrillic = [0, *accumulate(cyrillic for _, cyrillic in counts)]

    def _is(self, n: int, kind: LineKind) -> bool:
        """Is line `n` of this kind, or of one of these kinds?"""
        if n not in self._kinds:
            self._kinds[n] = classify(self.lines[n])
        return bool(self._kinds[n] & kind)

    def trimmed(self, end: int, start: int = 0) -> int:
        """`end` moved up over empty lines, navigation and a closing rule."""
        while end > start:
            last = end - 1
            if self.lines[last].strip() and not self._is(last, LineKind.RULE):
                below_empty = last == start or not self.lines[last - 1].strip()
                link = self._is(last, LineKind.NAVIGATION) and (
                    self._is(last, LineKind.ARROW) or below_empty or self._is(last - 1, _FURNITURE)
                )
                if not link:
                    break
            end = last
        return end

    def heading(self, start: int, end: int) -> _Heading:
        """Title and collection at the top of a version, in either order, both optional."""
        n = self._next(start, end)
        while n < end and self._is(n, LineKind.NAVIGATION | LineKind.RULE):
            n = self._next(n + 1, end)
        if n >= end:
            return _Heading("", None, end)
        line = self.lines[n]
        if title := self.titles.get(plain(line)):
            return self._below_title(title, None, n, end)
        after = self._next(n + 1, end)
        if after < end and (title := self.titles.get(plain(self.lines[after]))):
            firm = after == n + 1 or len(line) <= 60
            if names_collection(line, self.head.slugs, firm):
                return self._below_title(title, shelfmarks.strip_label(line), after, end)
        if names_collection(line, self.head.slugs, firm=False):
            return _Heading("", shelfmarks.strip_label(line), after)
        return _Heading("", None, n)

    def _below_title(self, title: str, collection: str | None, n: int, end: int) -> _Heading:
        after = self._next(n + 1, end)
        if collection is None and after < end and self._is(after, LineKind.LABELLED):
            line = self.lines[after]
            if names_collection(line, self.head.slugs, firm=after == n + 1):
                return _Heading(title, shelfmarks.strip_label(line), after + 1)
        return _Heading(title, collection, after)

    def _next(self, n: int, end: int) -> int:
        """The first line from `n` on that is not empty."""
        while n < end and not self.lines[n].strip():
            n += 1
        return n

    def _between(self, start: int, end: int) -> list[int]:
        """The lines from `start` on and before `end` that are not empty."""
        return self._filled[bisect_left(self._filled, start) : bisect_left(self._filled, end)]

    def _rules_between(self, start: int, end: int) -> list[int]:
        """The rules from `start` on and before `end`."""
        return self._rules[bisect_left(self._rules, start) : bisect_left(self._rules, end)]

    def is_cyrillic(self, start: int, end: int) -> bool | None:
        """The script of most letters in these lines, None where there are none."""
        latin = self._latin[end] - self._latin[start]
        cyrillic = self._cyrillic[end] - self._cyrillic[start]
        return None if latin == cyrillic == 0 else cyrillic > latin

    def second_begin(self, first: _Heading, end: int) -> int | None:
        """The line where the heading of the second version begins, or None."""
        start = first.below
        by_title = self._second_title(first, start, end)
        if by_title is not None:
            return by_title
        titles = {cyrillic_balance(title)[1] > 0 for title in self.head.titles}
        if len(titles | {code == "ru" for code in self.head.pairs}) < 2:
            return None
        script = self._first_script(first, start, end)
        return self._after_block(script, start, end) or self._change(script, start, end)

    def _first_script(self, first: _Heading, start: int, end: int) -> bool:
        if first.title:
            return cyrillic_balance(first.title)[1] > cyrillic_balance(first.title)[0]
        n = start
        while n < end and self.is_cyrillic(start, n + 1) is None:
            n += 1
        return bool(self.is_cyrillic(start, min(n + 1, end)))

    def _second_title(self, first: _Heading, start: int, end: int) -> int | None:
        """Where a title of the other version stands again, best right below a source."""
        own = plain(first.title)
        likely, places = None, 0
        longest = 2 * max(map(len, self.head.titles), default=0)
        for n in self._between(start + 1, end):
            found = plain(self.lines[n]) if len(self.lines[n]) <= longest else ""
            if found not in self.titles or found == own:
                continue
            places += 1
            if places > _MAX_PLACES:
                break
            mine = cyrillic_balance(self.lines[n])
            begin = self._with_collection(n, mine[1] > mine[0], start)
            if self._closes(begin, start):
                return begin
            below = self._next(n + 1, end)
            script = self.is_cyrillic(below, below + 1) if below < end else None
            if likely is None and script in (None, mine[1] > mine[0]):
                likely = begin  # a title that the first version mentions is followed by its own
        return likely

    def _with_collection(self, n: int, script: bool, start: int) -> int:
        """The line of the collection above a title, else the title's own."""
        above = n - 1
        while above > start and not self.lines[above].strip():
            above -= 1
        line = self.lines[above]
        own_script = self.is_cyrillic(above, above + 1) == script
        after_block = self._closes(above, start)
        firm = above == n - 1 or after_block
        other = self.is_cyrillic(start, above) != script
        separate = above > start and own_script and (other or after_block)
        return above if separate and names_collection(line, self.head.slugs, firm) else n

    def _closes(self, n: int, start: int) -> bool:
        """Does a source stand right above line `n`?"""
        n -= 1
        while n > start and not self.lines[n].strip():
            n -= 1
        return n > start and self._is(n, LineKind.SOURCE)

    def _after_block(self, script: bool, start: int, end: int) -> int | None:
        """The line below the last source block that is followed by the other script alone."""
        for n in islice(reversed(self._rules_between(start + 1, end)), _MAX_PLACES):
            block = self._block(n, end)
            if block is None or block == end or self.is_cyrillic(block, end) is script:
                continue
            if self.is_cyrillic(start, n) is script:
                return block
        return None

    def _change(self, script: bool, start: int, end: int) -> int | None:
        """Where the script changes for good: the fewest letters on the wrong side."""
        own, other = (self._cyrillic, self._latin) if script else (self._latin, self._cyrillic)
        best = min(
            self._between(start + 1, end), default=None,
            key=lambda n: (other[n] - other[start] + own[end] - own[n], -n),
        )  # fmt: skip
        if best is None:
            return None
        wrong_above, wrong_below = other[best] - other[start], own[end] - own[best]
        right_above, right_below = own[best] - own[start], other[end] - other[best]
        line = self.lines[best]
        named = names_collection(line, self.head.slugs, firm=False)
        if min(right_above, right_below) < (4 if named or self._closes(best, start) else 20):
            return None
        pure = 3 * wrong_above < right_above and 3 * wrong_below < right_below
        return best if pure else None

    def _block(self, rule: int, end: int) -> int | None:
        """The line after the source block that a rule opens, None where it opens none."""
        n = self._next(rule + 1, end)
        if n >= end or not self._opens_block(n, end):
            return None
        script = self.is_cyrillic(n, n + 1)
        last = n + 1
        for _ in range(_MAX_SOURCES):
            n = self._next(last, end)
            if n >= end:
                break
            firm = self._is(n, LineKind.LABELLED | LineKind.SHELF_MARK)
            if not self._is(n, LineKind.SOURCE | LineKind.REFERENCE) or (
                not firm and n > last and self.is_cyrillic(n, n + 1) != script
            ):
                break
            last = n + 1
        return last

    def _opens_block(self, n: int, end: int) -> bool:
        """Is line `n`, right below a rule, a source, by itself or by the shelf-mark below it?"""
        if self._is(n, LineKind.SOURCE | LineKind.REFERENCE | LineKind.ENDS_IN_YEARS):
            return True
        if n + 1 >= end or len(self.lines[n]) > _MAX_UNLABELLED:
            return False
        return self._is(n + 1, LineKind.SHELF_MARK | LineKind.REFERENCE)

    def version(self, ordinal: int, heading: _Heading, end: int) -> LanguageVersion:
        """The version between its heading and `end`."""
        start, end = heading.below, self.trimmed(end, heading.below)
        body_end, pairs = self._ending(start, end)
        text = "\n".join(self.lines[start:body_end]).strip()
        return LanguageVersion(
            ordinal,
            heading.title or self._title(text),
            heading.collection,
            text,
            tuple(source for source, _ in pairs if source),
            tuple(mark for _, mark in pairs if mark),
        )

    def _title(self, text: str) -> str:
        """The title in the head in the script of the text."""
        latin, cyrillic = cyrillic_balance(text)
        own = [
            title
            for title in self.head.titles
            if (cyrillic_balance(title)[1] > cyrillic_balance(title)[0]) == (cyrillic > latin)
        ]
        return own[-1] if own else ""

    def _ending(self, start: int, end: int) -> tuple[int, list[tuple[str, str]]]:
        """Where the body ends, and (source, shelf-mark) of each source line below it."""
        rules = self._rules_between(start, end)
        if rules and self._block(rules[-1], end) == end:
            below = self._between(rules[-1] + 1, end)
            return rules[-1], [parts(self.lines[n]) for n in below]
        n = end
        found: list[tuple[str, str]] = []
        while n > start + 1 and len(found) < _MAX_SOURCES:
            if self.lines[n - 1].strip():
                if not self._ends_text(n - 1, start, published=any(source for source, _ in found)):
                    break
                found.insert(0, parts(self.lines[n - 1]))
            n -= 1
        while found and n > start and not any(c.isalnum() for c in self.lines[n - 1]):
            n -= 1
        return (n, found) if found else (end, [])

    def _ends_text(self, n: int, start: int, published: bool) -> bool:
        """Is line `n` a source too? `published`: a published source stands below it already."""
        if self._is(n, LineKind.SHELF_MARK | LineKind.BIBLIOGRAPHIC):
            return True
        stray = n > start and self.lines[n - 1].strip() in _STRAY
        kinds = LineKind.SOURCE | (LineKind.ENDS_IN_YEARS if stray else LineKind.TEXT)
        return not published and self._is(n, kinds)
