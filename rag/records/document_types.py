"""Kinds of document, and the words for them in every language."""

from __future__ import annotations

import re

from index_store.types import Document
from rag.text.english import ENGLISH
from rag.text.languages import either


def _either(name: str) -> str:
    return either(lambda language: language.documents.types[name])


DOCUMENT_WORDS = {name: _either(name) for name in ENGLISH.documents.types}
"""What a document may be called; "record" means any kind."""

ANY_DOCUMENT_WORD = "|".join(DOCUMENT_WORDS.values())

TYPES = {name: re.compile(rf"\b(?:{words})\b", re.I) for name, words in DOCUMENT_WORDS.items()}
THING = re.compile(rf"\b(?:{ANY_DOCUMENT_WORD})\b", re.I)
"""Any word for a document."""


def types_in(text: str) -> frozenset[str]:
    """The kinds of document that a text names, such as "letter"; not "record", which is any."""
    return frozenset(n for n, p in TYPES.items() if n != "record" and p.search(text))


_ELSEWHERE = {
    "letter": r"briefe?|lettres?|cartas?|letter[ae]|brev|dopis",
    "telegram": r"telegramme?|télégrammes?|telegramas?|telegramm[ai]|depeschen?|dépêches?",
    "note": r"notiz(?:en)?|nota",
    "minutes": r"protokolle?|procès-verba(?:l|ux)|actas?|verbal[ei]|notulen",
    "memorandum": r"denkschrift|mémorandum",
    "report": r"berichte?|rapports?|informes?|relazion[ei]|relatórios?|verslag",
    "diary": r"tagebuch|diarios?|dagboe?k",
    "receipt": r"quittung(?:en)?|reçus?|recibos?|ricevut[ae]",
    "petition": r"gesuche?|bittschrift|pétitions?|petici(?:ón|ones)|petizion[ei]",
}
"""What kinds of document are called in the titles of some further languages."""

_TITLES_ELSEWHERE = {
    name: re.compile(rf"\b(?:{words})\b", re.I) for name, words in _ELSEWHERE.items()
}


def kinds_in_title(title: str) -> frozenset[str]:
    """The kinds of document that a title names, as `types_in`, in some further languages too."""
    return types_in(title) | {n for n, p in _TITLES_ELSEWHERE.items() if p.search(title)}


def kinds_of(document: Document) -> frozenset[str]:
    """The kinds of a document by its title; what has a recipient and no named kind is a letter."""
    named = kinds_in_title(document.title)
    return named or frozenset({"letter"} if document.recipient else ())


def is_of(document: Document, kinds: frozenset[str]) -> bool:
    """Whether the document is of one of these kinds; always where none are given."""
    return not kinds or bool(kinds & kinds_of(document))


def _verbs(name: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{either(lambda language: language.verbs.sent_as[name])})\b", re.I)


_SENT = {name: _verbs(name) for name in ENGLISH.verbs.sent_as}


def types_of_verbs(text: str) -> frozenset[str]:
    """The kinds of document that verbs of a question imply: who cabled sent a telegram."""
    return frozenset(name for name, pattern in _SENT.items() if pattern.search(text))


def _title_word(name: str) -> re.Pattern[str]:
    words = either(lambda language: language.documents.title_types[name])
    return re.compile(rf"\b(?:{words})\b", re.I)


_TITLE_TYPES = {name: _title_word(name) for name in ENGLISH.documents.title_types}


def types_in_title(title: str) -> set[str]:
    """What kinds of text a title speaks of: "letter", "speech", …"""
    return {name for name, pattern in _TITLE_TYPES.items() if pattern.search(title)}
