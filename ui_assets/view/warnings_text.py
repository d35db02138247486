"""What a warning says, in the reader's language.

`rag` words warnings in English, with their particulars (which dates, which pages). A Russian
reader is told the kind in Russian, and the particulars beside it as they come. Not here: what
there is to warn of.
"""

from __future__ import annotations

from collections.abc import Mapping

from index_store.types import DocumentWarning

RUSSIAN: Mapping[str, str] = {
    "undated": "Документ без даты: отбор по датам его не находит.",
    "date_conflict": "Дата документа расходится с датой в тексте.",
    "machine_translation": "Этот текст переведён машиной; цитируйте подлинник.",
    "halves_differ": "Английский и русский тексты записи, видимо, не одно и то же.",
    "duplicate": "Такой же текст есть в другом документе.",
    "near_duplicate": "Почти такой же текст есть в другом документе.",
    "page_range": "Листы или страницы указаны в невозможном порядке.",
    "ocr_noise": "Текст, видимо, плохо распознан.",
    "old_orthography": "Текст напечатан по старой орфографии.",
}
_WHOLE = ("undated", "machine_translation")
"""Kinds without particulars."""


def said(lang: str, warning: DocumentWarning) -> tuple[str, str | None]:
    """The warning, and its particulars in English where those words do not have them."""
    if lang == "en" or warning.code not in RUSSIAN:
        return warning.message, None
    return RUSSIAN[warning.code], None if warning.code in _WHOLE else warning.message
