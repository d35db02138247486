"""Sentences of a text, as exact spans.

Rules, no model: a stop ends a sentence unless it belongs to an abbreviation, an initial, a number
or an ellipsis inside a sentence, or a small letter follows. In doubt it does not cut: two
sentences in one span quote more than necessary, half a sentence quotes what nobody wrote. The
rules for all languages apply together: those of English and Russian, and the abbreviations of some
others (`abbreviations`). Scripts without capitals are cut at their own stops.
"""

from __future__ import annotations

import re

from rag.text.abbreviations import COUNTED_BY_ORDINAL, NEVER_END, NUMBERED, ORDINAL
from rag.text.languages import LANGUAGES, union
from rag.text.layout import OPENERS, starts_sentence, units

_STOP = re.compile(r"[.!?…。！？।]+[\"'”’»“)\]]*(?:\s?\[\d{1,3}\])*")
_OPENING_WORD = re.compile(r"[^\W\d_]+(?=[\s,’'])")
_LAST_WORD = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*\Z")
_COUNTED = re.compile(r"[\dIVXХ]\s?\Z")  # "1931 г.", "XIX в."
_ROMAN = re.compile(r"[IVXLC]{1,6}")
# "Ф. 74. Оп. 2.", "pp. 3. Vol. 2": a numbered part after a stop belongs to the reference.
_SHELFMARK_PART = re.compile(r"(?:Ф|Оп|Д|Л|С|Т|Кн|Вып|F|Op|D|L|P|Pp|Vol|No)\.\s?\d")
_OLD_MONEY = frozenset(("l", "s", "d"))  # pounds, shillings, pence
_UNSPACED_STOPS = "。！？"
_REACH = 40  # characters considered on either side of a stop

_NEVER_END = union(lambda language: language.sentences.never_end) | NEVER_END
_NUMBERED = union(lambda language: language.sentences.numbered) | NUMBERED
_END_BEFORE_CAPITAL = union(lambda language: language.sentences.end_before_capital)
_MAY_END = union(lambda language: language.sentences.may_end)
_OPENERS = union(lambda language: language.sentences.openers)
_ONE_LETTER_WORDS = "".join(language.sentences.one_letter_words for language in LANGUAGES)


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans (start, end) of the sentences in order, without white space at their edges.

    They do not overlap and cover every character that is not white space. A blank line ends a
    sentence; so does the end of a heading, a salutation or a signature; the end of a printed line
    in hard-wrapped prose does not. Linear in the length of the text.
    """
    spans: list[tuple[int, int]] = []
    for start, end in units(text):
        for match in _STOP.finditer(text, start, end):
            following = match.end()
            while following < end and text[following].isspace():
                following += 1
            if following < end and _ends_sentence(text, start, match, following, end):
                spans.append((start, match.end()))
                start = following
        spans.append((start, end))
    return spans


def _ends_sentence(text: str, start: int, match: re.Match[str], following: int, end: int) -> bool:
    """Whether the stop `match`, in a sentence begun at `start`, ends it before `following`."""
    spaced = following > match.end()
    if not spaced:
        return text[match.start()] in _UNSPACED_STOPS
    if not starts_sentence(text, following, end) or _SHELFMARK_PART.match(text, following):
        return False
    if text.startswith(".", following):
        return False  # ". . ."
    before = text[max(start, match.start() - _REACH) : match.start()]
    if not before.strip(OPENERS + " "):
        return False  # "... he said": only the stop so far
    if before[-1] in "([" and match.group()[-1] in ")]":
        return False  # "(!)", "[...]" inside a sentence
    return match.group()[:2].rstrip("\"'”’»“)]") != "." or _full_stop_ends(
        text, match.start() - start, following, before
    )


def _full_stop_ends(text: str, length: int, following: int, before: str) -> bool:
    """Whether a single full stop, `length` characters into its sentence and after the words
    `before`, ends it. The next word, at `following`, can begin a sentence."""
    last = _last_word(before)
    if length <= 5 and before.strip(OPENERS + "\\").isalnum():
        listed = len(last) <= 1 or _ROMAN.fullmatch(last)
        if listed:
            return False  # "1. The", "II. The", "A. The": the mark of a list, or an initial
    if not last:
        return not (ORDINAL.search(before) and COUNTED_BY_ORDINAL.match(text, following))
    word, lead = last, before[: -len(last)]
    lower = word.lower()
    if lower in _OLD_MONEY and lead[-1:].isdigit() and text[following].isdigit():
        return False  # "£28 8s. 8d."
    if lower in _NEVER_END or (lower in _NUMBERED and text[following].isdigit()):
        return False
    if lead.rstrip().endswith("т.") and lower in ("е", "д", "п"):
        return lower != "е"
    if (word if len(word) == 1 else lower) in _END_BEFORE_CAPITAL:
        return True  # "5 м." and not "М. Горький"
    if lower in ("г", "р", "в") and not _COUNTED.search(lead):
        return False
    if _is_initial(word, lead[-1:]) or word in _MAY_END:
        opening = _OPENING_WORD.match(text, _word_start(text, following))
        return opening is not None and opening.group() in _OPENERS
    return True


def _last_word(before: str) -> str:
    """The word that ends `before`, "" where none does."""
    if before[-1].isalpha() and before[-2:-1].isspace():
        return before[-1]  # an initial: some texts have mostly these
    found = _LAST_WORD.search(before)
    return found.group() if found else ""


def _is_initial(word: str, previous: str) -> bool:
    """Whether the word, after the character `previous`, is initials or a one-letter abbreviation:
    "K", "A.C.V", "U.S", "с"; not "2G", "°C", "1990-е", "я"."""
    if "." in word:
        return all(len(part) <= 2 for part in word.split(".")[-2:])
    if len(word) > 1:
        return False
    if word.isupper():
        return not (previous.isdigit() or previous == "°")
    return previous.isspace() and word not in _ONE_LETTER_WORDS


def _word_start(text: str, position: int) -> int:
    """Where the next word begins, after white space and opening quotation marks and brackets."""
    limit = min(len(text), position + _REACH)
    while position < limit and (text[position].isspace() or text[position] in OPENERS):
        position += 1
    return position
