"""Personal names: their parts, comparison, names in text, and the authority file."""

from rag.names.lookup import likely
from rag.names.matching import keys, same_name, same_spelling, same_word, skeleton
from rag.names.mentions import NAMES, like_surname, names_in, without_common
from rag.names.parsing import has_initials, is_title, persons, words_of

__all__ = [
    "NAMES",
    "has_initials",
    "is_title",
    "keys",
    "like_surname",
    "likely",
    "names_in",
    "persons",
    "same_name",
    "same_spelling",
    "same_word",
    "skeleton",
    "without_common",
    "words_of",
]
