"""The words of English. Their fields are explained in `rag.text.language`.

Stop words are in `index_store.analysis.stopwords`.
"""

from __future__ import annotations

from rag.text.language import (
    AnswerWords,
    DateWords,
    DocumentWords,
    FollowupWords,
    Language,
    ListWords,
    NameWords,
    QuestionWords,
    RecordPageWords,
    SentenceWords,
    VerbWords,
    words,
)

_NUMBERS = """
two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen
"""
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_DATES = DateWords(
    month=r"january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?",
    month_numbers={name[:3].lower(): number for number, name in enumerate(_MONTHS, 1)},
    season=r"spring|summer|autumn|fall|winter",
    season_numbers={"sp": 1, "su": 2, "au": 3, "fa": 3, "wi": 4},
    weekday=r"(?:mon|tues|wednes|thurs|fri|satur|sun)day",
    ordinal=r"st|nd|rd|th",
    year="",
    decade=r"['’]?s",
    before=r"before|prior to|earlier than",
    not_after=r"(?:not|no) later than|until|till|by|up to",
    after=r"after|later than",
    not_before=r"(?:not|no) earlier than|not before|since",
    circa=r"circa\b|ca?\.|about\b|around\b|approximately\b",
    onward=r"onwards?|and later|or later",
    early=r"early(?: in)?|(?:the )?(?:beginning|start) of",
    middle=r"mid|(?:the )?middle of",
    late=r"late(?: in)?|(?:the )?end of",
    first_half=r"(?:the )?first half of",
    second_half=r"(?:the )?second half of",
    joiner=r"and|to|or",
    range_opener=r"between|from",
    counted=r"tons?|tonnes|bales|men|roubles|rubles|dollars|pounds|miles|km|kilomet\w+|kg|copies"
    r"|troops|people|words|pages|years",
    place_or_label=r"written|dated?|at",
    not_signed=r"received|published|printed|translated|copied|registered|declassified|source"
    r"|pravda|izvest|times\b",
    office_note=r"approved|prepared|drafted|cleared",
    months=_MONTHS,
    months_with_day=_MONTHS,
    words_before="before",
    words_after="after",
    words_circa="c.",
    decade_ending="s",
    year_mark="",
    years_mark="",
)

_SENTENCES = SentenceWords(
    never_end=words("""
        mr mrs ms dr prof st gen col lt lieut capt maj sgt sergt serjt cpl pte adm cmdr gov sen rep
        rev revd hon rt messrs mme mlle
        thos wm jas geo chas robt benj edw fredk alex jno danl saml archd
        amb vs viz cf eg e.g ie i.e ibid ed eds chap sec para
    """),
    numbered=words("al no nos vol vols p pp fig figs art ch f op d l"),
    end_before_capital=words("etc m"),
    may_end=words("""
        Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec Inc Ltd Co Corp Bros Dept Govt Jr Sr
    """),
    openers=words("""
        The A An This That These Those It He She We I They You There Here In On At By For From With
        As If When While After Before But And Or So Yet However Moreover Nevertheless Therefore
        Thus His Her Its Their Our My Your All Some Many Most Both Each No Not What Who Which How
        Why Where To Of Since Although Though Because Until During Under Even Also Only Then Now
        Such Once Another Other Several According Despite Upon
    """),
    one_letter_words="",
)

_NAMES = NameWords(
    titles=words("""
        mr mrs ms miss messrs sir lord lady dr prof professor gen general col colonel lt lieut maj
        major capt captain sgt marshal admiral comrade count prince princess baron rev revd hon tov
        mme mlle herr frau von van de der of the to
    """),
    address=r"mr|mrs|miss|ms|messrs|sir|lord|lady|dr|prof|lt|lieut|col|gen|capt|maj|sgt|revd?|hon"
    r"|mme|mlle",
    surname="",
    surname_case="",
    offices=words("""
        consul governor minister secretary president director treasurer ambassador commissioner
        king queen emperor bishop archbishop mayor chairman editor commander prefect viceroy
        inspector manager superintendent principal
    """),
    common=words("""
        a an the this that these those there here what when where which who whom whose why how did
        do does is are was were has have had can could will would should may might must in on at of
        to by for from with without and or but if as it its he she they we you i my his her their
        our your not no yes after before during since until while although because let all some any
        each dear yours sincerely source letter telegram report note memorandum please tell show
        find list give describe explain according mr mrs sir dr january february march april june
        july august september october november december monday tuesday wednesday thursday friday
        saturday sunday
    """),
)

