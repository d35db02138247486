"""The language of documents and of questions, told by words where the script does not tell."""

from __future__ import annotations

import pytest

from rag.text import detection
from rag.text.detection import (
    UNKNOWN,
    declared_language,
    detected_language,
    language_of,
    question_language,
)

LETTERS = {
    "cs": "Milý příteli, včera jsem dostal Váš dopis a hned odpovídám.",
    "de": "Mein lieber Freund, gestern habe ich Ihren Brief erhalten und antworte sofort.",
    "el": "Αγαπητέ φίλε, χθες έλαβα την επιστολή σας και απαντώ αμέσως.",
    "en": "My dear friend, your letter came yesterday and I answer it at once.",
    "es": "Querido amigo, ayer recibí su carta y le contesto en seguida.",
    "fi": "Hyvä ystävä, sain eilen kirjeenne ja vastaan heti.",
    "fr": "Mon cher ami, j'ai reçu hier votre lettre et je vous réponds aussitôt.",
    "it": "Caro amico, ieri ho ricevuto la sua lettera e le rispondo subito.",
    "nl": "Beste vriend, gisteren heb ik uw brief ontvangen en ik antwoord meteen.",
    "pl": "Drogi przyjacielu, wczoraj otrzymałem Pański list i zaraz odpowiadam.",
    "ru": "Дорогой друг, вчера я получил Ваше письмо и отвечаю немедленно.",
    "sv": "Käre vän, i går fick jag Ert brev och svarar genast.",
    "uk": "Дорогий друже, вчора я отримав Вашого листа і відразу відповідаю.",
    "zh": "亲爱的朋友，昨天我收到了您的来信，马上回复。",
}


@pytest.mark.parametrize("lang", LETTERS)
def test_a_letter_has_the_language_of_its_words(lang: str) -> None:
    assert detected_language(LETTERS[lang]) == lang


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("", "en"),
        ("1931", "en"),
        ("NR 17 STOP SOSNOVKA 12/IV", "en"),
        ("Сосновка, 12/IV", "ru"),
        ("Мирный договоръ подписанъ вчера. Всѣ довольны, и міръ ждетъ.", "ru"),
    ],
)
def test_in_doubt_the_script_decides(text: str, lang: str) -> None:
    assert detected_language(text) == language_of(text) == lang


@pytest.mark.parametrize(
    ("question", "lang"),
    [
        ("Wer hat den Vertrag unterschrieben?", "de"),
        ("Wann kam Kapitän Ohlsen in Hamburg an?", "de"),
        ("Kto podpisał umowę w Warszawie?", "pl"),
        ("Quand le navire est-il parti de Brest ?", "fr"),
        ("Хто підписав угоду в Києві?", "uk"),
        ("Who signed the waybill?", "en"),
        ("Who is Wojciech Brzezicki in Zakopane?", "en"),
        ("What did Józef Ośmiałowski write to Zdzisław Grześkowiak?", "en"),
        ("Where is Schloss Grünwald?", "en"),
        ("Кто подписал накладную?", "ru"),
        ("Что писал Ожеховский Бжезицкому?", "ru"),
        ("Brzezicki?", "en"),
    ],
)
def test_names_do_not_change_the_language_of_a_question(question: str, lang: str) -> None:
    archive = ["bg", "de", "en", "fr", "pl", "ru", "uk"]
    assert question_language(question, archive) == lang


def test_a_question_may_be_in_another_language_than_the_archive() -> None:
    assert question_language("Wer hat den Vertrag unterschrieben?", ["en", "ru"]) == "de"
    assert question_language("Kto podpisał umowę w Warszawie?", ["en"]) == "pl"
    assert question_language("Хто підписав угоду в Києві?", ["ru"]) == "uk"
    assert question_language("Кто это?", []) == "ru"


def test_a_question_of_names_alone_is_in_english_or_russian(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(detection, "_identifier", None)  # not needed
    assert question_language("Note Verbale Berlin", ["de", "fr"]) == "en"
    assert question_language("Ожеховский", ["uk"]) == "ru"


@pytest.mark.parametrize(
    ("tag", "text", "lang"),
    [
        ("de-AT", LETTERS["de"], "de"),
        ("pol", LETTERS["pl"], "pl"),
        ("RU_ru", LETTERS["ru"], "ru"),
        ("en", LETTERS["ru"], UNKNOWN),
        (None, LETTERS["de"], UNKNOWN),
        ("x-klingon", LETTERS["de"], UNKNOWN),
    ],
)
def test_a_declared_language_must_fit_the_script(tag: str | None, text: str, lang: str) -> None:
    assert declared_language(tag, text) == lang
