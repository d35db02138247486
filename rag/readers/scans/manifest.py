"""IIIF Presentation manifests, versions 2 and 3 (https://iiif.io/api/presentation/): what they say.

Titles, metadata, rights and the labels of the pages, with the names under which the pages' files
may lie beside the manifest. Nothing is fetched. Not here: those files (`iiif`).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from rag.errors import ReadError
from rag.readers.scans.beside import stem

_CONTEXT = re.compile(r"https?://iiif\.io/api/presentation/[23](?:\.\d+)*/context\.json")
_IN_HEAD = re.compile(
    r"\"@context\"\s*+:\s*+\[?(?:\s*+\"[^\"]*+\"\s*+,)*\s*+\"" + _CONTEXT.pattern + '"'
)
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.S)  # the last may be cut off
_TYPES = ("Manifest", "sc:Manifest")
_IMAGE_REQUEST = re.compile(r"/[^/]+/[^/]+/!?[\d.]+/\w+\.\w+\Z|/info\.json\Z")
_TAG = re.compile(r"<[^<>]*>")
_MAX_DEPTH = 20  # lists and objects within each other that a text may have
_FIELDS = (
    ("author", r"authors?|creators?|writers?|senders?|from|автор|отправитель|verfasser|auteur"),
    ("recipient", r"recipients?|addressees?|to|адресат|получатель|empfänger|destinataire"),
    ("date", r"dates?|created|date created|date of creation|дата|datum|datierung|date de création"),
    ("place", r"places?|place of origin|место|ort|entstehungsort|lieu"),
    ("archival_ref", r"shelf-?\s?marks?|call number|archival reference|reference code|reference"
                     r"|шифр|signatur|cote"),
    ("collection", r"collections?|fonds|фонд|коллекция|sammlung|bestand"),
    ("lang", r"languages?|язык|sprache|langue"),
)  # fmt: skip
_LABELS = tuple((name, re.compile(rf"\A(?:{words})\Z", re.I)) for name, words in _FIELDS)


@dataclass(frozen=True, slots=True)
class Canvas:
    """A page: its label, and the stems of names that its file may have, in small letters."""

    label: str
    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Fields of the document, its language as given, and its pages in order."""

    record: dict[str, Any]
    lang: str | None
    canvases: tuple[Canvas, ...]


def is_manifest(head: str) -> bool:
    """Is this the beginning of a manifest, and not of JSON Lines that have one in a field?"""
    start = head.lstrip()
    if not start.startswith("{") or not _IN_HEAD.search(head):
        return False
    try:
        record = json.loads(start.partition("\n")[0])
    except (ValueError, RecursionError):
        return _depth(start, _in_head_at(start)) == 1
    return isinstance(record, dict) and _is_manifest(record)


def _in_head_at(text: str) -> int:
    found = _IN_HEAD.search(text)
    return found.start() if found else 0


def _depth(text: str, at: int) -> int:
    """How many objects and arrays are open at a place of JSON."""
    bare = _STRING.sub("", text[:at])
    return sum(map(bare.count, "{[")) - sum(map(bare.count, "}]"))


def _is_manifest(record: dict[str, Any]) -> bool:
    contexts = record.get("@context")
    contexts = contexts if isinstance(contexts, list) else [contexts]
    known = any(isinstance(c, str) and _CONTEXT.fullmatch(c) for c in contexts)
    return known and record.get("type", record.get("@type")) in _TYPES


def parsed(text: str) -> Manifest:
    """What a manifest says. Raises ReadError where it is none or is damaged."""
    try:
        given = json.loads(text)
    except ValueError as error:
        cause = getattr(error, "msg", error)
        line = getattr(error, "lineno", None)
        raise ReadError(f"not valid JSON: {cause}; download the manifest again", line) from error
    except RecursionError as error:
        raise ReadError("JSON nested too deeply; download the manifest again") from error
    if not isinstance(given, dict) or not _is_manifest(given):
        raise ReadError("it is not a IIIF manifest; give one of the Presentation API 2 or 3")
    record = _record(given)
    lang = record.pop("lang", None)
    canvases = tuple(_canvas(c, n) for n, c in enumerate(_canvases(given), 1))
    return Manifest(record, lang, canvases)


