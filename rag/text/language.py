"""What Fonds knows of one language: its words, as plain values.

A language is one value of the class `Language` in a module of its own (`rag.text.english`,
`rag.text.russian`); `rag.text.languages` lists them all and joins their words into patterns.

A field of type `str` is a regular expression: alternatives without a group around them, to be
matched without regard to case. In date patterns a space matches one to three white-space
characters. In questions some words in capitals are replaced by other patterns: `DOCUMENT` by any
word for a document, `WRITE` by any verb of writing, `THIS` by a pronoun or a document with a
demonstrative.
A field that a language does not need is left empty.

Not here: grammar. Which case of a Russian name is a recipient's, or how Russian words are
declined, is in the modules that use it. Stop words are in `index_store.analysis.stopwords`,
because the search index, which knows nothing of `rag`, uses them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WordSet = frozenset[str]


def words(listing: str) -> WordSet:
    """The words of a listing that white space divides."""
    return frozenset(listing.split())


@dataclass(frozen=True, slots=True)
class DateWords:
    """Dates: how they are written, what stands beside them, and how Fonds writes them."""

    month: str
    month_numbers: Mapping[str, int]  # by the first three letters of what `month` matches
    season: str
    season_numbers: Mapping[str, int]  # 1 is spring; by the first two letters
    weekday: str
    ordinal: str  # after the number of a day
    year: str  # after the number of a year
    decade: str  # after "1930"

    # In front of a date.
    before: str
    not_after: str
    after: str
    not_before: str
    circa: str
    onward: str  # after a date that a time begins with
    early: str
    middle: str
    late: str
    first_half: str
    second_half: str
    joiner: str  # between the two dates of a range
    range_opener: str

    # Around a number or a date in a text.
    counted: str  # after a number that is a quantity, not a year
    place_or_label: str  # before the date under a letter
    not_signed: str  # on a line whose date is not that of the signature
    office_note: str  # opens a note that an office put under a letter

    # Dates in words.
    months: tuple[str, ...]
    months_with_day: tuple[str, ...]
    words_before: str
    words_after: str
    words_circa: str
    decade_ending: str
    year_mark: str
    years_mark: str


@dataclass(frozen=True, slots=True)
class SentenceWords:
    """Which full stops end a sentence. Abbreviations stand without their last stop."""

    never_end: WordSet  # something always follows: a name, a place; lower case
    numbered: WordSet  # a number follows, if they are abbreviations at all; lower case
    end_before_capital: WordSet  # a capital after them begins a new sentence
    may_end: WordSet  # a capital after them may begin a new sentence; case matters
    openers: WordSet  # words that often open a sentence; case matters
    one_letter_words: str  # whole words of one letter, which are not initials


@dataclass(frozen=True, slots=True)
class NameWords:
    """Personal names."""

    titles: WordSet  # ranks and forms of address, with what stands between names; lower case
    address: str  # what a further person in a list of people begins with
    surname: str  # how surnames end, in either alphabet
    surname_case: str  # other endings that a surname may take
    offices: WordSet  # that stand before or instead of a name; lower case
    common: WordSet  # capitalised words that are not names; lower case


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """Documents and what is printed about them."""

    types: Mapping[str, str]  # what a document may be called; "record" means any of them
    title_types: Mapping[str, str]  # what a title may say that a text is
    plural: str
    plural_after_verb: str  # the plural in another case, after "list", "find"
    source_label: str  # in front of a published source
    mark_label: str  # in front of a shelf-mark
    machine_translator: WordSet  # a translator field that means a machine; lower case
    human_translator: WordSet
    unnamed_translator: WordSet  # a translator field that says "human" and no name; lower case
    plain_title: WordSet  # words that a title may have besides author, recipient and date
    translation: str  # the note on a translation in a citation
    machine_translation: str
    recipient: str  # before the recipient in a citation
    page: str
    pages: str
    of_scan: str  # behind a page that is only numbered in the scan


@dataclass(frozen=True, slots=True)
class VerbWords:
    """Verbs of writing and saying."""

    writes: str  # any form that a question about a document may have
    write: str  # beside a name that is the subject: the infinitive
    wrote: str  # the past
    written: str  # the passive
    tell: str
    told: str
    tell_to: str  # verbs that need a preposition: "replied to"
    told_to: str
    sent_as: Mapping[str, str]  # kind of document, and verbs that say that one was sent
    say: WordSet  # verbs of saying, which do not show what was said; folded
    reporting: WordSet  # words of an answer about documents, which no document has to hold


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """A question about a document, its fields and its date."""

    field: Mapping[str, tuple[str, ...]]  # wording that asks for a field of a document
    overview: str  # wording that asks what a document is about
    interrogatives: str  # words that open a question
    asking: WordSet  # words that ask for a field and do not tell which document is meant
    about: str  # before what a document is about
    date_link: str  # between a document word and its date
    beside_event: str  # before a date or event that something came before or after
    whether: str  # a particle behind the first word of a yes-no question


@dataclass(frozen=True, slots=True)
class FollowupWords:
    """A question that depends on the turns before it."""

    joins: str  # conjunctions that open such a question
    he: str
    she: str
    they: str
    it: str
    subjects: WordSet  # those of `he` and `she` that are subjects; lower case
    ordinals: tuple[str, str, str, str, str]
    last: str
    source: str
    citation: str
    one: str
    more: str
    reply: str
    either_of: str  # between two names that a pronoun may stand for
    it_or_document: str  # what `THIS` is replaced by
    field: Mapping[str, str]  # a whole question for a field of the document last cited
    field_question: Mapping[str, str]  # the same with the document's name for {}
    document_named: str  # the name of a document with the title {}


@dataclass(frozen=True, slots=True)
class ListWords:
    """A question for a list or a number of documents. A white-space character is `\\s`."""

    please: str
    ask: str
    exists: str  # asks whether there are documents
    each: str
    everything: str  # any documents
    undated: str
    how_many: str
    which: str
    which_or_how_many: str
    in_them: str
    are: str
    ever: str
    mentioned: str
    mention: str
    about: str
    before_target: str  # articles and words such as "name" before what is looked for
    inside: str  # prepositions before "the archive"
    this: str
    archive: str
    loose_preposition: str  # left at the end where a date or place was cut out
    for_them: str
    asking: str  # words of a question that only asks which documents have a phrase


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """What answers have, and how they are worded."""

    kinds: Mapping[str, str]  # question words for a person, time, number, place or reason
    reason: str
    quantity: str  # number words that show that a sentence has a number
    leans: str  # how a sentence begins that needs the one before it
    negation: str
    clause: str  # conjunctions between clauses
    marker_label: str  # inside a marker of a passage: "[source 1]"
    sources_heading: str  # a list of sources that a language model must not write
    field_labels: Mapping[str, str]
    not_given: str
    undated: str


@dataclass(frozen=True, slots=True)
class RecordPageWords:
    """Lines of a record page (`rag.readers.record_page`)."""

    navigation: str
    copyright: str
    enclosure: str
    speech: str  # words of a letter, which no source line has
    state_of_copy: str
    small_words: str  # words of an archive's name or shelf-mark in small letters
    unit: str  # a part of an archive, before its number
    archive: str  # an archive or library; case matters
    collection: str
    undated: str
    machine_note: str
    translated: str
    kinds: str  # kinds of document in the title of a letter
    signed: str  # before a signature
    yours: str  # before a signature on its line: "Yours"
    yours_truly: str  # after `yours`
    closing: str  # how a letter closes above the signature
    office: str
    postscript: str
    verbs: str  # verbs that no signature has


@dataclass(frozen=True, slots=True)
class Language:
    """One language. `code` is its ISO 639-1 code, `name` its English name."""

    code: str
    name: str
    quotation_marks: tuple[str, str]
    conjunction: str
    numbers: Mapping[str, str]
    """Patterns of number words, each for a whole word in lower case, and their digits."""

    dates: DateWords
    sentences: SentenceWords
    names: NameWords
    documents: DocumentWords
    verbs: VerbWords
    questions: QuestionWords
    followups: FollowupWords
    lists: ListWords
    answers: AnswerWords
    record_page: RecordPageWords
