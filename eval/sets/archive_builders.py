"""Suites over archives, whose documents are letters and telegrams.

Clusters are whole documents. A question and its translation are in one half. Not here: sets of
Wikipedia and the web (`passage_builders`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from eval.sets.made import Made, Row, rows


def frus(data: Path) -> Iterator[Made]:
    """FRUS: historians' summaries as queries for the documents that they summarise."""
    questions = [
        {"id": q["id"], "text": q["text"], "lang": "en", "gold_docs": q["gold_docs"]}
        for q in rows(data / "frus" / "queries_editor_summaries.jsonl")
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
    copied = ("type", "gold_docs", "gold_groups", "gold_quotes", "answer_strings")
    questions = []
    for q in rows(data / "archive_qa" / "questions.jsonl"):
        more = {name: q[name] for name in copied if q.get(name)}
        dates = {name: q[name] for name in ("date_from", "date_to") if q.get(name)}
        more |= {"filters": dates} if dates else {}
        near_docs = q.get("near_docs") or q.get("trap_docs") or [q["id"]]
        more["split_key"] = (q["gold_docs"] or [q["id"]])[0]
        cluster = (q["gold_docs"] or near_docs)[0]
        questions += [row | more for row in _in_both_languages(q, near[q["archive"]], cluster)]
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
    language = {document["id"]: document["lang"] for document in rows(folder / "docs.jsonl")}
    questions = []
    for q in rows(folder / "questions.jsonl"):
        source = q["source_doc"]
        more = {"split_key": source}
        if q["answerable"]:
            more |= {"gold_docs": q["gold_docs"], "gold_spans": q["gold_spans"]}
        questions += [row | more for row in _in_both_languages(q, language[source], source)]
    yield Made(
        "archive_train",
        "3,718 questions, each in English and Russian, over Australian diplomatic documents and "
        "Tolstoy's prose: 956 documents; 956 of the questions are near misses",
        "CC BY, CC BY-SA; questions written for training and reporting",
        ("retrieval", "answers", "abstention"),
        questions,
        [folder / "docs.jsonl"],
        {"retrieval": 1200, "answers": 300, "abstention": 300},
        trained=True,
    )


def _in_both_languages(q: Row, document_lang: str, cluster: str) -> Iterator[Row]:
    """The question in English and in Russian, without its gold."""
    for lang in ("en", "ru"):
        yield {
            "id": f"{q['id']}-{lang}",
            "text": q[f"text_{lang}"],
            "lang": lang,
            "group": f"{lang}→{document_lang}",
            "answerable": q["answerable"],
            "cluster": cluster,
        }
