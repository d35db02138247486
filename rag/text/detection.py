"""The language and script of a text, and language codes.

The script tells English and Russian apart. Other languages are told by py3langid (naive Bayes over
letter groups, from the installed package), which is loaded at the first text that needs it, in half
a second and 80 MB.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

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
_THREE_LETTERS = {
    "rus": "ru", "eng": "en", "ger": "de", "deu": "de", "fre": "fr", "fra": "fr", "spa": "es",
    "ita": "it", "por": "pt", "dut": "nl", "nld": "nl", "pol": "pl", "cze": "cs", "ces": "cs",
    "ukr": "uk", "bel": "be", "bul": "bg", "srp": "sr", "dan": "da", "swe": "sv", "nor": "no",
    "fin": "fi", "hun": "hu", "rum": "ro", "ron": "ro", "tur": "tr", "lat": "la", "gre": "el",
    "ell": "el", "heb": "he", "ara": "ar", "yid": "yi", "est": "et", "lav": "lv", "lit": "lt",
}  # fmt: skip


UNKNOWN = ""
"""The language of a document whose file does not tell it, until it is detected."""

SURE = 0.7
"""The probability from which a text is in a language other than English and Russian.

Below it the script decides. Chosen on documents and questions in four languages, see
docs/evaluation.md."""

_ASKED_AT_ALL = """
ar be bg ca cs da de el en es et fa fi fr he hi hr hu id it ja ko la lt lv mk nb nl nn no pl pt ro
ru sk sl sr sv ta th tr uk vi zh
"""
_ASKED_IN = frozenset(_ASKED_AT_ALL.split())
"""Languages that a question may be in, whatever the archive holds."""

_MAX_LETTERS = 2000  # of a text; more make no difference
_WORD = re.compile(r"\w+")


def declared_language(tag: str | None, text: str) -> str:
    """The ISO 639-1 code of a BCP 47 tag ("ru-RU"); UNKNOWN where the tag has none or a language
    of another script than the text."""
    script = language_of(text)
    code = (tag or "").strip().lower().replace("_", "-").partition("-")[0]
    code = _THREE_LETTERS.get(code, code)
    fits = is_language(code) and (code in CYRILLIC) == (script == "ru")
    return code if fits else UNKNOWN


def language_of(text: str) -> str:
    """The language by script alone: `ru` if most letters of the text are Cyrillic, else `en`."""
    cyrillic = sum(map(len, _CYRILLIC.findall(text)))
    latin = sum(map(len, _LATIN.findall(text)))
    return "ru" if cyrillic > latin else "en"


def detected_language(text: str) -> str:
    """The ISO 639-1 code of a document's language; `language_of` where that is not sure."""
    return _likeliest(_shares(text[:_MAX_LETTERS]), text)


def question_language(text: str, languages: Collection[str]) -> str:
    """The ISO 639-1 code of a question's language, preferably English, Russian or one of
    `languages`, those of the archive.

    `language_of` where that is not sure. Names can make a short question look like another
    language, so the words in small letters must agree with the whole: each language counts with
    the geometric mean of its two probabilities.
    """
    plain, script = _without_names(text), language_of(text)
    if not plain:
        return script
    shares, others = _shares(text[:_MAX_LETTERS]), _shares(plain)
    for known in ({"en", "ru", *languages}, _ASKED_IN.union(languages)):
        whole, rest = _among(known, shares), _among(known, others)
        both = {code: (p * rest.get(code, 0.0)) ** 0.5 for code, p in whole.items()}
        if (found := _likeliest(both, text)) != script:
            return found
    return script


def _among(known: Collection[str], shares: Mapping[str, float]) -> dict[str, float]:
    """The probabilities where only `known` languages are possible."""
    total = sum(p for code, p in shares.items() if code in known) or 1.0
    return {code: p / total for code, p in shares.items() if code in known}


def _without_names(text: str) -> str:
    """The first word and all that begin with a small letter; "" where none does."""
    first, *others = _WORD.findall(text[:_MAX_LETTERS]) or [""]
    small = [word for word in others if not word[0].isupper()]
    return " ".join([first, *small]) if small else ""


def _likeliest(shares: Mapping[str, float], text: str) -> str:
    best = max(shares, key=lambda code: shares[code], default="en")
    sure = best not in ("en", "ru") and shares[best] >= SURE
    return best if sure else language_of(text)


def _shares(text: str) -> dict[str, float]:
    """Each language that has an ISO 639-1 code, with its probability."""
    return {code: float(p) for code, p in _identifier().rank(text) if is_language(code) and p > 0}


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


_CYRILLIC = re.compile("[\u0400-\u04ff]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u212a]+")  # the last is a Kelvin sign, k in lower case
