"""Asking the question of a saved answer again: is the answer still the same, else what changed?

Compares the JSON that `fonds ask --json` printed with the present answer: store, settings, version,
statements and citations. `seconds` are ignored. It does not judge which of the two is better, and
it does not need the old store.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.types import Filters, Turn, VerifiedAnswer

_RECORD = ("store_sha256", "settings_sha256", "version")
_SINGLE = (
    "status", "certainty", "confidence", "understood", "answer", "abstention", "constraints",
    "documents", "engine", "notice",
)  # fmt: skip
_CITED = ("document_id", "start", "end", "quote")
_ANSWER = ("status", "answer", "statements", "citations")
_NEEDED = ("question", *_ANSWER, "record")
_KINDS: Mapping[str, type] = {
    "record": dict, "filters": dict, "history": list, "statements": list, "citations": list,
    "without": list,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved answer: what was asked, and its JSON."""

    question: str
    filters: Filters
    history: tuple[Turn, ...]
    without: tuple[str, ...]
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `what` is a field of the record or of the answer; a statement or citation
    that one side lacks is None there."""

    what: str
    before: Any
    after: Any

    def to_dict(self) -> dict[str, Any]:
        return {"what": self.what, "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """`same`: status, words, statements and citations are unchanged, places on pages aside;
    they can be, on a store that has changed, where scores and the ranking of hits differ."""

    question: str
    same: bool
    changes: tuple[Change, ...]
    answer: VerifiedAnswer

    def to_dict(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "same": self.same,
            "changes": [change.to_dict() for change in self.changes],
            "answer": self.answer.to_dict(),
        }


def read(path: Path) -> Kept:
    """The saved answer in a file. UsageError where there is none of `fonds ask --json`."""
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"--replay {path}: {error.strerror}; check the path") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"--replay {path} is not one JSON object ({error});"
            " give what `fonds ask --json` printed"
        ) from error
    return kept(data, f"--replay {path}")


def kept(data: Any, where: str = "the saved answer") -> Kept:
    """An answer's JSON as what can be asked again; UsageError where it is not one."""
    answer = data if isinstance(data, dict) else {}
    missing = [name for name in _NEEDED if name not in answer]
    wrong = [
        name for name, kind in _KINDS.items() if not isinstance(answer.get(name, kind()), kind)
    ]
    if missing or wrong:
        faults = [f"it has no {name}" for name in missing] + [f"its {n} is wrong" for n in wrong]
        raise UsageError(
            f"{where} is not a saved answer: {', '.join(faults)};"
            " give what `fonds ask --json` printed"
        )
    given = dict(answer.get("filters", {}))
    unknown = given.keys() - {field.name for field in fields(Filters)}
    if unknown:
        raise UsageError(f"{where} has unknown filters: {', '.join(sorted(unknown))}")
    try:
        given["exclude"] = tuple(given.get("exclude", ()))
        history = tuple(Turn(t["question"], t["answer"]) for t in answer.get("history", ()))
    except (KeyError, TypeError) as error:
        raise UsageError(f"{where} has a wrong history or filter: {error}") from error
    without = tuple(str(name) for name in answer.get("without", ()))
    return Kept(str(answer["question"]), Filters(**given), history, without, answer)


def compare(before: Mapping[str, Any], answer: VerifiedAnswer) -> ReplayReport:
    """What differs between the JSON of an answer and the answer of today."""
    after = json.loads(json.dumps(answer.to_dict()))
    same = all(_words(before[name]) == _words(after[name]) for name in _ANSWER)
    return ReplayReport(answer.question, same, tuple(_changes(before, after)), answer)


def _words(part: Any) -> Any:
    """A part of an answer without the places on pages: an ingest adds them, and no word changes."""
    if isinstance(part, list):
        return [_words(item) for item in part]
    if isinstance(part, dict):
        return {name: value for name, value in part.items() if name != "regions"}
    return part


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in _RECORD:
        yield from _changed(f"record.{name}", before["record"].get(name), after["record"].get(name))
    for name in _SINGLE:
        yield from _changed(name, before.get(name), after.get(name))
    yield from _lists("statement", before["statements"], after["statements"])
    found, now = ([{n: c.get(n) for n in _CITED} for c in a["citations"]] for a in (before, after))
    yield from _lists("citation", found, now)
    for old, new in zip(before["citations"], after["citations"], strict=False):
        if all(old.get(name) == new[name] for name in _CITED):
            for name in sorted(old.keys() | new.keys()):
                what = f"citation [{new['n']}].{name}"
                yield from _changed(what, old.get(name), new.get(name))
    ranked = ([hit["passage_id"] for hit in a.get("hits", ())] for a in (before, after))
    yield from _changed("hits", *ranked)


def _changed(what: str, before: Any, after: Any) -> Iterator[Change]:
    if before != after:
        yield Change(what, before, after)


def _lists(what: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    """What only one of the lists has."""
    yield from (Change(what, item, None) for item in before if item not in after)
    yield from (Change(what, None, item) for item in after if item not in before)