_DOCUMENTS = DocumentWords(
    types={
        "letter": r"letters?",
        "telegram": r"telegrams?|cables?|cablegrams?|wires?",
        "note": r"notes?",
        "minutes": r"minutes|protocols?",
        "memorandum": r"memorand\w{1,3}|memos?",
        "report": r"reports?",
        "diary": r"diar(?:y|ies)",
        "receipt": r"receipts?",
        "petition": r"petitions?",
        "record": r"documents?|records?|papers?|desp?atch(?:es)?|dispatch(?:es)?|messages?|pages?",
    },
    title_types={
        "letter": r"letters?",
        "telegram": r"telegrams?|cables?",
        "note": r"notes?",
        "speech": r"speech",
        "report": r"reports?",
        "resolution": r"resolution|decree",
        "conversation": r"(?:conversation|talk)s?",
    },
    plural=r"letters|telegrams|cables|wires|documents|notes|reports|minutes|papers|records"
    r"|messages|dispatches|diaries|receipts|petitions",
    plural_after_verb="",
    source_label=r"sources?|published|printed\sin",
    mark_label=r"archive|archival\sreference|shelf-?mark",
    machine_translator=words("ai machine mt"),
    human_translator=words("human translation translated"),
    unnamed_translator=words("human"),
    plain_title=words("letter note to from of the"),
    translation="Translation",
    machine_translation="Translated by machine (AI)",
    recipient="to",
    page="P.",
    pages="Pp.",
    of_scan="of the scan",
)

_VERBS = VerbWords(
    writes=r"write|wrote|written|send|sent|sign(?:ed)?|cabled?|wired?|telegraph(?:ed)?",
    write=r"write|written|cable|wire|telegraph",
    wrote=r"wrote|cabled|wired|telegraphed",
    written="",
    tell=r"tell|inform|advise|assure|warn|answer|ask|urge|promise",
    told=r"told|informed|advised|assured|warned|answered|asked|urged|promised",
    tell_to=r"reply|respond|report|explain|suggest|propose",
    told_to=r"replied|responded|reported|explained|suggested|proposed",
    sent_as={"telegram": r"cabled?|wired?|telegraph(?:ed)?"},
    say=words("told write writes wrote written"),
    reporting=words("""
        write wrote written writes state stated states report reported reports note noted notes say
        said tell told inform informed letter telegram document passage according mention mentioned
    """),
)

_QUESTIONS = QuestionWords(
    field={
        "archival_ref": (
            r"(?:which|what) archives?\b",
            r"\bshelf-?\s?marks?\b",
            r"\barchival ref\w*",
            r"\bcall number",
            r"\b(?:which|what) fond\b",
            r"\bwhere (?:is|are)\b.{0,80}\b(?:held|kept|stored|preserved)",
        ),
        "source": (
            r"\bwhere (?:was|is|were)\b.{0,80}\b(?:published|printed)",
            r"\bpublish\w+ source",
            r"\bwhat is the source",
        ),
        "date": (
            r"\bwhen (?:was|were|is)\b.{0,60}\b(?:DOCUMENT)\b",
            r"\bwhen did\b.{0,60}\b(?:WRITE)\b",
            r"\bwhat (?:is|was) the date\b.{0,40}\b(?:DOCUMENT)",
            r"\bdate of the (?:DOCUMENT)",
            r"\bhow is\b.{0,60}\bdated",
        ),
        "author": (
            r"\bwho (?:wrote|sent|signed|authored)\b.{0,20}\b(?:DOCUMENT)\b",
            r"\bwho (?:is|was) the author of\b.{0,20}\b(?:DOCUMENT)\b",
            r"\bby whom was\b.{0,20}\b(?:DOCUMENT)\b",
            r"\bwho wrote to\b",
        ),
        "recipient": (
            r"\bto whom (?:was|is|were)\b.{0,40}\b(?:DOCUMENT)\b",
            r"\bto whom did\b.{0,40}\b(?:WRITE)\b",
            r"\bwho (?:received|got)\b.{0,20}\b(?:DOCUMENT)\b",
            r"\b(?:recipient|addressee) of\b",
            r"\bwho(?:m)? (?:was|is)\b.{0,40}\b(?:DOCUMENT)\b.{0,30}\baddressed",
        ),
        "place": (
            r"\bwhere (?:was|were)\b.{0,60}\b(?:DOCUMENT)\b.{0,30}\b(?:written|sent|signed)",
        ),
        "translator": (
            r"\bwho translated\b",
            r"\b(?:is|was)\b.{0,60}\btranslat\w+",
        ),
    },
    overview=r"summari[sz]e|sum\sup|outline|(?:gist|summary|main\spoints)\sof"
    r"|what\s(?:is|was)\s(?:[^?.,]{0,80}\s)?about",
    interrogatives=r"who|whom|whose|what|which|when|where|why|how",
    asking=words("""
        archive archives archival hold holds held keep kept store stored preserve preserved shelf
        mark shelfmark reference call number fond publish published print printed source
        publication date dated write writes written wrote send sends sent sign signed cable cabled
        wire wired telegraph telegraphed author authored recipient addressee address addressed
        receive received translate translated translator translation machine
    """),
    about=r"about|regarding|concerning|mentioning",
    date_link=r"of|from|dated|written|sent|signed|in|on|the|by|to|and|captain|comrade",
    beside_event=r"after|before|since|following|until",
    whether="",
)

