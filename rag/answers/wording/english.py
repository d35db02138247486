"""Answers and abstentions in English."""

from __future__ import annotations

from rag.answers.wording.language import Wording


def _listed(documents: int, records: int, mentioned: str | None) -> str:
    one = documents == 1
    text = f"{documents} document{'' if one else 's'}"
    text += f" ({records} record{'' if records == 1 else 's'})"
    return text + (f" mention{'s' if one else ''} “{mentioned}”" if mentioned else "")


ENGLISH = Wording(
    contradicted="The archive has no such document: none meets {} together with the rest of the"
    " question. What it does hold is listed.",
    no_phrase="No document has the words {}.",
    namesakes=" The name fits several people: {}.",
    none_listed="None: the catalogue has no such document.",
    unknown_names="The catalogue has no sender, recipient or place {}, so such documents cannot be"
    " listed.",
    doubtful="These passages come nearest; whether they answer is for you to judge.",
    kinds={"original": "original", "translation": "translation", "AI": "translated by a machine"},
    no_other_version="no other version in the archive",
    another_text="{}, which is another text: {}",
    no_doubts="none found",
    silence={
        "no_evidence": "Nothing was found that answers this.",
        "silent": "The archive has documents on this subject, but none that answers the question.",
        "outside_filters": "Nothing within the given filters ({filters}) answers the question; "
        "documents outside them do.",
    },
    mentioned="The archive mentions this, but does not tell what is asked.",
    no_hits="No document meets the given filters ({filters}) and the question.",
    nearest=" The nearest documents are listed.",
    faults={
        "timeout": "did not finish within {detail} seconds",
        "unreachable": "cannot be reached; is it running, and is the address right?",
        "refused": "refused the key, or has none",
        "unknown": "is not known at that address (404); check the model's name and whether the "
        "address should end in /v1",
        "busy": "is busy (429: too many requests); ask again later",
        "failed": "failed on its own side",
        "not_understood": "did not understand the request (400 or 422)",
        "cut": "broke off in the middle of its answer",
        "nonsense": "sent something that is not an answer",
        "empty": "sent an empty answer",
        "unloadable": "cannot be loaded: the file is damaged, of a kind that this version of "
        "llama.cpp does not know, or too large for this machine's memory",
        "too_long": "has too short a context for the passages; set FONDS_LLM_READ to fewer "
        "characters",
        "unsupported": "wrote nothing that the passages support",
        "no_answer": "found no answer in the passages",
    },
    extractive_instead="The language model {name} {fault}. The answer given instead is extractive: "
    "quotations from the archive, chosen without it.",
    rewriting_failed="When the language model {name} was asked to write the question in full, it "
    "{fault}. The question was understood by rules instead.",
    unsupported="not supported by the archive",
    listed=_listed,
    shown=" The first {} are cited; all {} are listed.",
)
