"""Quotations against a store of invented letters, in the real index store.

The first tests are the ones that matter: thousands of seeded mutations of stored passages, none
of which may be called exact or normalised, and hundreds of variants of form, all of which must be
found and shown as stored.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from index_store.catalogue.entry import EncoderIdentity, Entry
from index_store.store import IndexStore
from index_store.types import Document
from rag.errors import NotStored, UsageError
from rag.quotations.verify import MAX_MATCHES, verify
from rag.text.chunking import split
from rag.text.normalization import key
from rag.text.sentences import sentences

ENGLISH = (
    "The {a} did not reach {p} before {n} {m}, and nobody at the harbour was told of it.",
    "I have read your report on the {a}; it is not complete, but it is honest.",
    'Captain Orlov calls it "a matter of {n} days" -- he has never seen the {a} himself.',
    "We shall need {n} tons of grain (or more) if the railway to {p} is not repaired.",
    "Please don't send the {a} to {p} until I write again, in {m} at the latest.",
    "On {n} {m} the self-government board met and agreed to 1,5{n} roubles for the {a}.",
)
RUSSIAN = (
    "Всё, что вы пишете про {a}, не соответствует тому, что мы видели {n} {m}.",
    "Я не думаю, что {a} поможет нам — ни в {p}, ни в другом месте.",
    "Капитан Орлов называет это «делом {n} дней», но сам он не видел, как устроен {a}.",
    "Нам понадобится {n} тонн зерна (или больше), если дорогу на {p} не починят.",
    "Прошу не посылать {a} в {p} до {m}: ещё ничего не решено, см. № {n}.",
    "Комитет собрался {n} {m} и постановил выдать северо-западной артели {n} рублей.",
)
NOUNS = {
    "en": ["lighthouse stores", "ice-breaker", "telegraph line", "relief train", "winter coal"],
    "ru": ["ледокол", "телеграф", "санный обоз", "маяк", "запасной паровоз", "мельничный двор"],
}
PLACES = {"en": ["Verkhov", "Port Amber", "Lunda"], "ru": ["Верхов", "Янтарный", "Лунду"]}
MONTHS = {"en": ["March", "May", "June"], "ru": ["марта", "мая", "июня"]}
ALPHABET = {"en": "abcdefghijklmnopqrstuvwxyz", "ru": "абвгдежзийклмнопрстуфхцчшщъыьэюяё"}


def letter(rng: random.Random, lang: str, name: str) -> Document:
    def sentence() -> str:
        form = rng.choice(ENGLISH if lang == "en" else RUSSIAN)
        return form.format(
            a=rng.choice(NOUNS[lang]),
            p=rng.choice(PLACES[lang]),
            m=rng.choice(MONTHS[lang]),
            n=rng.randint(2, 99),
        )

    paragraphs = [" ".join(sentence() for _ in range(rng.randint(3, 6))) for _ in range(4)]
    return Document(name, name, lang, "\n\n".join(paragraphs), title=name, date="1927-05-04")


SPECIAL = Document(
    "special",
    "special",
    "en",
    "They said it was a non-aggression pact ... and nothing more. [3] She came in 1927.\n\n"
    "The committee of the port, which had waited for the ice to go since the end of winter, "
    "resolved to ask the government for help. The answer was long in coming. When it came, "
    "it said that the town must help itself.\n\nThe exam-\nple of Lunda was self-\ngovernment.",
)


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    rng = random.Random(1927)
    return [letter(rng, lang, f"{lang}-{i}") for lang in ("en", "ru") for i in range(15)]


@pytest.fixture(scope="module")
def store(
    documents: list[Document], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[IndexStore]:
    entries = []
    for document in [*documents, SPECIAL]:
        passages = tuple(split(document))
        vectors = np.tile(np.eye(1, 4, dtype=np.float32), (len(passages), 1))
        entries.append(Entry(document, passages, vectors, key(document.text), document.title))
    folder: Path = tmp_path_factory.mktemp("verify") / "store"
    with IndexStore.open(folder, write=True, encoder=EncoderIdentity("none", 4)) as opened:
        opened.put(entries)
        yield opened


def stands(text: str, everything: str) -> bool:
    """Whether the text, mutated as it is, stands there as whole words."""
    return re.search(rf"(?<!\w){re.escape(text.strip())}(?!\w)", everything) is not None


@cache
def stretches_of(text: str) -> list[str]:
    """Its sentences and its passages."""
    told = [text[start:end] for start, end in sentences(text)]
    return told + [p.text for p in split(Document("", "", "en", text))]


def stretches(document: Document) -> list[str]:
    return stretches_of(document.text)


def mutate(rng: random.Random, lang: str, text: str, other: str) -> str | None:
    """The text with a letter, a digit, a negation or half of it wrong."""
    kind = rng.choice(["letter", "digit", "negation", "splice"])
    if kind == "splice":
        words, more = text.split(" "), other.split(" ")
        return " ".join(words[: len(words) // 2] + more[len(more) // 2 :])
    if kind == "negation":
        found = [m for m in re.finditer(r"\b(?:not|never|не|ни|nobody) ", text) if m.start()]
        if not found:
            return None
        gone = rng.choice(found)
        return text[: gone.start()] + text[gone.end() :]
    wanted, alphabet = (
        (str.isalpha, ALPHABET[lang]) if kind == "letter" else (str.isdigit, "0123456789")
    )
    places = [i for i, character in enumerate(text) if wanted(character)]
    if not places:
        return None
    i = rng.choice(places)
    new = rng.choice([c for c in alphabet if c != text[i].lower()])
    return text[:i] + rng.choice([new, new + text[i], ""]) + text[i + 1 :]


@pytest.mark.parametrize("trials", [2000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_no_mutation_is_called_exact_or_normalised(
    trials: int, store: IndexStore, documents: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "rag.quotations.fuzzy_search.candidates", lambda *_: []
    )  # claim neither; cost time
    rng = random.Random(f"31 {trials}")
    everything = "\n\n".join(document.text for document in documents)
    tried = 0
    while tried < trials:
        document, other = rng.choice(documents), rng.choice(documents)
        text = mutate(
            rng, document.lang, rng.choice(stretches(document)), rng.choice(stretches(other))
        )
        if text is None or (text.strip() in everything and stands(text, everything)):
            continue
        assert verify(text, store).status == "absent", text
        tried += 1


@pytest.mark.parametrize("trials", [60, pytest.param(2000, marks=pytest.mark.slow)])
def test_right_words_in_the_wrong_document(
    trials: int, store: IndexStore, documents: list[Document]
) -> None:
    rng = random.Random(32)
    asked = 0
    while asked < trials:
        document, other = rng.choice(documents), rng.choice(documents)
        text = rng.choice(stretches(document))
        if text in other.text:
            continue
        assert verify(text, store, other.document_id).status in ("near", "absent"), text
        asked += 1


def vary(rng: random.Random, text: str) -> str:
    """The text in another form."""
    inside = r"(?<=[^\W\d_]{2})(?=[^\W\d_]{2})"
    forms: dict[str, Callable[[str], str]] = {
        "nfd": lambda t: unicodedata.normalize("NFD", t),
        "spaces": lambda t: re.sub(" ", lambda _: rng.choice([" ", "\xa0", "\u2009", "\n"]), t),
        "soft hyphens": lambda t: re.sub(inside, lambda _: rng.choice(["", "\xad"]), t),
        "line ends": lambda t: re.sub(inside, lambda _: rng.choice([*[""] * 9, "-\n"]), t),
        "quotes": lambda t: re.sub('[«"](?=\\w)', "“", re.sub('(?<=\\w)["»]', "”", t)),
        "apostrophes": lambda t: t.replace("'", "’"),
        "dashes": lambda t: re.sub(" (?:--|—) ", lambda _: rng.choice([" – ", "—", " -- "]), t),
        "no stop": lambda t: t.removesuffix("."),
        "in quotes": lambda t: f"«{t}»",
    }
    for name in rng.sample(sorted(forms), 2):
        text = forms[name](text)
    return text


@pytest.mark.parametrize("trials", [500, pytest.param(10_000, marks=pytest.mark.slow)])
def test_variants_of_form_are_found_and_shown_as_stored(
    trials: int, store: IndexStore, documents: list[Document]
) -> None:
    rng = random.Random(33)
    for _ in range(trials):
        document = rng.choice(documents)
        text = rng.choice(stretches(document))
        report = verify(vary(rng, text), store, document.document_id)
        assert report.status in ("exact", "normalised"), text
        for match in report.matches:
            citation = match.citation
            assert citation.quote == document.text[citation.start : citation.end]
            assert key(citation.quote) == key(text)


def test_every_place_is_given_best_first(store: IndexStore, documents: list[Document]) -> None:
    report = verify("Captain Orlov", store)
    assert report.status == "exact"
    assert len(report.matches) == MAX_MATCHES
    places = [(m.citation.document.document_id, m.citation.start) for m in report.matches]
    assert places == sorted(places)
    assert [m.citation.n for m in report.matches] == list(range(1, MAX_MATCHES + 1))


@pytest.mark.parametrize(
    ("quotation", "status"),
    [
        ("a non-aggression pact", "exact"),
        ("aggression pact", "near"),  # cut out of a longer word
        ("She came in 192", "near"),
        ("pact ... and nothing more", "exact"),  # the ellipsis is the letter's own
        ("it was a … pact", "exact"),
        ("… a non-aggression pact …", "exact"),
        ("The committee […] resolved to ask the government", "exact"),
        ("resolved to ask the government […] The committee of the port", "absent"),
        ("The committee [of the harbour], which had waited", "exact"),
        ("[t]he committee of the port", "normalised"),
        ("[s]he committee of the port", "near"),
        ("and nothing more. [3] She came", "exact"),
        ("and nothing more. [4] She came", "near"),
        ("the example of Lunda", "near"),  # "The" in the letter
        ("example of Lunda was self-government", "normalised"),
        ("The committee of the port which had waited for the ice to go", "near"),
        ("Three hundred barrels of herring were sold in the autumn fair", "absent"),
    ],
)
def test_readings(store: IndexStore, quotation: str, status: str) -> None:
    assert verify(quotation, store, "special").status == status


def test_segments_are_cited_from_the_first_to_the_last(store: IndexStore) -> None:
    (match,) = verify("The answer was long … the town must help itself.", store).matches
    assert match.citation.quote.startswith("The answer was long in coming.")
    assert match.citation.quote.endswith("the town must help itself.")


def test_near_shows_the_words_that_differ(store: IndexStore) -> None:
    wrong = "resolved not to ask the government for money. The answer was long in comming"
    (match,) = verify(wrong, store).matches
    assert match.status == "near"
    shown = [(d.quoted, d.stored) for d in match.differences]
    assert shown == [("not", ""), ("money.", "help."), ("comming", "coming")]
    quote = "resolved to ask the government for help. The answer was long in coming"
    assert match.citation.quote == quote
    assert match.to_dict()["check"] == "near"


def test_yo_is_found_and_shown(store: IndexStore, documents: list[Document]) -> None:
    stored = next(
        s for d in documents for s in stretches(d) if s.startswith("Всё") and s.count(".") == 1
    )
    report = verify(stored.replace("ё", "е"), store)
    assert report.status == "near"
    assert [(d.quoted, d.stored) for d in report.matches[0].differences] == [("Все,", "Всё,")]


def test_a_splice_of_two_documents_is_explained(
    store: IndexStore, documents: list[Document]
) -> None:
    first = "They said it was a non-aggression pact"
    second = next(s for s in stretches(documents[3]) if len(s.split()) < 30)
    for quotation in (f"{first} {second}", f"{second} {first}"):
        report = verify(quotation, store)
        assert report.status in ("near", "absent")
        told = report.explanation
        assert told is not None and told.code == "splice"
        assert told.message.startswith("These words stand in two documents: ")
        assert "special (undated)" in told.message
        quotes = [part.citation.quote for part in told.parts]
        assert " ".join(quotes) == quotation
        for part in told.parts:
            citation = part.citation
            assert citation.quote == citation.document.text[citation.start : citation.end]
        assert report.to_dict()["explanation"]["parts"][1]["quote"] == quotes[1]


def test_a_splice_within_one_document_is_explained(store: IndexStore) -> None:
    report = verify("The answer was long in coming. They said it was a non-aggression pact", store)
    assert report.explanation is not None and report.explanation.code == "splice"
    assert "two places of special" in report.explanation.message


@pytest.mark.parametrize(
    "quotation",
    [
        "The committee of the port, which had waited for the ice to go since the end of summer",
        "They said it was a non-aggression pact",
        "Three hundred barrels of herring were sold in the autumn fair",
        "When it came, it said the town must help itself.",
    ],
)
def test_what_is_no_splice(store: IndexStore, quotation: str) -> None:
    assert verify(quotation, store).explanation is None


def test_right_words_in_the_wrong_document_are_explained(
    store: IndexStore, documents: list[Document]
) -> None:
    report = verify("They said it was a non-aggression pact", store, documents[0].document_id)
    assert report.status in ("near", "absent")
    told = report.explanation
    assert told is not None and told.code == "elsewhere"
    assert told.message == (
        f"These words do not stand in {documents[0].document_id}; they stand in special (undated)."
    )
    assert [part.citation.document.document_id for part in told.parts] == ["special"]


def test_unrelated_words_are_absent(store: IndexStore) -> None:
    for quotation in (
        "The opera house will be opened by the mayor on the first Sunday of the new season.",
        "Не было ни одного человека, который бы помнил, как звали старого учителя музыки.",
    ):
        report = verify(quotation, store)
        assert (report.status, report.matches) == ("absent", ())


@pytest.mark.parametrize("quotation", ["", " … ", "«—»", "[…]", "a b"])
def test_too_little_to_look_for(store: IndexStore, quotation: str) -> None:
    with pytest.raises(UsageError, match="fewer than 3"):
        verify(quotation, store)


def test_unknown_document(store: IndexStore) -> None:
    with pytest.raises(NotStored, match="nowhere"):
        verify("Captain Orlov", store, "nowhere")


@pytest.mark.parametrize("text", ["[" * 100_000, "… " * 30_000, "a-\n" * 30_000, '"' * 100_000])
def test_adversarial_quotations_end(store: IndexStore, text: str) -> None:
    assert verify(f"herring barrels {text} zzz", store, "special").status == "absent"
