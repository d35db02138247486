"""The development sets as suites: their documents, questions and gold.

Documents are a set's passages, or whole documents in the archives. Clusters are whole articles or
documents. The half of a question of a parallel set is that of the English document, so that a
question and its translation are in one half. Not here: writing the suites (`make`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.sets.jsonl import read_lines
from rag.errors import UsageError

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """A suite to be written; `corpus` is a list of files, or of documents."""

    name: str
    description: str
    licence: str
    tasks: tuple[str, ...]
    questions: list[Row]
    corpus: Sequence[Path] | list[Row]
    limits: Mapping[str, int] = field(default_factory=dict)


def _rows(path: Path) -> list[Row]:
    try:
        return read_lines(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; the set is not whole") from error


def _every_second(titles: Iterable[str]) -> set[str]:
    return set(sorted(set(titles))[::2])


def xquad(data: Path) -> Iterator[Made]:
    """XQuAD in four directions, by filters, and in both languages over the mixed pool."""
    passages = _rows(data / "xquad" / "passages.jsonl")
    text = {p["id"]: p["text"] for p in passages}
    article = {p["id"]: p["title"] for p in passages}
    answers = {(q["pair_id"], q["lang"]): q for q in _rows(data / "xquad" / "questions.jsonl")}
    questions = []
    for (pair, lang), q in answers.items():
        gold = q["gold_passages"]
        spans = {to: _span(gold[to], text[gold[to]], answers[pair, to]) for to in ("en", "ru")}
        strings = [answers[pair, to]["answer"] for to in ("en", "ru")]
        common = {
            "text": q["text"],
            "lang": lang,
            "cluster": article[gold["en"]],
            "split_key": gold["en"],
            "answerable": True,
        }
        for to in ("en", "ru"):
            questions.append(
                {
                    "id": f"{pair}-{lang}-{to}",
                    "group": f"{lang}→{to}",
                    "gold_docs": [gold[to]],
                    "gold_spans": [spans[to]],
                    "answer_strings": [answers[pair, to]["answer"]],
                    "filters": {"lang": to},
                    **common,
                }
            )
        questions.append(
            {
                "id": f"{pair}-{lang}-mixed",
                "group": f"{lang}→mixed",
                "gold_docs": [gold["en"], gold["ru"]],
                "gold_spans": list(spans.values()),
                "answer_strings": strings,
                "parallel": [gold["en"], gold["ru"]],
                **common,
            }
        )
    yield Made(
        "xquad",
        "24 Wikipedia articles in parallel English and Russian; questions in both languages "
        "over the passages of one language, and over all of them",
        "CC BY-SA 4.0 (google-deepmind/xquad)",
        ("retrieval", "sentences", "answers"),
        questions,
        [data / "xquad" / "passages.jsonl"],
        {"retrieval": 1200, "sentences": 240, "answers": 240},
    )


def _span(document: str, text: str, question: Row) -> list[object]:
    start = question["answer_start"]
    end = start + len(question["answer"])
    if text[start:end] != question["answer"]:
        raise UsageError(f"question {question['id']}: its answer is not at {start} of {document}")
    return [document, start, end]


def frus(data: Path) -> Iterator[Made]:
    """FRUS: historians' summaries as queries for the documents that they summarise."""
    questions = [
        {"id": q["id"], "text": q["text"], "lang": "en", "gold_docs": q["gold_docs"]}
        for q in _rows(data / "frus" / "queries_editor_summaries.jsonl")
    ]
    yield Made(
        "frus",
        "US diplomatic documents; the editors' one-sentence summaries as queries",
        "US public domain (joewiz/frus)",
        ("retrieval", "verify"),
        questions,
        [data / "frus" / "docs.jsonl"],
        {"verify": 240},
    )


