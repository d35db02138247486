"""The archive's own terms, learned from its records in two languages and kept in the store.

Each record whose versions are one text is aligned once, and the words that the lexicon does not
explain are kept per record. After a change only the changed records are aligned again, and the same
documents give the same terms in any order. Terms are used for expanding questions only; stored
vectors do not depend on them.

Not here: how terms are mined from sentence pairs (`term_mining`), how sentences are aligned
(`rag.records.alignment`).
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
from rag.records.description import differs
from rag.retrieval.term_mining import UnexplainedWords, mine_translations, unexplained

FORMAT = "1"
"""Increased when alignment or the kept values change, so that all records are aligned again."""

_SEEN, _TERMS = "terms.seen", "terms"  # keys in the store


def learn(store: IndexStore) -> None:
    """Update the kept terms after a change of the documents. The store must be open for writing."""
    base = lexicons.bundled()
    version = f"{FORMAT} {base.digest}"
    kept = json.loads(store.kept(_SEEN) or "{}")
    before = kept.get("records", {}) if kept.get("version") == version else {}
    records: dict[str, Any] = {}
    for versions in store.versions():
        both = language_pair(versions)
        if both:
            record, state = both[0].record_id, [d.sha256 for d in both]
            known = before.get(record, {})
            same = known.get("of") == state
            records[record] = known if same else {"of": state, **_examine(both, store)}
    seen = {"version": version, "records": records}
    if seen == kept or not (records or kept):
        return
    store.keep(_SEEN, _dump(seen))
    left = [_split(pair) for record in records.values() for pair in record["left"]]
    terms = mine_translations(left, sum(record["sentences"] for record in records.values()))
    store.keep(_TERMS, _dump(terms))


def lexicon(store: IndexStore) -> Lexicon:
    """The bundled lexicon with the store's own terms."""
    return _with_terms(store.kept(_TERMS) or "{}")


@lru_cache(maxsize=2)
def _with_terms(kept: str) -> Lexicon:
    terms = json.loads(kept)
    base = lexicons.bundled()
    return base.with_archive_terms(terms) if any(terms.values()) else base


def language_pair(versions: Sequence[Document]) -> list[Document]:
    """The English and the Russian version of a record; empty unless they are one text."""
    if any(map(differs, versions)):
        return []
    both = [next((d for d in versions if d.lang == lang), None) for lang in LANGUAGES]
    return [document for document in both if document] if all(both) else []


def _examine(both: Sequence[Document], store: IndexStore) -> dict[str, Any]:
    """The number of aligned sentence pairs of a record, and their unexplained words."""
    en, ru = (store.document(version.document_id).text for version in both)
    pairs = alignment.sentence_pairs(en, ru)
    base = lexicons.bundled()
    left = [unexplained(en[slice(*p.left)], ru[slice(*p.right)], base) for p in pairs]
    return {"sentences": len(pairs), "left": [_joined(pair) for pair in left if any(pair)]}


def _joined(pair: UnexplainedWords) -> str:
    return "|".join(" ".join(stems) for stems in pair)


def _split(joined: str) -> UnexplainedWords:
    en, ru = joined.split("|")
    return tuple(en.split()), tuple(ru.split())


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
