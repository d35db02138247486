"""The interface in English."""

from __future__ import annotations

from rag.records.warning_names import NAMES
from rag.text.language_names import IN_ENGLISH
from ui_assets.view.words.language import Language


def _plural(n: int) -> int:
    return 0 if n == 1 else 1


ENGLISH = Language(
    code="en",
    name="English",
    locale="en-GB",
    citation_style="chicago",
    quotation_marks=("“", "”"),
    thousands_separator=",",
    decimal_separator=".",
    conjunction="and",
    plural=_plural,
    nouns={
        "document": ("document", "documents"),
        "place": ("place", "places"),
        "page": ("page", "pages"),
    },
    language_names=IN_ENGLISH,
    warnings=NAMES,
    texts={
        # Header
        "sections": "Sections",
        "ask": "Ask",
        "check": "Check a quotation",
        "archive": "Archive",
        "evaluation": "Evaluation",
        "menu": "Conversations and filters",
        "close": "Close",
        "theme": "Light or dark theme",
        "skip": "Skip to the question",
        "sample_banner": "Sample archive.",
        "sample_about": (
            "All its letters are invented, to show how Fonds works. Files you load go into your "
            "own archive."
        ),
        "no_response": "The server did not answer. Try again.",
        # Left column
        "new": "New conversation",
        "conversations": "Conversations",
        "search_conversations": "Search conversations",
        "no_conversations": "None yet.",
        "no_match": "Nothing found.",
        "actions": "Actions",
        "rename": "Rename",
        "delete": "Delete",
        "delete_sure": "Delete this conversation? This cannot be undone.",
        "cancel": "Cancel",
        "save": "Save",
        "title": "Title",
        "export_markdown": "Export as Markdown",
        "export_docx": "Export as Word (DOCX)",
        "export_json": "Export as JSON",
        "filters": "Filters",
        "years": "Years",
        "from_year": "From",
        "to_year": "To",
        "language": "Language",
        "author": "Author",
        "recipient": "Recipient",
        "collection": "Collection",
        "kind": "Kind",
        "any": "any",
        "original": "Original",
        "translation": "Translation",
        "ai_translation": "AI translation",
        "human_translation": "Human translation",
        "remove_filter": "Remove the filter",
        "model": "language model",
        "model_on": "on",
        "model_off": "off",
        "with_model": "with the language model",
        "without_model": "ask without it",
        "without": "without",
        "clear_filters": "Clear all",
        "shortcuts": "Keyboard shortcuts",
        "shortcuts_about": (
            "Enter: ask. Shift+Enter: new line. Ctrl+K: go to the question. Alt+N: new "
            "conversation. Enter on a number: open its source. Esc: go back. On a page: ← and → "
            "turn, + and − zoom, 0 fits it to the width."
        ),
        # Signing in
        "sign_in": "Sign in",
        "sign_in_wrong": "Wrong name or password.",
        "sign_out": "Sign out",
        "user_name": "Name",
        "password": "Password",
        # Conversation
        "conversation": "Conversation",
        "your_question": "Your question",
        "placeholder": "Ask the archive…",
        "send": "Ask",
        "stop": "Stop",
        "ask_the_archive": "Ask the archive",
        "hint": (
            "Answers are in the documents’ own words, and every number opens the source. If the "
            "archive has no answer, Fonds says so and shows the nearest documents."
        ),
        "holds": "The archive holds",
        "examples": "For example",
        "empty": "This archive is still empty",
        "empty_can": (
            "Fonds answers questions in the words of your documents and shows where they are."
        ),
        "empty_cannot": (
            "It knows only what the documents say. It reads scans where Tesseract is installed."
        ),
        "empty_private": "Everything stays on this machine.",
        "load_files": "Load files",
        "open_sample": "Open the sample archive",
        "question": "Question",
        "reading": "Reading the archive…",
        "model_reads": "The language model has read {share} % of what was found…",
        "error": "This is an error, not an answer:",
        "stopped": "Stopped before there was an answer.",
        "interrupted": (
            "The answer was not saved: the page was closed or Fonds stopped before it was ready."
        ),
        "unanswered": (
            "There is no answer. Either too many questions are waiting: then ask again in a "
            "moment. Or Fonds failed unexpectedly: then the window where it runs shows the error. "
            "Other questions are not affected."
        ),
        "question_empty": "The question is empty.",
        "question_long": (
            "The question has {length} characters; the limit is {limit}. Shorten it or ask it in "
            "parts."
        ),
        "verified": "word for word",
        "verified_record": "from the catalogue",
        "verified_prose": "verified",
        "supported": "supported by the passage",
        "unsupported": "not supported by the archive",
        "nearest": "Nearest in the archive",
        "silent": "No answer in the archive",
        "understood": "Understood from the question",
        "asked_as": "Question understood as",
        "cited_before": "cited earlier",
        "set_aside": "no document matches, so it is ignored",
        "ask_without": "Ask without this limit",
        "confidence": "Confidence",
        "doubtful": "These passages come nearest; whether they answer is for you to judge.",
        "high": "high",
        "fair": "fair",
        "low": "low",
        "searched": "Searched",
        "seconds": "s",
        "copy_link": "Copy the link to this answer",
        "link": "Link",
        "copied": "Copied",
        "retry": "Ask again",
        "edit": "Edit",
        "good": "Good answer",
        "bad": "Bad answer",
        "good_short": "Good",
        "bad_short": "Bad",
        "why": "What was good or bad about it?",
        "saved": "Saved.",
        "check_words": "Check these words",
        # Evidence
        "evidence": "Evidence",
        "evidence_empty": (
            "The passages behind an answer appear here, each with its document, its date and its "
            "place in the archive."
        ),
        "evidence_for": "For",
        "evidence_near": "Nearest to",
        "found_so_far": "Found so far for",
        "no_passage": "No passages to show.",
        "marker": "Source {n}",
        "changed": (
            "The document has changed in the store since this answer; these are the words as they "
            "were."
        ),
        "earlier": "Earlier in the document",
        "later": "Later in the document",
        "document_begins": "The document begins here.",
        "document_ends": "The document ends here.",
        "date": "Date",
        "undated": "undated",
        "uncertain_date": "Date uncertain",
        "written": "written as",
        "from_to": "From → to",
        "no_author": "author not given",
        "no_recipient": "recipient not given",
        "published": "Published in",
        "archival_ref": "Archival reference",
        "rights": "Rights",
        "holding": "Holding institution",
        "holding_link": "Open at the holding institution",
        "page": "page",
        "place": "Place",
        "document": "Document",
        "characters": "characters {start}–{end}",
        "not_given": "not given",
        "warning": "Warning",
        "warnings": "Warnings",
        "copy": "Copy",
        "copy_what": "Copy: {what}",
        "cite": "Cite",
        "checked": "Quotation",
        "check_exact": "checked: matches the document word for word",
        "check_normalised": "checked: only the typography differs; shown as stored",
        "whole": "Open whole document",
        "in_list": "Show in list",
        "use": "Use this source",
        "again_without": "Answer again without the unticked sources",
        "same_words": "The same words",
        "copies": "Copies also found",
        "versions": "Versions of the record",
        # Pages
        "views": "Views of the source",
        "view_text": "Text",
        "view_page": "Page",
        "page_short": "p. {label}",
        "page_of": "p. {label} of {count}",
        "page_labelled": "p. {label} ({number} of {count})",
        "page_tools": "Page",
        "page_picture": "Picture of {page}: {title}",
        "page_marked": "The quotation is marked on the picture.",
        "page_over": "The quotation is on several pages; it is marked on each:",
        "page_none": "No picture of this page is kept.",
        "page_failed": "The picture could not be loaded.",
        "page_previous": "Previous page",
        "page_next": "Next page",
        "zoom_in": "Larger",
        "zoom_out": "Smaller",
        "zoom_fit": "Fit to the width",
        "full_screen": "Full screen",
        "on_page": "Show on the page",
        "pages": "Pages",
        "more_pages": "More pages",
        "faint": "Dotted words were read with little certainty; compare them with the page.",
        "read_with": "read with {share} % certainty",
        # Check a quotation
        "check_about": (
            "Paste words that someone attributes to a document. Fonds finds them in the archive "
            "and shows every letter that differs."
        ),
        "quotation": "Quotation",
        "check_button": "Check",
        "exact": "These words are in the archive",
        "normalised": "These words are in the archive; only the typography differs",
        "near": "Not quite: the archive has other words here",
        "absent": "These words are not in the archive",
        "elsewhere": "These words are in another document.",
        "splice": "These words do not appear together: they come from several places.",
        "you_have": "You have",
        "archive_has": "The archive has",
        "nothing": "nothing",
        "where": "Where they are",
        # Archive
        "documents": "Documents",
        "search_documents": "Search titles, people, references",
        "by_year": "Documents by year",
        "no_documents": "No documents found.",
        "column_title": "Title",
        "column_warnings": "Warnings",
        "previous": "Previous",
        "next": "Next",
        "shown": "{first}–{last} of {all}",
        "archive_about": (
            "The documents that Fonds searches. Files you load are added; if a file cannot be "
            "read, the report says why."
        ),
        "load_label": "Files to load",
        "drop": "Drag files here, or click to choose them",
        "loading": "Loading…",
        "loaded": (
            "{added} added, {updated} updated, {unchanged} unchanged, {failed} not loaded; "
            "{seconds} s"
        ),
        "not_loaded": "Not loaded, and why",
        "line": "line",
        # Evaluation
        "evaluation_about": (
            "A suite asks this version of Fonds questions with known answers. It uses its own "
            "documents, not yours."
        ),
        "suite": "Suite",
        "run": "Run",
        "running": "Running",
        "report": "Report",
        "figures": "Figures",
        "busy": "A suite is already running; wait until it is done.",
        # Examples of questions
        "example_wrote": "What did {author} write to {recipient}?",
        "example_archive": "Which archive holds “{title}”?",
        "example_date": "When was “{title}” written?",
    },
)
