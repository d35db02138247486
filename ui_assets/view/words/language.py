"""What a language of the interface has to define.

To add a language, write a module like `english` and add it to `LANGUAGES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """The texts and conventions of one interface language.

    `code` is ISO 639-1, `name` what the language calls itself, `locale` its code for word
    processors, `citation_style` the style of exported references. `texts` are the texts of the
    interface by key, with `{names}` of the values put into them. `nouns` has the forms of a
    counted noun; `plural(n)` is the index of the form for `n`. `language_names` are by ISO 639-1
    code. `warnings` replace the English messages of `rag`, by warning code.
    """

    code: str
    name: str
    locale: str
    citation_style: str
    quotation_marks: tuple[str, str]
    thousands_separator: str
    decimal_separator: str
    conjunction: str
    plural: Callable[[int], int]
    nouns: Mapping[str, tuple[str, ...]]
    language_names: Mapping[str, str]
    texts: Mapping[str, str]
    warnings: Mapping[str, str]
