"""Which sentences are quoted, and which are joined."""

from __future__ import annotations

from dataclasses import replace

from index_store.types import Document, DocumentWarning, Hit, Passage
from rag.answers.evidence import Evidence
from rag.answers.selection import choose

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
            ("There are ten kilograms.", -1.05, 1.0),
            ("It must last until May.", -1.1, 1.0),
        )
    )
    assert quotes(without, number, later) == [text[: text.index(" It must")]]
    assert quotes(without, later) == ["The oil was weighed in the shed."]
    told = replace(without, features={"answer_type": 1.0})
    assert quotes(told, number) == ["The oil was weighed in the shed."]


def test_a_clear_case_is_quoted_once_and_a_doubtful_one_more_often() -> None:
    text = "The captain wrote to the depot. Snow fell. Ice held the bay."
    best = evidence("The captain wrote to the depot.", 1.0, of=hit("d", text))
    ice = "Ice held the bay."
    assert quotes(best, evidence(ice, -1.1, of=hit("d", text))) == [best.text]
    assert quotes(best, evidence(ice, -0.9, of=hit("d", text))) == [best.text, ice]
    assert quotes(best, evidence(ice, 0.7, of=hit("e", ice))) == [best.text]
    assert quotes(best, evidence(ice, 0.9, of=hit("e", ice))) == [best.text, ice]


def test_few_quotations_of_few_documents() -> None:
    text = "One came. Two went by. Two sank. Two rose. Two fell."
    told = [s for s in text.split(". ") if s != "Two went by"]
    of_one = [evidence(sentence, 1.0, of=hit("d", text)) for sentence in told]
    assert len(quotes(*of_one)) == 2
    others = [evidence(f"Ship {n} lay still.", 1.0, of=hit(f"e{n}", f"Ship {n} lay still."))
              for n in range(5)]  # fmt: skip
    assert len(quotes(*others)) == 3
    assert len(quotes(*of_one, *others)) == 4


def test_neighbours_become_one_quotation() -> None:
    joined = quotes(evidence(SENTENCES[3], 1.0, "ice"), evidence(SENTENCES[2], 0.9, "captain"))
    assert joined == ["The captain wrote to the depot. Ice held the bay."]


def test_a_copy_is_not_quoted_twice() -> None:
    one, two = (
        evidence(SENTENCES[3], 1.0, "ice"),
        evidence(SENTENCES[3], 1.0, "ice", "x", of=hit("e")),
    )
    assert quotes(one, two) == [SENTENCES[3]]


def test_a_version_is_not_quoted_beside_the_other() -> None:
    """The panel shows it there; but halves that were found to differ are two documents."""
    same = []
    for of, lang in ((hit("e", "Ice held the bay."), "en"), (hit("r", "Лёд держал бухту."), "ru")):
        same.append(replace(of, document=replace(of.document, lang=lang, record_id="1929")))
    best = evidence("Ice held the bay.", 1.0, of=same[0])
    other = evidence("Лёд держал бухту.", 0.9, of=same[1])
    assert quotes(best, other) == ["Ice held the bay."]
    warned = replace(same[1].document, warnings=(DocumentWarning("halves_differ", "they differ"),))
    apart = evidence("Лёд держал бухту.", 0.9, of=replace(same[1], document=warned))
    assert quotes(best, apart) == ["Ice held the bay.", "Лёд держал бухту."]
