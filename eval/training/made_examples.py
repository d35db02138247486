"""Examples for the reader that are made from those at hand.

Near misses are few, and what a reader must learn from them is small: one sentence is lacking, one
name is another. So some are made (as for other sets: Jia and Liang 2017, arXiv:1707.07328):

- the passage without the sentences that answer;
- the question with one of its names or numbers taken for another that its passage has.

Short questions are made too: they name a subject, and any sentence that mentions it answers.

Not here: examples from questions that people wrote (`reader_examples`).
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.text.sentences import sentences

SUBJECTS = 1200
"""Subjects asked about, each of a passage that mentions it and of one that does not."""

MAX_MENTIONS = 2
"""Sentences of a passage that mention a subject; one that is in more is not asked about."""

_STEM = 5
"""Letters by which a subject is known where it is inflected."""

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_AFTER_ABOUT = re.compile(r"(?<=\b[Оо] )[Ѐ-ӿ]{4,}|(?<=\b[Оо]б )[Ѐ-ӿ]{4,}")
_ASKED = ("{}", "{}?", "What is said about {}?", "Tell me about {}.", "What about {}?")
_ASKED_RUSSIAN = ("Что сказано о {}?", "Что говорится о {}?", "Что пишут о {}?", "О {}")

Offsets = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Example:
    """A question and a passage with its document's header.

    `evidence` are the sentences that answer, `answer` are the words asked for, both as offsets in
    the passage; None where they are not known.
    """

    question: str
    header: str
    passage: str
    answers: bool
    evidence: Offsets | None = None
    answer: Offsets | None = None


def without_evidence(given: Example) -> Example | None:
    """The passage without its evidence, which answers no more; None where nothing is left."""
    if given.evidence is None:
        return None
    start, end = given.evidence
    around = [s for s in sentences(given.passage) if s[0] < end and start < s[1]]
    if not around:
        return None
    before, after = given.passage[: around[0][0]], given.passage[around[-1][1] :]
    left = f"{before.rstrip()} {after.lstrip()}".strip()
    return replace(given, passage=left, answers=False, evidence=None, answer=None) if left else None


def swapped(given: Example, draw: random.Random) -> Example | None:
    """The question with a name or number for another of the passage, which it does not answer.

    None where question and passage have none that can change places.
    """
    answer = given.passage[slice(*given.answer)] if given.answer else ""
    there = [(given.passage[slice(*at)], _before(given.passage, at)) for at in _runs(given.passage)]
    pairs = [
        (at, other)
        for at in _runs(given.question)
        for other, before in there
        if _alike(given.question[slice(*at)], other) and before == _before(given.question, at)
        if given.question[slice(*at)][:_STEM] in given.passage
        if other not in given.question and other not in answer
    ]
    if not pairs:
        return None
    (start, end), other = draw.choice(pairs)
    question = f"{given.question[:start]}{other}{given.question[end:]}"
    return replace(given, question=question, answers=False, evidence=None, answer=None)


def _runs(text: str) -> list[Offsets]:
    """Numbers, and runs of words with a capital; none begins a sentence."""
    first = {start for start, _ in sentences(text)}
    runs: list[Offsets] = []
    for word in _WORD.finditer(text):
        own, start = word.group(), word.start()
        if own.isdigit():
            runs.append(word.span())
        elif own[0].isupper() and own[1:].islower() and start not in first:
            joined = runs and text[runs[-1][1] : start] == " " and not text[runs[-1][0]].isdigit()
            begin = runs.pop()[0] if joined else start
            runs.append((begin, word.end()))
    return runs


def _before(text: str, at: Offsets) -> str:
    """The word before an offset: two names after one preposition are mostly of one kind."""
    words = text[: at[0]].split()
    return words[-1].lower() if words else ""


def _alike(name: str, other: str) -> bool:
    """Whether one can stand for the other: two numbers of one length, or two names."""
    if name.isdigit() or other.isdigit():
        return name.isdigit() and other.isdigit() and len(name) == len(other) and name != other
    return name[:_STEM] != other[:_STEM]


def subject_questions(
    passages: Sequence[tuple[str, str]], count: int, draw: random.Random
) -> list[Example]:
    """Questions that only name a subject, over passages given as header and text.

    A subject is a run of names, or in Russian the word after «о»; of each, a passage that mentions
    it, and one of the same header that does not.
    """
    of_header = defaultdict(list)
    for header, text in passages:
        of_header[header].append(text)
    found: list[Example] = []
    for header, text in draw.sample(passages, len(passages)):
        if len(found) >= 2 * count:
            break
        subjects = [s for s in _subjects(text) if len(_mentions(s[0], text)) <= MAX_MENTIONS]
        if not subjects:
            continue
        subject, forms = draw.choice(subjects)
        question = draw.choice(forms).format(subject)
        first, last = _mentions(subject, text)[0]
        found.append(Example(question, header, text, True, (first, last)))
        others = [o for o in of_header[header] if subject[:_STEM].lower() not in o.lower()]
        if others:
            found.append(Example(question, header, draw.choice(others), False))
    return found


def _subjects(text: str) -> list[tuple[str, Sequence[str]]]:
    """The subjects of a text, each with the forms in which it can be asked about."""
    about = [(match.group(), _ASKED_RUSSIAN) for match in _AFTER_ABOUT.finditer(text)]
    runs = [text[start:end] for start, end in _runs(text)]
    names = dict.fromkeys(r for r in runs if len(r) >= _STEM and not r.isdigit())
    forms = {True: _ASKED, False: _ASKED[:2]}
    return about + [(name, forms[name.isascii()]) for name in names]


def _mentions(subject: str, text: str) -> list[Offsets]:
    stem = subject[:_STEM].lower()
    return [(start, end) for start, end in sentences(text) if stem in text[start:end].lower()]
