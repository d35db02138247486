"""The words of answers and abstentions, in the language of the question.

Not here: any decision, any HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index_store.types import Document
from rag.records.description import NOT_GIVEN
from rag.types import AbstentionReason, Filters

_LABELS = {
    "en": {
        "archival_ref": "archival reference",
        "source": "published source",
        "date": "date",
        "author": "author",
        "recipient": "recipient",
        "place": "place",
        "translator": "translator",
    },
    "ru": {
        "archival_ref": "архивный шифр",
        "source": "источник публикации",
        "date": "дата",
        "author": "автор",
        "recipient": "адресат",
        "place": "место",
        "translator": "переводчик",
    },
}
_NOT_GIVEN = {"en": NOT_GIVEN, "ru": "не указано"}
_CONTRADICTED = {
    "en": "The archive has no such document: none meets {} together with the rest of the question."
    " What it does hold is listed.",
    "ru": "Такого документа в архиве нет: ни один не отвечает условию {} вместе с остальным, что"
    " сказано в вопросе. Приведено то, что есть.",
}
_NO_PHRASE = {
    "en": "No document has the words {}.",
    "ru": "Ни в одном документе нет слов {}.",
}
_SILENCE = {
    "en": {
        "no_evidence": "The archive has nothing on this.",
        "silent": "The archive has documents on this subject, but none that answers the question.",
        "outside_filters": "Nothing within the given filters ({filters}) answers the question; "
        "documents outside them do.",
        "no_hits": "No document meets the given filters ({filters}) and the question.",
        "nearest": " The nearest documents are listed.",
    },
    "ru": {
        "no_evidence": "В архиве об этом ничего нет.",
        "silent": "В архиве есть документы на эту тему, но ни один не отвечает на вопрос.",
        "outside_filters": "В заданных пределах ({filters}) ответа нет; "
        "он есть в документах вне этих пределов.",
        "no_hits": "Ни один документ не отвечает заданным пределам ({filters}) и вопросу.",
        "nearest": " Ближайшие документы приведены.",
    },
}


_FAULTS = {
    "en": {
        "timeout": "did not finish within {detail} seconds",
        "unreachable": "cannot be reached; is it running, and is the address right?",
        "refused": "refused the key, or has none",
        "unknown": "is not known at that address (404); check the model's name and whether the "
        "address should end in /v1",
        "busy": "is busy (429: too many requests); ask again later",
        "failed": "failed on its own side",
        "cut": "broke off in the middle of its answer",
        "nonsense": "sent what is no answer",
        "empty": "sent an empty answer",
        "unsupported": "wrote nothing that the passages bear out",
        "no_answer": "found no answer in the passages",
    },
    "ru": {
        "timeout": "не уложилась в {detail} с",
        "unreachable": "недоступна; запущена ли она и верен ли адрес?",
        "refused": "не приняла ключ, или ключа нет",
        "unknown": "по этому адресу неизвестна (404); проверьте имя модели и не должен ли адрес "
        "кончаться на /v1",
        "busy": "занята (429: слишком много запросов); спросите позже",
        "failed": "отказала на своей стороне",
        "cut": "прервалась посреди ответа",
        "nonsense": "прислала то, что не является ответом",
        "empty": "прислала пустой ответ",
        "unsupported": "не написала ничего, что подтверждали бы документы",
        "no_answer": "не нашла ответа в документах",
    },
}
_INSTEAD = {
    "en": "The language model {name} {fault}. The answer given instead is extractive: quotations "
    "from the archive, chosen without it.",
    "ru": "Языковая модель {name} {fault}. Вместо её ответа даны цитаты из архива, выбранные без "
    "неё.",
}


_REWRITING_FAILED = {
    "en": "When the language model {name} was asked to put the question in full, it {fault}. The "
    "question was understood by rules instead.",
    "ru": "Когда языковую модель {name} попросили изложить вопрос целиком, она {fault}. Вопрос "
    "понят по правилам, без неё.",
}


def fault(lang: str, name: str, fault: str, detail: str = "") -> str:
    """What the language model did, and that the answer is given without it."""
    return _INSTEAD[lang].format(name=name, fault=_fault(lang, fault, detail))


def rewriting_failed(lang: str, name: str, fault: str, detail: str = "") -> str:
    """What the language model did when it was to condense a conversation, and what was done
    without it."""
    return _REWRITING_FAILED[lang].format(name=name, fault=_fault(lang, fault, detail))


def _fault(lang: str, fault: str, detail: str) -> str:
    return _FAULTS[lang][fault].format(detail=detail).rstrip("?")


def no_answer(lang: str, name: str) -> str:
    """That the model found none."""
    return fault(lang, name, "no_answer")


def unsupported(lang: str) -> str:
    """The remark on a statement that no passage bears out."""
    return {"en": "not borne out by the archive", "ru": "документами не подтверждено"}[lang]


def marked(text: str, lang: str) -> str:
    """Quoted words in the language's quotation marks."""
    left, right = ("«", "»") if lang == "ru" else ("“", "”")
    return f"{left}{text}{right}"