def _record(given: dict[str, Any]) -> dict[str, Any]:
    attribution = _dict(given.get("requiredStatement")).get("value") or given.get("attribution")
    record: dict[str, Any] = {
        "title": _text(given.get("label")),
        "summary": _text(given.get("summary") or given.get("description")),
        "rights": _text(given.get("rights") or given.get("license")),
        "attribution": _text(attribution),
        "provider": "; ".join(filter(None, (_text(_dict(p).get("label"))
                                            for p in _list(given.get("provider"))))),
        "holding_link": _link(given),
    }  # fmt: skip
    others: dict[str, str] = {}
    for pair in _list(given.get("metadata")):
        label, value = _text(_dict(pair).get("label")), _text(_dict(pair).get("value"))
        name = next((name for name, words in _LABELS if words.match(label.rstrip(": "))), None)
        if name and value and not record.get(name):
            record[name] = value
        elif label and value:
            others[label] = value
    if others:
        record["iiif_metadata"] = others
    return {name: value for name, value in record.items() if value}


def _link(given: dict[str, Any]) -> str | None:
    """The page of the holding institution on this object: its homepage, else one that is related.

    Only addresses of the web count, which do nothing before they are clicked.
    """
    for name in ("homepage", "related"):
        for one in _list(given.get(name)):
            url = one if isinstance(one, str) else _dict(one).get("id") or _dict(one).get("@id")
            if isinstance(url, str) and re.match(r"https?://[^\s\"'<>]+\Z", url):
                return url
    return None


def _canvases(given: dict[str, Any]) -> list[Any]:
    if isinstance(given.get("items"), list):
        return [c for c in _list(given["items"]) if isinstance(c, dict)]
    sequence = next(iter(_list(given.get("sequences"))), None)
    return [c for c in _list(_dict(sequence).get("canvases")) if isinstance(c, dict)]


def _canvas(canvas: dict[str, Any], n: int) -> Canvas:
    urls = [*_images(canvas), canvas.get("id") or canvas.get("@id")]
    stems = (name for url in urls if isinstance(url, str) for name in _stems(url))
    return Canvas(_text(canvas.get("label")) or str(n), tuple(dict.fromkeys(stems)))


def _images(canvas: dict[str, Any]) -> Iterator[Any]:
    """Addresses of the images of a canvas and of the services for them."""
    painted = [_dict(a).get("body") for page in _list(canvas.get("items"))
               for a in _list(_dict(page).get("items"))]  # fmt: skip
    painted += [_dict(image).get("resource") for image in _list(canvas.get("images"))]
    for body in (one for found in painted for one in _list(found)):
        image = _dict(body)
        for service in _list(image.get("service")):
            yield _dict(service).get("id") or _dict(service).get("@id")
        yield image.get("id") or image.get("@id")


def _stems(url: str) -> Iterator[str]:
    """Names in an address: the identifier of an image request, else the last part."""
    path = _IMAGE_REQUEST.sub("", urlsplit(url).path if "://" in url else url)
    last = unquote(path.rstrip("/").rpartition("/")[2]).replace(":", "/")
    name = last.rpartition("/")[2]
    if name:
        yield name.casefold()
        yield stem(name).casefold()


def _text(value: Any, depth: int = 0) -> str:
    """The words of a value of either version: a string, languages, a list of them; without HTML.

    What is nested deeper than any manifest needs has none.
    """
    if depth > _MAX_DEPTH:
        return ""
    if isinstance(value, str):
        return " ".join(html.unescape(_TAG.sub(" ", value)).split())
    if isinstance(value, list):
        return "; ".join(filter(None, (_text(one, depth + 1) for one in value)))
    if isinstance(value, dict):
        if "@value" in value:
            return _text(value["@value"], depth + 1)
        return next(filter(None, (_text(one, depth + 1) for one in value.values())), "")
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