def archives(data: Path) -> Iterator[Made]:
    """Researchers' questions in both languages over three archives in one store."""
    names = ("frus", "dfat", "tolstoy_letters_ru")
    near = {"frus": "en", "dfat": "en", "tolstoy_letters_ru": "ru"}
    questions = []
    for q in _rows(data / "archive_qa" / "questions.jsonl"):
        first = (q["gold_docs"] or q.get("near_docs") or q.get("trap_docs") or [q["id"]])[0]
        for lang in ("en", "ru"):
            row: Row = {
                "id": f"{q['id']}-{lang}",
                "text": q[f"text_{lang}"],
                "lang": lang,
                "group": f"{lang}→{near[q['archive']]}",
                "type": q["type"],
                "answerable": q["answerable"],
                "cluster": first,
                "split_key": (q["gold_docs"] or [q["id"]])[0],
            }
            copied = ("gold_docs", "gold_groups", "gold_quotes", "answer_strings")
            row |= {name: q[name] for name in copied if q.get(name)}
            dates = {name: q[name] for name in ("date_from", "date_to") if q.get(name)}
            questions.append(row | ({"filters": dates} if dates else {}))
    yield Made(
        "archives",
        "130 researchers' questions, each in English and Russian, over American and Australian "
        "diplomatic documents and Tolstoy's public letters: 555 documents; 45 of the questions "
        "are not answered there",
        "US public domain, CC BY, CC BY-SA; questions written for development",
        ("retrieval", "answers", "abstention", "verify"),
        questions,
        [data / name / "docs.jsonl" for name in names],
        {"verify": 240},
    )


def archive_train(data: Path) -> Iterator[Made]:
    """Questions on diplomatic documents and Tolstoy's prose, a quarter of them near misses.

    A near miss is on the subject of its document, which does not answer it.
    """
    folder = data / "archive_train"
    language = {document["id"]: document["lang"] for document in _rows(folder / "docs.jsonl")}
    questions = []
    for q in _rows(folder / "questions.jsonl"):
        for lang in ("en", "ru"):
            row: Row = {
                "id": f"{q['id']}-{lang}",
                "text": q[f"text_{lang}"],
                "lang": lang,
                "group": f"{lang}→{language[q['source_doc']]}",
                "answerable": q["answerable"],
                "cluster": q["source_doc"],
                "split_key": q["source_doc"],
            }
            if q["answerable"]:
                row |= {"gold_docs": q["gold_docs"], "gold_spans": q["gold_spans"]}
            questions.append(row)
    yield Made(
        "archive_train",
        "3,718 questions, each in English and Russian, over Australian diplomatic documents and "
        "Tolstoy's prose: 956 documents; 956 of the questions are near misses",
        "CC BY, CC BY-SA; questions written for training and reporting",
        ("retrieval", "answers", "abstention"),
        questions,
        [folder / "docs.jsonl"],
        {"retrieval": 1200, "answers": 300, "abstention": 300},
    )


def squad2(data: Path) -> Iterator[Made]:
    """SQuAD2 without every second article, and its unanswerable questions over all articles."""
    passages = _rows(data / "squad2_dev" / "passages.jsonl")
    title = {p["id"]: p["title"] for p in passages}
    kept = _every_second(title.values())
    asked = _rows(data / "squad2_dev" / "questions.jsonl")
    licence = "CC BY-SA 4.0 (rajpurkar/SQuAD-explorer)"
    yield Made(
        "squad2-removed",
        "SQuAD2's answerable questions, every second article left out of the archive",
        licence,
        ("retrieval", "answers", "abstention"),
        [
            _squad_question(q, title, q["answerable"] and title[q["source_passage"]] in kept)
            for q in asked
            if q["answerable"]
        ],
        [p for p in passages if p["title"] in kept],
        {"retrieval": 500, "answers": 300},
    )
    yield Made(
        "squad2-adversarial",
        "SQuAD2's unanswerable questions beside its answerable ones, all articles there",
        licence,
        ("retrieval", "answers", "abstention"),
        [_squad_question(q, title, q["answerable"]) for q in asked],
        [data / "squad2_dev" / "passages.jsonl"],
        {"retrieval": 500, "answers": 300},
    )


