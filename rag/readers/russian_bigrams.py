"""How likely a text is Russian: a bigram model of letters, with upper and lower case.

It distinguishes the eight-bit encodings of Russian; it does not identify languages. A score is
the natural logarithm of a likelihood, so that differences add up with length.
"""

from __future__ import annotations

import re
from collections import Counter

_ALPHABET = "_абвгдежзийклмнопрстуфхцчшщъыьэюя"
# How unlikely each letter is after another ("_": the edge of a word), -2 ln p in base 36.
# Counted over a million pairs in the Russian sentences of MLQE-PE and TICO-19, both CC0.
_AFTER = (
    "q875869a75h6865646567a9b7agqlq8ea",  # _
    "3f7698797a96564g8665cc8889appph88",  # а
    "76ebff4fd6mb5d73g59f5m9ied684ccc9",  # б
    "34icfc5ob5o97b74c86a8ifeeaff5bio9",  # в
    "65dde76ll4la6d82l5dc6lilclllgldil",  # г
    "74f8da3ab4na6b64a67a6idcecng89hg9",  # д
    "3c9786898c77564a9555fdab9aapppgdd",  # е
    "959be42dk3k9ef49kfch7hkgakkkgbdhk",  # ж
    "5296a68cf6m99655f7ff7mgcfjmf7bmf9",  # з
    "39a7a86b77776659a665ec787bdpppj96",  # и
    "0ggee9eldilacb7agf56ldgb99llhllli",  # й
    "43g9fh88f4ne7gb2f6866ni8khnnhninn",  # к
    "64fgcd4ai3na9e94ge9e7fjndhkn94j75",  # л
    "35behf4ij4nba9748eah6ekgeiin6bej9",  # м
    "74fca84he3o9ej64he8789fadiek58od8",  # н
    "4f6566888a78566a8555fcab9acppmeda",  # о
    "a5hihh5ig6nc7i9292c87fjafinn8cnkb",  # п
    "73ba9a49f4o9d983bc985dbeebio7aid8",  # р
    "57c7fb6hj6o5698569738ebfaaig97je6",  # с
    "44e6hc4lj5o9cc73d57e7fhgdlgi75gea",  # т
    "397975879cb7778f7655hf8e588mmmf6d",  # у
    "75cidi3ii3ie8dd3f69976fiieiicfdif",  # ф
    "16h8liali7ll9d83l69b8lfigllilggll",  # х
    "65echg3kc1k9hfd9hbbk8kkekhkk7hkhh",  # ц
    "93lgll2cl4l8ce5chag47lfli9lll9lhl",  # ч
    "84kbkk2kh3k46d67bbe67kkdkkkkg6ehk",  # ш
    "c4jgjj2jj2jjjj9gjfjj7jjjjjjjj8jjj",  # щ
    "aeeeee2eeeeeeeeeeeeeeeeeeeeeeeeb1",  # ъ
    "2ma6ca4d9f5a559ma976fm4j97gmmmmja",  # ы
    "1l9dad7l7al6h84gdj58ldhbd7hljll78",  # ь
    "9ib8cdeiaf957a7f58a1i59didiiiifid",  # э
    "2f7fe5eaakecabakk983khb96c4kkkkch",  # ю
    "1mb7c9897cca877mda95ji8abd8mmmm8c",  # я
)  # fmt: skip
_PAIR = {
    first + second: -int(value, 36) / 2
    for first, row in zip(_ALPHABET, _AFTER, strict=True)
    for second, value in zip(_ALPHABET, row, strict=True)
}
_UNKNOWN_PAIR = -9.0  # with a letter that Russian does not have
_FOREIGN = -12.0  # a character that no Russian text has
_MARK = -4.0
# A foreign character, a dash, or a quotation mark the wrong way round, that touches a letter.
_MISPLACED = -8.0
_CASE_FAULT = -6.0  # capitals inside a word
_CAPITALS = -0.1  # each letter of a word in capitals

_MARKS = "«»—–‘’“”„…№§°·•\u00a0\u00ad"
_USUAL = frozenset(_MARKS)
_ODD = rf"[^\w\s\x21-\x7e{_MARKS}]"
_TOUCHING = re.compile(
    rf"[^\W\d_](?:{_ODD}|[–—])|(?:{_ODD}|[–—])[^\W\d_]|(?:^|\s)[»’]\w|\w«(?:$|\s)"
)
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile("[\u0400-\u04ff]")


def russian(text: str) -> tuple[float, int]:
    """The score of `text` as Russian and the number of Cyrillic letters it is based on.

    Words and marks in ASCII count nothing. Russian scores about -2.6 a letter.
    """
    total, letters = 0.0, 0
    for character, n in Counter(text).items():
        if character > "\x7f" and not character.isalpha():
            total += n * (_MARK if character in _USUAL else _FOREIGN)
    total += _MISPLACED * len(_TOUCHING.findall(text))
    for word, n in Counter(_WORD.findall(text)).items():
        if not word.isascii():
            letters += n * len(_CYRILLIC.findall(word))
            total += n * _word(word)
    return total, letters


def _word(word: str) -> float:
    framed = f"_{word.lower().replace('ё', 'е')}_"
    score = sum(_PAIR.get(framed[i : i + 2], _UNKNOWN_PAIR) for i in range(len(framed) - 1))
    if word.isupper():
        return score + _CAPITALS * (len(word) - 1)
    inner = sum(letter.isupper() for letter in word[1:])
    return score + _CASE_FAULT * inner