_FOLLOWUPS = FollowupWords(
    joins=r"and|but|so",
    he=r"he|him|his",
    she=r"she|her|hers",
    they=r"they|them|their|themselves",
    it=r"it|its|this|that|these|those|there|then",
    subjects=words("he she"),
    ordinals=("first|1st", "second|2nd", "third|3rd", "fourth|4th", "fifth|5th"),
    last=r"last",
    source=r"source",
    citation=r"citation",
    one=r"one",
    more=r"tell me more|more (?:about|on|from)|what else|go on|show me|quote",
    reply=r"answer(?:ed)?|repl(?:y|ied)|respond(?:ed)?|response",
    either_of="or",
    it_or_document=r"it|this|that|them|(?:the|this|that|these|those)\s+(?:DOCUMENT)",
    field={
        "author": r"who\s+(?:wrote|signed|sent|recorded)\s+THIS",
        "recipient": r"to\s+whom\s+was\s+THIS\s+(?:sent|written|addressed)",
        "date": r"when\s+was\s+THIS\s+(?:written|sent|signed|dated)",
        "archival_ref": r"where\s+is\s+THIS\s+(?:kept|held|stored)",
    },
    field_question={
        "author": "Who wrote {}?",
        "recipient": "To whom was {} addressed?",
        "date": "When was {} written?",
        "archival_ref": "Which archive holds {}?",
    },
    document_named="the document “{}”",
)

_LISTS = ListWords(
    please=r"please\s",
    ask=r"list|enumerate|(?:show|give|tell|name|find)(?:\s(?:me|us))?",
    exists=r"(?:are|is)\sthere(?:\s(?:any|an?))?"
    r"|(?:do|does)\s(?:you|the\sarchive)\s(?:have|hold|contain)(?:\s(?:any|an?))?",
    each=r"every|each|all(?:\s(?:of\s)?the)?",
    undated=r"undated|not\sdated|without\sa?\s?dates?|(?:have|has|with)\sno\sdates?",
    everything=r"everything|all\s(?:that\s)?there\sis|anything",
    how_many=r"how\smany|number\sof|count\s(?:of|the)?",
    which=r"which|what",
    which_or_how_many=r"which|what|how\smany",
    in_them=r"where|in\swhich(?:\s(?:DOCUMENT))?|in\swhat\s(?:DOCUMENT)"
    r"|in\show\smany\s(?:DOCUMENT)",
    are=r"is|are|was|were",
    ever=r"ever\s",
    mentioned=r"mentioned|named|referred\sto",
    mention=r"mention(?:s|ed|ing)?|refer(?:s|red|ring)?\sto|nam(?:e|es|ing)",
    about=r"about|regarding|concerning",
    before_target=r"the|a|an",
    inside=r"in|within|from",
    this=r"the\s|this\s",
    archive=r"archive|collection|store",
    loose_preposition=r"in|from|of|during|between|for",
    for_them=r"\b(?:DOCUMENT)\s(?:are|is)\sthere\b"
    r"|\b(?:archive|store|collection)\s(?:have|has|hold|holds|contains?)\b|\bin\sthe\sarchive\b",
    asking=r"where|there|any|an?|how|many|does|do|is|are|the|words?|phrase|stand|occurs?|found|which|what|who|wrote|said"
    r"|documents?|letters?|in|of|have|has|hold|holds|contains?|with|says?|all|every|find|list",
)

