"""Lower case of equal length, and characters without a visible form."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.characters import lower, without_unseen

TEXT = st.text(st.one_of(st.characters(), st.sampled_from("İIıẞŁ\u200b\u202e\xad\x00\t\n")))


@settings(deadline=None, max_examples=200)
@given(TEXT)
def test_lower_case_has_the_same_length(text: str) -> None:
    assert len(lower(text)) == len(text)
    assert all(
        low in (c.lower(), "i") for c, low in zip(text, lower(text), strict=True) if c != "Σ"
    )


@settings(deadline=None, max_examples=200)
@given(TEXT)
def test_only_unseen_characters_are_removed(text: str) -> None:
    kept = without_unseen(text)
    unseen = [c for c in text if unicodedata.category(c)[0] == "C" and c not in "\n\t"]
    assert len(kept) == len(text) - len(unseen)
    assert without_unseen(kept) == kept
    assert not set(kept) & set(unseen)


def test_what_is_unseen() -> None:
    assert without_unseen("a\u200bb\u202ec\xad\x07\ud800d\ne\tf\U000e0041") == "abcd\ne\tf"
