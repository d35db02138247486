"""Suites over passages of Wikipedia and the web, whose documents are a set's passages.

Clusters are whole articles. The half of a question of a parallel set is that of the English
passage, so that a question and its translation are in one half. Not here: archives
(`archive_builders`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from eval.sets.made import Made, Row, rows
from rag.errors import UsageError


def _every_second(titles: Iterable[str]) -> set[str]:
    return set(sorted(set(titles))[::2])


def xquad(data: Path) -> Iterator[Made]:
    """XQuAD in four directions, by filters, and in both languages over the mixed pool."""
    passages = rows(data / "xquad" / "passages.jsonl")
    text = {p["id"]: p["text"] for p in passages}
    article = {p["id"]: p["title"] for p in passages}
    answers = {(q["pair_id"], q["lang"]): q for q in rows(data / "xquad" / "questions.jsonl")}
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
        trained=True,
    )


def xquad_more(data: Path) -> Iterator[Made]:
    """XQuAD in English, Russian, German and Spanish: 16 directions, by filters."""
    sets = ("xquad", "xquad_more")
    passages = [p for name in sets for p in rows(data / name / "passages.jsonl")]
    text = {p["id"]: p["text"] for p in passages}
    article = {p["id"]: p["title"] for p in passages}
    asked = [q for name in sets for q in rows(data / name / "questions.jsonl")]
    answer = {(q["pair_id"], q["lang"]): q["answer"] for q in asked}
    about = {q["pair_id"]: q["passage"] for q in asked if "passage" in q}
    languages = sorted({q["lang"] for q in asked})
    questions = []
    for q in asked:
        pair = q["pair_id"]
        for to in languages:
            gold, string = f"{about[pair]}-{to}", answer[pair, to]
            row = {
                "id": f"{pair}-{q['lang']}-{to}",
                "text": q["text"],
                "lang": q["lang"],
                "group": f"{q['lang']}→{to}",
                "answerable": True,
                "cluster": article[gold],
                "split_key": f"{about[pair]}-en",
                "gold_docs": [gold],
                "answer_strings": [string],
                "filters": {"lang": to},
            }
            if text[gold].count(string) == 1:
                row["gold_quotes"] = [string]
            questions.append(row)
    yield Made(
        "xquad-more",
        "24 Wikipedia articles in parallel English, Russian, German and Spanish; questions in each "
        "language over the passages of each",
        "CC BY-SA 4.0 (google-deepmind/xquad)",
        ("retrieval", "answers"),
        questions,
        [data / name / "passages.jsonl" for name in sets],
        {"retrieval": 3200, "answers": 320},
        trained=True,
    )


def _span(document: str, text: str, question: Row) -> list[object]:
    start = question["answer_start"]
    end = start + len(question["answer"])
    if text[start:end] != question["answer"]:
        raise UsageError(f"question {question['id']}: its answer is not at {start} of {document}")
    return [document, start, end]


def squad2(data: Path) -> Iterator[Made]:
    """SQuAD2 without every second article, and its unanswerable questions over all articles."""
    passages = rows(data / "squad2_dev" / "passages.jsonl")
    title = {p["id"]: p["title"] for p in passages}
    kept = _every_second(title.values())
    asked = rows(data / "squad2_dev" / "questions.jsonl")
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
        trained=True,
    )
    yield Made(
        "squad2-adversarial",
        "SQuAD2's unanswerable questions beside its answerable ones, all articles there",
        licence,
        ("retrieval", "answers", "abstention"),
        [_squad_question(q, title, q["answerable"]) for q in asked],
        [data / "squad2_dev" / "passages.jsonl"],
        {"retrieval": 500, "answers": 300},
        trained=True,
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
    passages = rows(data / "timeqa" / "passages.jsonl")
    text = {p["id"]: p["text"] for p in passages}
    questions = []
    for q in rows(data / "timeqa" / "questions.jsonl"):
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
        trained=True,
    )


def clapnq(data: Path) -> Iterator[Made]:
    """ClapNQ: long-form questions, half unanswerable; gold spans are the selected sentences."""
    passages = rows(data / "clapnq" / "passages.jsonl")
    text = {p["id"]: p["text"] for p in passages}
    questions = []
    for q in rows(data / "clapnq" / "questions.jsonl"):
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
        trained=True,
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
        for q in rows(data / "danetqa_ru" / "questions.jsonl")
    ]
    yield Made(
        "danetqa",
        "Russian yes-or-no questions; other passages than the gold one may answer, too",
        "CC0 (PragmaticsLab/DaNetQA)",
        ("retrieval", "answers"),
        questions,
        [data / "danetqa_ru" / "passages.jsonl"],
        {"answers": 120},
        trained=True,
    )
