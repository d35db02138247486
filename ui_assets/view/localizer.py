"""Values in the words of one interface language: dates, counts, fields, warnings.

Templates get it as `t`. Not here: the words themselves (`words`), dates in words (`rag.dates`).
"""

from __future__ import annotations

from collections.abc import Sequence

from index_store.types import Document, DocumentWarning
from rag.dates.formatting import words as date_in_words
from rag.types import Constraint, VerifiedAnswer
from ui_assets.model import Scope, Sheet
from ui_assets.view.words import LANGUAGES, Language

FIELD_TEXTS = {
    "date_from": "from_year",
    "date_to": "to_year",
    "lang": "language",
    "source": "published",
    "exclude": "without",
}
"""The text keys of fields that are not called as their text is."""
HIGH_CONFIDENCE, FAIR_CONFIDENCE = 0.8, 0.5
"""The lowest probabilities that are called so."""
_WITHOUT_DETAILS = ("undated", "machine_translation")
"""Warnings whose English message says no more than their kind."""


class Localizer:
    """Texts and values in one language of the interface."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._language = LANGUAGES[lang]

    def __call__(self, key: str, **values: object) -> str:
        """The text under `key` with the values put in."""
        return self._language.texts[key].format(**values)

    def other_languages(self) -> list[Language]:
        """The languages that the reader can switch to."""
        return [one for one in LANGUAGES.values() if one.code != self.lang]

    def number(self, n: int) -> str:
        """A whole number with the language's separator between thousands."""
        return f"{n:,}".replace(",", self._language.thousands_separator)

    def count(self, noun: str, n: int) -> str:
        """A number with its noun: "3 documents", "3 документа"."""
        return f"{self.number(n)} {self._language.nouns[noun][self._language.plural(n)]}"

    def date(self, edtf: str | None) -> str:
        """An EDTF date in words: `1931-11-27` is "27 November 1931"; None is "undated"."""
        return date_in_words(edtf, self.lang) if edtf else self("undated")

    def language(self, code: str) -> str:
        """The name of a language with a capital letter; its code where no name is known."""
        name = self._language_name(code)
        return name[:1].upper() + name[1:]

    def field(self, name: str) -> str:
        """The label of a document's field."""
        key = FIELD_TEXTS.get(name, name)
        return self(key) if key in self._language.texts else name.replace("_", " ")

    def quoted(self, words: str) -> str:
        """Words in the language's quotation marks."""
        opening, closing = self._language.quotation_marks
        return f"{opening}{words}{closing}"

    def version(self, document: Document) -> str:
        """Whether a document is an original or a translation, and whose."""
        if document.kind == "original":
            return self("original")
        keys = {"AI": "ai_translation", "human": "human_translation"}
        return self(keys.get(document.translator or "", "translation"))

    def document(self, document: Document) -> str:
        """A document in one line: title, date unless the title has it, kind of a translation."""
        parts = [document.title or document.document_id]
        if (document.date or "?")[:4] not in document.title:
            parts.append(self.date(document.date))
        if document.kind != "original":
            parts.append(self.version(document))
        return ", ".join(parts)

    def page(self, label: str) -> str:
        """A page by the number that is printed on it: "p. 3"."""
        return self("page_short", label=label)

    def page_of(self, sheet: Sheet) -> str:
        """A page and its place in the document: "p. 3 of 12", "p. xiv (16 of 240)"."""
        count = self.number(sheet.count)
        if sheet.label in ("", str(sheet.number)):
            return self("page_of", label=self.number(sheet.number), count=count)
        number = self.number(sheet.number)
        return self("page_labelled", label=sheet.label, number=number, count=count)

    def certainty(self, confidence: float) -> str:
        """How certain a reading is, from 0 to 1, in percent."""
        return self("read_with", share=round(100 * confidence))

    def warning(self, warning: DocumentWarning) -> tuple[str, str | None]:
        """A warning, and its details (which dates, which pages) where `rag` has them only in
        English."""
        text = self._language.warnings.get(warning.code)
        if text is None:
            return warning.message, None
        return text, None if warning.code in _WITHOUT_DETAILS else warning.message

    def value(self, constraint: Constraint) -> str:
        """The value of a constraint."""
        if constraint.field.startswith("date"):
            return self.date(constraint.value)
        if constraint.field == "lang":
            return self.language(constraint.value)
        if constraint.field == "documents":
            return self("cited_before")
        return self(constraint.value) if constraint.field == "kind" else constraint.value

    def confidence(self, answer: VerifiedAnswer) -> str:
        """An answer's confidence in a word; that of a doubtful one is never high."""
        if answer.confidence >= HIGH_CONFIDENCE and answer.certainty != "doubtful":
            return self("high")
        return self("fair" if answer.confidence >= FAIR_CONFIDENCE else "low")

    def scope(self, scope: Scope) -> str:
        """What was searched: "23 documents, 1926–1930, English and Russian"."""
        parts = [self.count("document", scope.documents)]
        if scope.first is not None:
            span = scope.first != scope.last
            parts.append(f"{scope.first}–{scope.last}" if span else str(scope.first))
        names = self._listed([self._language_name(code) for code in scope.languages])
        return ", ".join([*parts, *filter(None, [names])])

    def support(self, kind: str, support: str) -> str:
        """How far the archive supports a statement of this kind."""
        if support == "verified" and kind != "quotation":
            return self(f"verified_{kind}")
        return self(support)

    def seconds(self, seconds: float) -> str:
        """A time span with its unit."""
        number = f"{seconds:.2f}" if seconds < 10 else f"{seconds:.0f}"
        number = number.replace(".", self._language.decimal_separator)
        return f"{number}\u00a0{self('seconds')}"

    def _language_name(self, code: str) -> str:
        return self._language.language_names.get(code, code)

    def _listed(self, items: Sequence[str]) -> str:
        """ "English", "English and Russian", "a, b and c"."""
        if len(items) < 2:
            return "".join(items)
        return f"{', '.join(items[:-1])} {self._language.conjunction} {items[-1]}"