_ANSWERS = AnswerWords(
    kinds={
        "person": r"who|whom|whose",
        "time": r"when|what (?:year|date|day)",
        "number": r"how (?:many|much|often|long|far)",
        "place": r"where",
        "reason": r"why",
    },
    reason=r"because|since|in order|so that|due to|therefore|owing to|fear\w*",
    quantity=r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty"
    r"|fifty|hundred|thousand|million|half|dozen",
    leans=r"he|she|it|they|him|her|them|his|its|their|this|that|these|those|such"
    r"|moreover|but|however|therefore|then|thus|so|and|also|both"
    r"|(?:of|from|for|with|in|to|by|on|after|before)"
    r" (?:them|it|this|that|these|those|which|whom)",
    negation=r"not|no(?!\.?\s*\d)|never|none|nobody|nothing|nowhere|neither|nor|cannot|without",
    clause=r"and|but|while|although|because",
    marker_label=r"passages?|sources?",
    sources_heading=r"sources?|references?|citations?|bibliography|archival references?"
    r"|shelf-?marks?",
    field_labels={
        "archival_ref": "archival reference",
        "source": "published source",
        "date": "date",
        "author": "author",
        "recipient": "recipient",
        "place": "place",
        "translator": "translator",
        "versions": "language versions",
        "doubts": "contradictions and defects",
    },
    not_given="not given",
    undated="undated",
)

_RECORD_PAGE = RecordPageWords(
    navigation=r"(?:back|return|go|up)\s+to\s+(?:the\s+)?"
    r"(?:index|list|contents|archive|top|home|letters)"
    r"|(?:previous|next)(?:\s+(?:letter|document|page|record))?|prev|back|home|index|contents"
    r"|table\s+of\s+contents",
    copyright=r"copyright\s(?:©|\d{4})|all\srights\sreserved",
    enclosure=r"enclos|attach|annex",
    speech=r"I|we|you|your|my|our|us|me|please|see",
    state_of_copy=r"original|copy|certified\scopy|draft|autograph|typescript|manuscript",
    small_words=r"of|the|for|de|la|du|von|f{1,2}|fond|op|opis|inv|d|delo|ed|khr|list|l{1,2}|fols?"
    r"|ob|no|box|folder|file|reel|item|original|copy|typescript",
    unit=r"box|folder|file|reel|item|fond|opis|delo|inv|ed\.\s?khr|MSS?|f{1,2}|op|d|l|fols?",
    archive=r"[Aa]rchiv|[Ll]ibrary|[Mm]useum|Papers",
    collection=r"tom|vol(?:ume|\.)?|book|letterbook|series",
    undated=r"undated|no\sdate|n\.\s?d\.?|s\.\s?d\.?|unknown",
    machine_note=r"AI|machine",
    translated=r"translat",
    kinds=r"letters?|telegrams?|cables?|notes?|memorand(?:um|a)|memo|messages?|postcards?|reports?"
    r"|dispatch(?:es)?|despatch(?:es)?|repl(?:y|ies)|answers?|circulars?|appeal|petition|wires?"
    r"|letter-telegram|radiograms?",
    signed=r"signed|sgd|/s/",
    yours=r"your\s(?:friend|son|brother|servant)|yours?",
    yours_truly=r"truly|sincerely|faithfully|ever",
    closing=r"greetings?|regards?|goodbye|farewell|yours?\b.*|love|thanks?|amen|hello|with\s.*"
    r"|sincerely|faithfully|respectfully.*|best\b.*|cordially|stop|end|p\.?\s?s\.?|no|yes",
    office=r"(?:acting\s|deputy\s|vice-)?(?:head|chief|chair(?:man|woman)?|president|secretary"
    r"|minister|director|manager|member|commander|commissar|people['’]s\scommissar|ambassador"
    r"|editor|keeper)\b",
    postscript=r"P\.\s?P?\.?\s?S\b|PS\b|Postscript",
    verbs=r"is|are|was|were|have|has|will",
)

ENGLISH = Language(
    code="en",
    name="English",
    quotation_marks=("“", "”"),
    conjunction="and",
    numbers={
        **{word: str(number) for number, word in enumerate(_NUMBERS.split(), 2)},
        "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60",
        "seventy": "70", "eighty": "80", "ninety": "90", "hundred": "100", "hundreds": "100",
        "thousand": "1000", "thousands": "1000", "million": "1000000", "millions": "1000000",
        "dozen": "12",
    },
    dates=_DATES,
    sentences=_SENTENCES,
    names=_NAMES,
    documents=_DOCUMENTS,
    verbs=_VERBS,
    questions=_QUESTIONS,
    followups=_FOLLOWUPS,
    lists=_LISTS,
    answers=_ANSWERS,
    record_page=_RECORD_PAGE,
)  # fmt: skip
