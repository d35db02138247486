"""What does not fit in a record: warnings beside its documents.

`examine` looks at the language versions of one record. A new warning is a module here with a
function `check` and a line in `CHECKS`. Nothing else of a document is changed but the span of days
of one that contradicts itself on its date, so that a date filter finds it under either date.

Not here: duplicates, which concern other records too; corrections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from index_store.types import Document, DocumentWarning
from rag.records.warnings import (
    date_conflict,
    halves_differ,
    machine_translation,
    ocr_noise,
    old_orthography,
    page_range,
    undated,
)

CHECKS: tuple[Callable[[Document], Iterator[DocumentWarning]], ...] = (
    machine_translation.check,
    undated.check,
    page_range.check,
    ocr_noise.check,
    old_orthography.check,
)
"""What is checked in each document by itself, in the order of its warnings. Conflicting dates and
versions that differ come before them: they also concern other things than the warning."""


def examine(documents: Sequence[Document]) -> list[Document]:
    """The documents of one record, in order, each with its warnings added.

    A code that a document carries already is not added again.
    """
    differing = halves_differ.check(documents)
    examined = []
    for document in documents:
        found = [warning for check in CHECKS for warning in check(document)]
        if conflict := date_conflict.find(document):
            found.insert(0, conflict.warning(document))
            document = conflict.widened(document)
        if document.document_id in differing:
            found.insert(0, differing[document.document_id])
        known = {warning.code for warning in document.warnings}
        new = tuple(warning for warning in found if warning.code not in known)
        examined.append(replace(document, warnings=document.warnings + new))
    return examined
