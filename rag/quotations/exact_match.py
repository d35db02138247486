"""Where the words of a quotation stand in one text, exactly or after normalization.

A place counts only if it begins and ends at the edges of words: "he came" does not stand in
"she came", nor "aggression" in "non-aggression", nor "500" in "1,500".

Not here: matches in which words differ (`rag.quotations.fuzzy_match`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.quotations.ellipses import Segment
from rag.text.normalization import QUOTES, Keyed, agree, is_letter, key

_WORD = re.compile(r"[^\W_]+")
_QUOTED = QUOTES + " \t\r\n\xa0"
_EDGE = 24  # characters compared beside the words
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_HYPHEN = "-‐¬\xad"
# Signs inside a word ("non-aggression", "Litvinov's", "anti-" at a line end) or number ("1,500").
_JOINT = re.compile(rf"(?:[{_HYPHEN}'’]|[{_HYPHEN}][ \t]*(?:\r\n|[\r\n])[ \t]*)\Z")
_ELLIPSIS_EDGE = re.compile(r"\A\W{0,3}(?:…|\.\.\.)|(?:…|\.\.\.)\W{0,3}\Z")
_NUMBER_JOINT = re.compile(r"[.,:/–]\Z")


@dataclass(frozen=True, slots=True)
class Place:
    """A span of a text where a quotation stands; `exact` if character for character."""

    start: int
    end: int
    exact: bool


def places(keyed: Keyed, segments: Sequence[Segment]) -> Iterator[Place]:
    """Spans where the segments follow each other, in order of their beginning; of those that end
    at the same place, the shortest."""
    if len(segments) == 1:
        yield from _find(keyed, segments[0])
        return
    chains = list(_find(keyed, segments[-1]))
    for segment, following in zip(segments[-2::-1], segments[:0:-1], strict=True):
        chains = _chain(keyed.text, list(_find(keyed, segment)), chains, following.gap)
    ends = [chain.end for chain in chains[1:]] + [-1]
    yield from (chain for chain, end in zip(chains, ends, strict=False) if chain.end != end)


def _chain(
    text: str, heads: Sequence[Place], tails: Sequence[Place], gap: int | None
) -> list[Place]:
    """Each head with the tail after it that ends first, `gap` words away at most."""
    starts = [tail.start for tail in tails]
    first_to_end = list(tails)  # of the tails from here on, the one that ends first
    for i in range(len(tails) - 2, -1, -1):
        if first_to_end[i + 1].end < first_to_end[i].end:
            first_to_end[i] = first_to_end[i + 1]
    chained = []
    for head in heads:
        i = bisect_left(starts, head.end)
        if i == len(tails):
            break
        tail: Place | None = first_to_end[i]
        if gap is not None:
            reachable = (t for t in tails[i : i + 50] if _gap(text, head.end, t.start) <= gap)
            tail = min(reachable, key=lambda t: t.end, default=None)
        if tail and not _has_own_sign(text[head.end : tail.start], gap is not None):
            chained.append(Place(head.start, tail.end, head.exact and tail.exact))
    return chained


def _has_own_sign(omitted: str, bracket: bool) -> bool:
    """Whether the omitted text has brackets, or words beside an ellipsis, itself. Then the sign
    in the quotation is the stored one, and was quoted wrongly."""
    if bracket:
        return "[" in omitted
    return bool(_WORD.search(omitted)) and _ELLIPSIS_EDGE.search(omitted) is not None


def _gap(text: str, start: int, end: int) -> int:
    """Words between two offsets; after 1,000 characters each character counts as one."""
    return len(_WORD.findall(text, start, min(end, start + 1000))) + max(0, end - start - 1000)


def _find(keyed: Keyed, segment: Segment) -> Iterator[Place]:
    """Places of one segment, in order."""
    wanted = key(segment.text)
    at = keyed.key.find(wanted)
    while at >= 0:
        place = _judge(keyed.text, *keyed.span(at, at + len(wanted)), segment)
        if place:
            yield place
        at = keyed.key.find(wanted, at + 1)


def _judge(text: str, start: int, end: int, segment: Segment) -> Place | None:
    """The place of the segment whose letters stand at [start:end], with its punctuation; None
    where more than typography differs or a word is cut."""
    raw, quoted = segment.text, segment.text.strip()
    own_before = segment.before if raw[:1] == quoted[:1] else None
    own_after = segment.after if raw[-1:] == quoted[-1:] else None
    if _cut_before(text, start, own_before) or _cut_after(text, end, own_after):
        return None
    first = next(i for i, c in enumerate(quoted) if c.isalnum())
    after = next(i for i in range(len(quoted), 0, -1) if is_letter(quoted[i - 1]))
    if not agree(quoted[first:after], text[start:end]):
        return None
    left = _beside(quoted[:first], text[max(0, start - _EDGE) : start], before=True)
    right = _beside(quoted[after:], text[end : end + _EDGE], before=False)
    if left is None or right is None:
        return None
    start, end = start - left, end + right
    before, behind = text[max(0, start - _EDGE) : start], text[end : end + _EDGE]
    if segment.before is not None and before.rstrip().endswith("]"):
        return None  # the stored text has a bracket there itself, and another one
    if segment.after is not None and behind.lstrip().startswith("["):
        return None
    if _cut_before(text, start, own_before) or _cut_after(text, end, own_after):
        return None
    own_left, own_right = _own(before, own_before), _own(behind, own_after, before=False)
    exact = text[start:end] == quoted and not own_left and not own_right
    return Place(start - len(own_left), end + len(own_right), exact)


def _beside(marks: str, stored: str, before: bool) -> int | None:
    """The number of stored characters beside the words that match the quotation's marks there,
    which may have quotation marks of their own around them; None where none match."""
    outer = marks.lstrip(_QUOTED) if before else marks.rstrip(_QUOTED)
    for wanted in dict.fromkeys((marks, outer, marks.strip(_QUOTED))):
        for length in range(len(stored) + 1):
            part = stored[len(stored) - length :] if before else stored[:length]
            if any(map(is_letter, part)):
                break
            if part == wanted or (len(part) >= len(wanted) > 0 and agree(wanted, part)):
                return length
    return None


def _cut_before(text: str, position: int, bracketed: str | None) -> bool:
    """Whether a word or number runs on across its beginning at `position`. It does not where the
    letters before it are those that the quoter put in brackets."""
    here, there = text[position : position + _EDGE], text[max(0, position - _EDGE) : position]
    return not _own(there, bracketed) and _joined(there, here)


def _cut_after(text: str, position: int, bracketed: str | None) -> bool:
    """The same for a word or number that ends at `position`."""
    here, there = text[max(0, position - _EDGE) : position], text[position : position + _EDGE]
    return not _own(there, bracketed, before=False) and _joined(here, there)


def _own(beside: str, bracketed: str | None, before: bool = True) -> str:
    """The letters next to the cut if they are those in the brackets, in any case."""
    letters = _letters(beside) if before else _letters(beside[::-1])[::-1]
    return letters if bracketed and letters.casefold() == bracketed.casefold() else ""


def _letters(text: str) -> str:
    """The letters at the end of the text."""
    at = len(text)
    while at and is_letter(text[at - 1]):
        at -= 1
    return text[at:]


def _joined(left: str, right: str) -> bool:
    """Whether a word or number runs on from one string into the other."""
    left, right = left.translate(_INVISIBLE), right.translate(_INVISIBLE)
    if not left or not right:
        return False
    if is_letter(left[-1]) and is_letter(right[0]):
        return True
    for joint in (_JOINT, _NUMBER_JOINT):
        # The joint may stand on either side of the cut.
        for head, tail in ((left, right), _move_marks(left, right)):
            match = joint.search(head)
            if match and match.start() and tail:
                sides = head[match.start() - 1], tail[0]
                if joint is _JOINT and all(map(is_letter, sides)):
                    return True
                if joint is _NUMBER_JOINT and all(side.isdigit() for side in sides):
                    return True
    return False


def _move_marks(left: str, right: str) -> tuple[str, str]:
    """The cut moved forward to the next letter."""
    at = 0
    while at < len(right) and not is_letter(right[at]):
        at += 1
    return left + right[:at], right[at:]
