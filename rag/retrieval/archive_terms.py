"""What the records in two languages teach of the archive's own terms, kept with the store.

Each record whose halves are versions of one text is aligned once, and what the lexicon cannot
explain of its sentences is kept by record: a change of the store reads only the records that
changed, and the same documents teach the same terms whatever the order they came in. The terms
serve the words that a question looks for; stored vectors never depend on them.

Not here: how terms are told from sentences (`bilingual.own`), how sentences are aligned (`align`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from index_store.store import IndexStore
from index_store.types import Document
from rag.models import lexicon as lexicons
from rag.models.lexicon import LANGUAGES, Lexicon
from rag.records import alignment
from rag.retrieval.term_mining import UnexplainedWords, mine_translations, unexplained

FORMAT = "1"
"""Raised when alignment or what is kept of it changes."""

_SEEN, _TERMS = "terms.seen", "terms"  # names in the store


def learn(store: IndexStore) -> None:
    """Bring the kept terms up to the documents. For a store open for writing."""
    base = lexicons.bundled()
    version = f"{FORMAT} {base.digest}"
    kept = json.loads(store.kept(_SEEN) or "{}")
    before = kept.get("records", {}) if kept.get("version") == version else {}
    records: dict[str, Any] = {}
    for versions in store.versions():
        both = halves(versions)
        if both:
            record, state = both[0].record_id, [d.sha256 for d in both]
            known = before.get(record, {})
            same = known.get("of") == state
            records[record] = known if same else {"of": state, **_examined(both, store)}
    seen = {"version": version, "records": records}
    if seen == kept or not (records or kept):
        return
    store.keep(_SEEN, _dump(seen))
    leftovers = [_split(pair) for record in records.values() for pair in record["left"]]
    terms = mine_translations(leftovers, sum(record["sentences"] for record in records.values()))
    store.keep(_TERMS, _dump(terms))


def lexicon(store: IndexStore) -> Lexicon:
    """The bundled lexicon with the store's own terms."""
    return _taught(store.kept(_TERMS) or "{}")


@lru_cache(maxsize=8)
def _taught(kept: str) -> Lexicon:
    terms = json.loads(kept)
    return lexicons.bundled().taught(terms) if any(terms.values()) else lexicons.bundled()


def halves(versions: Sequence[Document]) -> list[Document]:
    """The English and the Russian version of a record; nothing where they do not match."""
    if any(w.code == "halves_differ" for d in versions for w in d.warnings):
        return []
    both = [next((d for d in versions if d.lang == lang), None) for lang in LANGUAGES]
    return [half for half in both if half] if all(both) else []


def _examined(both: Sequence[Document], store: IndexStore) -> dict[str, Any]:
    en, ru = (store.document(half.document_id).text for half in both)
    pairs = alignment.sentence_pairs(en, ru)
    base = lexicons.bundled()
    left = [unexplained(en[slice(*p.left)], ru[slice(*p.right)], base) for p in pairs]
    told = [_joined(pair) for pair in left if any(pair)]
    return {"sentences": len(pairs), "left": told}


def _joined(pair: UnexplainedWords) -> str:
    return "|".join(" ".join(stems) for stems in pair)


def _split(joined: str) -> UnexplainedWords:
    en, ru = joined.split("|")
    return tuple(en.split()), tuple(ru.split())


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
