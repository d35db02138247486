"""Near stems: the same as comparing every stem, letter by letter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from index_store.analysis.near_stems import NearStems

STEMS = st.text("abcrnmишщ1", max_size=10)


@given(st.sets(STEMS, max_size=60), STEMS, st.integers(1, 2))
def test_all_stems_within_the_distance_are_found_and_no_others(
    stems: set[str], stem: str, most: int
) -> None:
    near = NearStems(stems).near(stem, most)
    distances = {other: Levenshtein.distance(stem, other) for other in stems if other and stem}
    assert near == {other: d for other, d in distances.items() if 1 <= d <= most}
    assert list(near) == sorted(near)
