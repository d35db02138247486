"""What a reader keeps between questions follows the catalogue, also where an index lags."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index_store import sync
from index_store.catalogue.reading import Catalogue
from index_store.errors import StoreError
from index_store.store import IndexStore
from index_store.types import DocumentWarning
from tests.kits.store_kit import ENCODER, IDENTITY, entry, letter


def writer(folder: Path, with_chroma: bool = False) -> IndexStore:
    return IndexStore.open(folder, write=True, encoder=IDENTITY, with_chroma=with_chroma)


def test_chroma_proposes_nothing_while_it_is_behind(tmp_path: Path) -> None:
    with writer(tmp_path, with_chroma=True) as store:
        store.put([letter(n) for n in range(80)])
    new = ENCODER.encode(["grain and frost"])[0]
    with writer(tmp_path) as store:  # which leaves Chroma out
        store.put([entry("new", "grain and frost")])
    with IndexStore.open(tmp_path, exact_limit=1) as reader:
        assert reader.dense_search(new, 1)[0].passage_id == "new#0"
    with writer(tmp_path, with_chroma=True):
        pass
    with IndexStore.open(tmp_path, exact_limit=1) as reader:
        assert reader.dense_search(new, 1)[0].passage_id == "new#0"


def test_stems_are_looked_up_again_when_the_word_index_has_caught_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writer(tmp_path) as store:
        store.put([entry("a", "harbour")])
        with IndexStore.open(tmp_path) as reader:
            asked = []
            apply = sync.apply_lexical

            def lagging(*given: object) -> None:
                asked.append((reader.stems_from("zebra"), reader.near_stems()))  # after the commit
                apply(*given)  # type: ignore[arg-type]

            monkeypatch.setattr(sync, "apply_lexical", lagging)
            noise = DocumentWarning("ocr_noise", "hardly legible")
            store.put([entry("b", "zebra", warnings=(noise,))])
            assert asked[0] == ([], None)
            assert reader.stems_from("zebra") == ["zebra"]
            near = reader.near_stems()
            assert near is not None and near.near("zebr", 1) == {"zebra": 1}


def test_a_fault_does_not_hide_a_new_quotation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writer(tmp_path) as store, IndexStore.open(tmp_path) as reader:
        store.put([entry("a", "frost on the canal")])
        assert reader.containing("frostonthecanal") == ["a"]
        store.put([entry("b", "the envoy left")])

        def lost(*_: object) -> None:
            raise StoreError("the connection was lost")

        with monkeypatch.context() as patch:
            patch.setattr(Catalogue, "keys_after", lost)
            with pytest.raises(StoreError, match="lost"):
                reader.containing("theenvoyleft")
        assert reader.containing("theenvoyleft") == ["b"]


def test_words_with_a_capital_are_read_from_new_texts_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    texts_after = Catalogue.texts_after

    def counted(self: Catalogue, row: int) -> Iterator[tuple[int, str]]:
        for found in texts_after(self, row):
            read.append(found[0])
            yield found

    monkeypatch.setattr(Catalogue, "texts_after", counted)
    with writer(tmp_path) as store, IndexStore.open(tmp_path) as reader:
        store.put([entry("a", "Berg met the envoy"), entry("b", "a letter to Dahl")])
        assert reader.capitalised() == {"Berg", "Dahl"} and len(read) == 2
        store.put([entry("c", "Berg and Somov")])
        store.delete(["b"])
        assert reader.capitalised() == {"Berg", "Dahl", "Somov"} and len(read) == 3
        assert reader.capitalised() is reader.capitalised() and len(read) == 3
