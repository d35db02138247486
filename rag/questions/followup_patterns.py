"""The wording by which a question leans on the turns before it, in English and Russian.

Patterns only; `conversation` decides what they point to.
"""

from __future__ import annotations

import re

from rag.records.document_types import DOCUMENT_WORDS

_THING = "|".join(DOCUMENT_WORDS.values())

OPENING = re.compile(r"^\W*(?:and|but|so|а|и|но|ну)\b[\s,]*", re.I)
"""A conjunction that joins a question to the one before."""

HE = re.compile(r"\b(?:he|him|his|он|его|ему|им|нём|нем|него|нему)\b", re.I)
SHE = re.compile(r"\b(?:she|her|hers|она|её|ее|ей|ею|неё|нее|ней)\b", re.I)
THEY = re.compile(r"\b(?:they|them|their|themselves|они|их|ими|них|ним)\b", re.I)
IT = re.compile(
    r"\b(?:it|its|this|that|these|those|there|then|это|этого|этому|этим|этом|этот|эту|эта|этой|эти|"
    r"этих|тогда|там|туда|тот|того|той|тех|те)\b",
    re.I,
)

_ORDINALS = (
    r"first|1st|перв\w{1,3}",
    r"second|2nd|втор\w{1,3}",
    r"third|3rd|трет\w{1,4}",
    r"fourth|4th|четв[её]рт\w{1,3}",
    r"fifth|5th|пят(?:ый|ом|ого|ая|ой|ое)",
)
ORDINAL = re.compile(
    "|".join(
        rf"(?P<n{n}>\b(?:{form})\s+(?:{_THING}|source|citation|one|источник\w*|цитат\w*)\b)"
        for n, form in enumerate(_ORDINALS)
    )
    + rf"|\b(?P<last>last|последн\w{{2,3}})\s+(?:{_THING}|source|one|источник\w*)\b"
    + rf"|\b(?:{_THING}|source|citation|источник\w*|цитат\w*)\s+(?:no\.?\s?|№\s?)?\[?"
    r"(?P<n>[1-9])\]?(?!\d)",
    re.I,
)
"""One of the documents cited, by its number."""

MORE = re.compile(
    r"\b(?:tell me more|more (?:about|on|from)|what else|go on|show me|quote|расскажи\w*|"
    r"подробн\w+|ещ[её]|покажи\w*|процитируй\w*|что дальше)\b",
    re.I,
)

REPLY = re.compile(
    r"\b(?:answer(?:ed)?|repl(?:y|ied)|respond(?:ed)?|response|отве(?:тил|чал|тит|ту|т)\w{0,2})\b",
    re.I,
)

_IT_OR_THING = (
    rf"(?:it|this|that|them|(?:the|this|that|these|those)\s+(?:{_THING})|это|его|её|ее|их|"
    rf"(?:это|этот|эту|эти|тот|ту|те)\s+(?:{_THING}))"
)
FIELD = {
    "author": re.compile(
        rf"^\W*(?:who\s+(?:wrote|signed|sent|recorded)\s+{_IT_OR_THING}"
        rf"|кто\s+(?:{_IT_OR_THING}\s+)?(?:(?:на|за|под)?писал[аи]?|отправил[аи]?|послал[аи]?)"
        rf"(?:\s+{_IT_OR_THING})?)\W*$",
        re.I,
    ),
    "recipient": re.compile(
        rf"^\W*(?:to\s+whom\s+was\s+{_IT_OR_THING}\s+(?:sent|written|addressed)"
        rf"|кому\s+(?:{_IT_OR_THING}\s+)?(?:адресован\w*|написан\w*|отправлен\w*|послан\w*)"
        rf"(?:\s+{_IT_OR_THING})?)\W*$",
        re.I,
    ),
    "date": re.compile(
        rf"^\W*(?:when\s+was\s+{_IT_OR_THING}\s+(?:written|sent|signed|dated)"
        rf"|когда\s+(?:{_IT_OR_THING}\s+)?(?:было?\s+)?(?:написан\w*|отправлен\w*|подписан\w*|послан\w*)"
        rf"(?:\s+{_IT_OR_THING})?)\W*$",
        re.I,
    ),
    "archival_ref": re.compile(
        rf"^\W*(?:where\s+is\s+{_IT_OR_THING}\s+(?:kept|held|stored)"
        rf"|где\s+(?:{_IT_OR_THING}\s+)?(?:хранится|хранятся|лежит|находится)(?:\s+{_IT_OR_THING})?)"
        r"\W*$",
        re.I,
    ),
}
"""Questions for a field of the document that was last cited."""

ASKED = {
    "author": ("Who wrote {}?", "Кто написал {}?"),
    "recipient": ("To whom was {} addressed?", "Кому адресован {}?"),
    "date": ("When was {} written?", "Когда написан {}?"),
    "archival_ref": ("Which archive holds {}?", "В каком архиве хранится {}?"),
}
"""The same, of a document that is named; English and Russian."""
