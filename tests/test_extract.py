"""Which sentences are quoted, and which are joined."""

from __future__ import annotations

from dataclasses import replace

from index_store.types import Document, Hit, Passage
from rag.evidence import Evidence
from rag.extract import choose

TEXT = "The ship lay still. It had no coal. The captain wrote to the depot. Ice held the bay."
SENTENCES = [
    "The ship lay still.",
    "It had no coal.",
    "The captain wrote to the depot.",
    "Ice held the bay.",
]


def hit(name: str = "d", text: str = TEXT) -> Hit:
    return Hit(
        Passage(f"{name}#0", name, 0, 0, len(text), text), Document(name, name, "en", text), 1, 1.0
    )


def evidence(sentence: str, score: float, *covered: str, of: Hit | None = None) -> Evidence:
    of = of or hit()
    start = of.document.text.index(sentence)
    return Evidence(of, start, start + len(sentence), score, {}, frozenset(covered))


def quotes(*items: Evidence) -> list[str]:
    return [q.hit.document.text[q.start : q.end] for q in choose(items)]


def test_nothing_from_nothing() -> None:
    assert choose([]) == []


def test_a_sentence_that_leans_is_quoted_with_the_one_before() -> None:
    assert quotes(evidence(SENTENCES[1], 1.0, "coal")) == ["The ship lay still. It had no coal."]


def test_a_preposition_leans_too() -> None:
    text = "Thirty tons came. Of these two fell into the water."
    item = evidence("Of these two fell into the water.", 1.0, "water", of=hit("f", text))
    assert quotes(item) == [text]


def test_the_next_sentence_is_quoted_where_only_it_has_what_is_asked_for() -> None:
    text = "The oil was weighed in the shed. There are ten kilograms. It must last until May."
    of = hit("o", text)
    without, number, later = (
        replace(evidence(words, score, "oil", of=of), features={"answer_type": kind})
        for words, score, kind in (
            ("The oil was weighed in the shed.", 1.0, 0.0),
            ("There are ten kilograms.", 0.3, 1.0),
            ("It must last until May.", 0.2, 1.0),
        )
    )
    assert quotes(without, number, later) == [text[: text.index(" It must")]]
    assert quotes(without, later) == ["The oil was weighed in the shed."]
    told = replace(without, features={"answer_type": 1.0})
    assert quotes(told, number) == ["The oil was weighed in the shed."]


def test_more_only_where_it_adds_something() -> None:
    best = evidence(SENTENCES[2], 1.0, "captain")
    assert quotes(best, evidence(SENTENCES[3], 0.95, "captain")) == [SENTENCES[2]]
    assert quotes(best, evidence(SENTENCES[3], 0.5, "ice")) == [SENTENCES[2]]
    other = hit("e", "Ice held the bay.")
    assert quotes(best, evidence(SENTENCES[3], 0.95, "ice", of=other)) == SENTENCES[2:]


def test_neighbours_become_one_quotation() -> None:
    joined = quotes(evidence(SENTENCES[3], 1.0, "ice"), evidence(SENTENCES[2], 0.9, "captain"))
    assert joined == ["The captain wrote to the depot. Ice held the bay."]


def test_a_copy_is_not_quoted_twice() -> None:
    one, two = (
        evidence(SENTENCES[3], 1.0, "ice"),
        evidence(SENTENCES[3], 1.0, "ice", "x", of=hit("e")),
    )
    assert quotes(one, two) == [SENTENCES[3]]
