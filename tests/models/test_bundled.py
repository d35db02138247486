"""The bundled encoder: any language, any length, the same vectors whatever the batch."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from index_store.errors import StoreMismatch
from index_store.store import EncoderIdentity, IndexStore
from rag.errors import EncoderError
from rag.models.bundled import FILE, NAME, WINDOW, BundledEncoder, bundled_encoder
from rag.models.e5 import graph, int8
from rag.models.e5.body import GRAPH, word_pieces
from rag.models.encoder import Encoder

LONG = "The weather in the harbour was fair and the wind was light. " * 40
TEXTS = ["", "Coal.", "What did the captain ask of the institute in 1931?", "Уголь", LONG]


@pytest.fixture(scope="module")
def encoder() -> BundledEncoder:
    return bundled_encoder()


def test_shape_and_norm(encoder: BundledEncoder) -> None:
    vectors = encoder.encode_passages(["The ship is fast in the ice.", "", "x" * 5000])
    assert vectors.shape == (3, encoder.identity.dimension) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert encoder.encode_queries([]).shape == (0, encoder.identity.dimension)
    assert isinstance(encoder.languages, type(None))


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        ("What does the captain need?", "The skipper asks for fuel.", "She bought a blue dress."),
        ("Чего просит капитан?", "The skipper asks for fuel.", "She bought a blue dress."),
        ("What did the ambassador send?", "Посол отправил телеграмму.", "Собака спит на берегу."),
        ("Wann kam der Zug an?", "The train came in at noon.", "Bread is dear this winter."),
        ("¿Quién robó el reloj?", "Die Uhr hat der Koch gestohlen.", "Das Eis ist dick."),
        ("Kto ukradł zegarek?", "Часы украл повар.", "Лёд толстый."),
    ],
)
def test_an_answer_is_nearer_than_another_passage_in_any_language(
    encoder: BundledEncoder, question: str, answer: str, other: str
) -> None:
    (asked,) = encoder.encode_queries([question])
    right, wrong = encoder.encode_passages([answer, other]) @ asked
    assert right > wrong + 0.05


def test_questions_and_passages_have_prompts_of_their_own(encoder: BundledEncoder) -> None:
    query, passage = encoder.encode_queries(["coal"]), encoder.encode_passages(["coal"])
    assert not np.allclose(query, passage, atol=1e-3)


def test_the_end_of_a_long_passage_counts(encoder: BundledEncoder) -> None:
    plain, with_end = encoder.encode_passages(
        [LONG, LONG + "The chronometer was stolen by night. " * 8]
    )
    assert plain @ with_end < 0.999, "what lies beyond the window must change the vector"


def test_a_text_slightly_longer_than_a_window_is_split_evenly(encoder: BundledEncoder) -> None:
    """The last few pieces must not count as much as a whole window."""
    (pieces,) = word_pieces().of([LONG])
    window, longer = (LONG[: pieces[n][1]] for n in (WINDOW, WINDOW + 3))
    whole, cut = encoder.encode_passages([window, longer])
    assert whole @ cut > 0.95


def test_what_is_encoded_together_changes_no_vector(encoder: BundledEncoder) -> None:
    together = encoder.encode_passages(TEXTS)
    alone = np.concatenate([encoder.encode_passages([text]) for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-5


def test_marks_of_the_model_in_a_text_are_text(encoder: BundledEncoder) -> None:
    assert [i for i, _, _ in word_pieces().of(["</s>"])[0]] != [word_pieces().weights.special.end]


def test_rounded_weights_fit_every_processor(encoder: BundledEncoder) -> None:
    """Without instructions for int8, two products are added in 16 bits."""
    weights = int8.graph_weights(word_pieces().weights, int8.read(FILE))
    rounded = [value for name, value in weights.items() if name.endswith(".rounded")]
    assert len(rounded) == 4 * word_pieces().weights.sizes.layers
    greatest = max(int(np.abs(value.astype(int)).max()) for value in rounded)
    assert 2 * 255 * greatest <= np.iinfo(np.int16).max


def test_the_graph_is_the_one_its_script_writes() -> None:
    assert GRAPH.read_bytes() == graph.build()
    assert word_pieces().weights.sizes == pytest.approx(graph.SIZES)


def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    damaged = tmp_path / "finder.safetensors"
    damaged.write_bytes(FILE.read_bytes()[:1000])
    with pytest.raises(EncoderError, match=r"finder\.safetensors cannot be read.*Fonds again"):
        int8.read(damaged)


def test_the_weights_are_those_that_were_measured(encoder: BundledEncoder) -> None:
    recorded = json.loads(FILE.with_suffix(".json").read_text(encoding="utf-8"))
    content = FILE.read_bytes()
    assert recorded["sha256"] == hashlib.sha256(content).hexdigest()
    assert recorded["bytes"] == len(content)
    assert encoder.identity.name == f"{NAME}-{recorded['sha256'][:12]}"


def test_a_store_of_another_encoder_is_refused_with_the_command_to_run(
    tmp_path: Path, encoder: Encoder
) -> None:
    older = EncoderIdentity("all-MiniLM-L6-v2", 384)
    IndexStore.open(tmp_path / "store", write=True, encoder=older).close()
    with pytest.raises(StoreMismatch, match="fonds ingest"):
        IndexStore.open(tmp_path / "store", write=True, encoder=encoder.identity)
