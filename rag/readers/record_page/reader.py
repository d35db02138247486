"""Record pages: one record, as a rule in two languages, on one page of text.

    navigation, titles, date line               the head (`rag.readers.record_page.head`)
    [title again, "Source: " collection]        or: collection, title
    body, signature, date
    [rule, source lines, shelf-mark]            or: a source that closes the text
    the same again in the other language

Each version becomes a document. What is missing from a version stays empty: only the date line,
which is the record's, holds for both. A line that is not clearly something else is text. Not here:
whether the two versions agree (`rag.records.warnings`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from index_store.types import Document
from rag import dates
from rag.errors import ReadError
from rag.readers.record_page import head as page_head
from rag.readers.record_page import people
from rag.readers.record_page.head import Head
from rag.readers.record_page.versions import LanguageVersion, language_versions
from rag.readers.source import SourceFile
from rag.text.detection import CYRILLIC, language_of
from rag.types import ReadItem


def is_record_page(text: str) -> bool:
    """Does this text begin as a record page does?"""
    return page_head.parse_head(text[:100_000].split("\n")) is not None


def read(source: SourceFile) -> Iterator[ReadItem]:
    """The language versions on a page. Raises ReadError."""
    yield from documents(source.text(), source.path)


def documents(text: str, path: Path) -> Iterator[Document]:
    """The language versions on a page given as text with line feeds. Raises ReadError."""
    lines = text.split("\n")
    head = page_head.parse_head(lines)
    if head is None:
        raise ReadError("not a record page: no date line and no repeated title; see the formats")
    found = [v for v in language_versions(lines[head.end :], head) if v.text]
    if not found:
        raise ReadError("there is no text below the head of the page", head.end)
    langs = _languages(found, head)
    for n, version in enumerate(found):
        other = langs[1 - n] if len(langs) == 2 else None
        yield _document(version, head, langs[n], other, path)


def _languages(found: Sequence[LanguageVersion], head: Head) -> list[str]:
    """A language for each version: that of the pairs in its script, else Russian or English."""
    langs: list[str] = []
    for version in found:
        script = language_of(version.text)
        paired = [code for code in head.pairs if _script(code) == script and code not in langs]
        lang = script if script in paired or len(paired) != 1 else paired[0]
        langs.append(lang)
    if len(langs) == 2 and langs[0] == langs[1]:
        langs[1] = next((code for code in head.pairs if code != langs[0]), langs[1])
    return langs


def _script(code: str) -> str:
    return "ru" if code in CYRILLIC else "en"


def _document(
    version: LanguageVersion, head: Head, lang: str, other: str | None, path: Path
) -> Document:
    suffix = lang if other != lang else f"{lang}-{version.ordinal}"
    pair = head.pairs.get(lang)
    by = page_head.translator(head, lang, other)
    collection = version.collection
    if collection is None and pair and page_head.translated_by(pair) is None:
        collection = pair
    date = dates.parse(head.date_text) if head.date_text else None
    extra = {"lang_source": f"{lang}:{pair}"} if pair else {}
    if by and head.note:
        extra["translation_note"] = head.note
    document = Document(
        document_id=f"{path.stem}.{suffix}",
        record_id=path.stem,
        lang=lang,
        text=version.text,
        kind="translation" if by else "original",
        translator=by,
        title=version.title,
        author=people.author(version.text) or people.sender(version.title),
        recipient=people.recipient(version.title),
        collection=collection,
        source="; ".join(version.sources) or None,
        archival_ref="; ".join(version.marks) or None,
        date_text=head.date_text,
        path=str(path),
        extra=extra,
    )
    if date is None:
        return document
    return replace(
        document,
        date=date.edtf,
        date_from=date.first.isoformat() if date.first else None,
        date_to=date.last.isoformat() if date.last else None,
    )