def _squad_question(q: Row, title: Mapping[str, str], answerable: bool) -> Row:
    source = q["source_passage"]
    row: Row = {
        "id": q["id"],
        "text": q["text"],
        "lang": "en",
        "answerable": answerable,
        "cluster": title[source],
        "split_key": source,
    }
    if answerable:
        strings = list(dict.fromkeys(q["answers"]))
        row |= {"gold_docs": [source], "gold_quotes": strings, "answer_strings": strings}
    return row


def timeqa(data: Path) -> Iterator[Made]:
    """TimeQA: questions about who or what held at a time; the gold span is the answer."""
    passages = _rows(data / "timeqa" / "passages.jsonl")
    text = {p["id"]: p["text"] for p in passages}
    questions = []
    for q in _rows(data / "timeqa" / "questions.jsonl"):
        row = {
            "id": q["id"].replace(" ", "_"),
            "text": q["text"],
            "lang": "en",
            "answerable": q["answerable"],
            "cluster": q["source_doc"],
            "split_key": (q["gold_passages"] or [q["id"]])[0],
        }
        if q["answerable"]:
            row |= {
                "gold_docs": q["gold_passages"],
                "gold_quotes": [a for a in q["answers"] if a in text[q["gold_passages"][0]]],
                "answer_strings": q["answers"],
            }
        questions.append(row)
    yield Made(
        "timeqa",
        "Questions about who or what held at a time, over the paragraphs of 60 articles",
        "BSD-3 (wenhuchen/Time-Sensitive-QA)",
        ("retrieval", "answers", "abstention"),
        questions,
        passages,
    )


def clapnq(data: Path) -> Iterator[Made]:
    """ClapNQ: long-form questions, half unanswerable; gold spans are the selected sentences."""
    passages = _rows(data / "clapnq" / "passages.jsonl")
    text = {p["id"]: p["text"] for p in passages}
    questions = []
    for q in _rows(data / "clapnq" / "questions.jsonl"):
        row = {
            "id": q["id"],
            "text": q["text"],
            "lang": "en",
            "answerable": q["answerable"],
            "cluster": q["source_passage"][0],
            "split_key": (q["gold_passages"] or [q["id"]])[0],
        }
        if q["answerable"]:
            selected = [s for part in q["selected_sentences"] for s in part]
            held = [s for s in selected if any(s in text[p] for p in q["gold_passages"])]
            row |= {"gold_docs": q["gold_passages"], "gold_quotes": list(dict.fromkeys(held))}
        questions.append(row)
    yield Made(
        "clapnq",
        "Long-form questions; for half of them the passage does not answer",
        "Apache-2.0 (primeqa/clapnq)",
        ("retrieval", "answers", "abstention"),
        questions,
        [data / "clapnq" / "passages.jsonl"],
    )


def danetqa(data: Path) -> Iterator[Made]:
    """DaNetQA: Russian yes-or-no questions for their passages; the gold is not exhaustive."""
    questions = [
        {
            "id": q["id"],
            "text": q["text"],
            "lang": "ru",
            "group": "ru→ru",
            "gold_docs": q["gold_passages"],
        }
        for q in _rows(data / "danetqa_ru" / "questions.jsonl")
    ]
    yield Made(
        "danetqa",
        "Russian yes-or-no questions; other passages than the gold one may answer, too",
        "CC0 (PragmaticsLab/DaNetQA)",
        ("retrieval", "answers"),
        questions,
        [data / "danetqa_ru" / "passages.jsonl"],
        {"answers": 120},
    )


BUILDERS: tuple[tuple[Callable[[Path], Iterator[Made]], tuple[str, ...]], ...] = (
    (frus, ("frus",)),
    (archives, ("archive_qa", "frus", "dfat", "tolstoy_letters_ru")),
    (archive_train, ("archive_train",)),
    (xquad, ("xquad",)),
    (squad2, ("squad2_dev",)),
    (timeqa, ("timeqa",)),
    (clapnq, ("clapnq",)),
    (danetqa, ("danetqa_ru",)),
)
