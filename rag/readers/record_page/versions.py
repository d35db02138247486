"""The language versions below the head of a record page: where each begins and ends.

The second version begins at its repeated title, else where the script changes for good, best
right after a source block. Its collection may stand above its title. A version ends with a rule
and nothing but sources below it, or with a source that closes the text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from rag.readers.record_page import lines as line_is
from rag.readers.record_page.head import Head
from rag.readers.record_page.lines import cyrillic_balance, plain
from rag.records import shelfmarks

_MAX_SOURCES = 12  # lines of a source block
_STRAY = (".", "..", "…")  # what some pages have between a signature and its source
_MAX_PLACES = 500  # repeated titles and rules that are looked at, so that a page takes linear time


@dataclass(frozen=True, slots=True)
class Half:
    """One language version as it stands on the page; `ordinal` counts from 1."""

    ordinal: int
    title: str
    collection: str | None
    text: str
    sources: tuple[str, ...]
    marks: tuple[str, ...]


def halves(lines: Sequence[str], head: Head) -> list[Half]:
    """The one or two versions in the lines below the head."""
    page = _Page(lines, head)
    end = page.trimmed(len(lines))
    first = page.heading(0, end)
    cut = page.second(first, end)
    if cut is None:
        return [page.half(1, first, end)]
    return [page.half(1, first, cut), page.half(2, page.heading(cut, end), end)]


@dataclass(frozen=True, slots=True)
class _Heading:
    title: str
    collection: str | None
    below: int


class _Page:
    """The lines with what the head says about them."""

    def __init__(self, lines: Sequence[str], head: Head) -> None:
        self.lines = lines
        self.head = head
        self.titles = {plain(title): title for title in head.titles}
        counts = [cyrillic_balance(line) if line else (0, 0) for line in lines]
        self._filled = [n for n, line in enumerate(lines) if line.strip()]
        self._latin = [0, *accumulate(latin for latin, _ in counts)]
        self._cyrillic = [0, *accumulate(cyrillic for _, cyrillic in counts)]

    def trimmed(self, end: int, start: int = 0) -> int:
        """`end` moved up over empty lines, navigation and a closing rule."""
        while end > start:
            line = self.lines[end - 1]
            apart = end - 1 == start or not self.lines[end - 2].strip()
            link = line_is.is_navigation(line) and (
                line_is.has_arrow(line) or apart or self._is_furniture(end - 2)
            )
            if line.strip() and not link and not line_is.is_rule(line):
                break
            end -= 1
        return end

    def _is_furniture(self, n: int) -> bool:
        line = self.lines[n]
        return line_is.is_navigation(line) or line_is.is_rule(line) or line_is.is_source(line)

    def heading(self, start: int, end: int) -> _Heading:
        """Title and collection at the top of a version, in either order, both optional."""
        n = self._next(start, end)
        while n < end and (line_is.is_navigation(self.lines[n]) or line_is.is_rule(self.lines[n])):
            n = self._next(n + 1, end)
        if n >= end:
            return _Heading("", None, end)
        line = self.lines[n]
        if title := self.titles.get(plain(line)):
            return self._below_title(title, None, n, end)
        after = self._next(n + 1, end)
        if after < end and (title := self.titles.get(plain(self.lines[after]))):
            firm = after == n + 1 or len(line) <= 60
            if line_is.names_collection(line, self.head.slugs, firm):
                return self._below_title(title, shelfmarks.strip_label(line), after, end)
        if line_is.names_collection(line, self.head.slugs, firm=False):
            return _Heading("", shelfmarks.strip_label(line), after)
        return _Heading("", None, n)

    def _below_title(self, title: str, collection: str | None, n: int, end: int) -> _Heading:
        after = self._next(n + 1, end)
        if collection is None and after < end and line_is.is_labelled(self.lines[after]):
            line = self.lines[after]
            if line_is.names_collection(line, self.head.slugs, firm=after == n + 1):
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

    def _is_rule(self, n: int) -> bool:
        return line_is.is_rule(self.lines[n])

    def is_cyrillic(self, start: int, end: int) -> bool | None:
        """The script of most letters in these lines, None where there are none."""
        latin = self._latin[end] - self._latin[start]
        cyrillic = self._cyrillic[end] - self._cyrillic[start]
        return None if latin == cyrillic == 0 else cyrillic > latin

    def second(self, first: _Heading, end: int) -> int | None:
        """Where the heading of the second version begins, or None."""
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
        apart = above > start and own_script and (other or after_block)
        return above if apart and line_is.names_collection(line, self.head.slugs, firm) else n

    def _closes(self, n: int, start: int) -> bool:
        """Does a source stand right above line `n`?"""
        n -= 1
        while n > start and not self.lines[n].strip():
            n -= 1
        return n > start and line_is.is_source(self.lines[n])

    def _after_block(self, script: bool, start: int, end: int) -> int | None:
        """The line below the last source block that is followed by the other script alone."""
        rules = (n for n in reversed(self._between(start + 1, end)) if self._is_rule(n))
        for n in islice(rules, _MAX_PLACES):
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
        named = line_is.names_collection(line, self.head.slugs, firm=False)
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
            line = self.lines[n]
            firm = line_is.is_labelled(line) or line_is.is_mark(line)
            if not (line_is.is_source(line) or line_is.is_reference(line)) or (
                not firm and n > last and self.is_cyrillic(n, n + 1) != script
            ):
                break
            last = n + 1
        return last

    def _opens_block(self, n: int, end: int) -> bool:
        """Is line `n`, right below a rule, a source, by itself or by the shelf-mark below it?"""
        opening, below = self.lines[n], self.lines[n + 1] if n + 1 < end else ""
        if any(test(opening) for test in (line_is.is_source, line_is.is_reference)):
            return True
        marked = line_is.is_mark(below) or line_is.is_reference(below)
        return line_is.ends_in_years(opening) or (len(opening) <= 300 and marked)

    def half(self, ordinal: int, heading: _Heading, end: int) -> Half:
        """The version between its heading and `end`."""
        start, end = heading.below, self.trimmed(end, heading.below)
        body_end, sources = self._ending(start, end)
        pairs = [line_is.parts(line) for line in sources]
        text = "\n".join(self.lines[start:body_end]).strip()
        return Half(
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

    def _ending(self, start: int, end: int) -> tuple[int, list[str]]:
        """Where the body ends, and the source lines below it."""
        for n in reversed(self._between(start, end)):
            if self._is_rule(n):
                if self._block(n, end) == end:
                    return n, [line for line in self.lines[n + 1 : end] if line.strip()]
                break
        n = end
        found: list[str] = []
        while n > start + 1 and len(found) < _MAX_SOURCES:
            line = self.lines[n - 1]
            last = not any(line_is.parts(below)[0] for below in found)
            mark = line_is.is_mark(line)
            stray = n > start + 1 and self.lines[n - 2].strip() in _STRAY
            source = line_is.is_bibliographic(line_is.parts(line)[0]) or (
                last and (line_is.is_source(line) or (stray and line_is.ends_in_years(line)))
            )
            if line.strip() and not mark and not source:
                break
            if line.strip():
                found.insert(0, line)
            n -= 1
        while found and n > start and not any(c.isalnum() for c in self.lines[n - 1]):
            n -= 1
        return (n, found) if found else (end, [])