def quoted(text: str, lang: str, n: int) -> str:
    """A quotation in its own language's marks, with its citation's number."""
    return f"{marked(text, lang)} [{n}]"


def fields(lang: str, document: Document, values: Mapping[str, str]) -> str:
    """Fields of a document in a sentence, the contradictions that its warnings name included."""
    labels, missing = _LABELS[lang], _NOT_GIVEN[lang]
    told = "; ".join(
        f"{labels[name]}: {missing if value == NOT_GIVEN else value}"
        for name, value in values.items()
    )
    text = f"{quote_title(document, lang)} — {told}."
    if "date" in values:
        conflicts = [w.message for w in document.warnings if w.code == "date_conflict"]
        text = " ".join([text, *conflicts])
    return text


def quote_title(document: Document, lang: str) -> str:
    """The title in quotation marks, the document's id where it has no title."""
    left, right = ("«", "»") if lang == "ru" else ("“", "”")
    return f"{left}{document.title or document.document_id}{right}"


_LISTED = {
    "en": {"shown": " The first {} are cited; all {} are listed.", "undated": "undated"},
    "ru": {"shown": " Процитированы первые {}; в списке все {}.", "undated": "без даты"},
}


def listed(lang: str, documents: int, records: int, mentioned: str | None, cited: int) -> str:
    """How many documents and records there are, and what they mention."""
    words = _LISTED[lang]
    if lang == "ru":
        text = f"Документов: {documents} (записей: {records})"
        text += f"; упоминается: «{mentioned}»" if mentioned else ""
    else:
        one = documents == 1
        text = f"{documents} document{'' if one else 's'}"
        text += f" ({records} record{'' if records == 1 else 's'})"
        text += f" mention{'s' if one else ''} “{mentioned}”" if mentioned else ""
    return text + "." + (words["shown"].format(cited, documents) if cited < documents else "")


def entry(lang: str, document: Document, mentions: int) -> str:
    """One document of a list: title, date, people."""
    people = " → ".join(filter(None, (document.author, document.recipient)))
    parts = (document.date or _LISTED[lang]["undated"], people, f"×{mentions}" if mentions else "")
    return f"{quote_title(document, lang)} — {'; '.join(filter(None, parts))}"


def contradiction(lang: str, unmet: str) -> str:
    """That the document which the question presupposes is not in the archive."""
    return _CONTRADICTED[lang].format(unmet)


def silence(lang: str, reason: AbstentionReason, filters: Filters, found: bool) -> str:
    """Why there is no answer, in words."""
    words = _SILENCE[lang]
    if not found and reason != "outside_filters":
        return no_hits(lang, filters)
    return words[reason].format(filters=_given(filters)) + (words["nearest"] if found else "")


def no_phrase(lang: str, phrases: Sequence[str]) -> str:
    """That no document has words that the question puts in quotation marks."""
    marked = ", ".join(f"«{p}»" if lang == "ru" else f"“{p}”" for p in phrases)
    return _NO_PHRASE[lang].format(marked)


def no_hits(lang: str, filters: Filters) -> str:
    """That nothing was found, and under which filters."""
    words = _SILENCE[lang]
    given = _given(filters)
    return words["no_hits"].format(filters=given) if given else words["no_evidence"]


def no_documents(filters: Filters) -> str:
    """That no document can be listed, and under which filters."""
    given = _given(filters)
    if not given:
        return "The store is empty."
    return f"No document meets the given filters ({given})."


def _given(filters: Filters) -> str:
    """The filters in words; one that was given several times is told once each."""
    return ", ".join(
        f"{name}: {', '.join(value) if isinstance(value, list) else value}"
        for name, value in filters.to_dict().items()
    )
