"""The sounds of words: what skeletons and outlines have in common."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index_store.analysis.folding import fold
from rag.text.phonetics import outlines, skeletons

LATIN = "abcdefghijklmnopqrstuvwxyzäöüßéñłčšžøćźőş"
CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяёѣіѳѵєїґљњў"


@given(st.text(LATIN, min_size=1, max_size=50) | st.text(CYRILLIC, min_size=1, max_size=50))
def test_a_word_has_the_outline_of_its_skeletons(word: str) -> None:
    word = fold(word)
    assert set(outlines(skeletons(word))) == set(outlines([word]))


def test_outlines_keep_the_order_of_the_words() -> None:
    words = ["ворошилов", "voroshilov", "eisenstein", "эйзенштейн", "hull", "аа"]
    assert outlines(words) == ["rl", "rl", "n", "n", "l", ""]
    assert outlines([]) == []
