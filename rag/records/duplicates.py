"""Copies in an archive: the warnings `duplicate` and `near_duplicate`, kept true of what is stored.

Which documents are copies depends on all the others. So the warnings are brought up to date after
each change of the store, not when a file is read, and do not depend on the order of the changes.
A hash of the texts is kept with the store: where none has changed, nothing is compared again.

Not here: when two texts are one (`rag.records.similarity`), which pairs are compared
(`rag.records.minhash`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby, product
from operator import itemgetter

from index_store.store import IndexStore
from index_store.types import Document, DocumentWarning, Filter, Hit
from rag.records.minhash import Sketch, pairs, sketch
from rag.records.similarity import Worded, alike, worded

CODE, NEAR = "duplicate", "near_duplicate"

FORMAT = "1"
"""Raised when other texts count as copies, so that all are looked at again."""

_SETTLED = "duplicates"  # its name in the store


def mark(store: IndexStore) -> dict[str, tuple[DocumentWarning, ...]]:
    """Give each copy of a text its warnings, and take them from documents that are copies no more.

    Returns all warnings of each document that this changed, by its id.
    """
    if store.kept(_SETTLED) == _state(store):
        return {}
    wanted: dict[str, list[DocumentWarning]] = defaultdict(list)
    for group in store.copies():
        for document in group:
            wanted[document.document_id].append(_equal(document, group))
    for document_id, others in _near(store).items():
        wanted[document_id].append(_nearly(others))
    documents = store.documents(Filter(documents=tuple(wanted)))
    documents += [document for code in (CODE, NEAR) for document in store.warned(code)]
    changed = {}
    for document in documents:
        kept = (w for w in document.warnings if w.code not in (CODE, NEAR))
        warnings = (*kept, *wanted.get(document.document_id, ()))
        if warnings != document.warnings:
            changed[document.document_id] = warnings
    if changed:
        store.set_warnings(changed)
    store.keep(_SETTLED, _state(store))
    return changed


def copied(one: Document, other: Document) -> bool:
    """Whether these are copies of one text, as the warnings say."""
    name = re.escape(other.document_id)
    naming = {CODE: rf"(?: in|,) {name}(?:,|\.$)", NEAR: rf"(?: in|\),) {name} \(\d+%"}
    return any(w.code in naming and re.search(naming[w.code], w.message) for w in one.warnings)


def gathered(hits: Sequence[Hit]) -> list[tuple[Hit, list[Hit]]]:
    """The hits in their order, those of copies under the first hit of the best document."""
    out: list[tuple[Hit, list[Hit]]] = []
    first: dict[str, tuple[Hit, list[Hit]]] = {}  # of each document not under another
    under: dict[str, list[Hit]] = {}
    for hit in hits:
        name = hit.document.document_id
        if name not in first and name not in under:
            for better, copies in first.values():
                if copied(better.document, hit.document):
                    under[name] = copies
                    break
        if name in under:
            under[name].append(hit)
        else:
            out.append((hit, []))
            first.setdefault(name, out[-1])
    return out


def _state(store: IndexStore) -> str:
    return f"{FORMAT} {store.texts_sha256()}"


def _near(store: IndexStore) -> Mapping[str, Mapping[str, float]]:
    """Near-copies by document: the others, and how alike they are."""
    equal: dict[tuple[str, str], list[str]] = defaultdict(list)
    sketches: dict[tuple[str, str], Sketch] = {}
    for document_id, lang, text_sha256, search_key in store.search_keys():
        text = lang, text_sha256
        if text not in equal:
            sketches[text] = sketch(search_key)
        equal[text].append(document_id)

    @lru_cache(maxsize=256)
    def read(text: tuple[str, str]) -> Worded:
        return worded(store.document(equal[text][0]).text)

    found: dict[str, dict[str, float]] = defaultdict(dict)
    for _, group in groupby(sorted(equal), key=itemgetter(0)):
        texts = list(group)  # of one language, in an order that does not depend on when they came
        for first, second in pairs([sketches[text] for text in texts]):
            share = alike(read(texts[first]), read(texts[second]))
            for one, other in product(equal[texts[first]], equal[texts[second]] if share else ()):
                found[one][other] = found[other][one] = share
    return found


def _equal(document: Document, group: Sequence[Document]) -> DocumentWarning:
    others = ", ".join(d.document_id for d in group if d.document_id != document.document_id)
    return DocumentWarning(CODE, f"The same text stands in {others}.")


def _nearly(others: Mapping[str, float]) -> DocumentWarning:
    ranked = sorted(others.items(), key=lambda other: (-other[1], other[0]))
    named = ", ".join(f"{name} ({int(100 * share)}% of the words)" for name, share in ranked)
    return DocumentWarning(NEAR, f"Nearly the same text stands in {named}.")
