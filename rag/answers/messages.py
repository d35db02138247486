"""The sentences of answers and abstentions, in the language of the question.

Not here: the words of each language (`wording`), any decision, any HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index_store.types import Document
from rag.answers.wording import WORDINGS
from rag.records.description import NOT_GIVEN, differs
from rag.text.languages import language
from rag.types import AbstentionReason, Filters


def fault(lang: str, name: str, fault: str, detail: str = "") -> str:
    """What the language model did, and that the answer is given without it."""
    return WORDINGS[lang].extractive_instead.format(name=name, fault=_fault(lang, fault, detail))


def rewriting_failed(lang: str, name: str, fault: str, detail: str = "") -> str:
    """What the language model did when it was asked to rewrite a follow-up question."""
    return WORDINGS[lang].rewriting_failed.format(name=name, fault=_fault(lang, fault, detail))


def _fault(lang: str, fault: str, detail: str) -> str:
    return WORDINGS[lang].faults[fault].format(detail=detail).rstrip("?")


def no_answer(lang: str, name: str) -> str:
    """That the model found no answer."""
    return fault(lang, name, "no_answer")


def unsupported(lang: str) -> str:
    """The remark on a statement that no passage supports."""
    return WORDINGS[lang].unsupported


def marked(text: str, lang: str) -> str:
    """Quoted words in the language's quotation marks, English ones for unknown languages."""
    left, right = language(lang).quotation_marks
    return f"{left}{text}{right}"


def quoted(text: str, lang: str, n: int) -> str:
    """A quotation in its own language's marks, with its citation's number."""
    return f"{marked(text, lang)} [{n}]"


def fields(lang: str, document: Document, values: Mapping[str, str]) -> str:
    """Fields of a document in a sentence, with the contradictions that its warnings name."""
    words = language(lang).answers
    listed = "; ".join(
        f"{words.field_labels[name]}: {words.not_given if value == NOT_GIVEN else value}"
        for name, value in values.items()
    )
    text = f"{quote_title(document, lang)} — {listed}."
    if "date" in values:
        conflicts = [w.message for w in document.warnings if w.code == "date_conflict"]
        text = " ".join([text, *conflicts])
    return text


def versions(lang: str, document: Document, record: Sequence[Document]) -> str:
    """In what languages the archive has a document, and who translated it."""
    words = WORDINGS[lang]
    others = [other for other in record if other.document_id != document.document_id]
    own = _in_language(lang, document)
    if not others:
        return f"{own}; {words.no_other_version}"
    shown = (
        words.another_text.format(_in_language(lang, other), quote_title(other, lang))
        if differs(document) or differs(other)
        else _in_language(lang, other)
        for other in others
    )
    return "; ".join((own, *shown))


def _in_language(lang: str, document: Document) -> str:
    kind = WORDINGS[lang].kinds["AI" if document.translator == "AI" else document.kind]
    by = document.extra.get("translator")  # a name; whether human or not is a field of its own
    return f"{document.lang} ({kind}: {by})" if by else f"{document.lang} ({kind})"


def doubts(lang: str, document: Document) -> str:
    """What the warnings of a document say, or that there are none."""
    told = " ".join(warning.message for warning in document.warnings)
    return told.rstrip(".") or WORDINGS[lang].no_doubts


def quote_title(document: Document, lang: str) -> str:
    """The title in quotation marks, the document's id where it has no title."""
    return marked(document.title or document.document_id, lang)


def listed(lang: str, documents: int, records: int, mentioned: str | None, cited: int) -> str:
    """How many documents and records there are, and what they mention."""
    words = WORDINGS[lang]
    shown = words.shown.format(cited, documents) if cited < documents else ""
    return f"{words.listed(documents, records, mentioned)}.{shown}"


def namesakes(lang: str, people: Sequence[str]) -> str:
    """A sentence that a name means several people, "" where it does not."""
    return WORDINGS[lang].namesakes.format("; ".join(people)) if people else ""


def entry(lang: str, document: Document, mentions: int) -> str:
    """One document of a list: title, date, people."""
    people = " → ".join(filter(None, (document.author, document.recipient)))
    undated = language(lang).answers.undated
    parts = (document.date or undated, people, f"×{mentions}" if mentions else "")
    return f"{quote_title(document, lang)} — {'; '.join(filter(None, parts))}"


def doubtful(lang: str) -> str:
    """The heading of an answer that may not be one."""
    return WORDINGS[lang].doubtful


def contradiction(lang: str, unmet: str) -> str:
    """That the document which the question presupposes is not in the archive."""
    return WORDINGS[lang].contradicted.format(unmet)


def silence(lang: str, reason: AbstentionReason, filters: Filters, found: bool) -> str:
    """Why there is no answer, in words."""
    words = WORDINGS[lang]
    if not found and reason != "outside_filters":
        return no_hits(lang, filters)
    text = words.silence[reason].format(filters=_given(filters))
    return text + (words.nearest if found else "")


def mentioned(lang: str) -> str:
    """That the archive mentions what is asked about, but does not tell it."""
    words = WORDINGS[lang]
    return words.mentioned + words.nearest


def no_phrase(lang: str, phrases: Sequence[str]) -> str:
    """That no document has words that the question puts in quotation marks."""
    return WORDINGS[lang].no_phrase.format(", ".join(marked(p, lang) for p in phrases))


def none_listed(lang: str, unknown: Sequence[str]) -> str:
    """That no document is of the kind asked for, or that the catalogue lacks these names."""
    words = WORDINGS[lang]
    names = ", ".join(marked(name, lang) for name in unknown)
    text = words.unknown_names.format(names) if unknown else words.none_listed
    return text + words.nearest


def no_hits(lang: str, filters: Filters) -> str:
    """That nothing was found, and under which filters."""
    given = _given(filters)
    words = WORDINGS[lang]
    return words.no_hits.format(filters=given) if given else words.silence["no_evidence"]


def no_documents(filters: Filters) -> str:
    """That no document can be listed, and under which filters."""
    given = _given(filters)
    if not given:
        return "The store is empty."
    return f"No document meets the given filters ({given})."


def _given(filters: Filters) -> str:
    """The filters in words; values that were given several times are joined."""
    return ", ".join(
        f"{name}: {', '.join(value) if isinstance(value, list) else value}"
        for name, value in filters.to_dict().items()
    )
