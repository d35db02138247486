"""Questions that depend on the turns before, on invented letters and on the sample archive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import samples
from index_store.store import IndexStore
from index_store.types import Document
from rag import Archive
from rag.questions import followups, rewriting
from rag.types import Turn
from tests.kits.excerpts import build

LETTERS = {
    "report": ("A. Lidin", "V. Orlov", "1927-05-04", "The Lunda lighthouse is out of oil."),
    "reply": ("V. Orlov", "A. Lidin", "1927-05-20", "Forty barrels of oil have left Verkhov."),
    "later": ("V. Orlov", "A. Lidin", "1928-02-01", "The barrels were empty when they came."),
    "told": ("A. Lidin", "Vera Berova", "1929-01-02", "Orlov was elected master of the light."),
    "hers": ("Vera Berova", "A. Lidin", "1927-06-01", "I have drawn the shoal of Lunda."),
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexStore]:
    documents = [
        Document(
            name,
            name,
            "en",
            text,
            title=f"Letter to {recipient}",
            author=author,
            recipient=recipient,
            date=day,
            date_from=day,
            date_to=day,
            sha256="0" * 64,
            path=f"{name}.txt",
        )
        for name, (author, recipient, day, text) in LETTERS.items()
    ]
    folder: Path = tmp_path_factory.mktemp("conversation") / "store"
    build(folder, documents)
    with IndexStore.open(folder) as opened:
        yield opened


def turn(question: str, *cited: str) -> Turn:
    answer = "\n\n".join(f"“{LETTERS[name][3]}” [{n}]" for n, name in enumerate(cited, 1))
    return Turn(question, answer)


REPORT = turn("What did Lidin report of the lighthouse in 1927?", "report")
HERS = turn("What did Berova draw?", "hers")
BOTH = turn("What is known of Lunda?", "report", "hers")
TWO = turn("What did Lidin report to Orlov?", "report")
TWO_RU = turn("О чём Лидин писал Орлову?", "report")


ABOUT = "What did Lidin report of the lighthouse in "
TITLE = "“Letter to V. Orlov”"


@pytest.mark.parametrize(
    ("question", "history", "understood", "documents", "pointed"),
    [
        ("And what did he answer?", [REPORT], "what did V. Orlov answer?", "reply", True),
        ("What did Orlov reply to it?", [REPORT], "What did Orlov reply to it?", "reply", True),
        ("Tell me more about the second document.", [BOTH], BOTH.question, "hers", True),
        ("Who drew the second one?", [BOTH], "Who drew the second one?", "hers", True),
        ("And the second one?", [BOTH], BOTH.question, "hers", True),
        ("расскажи подробнее о втором документе", [BOTH], BOTH.question, "hers", True),
        ("Tell me more.", [BOTH], BOTH.question, "report", True),
        ("Who signed it?", [REPORT], f"Who wrote the document {TITLE}?", "report", True),
        ("Кто это подписал?", [BOTH], "Кто написал документ «Letter to V. Orlov»?", "report", True),
        ("And in 1928?", [REPORT], f"{ABOUT}1928?", "", False),
        ("а в 1932 году?", [REPORT], f"{ABOUT}1932 году?", "", False),
        ("Was he ill then?", [REPORT], "Was Lidin ill then?", "report", False),
        ("Was he ill then?", [TWO], "Was he [Lidin or Orlov] ill then?", "report", False),
        ("Был ли он болен?", [TWO_RU], "Был ли он [Лидин или Орлову] болен?", "report", False),
        ("Уехал ли он из Лунды?", [REPORT], "Уехал ли Lidin из Лунды?", "report", False),
        ("И что он писал о маяке?", [TWO_RU], "что Лидин писал о маяке?", "report", False),
        (
            "And what does Captain Orlov say?",
            [REPORT],
            f"{REPORT.question} what does Captain Orlov say?",
            "report",
            False,
        ),
        (
            "А что он писал Вере Беровой?",
            [TWO_RU],
            "что Лидин писал Вере Беровой?",
            "report",
            False,
        ),
        (
            "What did he say of the oil?",
            [turn("Who became master of the light?", "told")],
            "What did Orlov say of the oil?",
            "told",
            False,
        ),
        ("What was her pay?", [HERS, HERS], "What was her [Berova] pay?", "hers", False),
    ],
)
def test_what_is_understood(
    store: IndexStore,
    question: str,
    history: list[Turn],
    understood: str,
    documents: str,
    pointed: bool,
) -> None:
    heard = followups.resolve_followup(question, history, store)
    assert heard is not None
    assert (heard.question, heard.pointed) == (understood, pointed)
    assert heard.documents == tuple(filter(None, [documents]))


@pytest.mark.parametrize(
    "question",
    ["What did Berova draw on the chart of Lunda?", "How many barrels left Verkhov in May 1927?"],
)
def test_a_question_that_stands_alone(store: IndexStore, question: str) -> None:
    assert followups.resolve_followup(question, [REPORT, BOTH], store) is None
    assert followups.resolve_followup("And what did he answer?", [], store) is None


def test_a_reply_that_the_archive_lacks_is_not_in_the_letter_itself(store: IndexStore) -> None:
    history = [turn("What did Lidin write to Berova?", "told")]
    heard = followups.resolve_followup("And what did she answer?", history, store)
    assert heard and (heard.documents, heard.excluded) == ((), ("told",))
    heard = followups.resolve_followup("And what did Lidin answer?", history, store)
    assert heard and heard.excluded == ()


def test_turns_before_the_last_are_remembered(store: IndexStore) -> None:
    history = [REPORT, turn("And what did he answer?", "reply"), Turn("Was he ill?", "No answer.")]
    heard = followups.resolve_followup("When was it written?", history, store)
    assert heard is not None and heard.documents == ("reply",)


@pytest.mark.parametrize("answer", ["", "[1]", "“” [1]", "“not there at all” [1]", "[99] [0]"])
def test_answers_that_point_nowhere(store: IndexStore, answer: str) -> None:
    heard = followups.resolve_followup(
        "And what did he answer?", [Turn("Of Lidin?", answer)], store
    )
    assert heard is not None and heard.documents == ()


def test_added_names() -> None:
    history = [Turn("What did Lidin write to Орлову in 1927?", "“The oil is gone.” [1]")]
    question = "And what did he answer?"
    assert rewriting.added_names("What did Orlov answer Lidin?", question, history) == []
    added = rewriting.added_names("What did Berg answer Lidin in 1931?", question, history)
    assert added == ["Berg", "1931"]
    seen = [Turn("Did he see a German?", "«Два немца», 3 мая 1927 года. [1]")]
    assert rewriting.added_names("Were the two Germans seen in 1927?", question, seen) == []
    told = "Берг был в двенадцатом ряду в июне 1927 года?"
    assert rewriting.added_names(told, question, seen) == ["Берг", "июне"]
    assert rewriting.added_names("Laden had nine?", question, history) == ["Laden", "9"]


def test_an_answer_says_what_was_understood(sample_archive: Archive) -> None:
    first = sample_archive.ask("Кто зажигал фонарь на мостике «Гагары»?")
    history = [Turn(first.question, first.answer)]
    answer = sample_archive.ask("А когда это написано?", history=history)
    assert answer.understood is not None and answer.understood.startswith("Когда написан документ")
    assert answer.statements[0].kind == "record"
    assert answer.to_dict()["history"] == [{"question": first.question, "answer": first.answer}]
    replayed = sample_archive.replay(answer.to_dict())
    assert replayed.same and replayed.changes == ()
    assert "understood" not in first.to_dict() and "history" not in first.to_dict()


@pytest.mark.slow
def test_dialogues_of_the_sample_archive(sample_archive: Archive) -> None:
    path = samples.ARCHIVE.parent / "dialogues.jsonl"
    right = turns = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        history: list[Turn] = []
        for asked in json.loads(line)["turns"]:
            answer = sample_archive.ask(asked["question"], history=history)
            cited = {c.document.document_id for c in answer.citations}
            right += bool(cited & set(asked["gold_documents"]))
            turns += 1
            history.append(Turn(asked["question"], answer.answer))
    print(f"{right} of {turns} turns cite a gold document")
    assert right >= 0.7 * turns
