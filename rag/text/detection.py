"""The language and script of a text, and language codes."""

from __future__ import annotations

import re

_CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de
dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id
ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu
lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu
rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr
ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
_ISO_639_1 = frozenset(_CODES.split())
_IS_CYRILLIC = re.compile("[а-яѐ-џѣіѳѵ]", re.I)


def is_cyrillic(text: str) -> bool:
    """Whether any letter of the text is Cyrillic."""
    return _IS_CYRILLIC.search(text) is not None


def is_language(code: str) -> bool:
    """Whether this is an ISO 639-1 code, in lower case."""
    return code in _ISO_639_1


CYRILLIC = frozenset(
    {"ba", "be", "bg", "cv", "kk", "ky", "mk", "mn", "os", "ru", "sr", "tg", "tt", "uk"}
)
"""Languages written in Cyrillic."""
_THREE_LETTERS = {"rus": "ru", "eng": "en", "ger": "de", "deu": "de", "fre": "fr", "fra": "fr"}


def declared_language(tag: str | None, text: str) -> str:
    """The ISO 639-1 code of a BCP 47 tag ("ru-RU"); that of the text's script where the tag has
    none or a language of the other script."""
    script = language_of(text)
    code = (tag or "").strip().lower().replace("_", "-").partition("-")[0]
    code = _THREE_LETTERS.get(code, code)
    fits = is_language(code) and (code in CYRILLIC) == (script == "ru")
    return code if fits else script


def language_of(text: str) -> str:
    """The language by script alone: `ru` if most letters of the text are Cyrillic, else `en`."""
    cyrillic = sum(map(len, _CYRILLIC.findall(text)))
    latin = sum(map(len, _LATIN.findall(text)))
    return "ru" if cyrillic > latin else "en"


_CYRILLIC = re.compile("[\u0400-\u04ff]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u212a]+")  # the last is a Kelvin sign, k in lower case
