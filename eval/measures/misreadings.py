"""Texts misread as text recognition misreads them: look-alike letters, spaces lost and put in.

The tables have pairs that are told apart with difficulty in print. A letter without a look-alike is
lost or becomes another of its alphabet. Not here: what is measured on such texts (`probes.noise`),
quotations copied with errors of other kinds (`distortions`).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

_LATIN = """
a:o,u b:h,6 c:e,o d:cl,a e:c,o f:t g:q,9 h:b,li i:l,1,j j:i k:lc l:1,i,I m:rn,in n:u,ri,r o:0,c,e
p:n q:g r:n,i,v s:5,a,e t:f,l,i u:n,ii,a v:y,u w:vv,v y:v,g z:2
A:4,R B:8,R C:G,O D:O,0 E:F,B F:P,E G:C,6 H:N,II I:l,1 L:I,1 M:N,IVI N:M,H O:0,Q P:F,R R:P,K S:5,8
T:I,7 U:V,O V:Y,U W:VV Y:V Z:2
"""

_CYRILLIC = """
а:о,з б:6,о в:з,н г:т,r д:л,а е:с,о ж:к,м з:э,3 и:п,н,ц й:и к:н,х л:п,д м:н,ы н:и,п,к о:с,е,0
п:и,н,л р:о,п с:е,о т:г,ш,п у:ч,у. ф:о х:к,ж ц:п,и ч:у,ц ш:щ,т,и щ:ш,ц ъ:ь,т ы:ьт,н ь:ъ,в э:з,а
ю:го,о я:л,а А:Л,Д Б:Е,6 В:Б,8 Г:Т,I Д:Л,А Е:Б,В З:3,Э И:Н,П К:Н,Х Л:П,А М:Н,И Н:И,П О:0,С П:Н,Л
Р:Г,Ф С:О,Е Т:Г,Ш У:Ч Х:К Ч:У Ш:Щ,П Щ:Ш Э:З Я:Н
"""

_TABLES: Mapping[str, tuple[str, ...]] = {
    letter: tuple(others.split(","))
    for letter, _, others in (entry.partition(":") for entry in f"{_LATIN} {_CYRILLIC}".split())
}
_PAIRS = {"rn": "m", "cl": "d", "vv": "w", "ri": "n", "li": "h", "ьт": "ы", "го": "ю"}
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя")

_JOINED, _ODD, _PUT_IN = 0.2, 0.2, 0.05
"""Of the errors' rate: spaces lost; of the errors: letters without look-alikes, spaces put in."""


@dataclass(frozen=True, slots=True)
class Misread:
    """A misread text; `places[i]` is the offset in it of what was character i, the last its end."""

    text: str
    places: tuple[int, ...]


def misread(text: str, rate: float, draw: random.Random) -> Misread:
    """The text with the share `rate` of its letters misread, chosen by `draw`; 0 changes nothing.

    A fifth of the errors are no look-alikes, one in twenty is a space put in. Of the spaces between
    words a fifth of `rate` is lost.
    """
    out: list[str] = []
    places: list[int] = []
    at = length = 0
    while at < len(text):
        taken, read = _next(text, at, rate, draw)
        places += [length] * taken
        at, length = at + taken, length + len(read)
        out.append(read)
    return Misread("".join(out), (*places, length))


def _next(text: str, at: int, rate: float, draw: random.Random) -> tuple[int, str]:
    """How many characters are read at `at`, and as what."""
    letter = text[at]
    if letter == " " and draw.random() < rate * _JOINED:
        return 1, ""
    if not letter.isalpha() or draw.random() >= rate:
        return 1, letter
    if (pair := text[at : at + 2]) in _PAIRS:
        return 2, _PAIRS[pair]
    return 1, _misread(letter, draw)


def _misread(letter: str, draw: random.Random) -> str:
    fate = draw.random()
    if fate < _PUT_IN:
        return f"{letter} "
    if fate >= _ODD and (alike := _TABLES.get(letter)):
        return draw.choice(alike)
    alphabet = _ALPHABETS["а" <= letter.lower() <= "ё"]
    other = draw.choice([a for a in alphabet if a != letter.lower()])
    return draw.choice(("", other.upper() if letter.isupper() else other))
