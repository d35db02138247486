"""Words that were misread: which stems they may have become, and that they are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from index_store.analysis.near_stems import NearStems
from index_store.store import IndexStore
from index_store.types import DocumentWarning
from rag.models.bundle import make
from rag.models.lexicon import bundled
from rag.questions.query import understand
from rag.quotations.verify import verify
from rag.retrieval.candidates import gather
from rag.retrieval.misreadings import MOST, misreadings
from rag.types import Filters
from tests.kits.hashing import HashingEncoder
from tests.kits.store_kit import entry

NOISE = (DocumentWarning("ocr_noise", "badly read"),)
ENCODER = HashingEncoder(dimension=32)


def test_a_near_stem_is_a_misreading_unless_it_is_a_word() -> None:
    stems = ["harboui", "harvour", "labour", "harb", "зезн", "верн", "wai", "a"]
    near = NearStems(stems).near
    expanded = [{"harbour": 1.0}, {"зерн": 0.5, "grain": 0.1}, {"war": 1.0}, {}]
    found = misreadings(expanded, "ru", bundled(), near)
    assert found == [{"harboui": 0.6, "harvour": 0.6}, {"зезн": 0.3}, {}, {}]
    assert misreadings(expanded, "de", bundled(), near) == [{}, {}, {}, {}]


def test_longer_stems_may_have_two_letters_misread_and_the_nearest_are_kept() -> None:
    near = NearStems(["telegiam1", "tclegraph", "telegraq"]).near
    (found,) = misreadings([{"telegram": 1.0}], "en", bundled(), near)
    assert found == {"telegiam1": 0.4, "telegraq": 0.6}
    many = [f"telegra{chr(0x100 + n)}" for n in range(MOST + 20)]
    (found,) = misreadings(
        [{"telegram": 1.0}], "en", bundled(), NearStems([*many, "tclcgram"]).near
    )
    assert len(found) == MOST and "tclcgram" not in found


def _ranked(folder: Path, question: str) -> list[str]:
    models = make(ENCODER, languages=frozenset())
    with IndexStore.open(folder) as store:
        query = understand(question, Filters(), store)
        return [
            p
            for p, _ in gather(query, store, models, None).ranked({"lexical": 1.0, "document": 1.0})
        ]


@pytest.mark.parametrize(
    ("question", "right", "misread"),
    [
        ("Who repaired the lighthouse?", "lighthouse", "1ighthonse"),
        ("Кто чинил маяк в гавани?", "harbour", "harhour"),
        ("Кто чинил телеграф?", "телеграф", "телеграo"),
    ],
)
def test_a_misread_word_is_found_in_marked_documents(
    tmp_path: Path, question: str, right: str, misread: str
) -> None:
    lang = "ru" if right == "телеграф" else "en"
    others = [entry(f"other{n}", "Grain and frost in the canal.", lang=lang) for n in range(5)]
    text = f"Old men mended the {misread} again."
    with IndexStore.open(tmp_path, write=True, encoder=ENCODER.identity) as store:
        store.put([*others, entry("read", text, lang=lang)])
    assert _ranked(tmp_path, question) == []
    with IndexStore.open(tmp_path, write=True) as store:
        store.put([entry("read", text, lang=lang, warnings=NOISE)])
    assert _ranked(tmp_path, question) == ["read#0"]


def test_a_clean_quotation_of_common_words_is_found_in_a_misread_text(tmp_path: Path) -> None:
    quotation = "which he had seen during his recent visit to the town"
    misread = "whieh he had scen durlng his recent vislt to the tovvn"
    words = quotation.split()[::-1]
    others = [entry(f"other{n}", " ".join(words[n % 9 :] + words[: n % 9])) for n in range(60)]
    with IndexStore.open(tmp_path, write=True, encoder=ENCODER.identity) as store:
        store.put([*others, entry("read", f"Of the men {misread} he said no more.")])
        report = verify(quotation, store)
    assert report.status == "near"
    citation = report.matches[0].citation
    assert (citation.document.document_id, citation.start) == ("read", 11)
    differing = [(d.quoted, d.stored) for d in report.matches[0].differences]
    assert differing == [
        ("which", "whieh"), ("seen during", "scen durlng"), ("visit", "vislt"), ("town", "tovvn")
    ]  # fmt: skip
