"""Short names of warnings, for where the whole message would stand many times."""

from __future__ import annotations

from index_store.types import DocumentWarning

NAMES = {
    "undated": "The document has no date: a filter by date does not find it.",
    "date_conflict": "The document's date disagrees with the date in the text.",
    "machine_translation": "Translated by a machine; quote the original.",
    "halves_differ": "The English and Russian texts do not seem to be one text.",
    "duplicate": "Another document has the same text.",
    "near_duplicate": "Another document has nearly the same text.",
    "page_range": "Leaves or pages are in an impossible order.",
    "ocr_noise": "The text seems to be badly read.",
    "page_missing": "Files of some of its pages are missing.",
    "page_not_read": "Some of its pages are pictures that were not read.",
    "no_picture": "Some of its pages have no picture.",
    "picture_shape": "Some pictures are not those of the pages that were read.",
    "old_orthography": "Printed in the old orthography.",
}


def name(warning: DocumentWarning) -> str:
    """The warning in one short sentence; the message itself where it has none."""
    return NAMES.get(warning.code, warning.message)
