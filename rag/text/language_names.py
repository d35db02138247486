"""The names of languages in English and in Russian, by ISO 639-1 code."""

from __future__ import annotations

IN_ENGLISH = {
    "ar": "Arabic", "be": "Belarusian", "bg": "Bulgarian", "cs": "Czech", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian",
    "fi": "Finnish", "fr": "French", "he": "Hebrew", "hr": "Croatian", "hu": "Hungarian",
    "hy": "Armenian", "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh",
    "la": "Latin", "lt": "Lithuanian", "lv": "Latvian", "nl": "Dutch", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian",
    "yi": "Yiddish", "zh": "Chinese",
}  # fmt: skip

IN_RUSSIAN = {
    "ar": "арабский", "be": "белорусский", "bg": "болгарский", "cs": "чешский",
    "da": "датский", "de": "немецкий", "el": "греческий", "en": "английский",
    "es": "испанский", "et": "эстонский", "fi": "финский", "fr": "французский", "he": "иврит",
    "hr": "хорватский", "hu": "венгерский", "hy": "армянский", "it": "итальянский",
    "ja": "японский", "ka": "грузинский", "kk": "казахский", "la": "латинский",
    "lt": "литовский", "lv": "латышский", "nl": "нидерландский", "no": "норвежский",
    "pl": "польский", "pt": "португальский", "ro": "румынский", "ru": "русский",
    "sk": "словацкий", "sl": "словенский", "sr": "сербский", "sv": "шведский",
    "tr": "турецкий", "uk": "украинский", "yi": "идиш", "zh": "китайский",
}  # fmt: skip
