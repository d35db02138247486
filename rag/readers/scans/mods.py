"""Descriptive metadata in a METS file: MODS, else Dublin Core, else what Transkribus writes.

    MODS     titleInfo, name by its role, originInfo, language, location, relatedItem of type host
    DC       title, creator, date, source, language

What a document has no field for, as rights, is kept under its own name. Not here: the files and
pages (`mets`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rag.readers.formats.markup import Element, words

_AUTHOR = re.compile(r"\A(?:aut|cre|creator|author|writer|correspondent|sender|автор)\Z", re.I)
_RECIPIENT = re.compile(r"\A(?:rcp|addressee|recipient|адресат)\Z", re.I)


def record(root: Element) -> tuple[dict[str, Any], str | None]:
    """The fields of a METS tree, and the language that it gives."""
    for tag, read in (("mods", _mods), ("title", _dublin_core), ("trpDocMetadata", _transkribus)):
        for found in root.iter(tag):
            fields = read(found)
            if fields.get("title") or tag == "mods":
                title = fields.get("title") or root.get("LABEL")
                fields |= {"title": title}
                lang = fields.pop("lang", None)
                return {name: value for name, value in fields.items() if value}, lang
    label = root.get("LABEL")
    return ({"title": label} if label else {}), None


def _mods(mods: Element) -> dict[str, Any]:
    origin = mods.find("originInfo")
    names = [(_role(name), _name(name)) for name in mods.findall("name")]
    shelf = [*_each(mods, "location/physicalLocation"), *_each(mods, "location//shelfLocator")]
    fields: dict[str, Any] = {
        "title": _title(mods),
        "author": _joined(n for role, n in names if not role or _AUTHOR.match(role)),
        "recipient": _joined(n for role, n in names if _RECIPIENT.match(role)),
        "place": None if origin is None else _first(origin, "place/placeTerm[@type='text']")
        or _first(origin, "place/placeTerm"),
        "archival_ref": ", ".join(shelf)
        or _first(mods, "identifier[@type='shelfmark']")
        or _first(mods, "identifier[@type='local']"),
        "collection": next((t for e in mods.findall("relatedItem[@type='host']")
                            if (t := _title(e))), None),
        "lang": _first(mods, "language/languageTerm"),
        "rights": _first(mods, "accessCondition"),
        "summary": _first(mods, "abstract"),
    }  # fmt: skip
    return fields | _date(origin)


def _title(element: Element) -> str | None:
    """The title with its article and subtitle; an abbreviated or translated one for want of it."""
    infos = sorted(element.findall("titleInfo"), key=lambda info: info.get("type") is not None)
    for info in infos:
        main = " ".join(_each(info, "nonSort") + _each(info, "title"))
        parts = [main, *_each(info, "subTitle"), *_each(info, "partNumber")]
        if main:
            return ": ".join(parts)
    return None


def _role(name: Element) -> str:
    return next(iter(_each(name, "role/roleTerm")), "")


def _name(name: Element) -> str | None:
    """As it is to be shown, else given name before family name."""
    if shown := _first(name, "displayForm"):
        return shown
    given, family = _each(name, "namePart[@type='given']"), _each(name, "namePart[@type='family']")
    plain = [words(e) for e in name.findall("namePart") if e.get("type") is None]
    return " ".join([*given, *family]) or ", ".join(filter(None, plain)) or None


def _date(origin: Element | None) -> dict[str, str]:
    """The day of making, else of issue; a span where start and end are marked."""
    if origin is None:
        return {}
    for tag in ("dateCreated", "dateIssued", "dateOther"):
        found = origin.findall(tag)
        ends = {e.get("point"): words(e) for e in found if e.get("point") and words(e)}
        coded = [words(e) for e in found if e.get("encoding") and not e.get("point")]
        written = [words(e) for e in found if not e.get("encoding") and words(e)]
        if ends:
            date = f"{ends.get('start', '..')}/{ends.get('end', '..')}"
        else:
            date = next(iter([*filter(None, coded), *written]), "")
        if date:
            return {"date": date, "date_text": written[0] if written else date}
    return {}


def _dublin_core(title: Element) -> dict[str, Any]:
    """The record in which this title stands."""
    around = title.getparent()
    if around is None or around.tag == "trpDocMetadata":
        return {}
    names = {
        "title": "title", "author": "creator", "date": "date", "source": "source",
        "lang": "language", "rights": "rights", "publisher": "publisher",
    }  # fmt: skip
    return {name: _joined(_each(around, tag)) for name, tag in names.items()}


def _transkribus(found: Element) -> dict[str, Any]:
    names = {"title": "title", "author": "author", "summary": "desc"}
    return {name: _first(found, tag) for name, tag in names.items()}


def _each(element: Element, path: str) -> list[str]:
    return [text for e in element.findall(path) if (text := words(e))]


def _first(element: Element, path: str) -> str | None:
    return next(iter(_each(element, path)), None)


def _joined(parts: Iterator[str | None] | list[str]) -> str | None:
    return "; ".join(filter(None, parts)) or None
