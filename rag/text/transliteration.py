"""Cyrillic words in Latin letters."""

from __future__ import annotations

import unicodedata

_CYRILLIC_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяѣіѳѵґєїјљњћђџў"
_THEIR_SPELLING = (
    "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya"
    " e i f i g ye yi j l n c d dz u"
)
_CYRILLIC_SPELLING = dict(zip(_CYRILLIC_LETTERS, _THEIR_SPELLING.split(" "), strict=True))
_LATIN_SPELLING = {"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th"}
_SPELLING = {ord(k): v for k, v in (_CYRILLIC_SPELLING | _LATIN_SPELLING).items()}


def transliterate(text: str) -> str:
    """Lower-case ASCII: Cyrillic by sound, other Latin letters without their marks.

    What has no ASCII form is dropped.
    """
    letters = unicodedata.normalize("NFC", text).lower().translate(_SPELLING)
    plain = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode("ascii")
    return plain.lower()  # letters without a small form, such as a mathematical A, become plain
