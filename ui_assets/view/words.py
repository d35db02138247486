"""The words of the interface in English and Russian, and nothing of what an archive says.

Answers and faults come from `rag` in the language of the question or in English; they are shown
as they come, warnings by `warned`. Not here: which language a reader gets (`web.language_of`).
"""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("en", "ru")

NOUNS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "document": {
        "en": ("document", "documents"),
        "ru": ("документ", "документа", "документов"),
    },
    "source": {"en": ("source", "sources"), "ru": ("источник", "источника", "источников")},
    "place": {"en": ("place", "places"), "ru": ("место", "места", "мест")},
    "warning": {
        "en": ("warning", "warnings"),
        "ru": ("предупреждение", "предупреждения", "предупреждений"),
    },
}
WORDS: Mapping[str, tuple[str, str]] = {
    # The frame
    "sections": ("Sections", "Разделы"),
    "ask": ("Ask", "Вопрос"),
    "check": ("Check a quotation", "Проверка цитаты"),
    "archive": ("Archive", "Архив"),
    "evaluation": ("Evaluation", "Оценка"),
    "menu": ("Conversations and filters", "Беседы и отбор"),
    "close": ("Close", "Закрыть"),
    "dark": ("Light or dark", "Светло или темно"),
    "skip": ("Skip to the question", "Перейти к вопросу"),
    "sample_banner": ("Sample archive.", "Архив-образец."),
    "sample_about": (
        "Every letter in it is invented, to show how Fonds works. Files that you load go into an "
        "archive of your own.",
        "Все письма в нём вымышлены, чтобы показать работу Fonds. Загруженные вами файлы попадут "
        "в ваш собственный архив.",
    ),
    "lost": ("The server did not answer. Try again.", "Сервер не ответил. Попробуйте ещё раз."),
    # Left column
    "new": ("New conversation", "Новая беседа"),
    "conversations": ("Conversations", "Беседы"),
    "search_conversations": ("Search conversations", "Искать в беседах"),
    "no_conversations": ("None yet.", "Пока нет."),
    "no_match": ("None has these words.", "Таких слов нет ни в одной."),
    "actions": ("Actions", "Действия"),
    "rename": ("Rename", "Переименовать"),
    "delete": ("Delete", "Удалить"),
    "delete_sure": (
        "Delete this conversation? It cannot be brought back.",
        "Удалить эту беседу? Вернуть её будет нельзя.",
    ),
    "cancel": ("Cancel", "Отмена"),
    "save": ("Save", "Сохранить"),
    "title": ("Title", "Название"),
    "export_markdown": ("Export as Markdown", "Сохранить как Markdown"),
    "export_docx": ("Export as Word (DOCX)", "Сохранить как Word (DOCX)"),
    "export_json": ("Export as JSON", "Сохранить как JSON"),
    "filters": ("Filters", "Отбор"),
    "years": ("Years", "Годы"),
    "from_year": ("From", "С"),
    "to_year": ("To", "По"),
    "language": ("Language", "Язык"),
    "author": ("Author", "Автор"),
    "recipient": ("Recipient", "Адресат"),
    "collection": ("Collection", "Собрание"),
    "kind": ("Kind", "Вид"),
    "any": ("any", "любой"),
    "original": ("Original", "Оригинал"),
    "translation": ("Translation", "Перевод"),
    "ai_translation": ("AI translation", "Перевод ИИ"),
    "human_translation": ("Human translation", "Перевод человека"),
    "remove_filter": ("Remove the filter", "Снять отбор"),
    "without": ("without", "без"),
    "clear_filters": ("Clear all", "Снять всё"),
    "given": ("Only", "Только"),
    # Conversation
    "conversation": ("Conversation", "Беседа"),
    "your_question": ("Your question", "Ваш вопрос"),
    "sign_in": ("Sign in", "Войти"),
    "sign_in_wrong": ("The name or the password is wrong.", "Имя или пароль неверны."),
    "sign_out": ("Sign out", "Выйти"),
    "user_name": ("Name", "Имя"),
    "password": ("Password", "Пароль"),
    "placeholder": ("Ask the archive…", "Спросите архив…"),
    "send": ("Ask", "Спросить"),
    "stop": ("Stop", "Остановить"),
    "ask_the_archive": ("Ask the archive", "Спросите архив"),
    "hint": (
        "The answer is put together from the documents’ own words, and every number opens the "
        "page where they stand. Where the archive does not answer, Fonds says so and names what "
        "comes nearest.",
        "Ответ складывается из слов самих документов, и каждый номер открывает страницу, где они "
        "стоят. Если ответа в архиве нет, Fonds так и скажет и назовёт ближайшее.",
    ),
    "holds": ("The archive holds", "В архиве"),
    "examples": ("For example", "Например"),
    "empty": ("This archive is still empty", "Этот архив пока пуст"),
    "empty_can": (
        "Fonds answers questions from your documents in their own words and shows where each word "
        "stands.",
        "Fonds отвечает на вопросы словами ваших документов и показывает, где стоит каждое слово.",
    ),
    "empty_cannot": (
        "It does not know anything that the documents do not say, and it does not read scans.",
        "Он не знает ничего, чего нет в документах, и не читает сканы.",
    ),
    "empty_private": (
        "Everything stays on this machine.",
        "Всё остаётся на этой машине.",
    ),
    "load_files": ("Load files", "Загрузить файлы"),
    "open_sample": ("Open the sample archive", "Открыть архив-образец"),
    "question": ("Question", "Вопрос"),
    "reading": ("Reading the archive…", "Читаю архив…"),
    "fault": ("A fault, not an answer:", "Это сбой, а не ответ:"),
    "stopped": ("Stopped before there was an answer.", "Остановлено до ответа."),
    "interrupted": (
        "No answer was kept: the page was closed or Fonds stopped before it was written.",
        "Ответ не сохранился: страницу закрыли или Fonds остановился раньше.",
    ),
    "unanswered": (
        "The question got no answer. Either too many questions are waiting: then ask again in a "
        "moment. Or Fonds failed in a way it did not foresee: then the window in which it runs "
        "shows the error. Other questions are not affected.",
        "Вопрос остался без ответа. Либо в очереди слишком много вопросов: тогда спросите чуть "
        "позже. Либо в Fonds случился непредвиденный сбой: тогда ошибка видна в окне, где он "
        "запущен. Других вопросов это не касается.",
    ),
    "question_empty": ("The question is empty.", "Вопрос пуст."),
    "question_long": (
        "The question is {length} characters long; Fonds takes up to {limit}. Shorten it, or ask "
        "it in parts.",
        "В вопросе {length} знаков, а Fonds принимает до {limit}. Сократите его или задайте по "
        "частям.",
    ),
    "verified": ("word for word", "дословно"),
    "verified_record": ("from the catalogue", "из описания"),
    "verified_prose": ("verified", "проверено"),
    "supported": ("supported by the passage", "подтверждается отрывком"),
    "unsupported": ("not borne out by the archive", "архивом не подтверждается"),
    "nearest": ("Nearest in the archive", "Ближайшее в архиве"),
    "silent": ("No answer in the archive", "В архиве нет ответа"),
    "understood": ("Understood from the question", "Понято из вопроса"),
    "asked_as": ("Asked as", "Понято так"),
    "cited_before": ("those cited before", "приведённые раньше"),
    "elsewhere": (
        "These words stand in another document.",
        "Эти слова стоят в другом документе.",
    ),
    "splice": (
        "These words do not stand together: they were put together of several places.",
        "Эти слова не стоят вместе: они составлены из нескольких мест.",
    ),
    "set_aside": (
        "understood, but no document meets it: set aside",
        "понято, но таких документов нет: не учтено",
    ),
    "ask_without": ("Ask without this limit", "Спросить без этого ограничения"),
    "confidence": ("Confidence", "Уверенность"),
    "high": ("high", "высокая"),
    "fair": ("fair", "средняя"),
    "low": ("low", "низкая"),
    "searched": ("Searched", "Просмотрено:"),
    "seconds": ("s", "с"),
    "copy_link": ("Copy the link to this answer", "Скопировать ссылку на этот ответ"),
    "link": ("Link", "Ссылка"),
    "copied": ("Copied", "Скопировано"),
    "retry": ("Ask again", "Спросить ещё раз"),
    "edit": ("Edit", "Изменить"),
    "good": ("Good answer", "Хороший ответ"),
    "bad": ("Bad answer", "Плохой ответ"),
    "good_short": ("Good", "Хороший"),
    "bad_short": ("Bad", "Плохой"),
    "why": ("What was good or bad about it?", "Что в нём хорошо или плохо?"),
    "thanks": ("Noted.", "Записано."),
    "check_words": ("Check these words", "Проверить эти слова"),
    # Evidence
    "evidence": ("Evidence", "Источники"),
    "evidence_empty": (
        "The passages behind an answer appear here, each with its document, its date and its "
        "place in the archive.",
        "Здесь появятся отрывки, на которых стоит ответ: каждый с документом, датой и местом в "
        "архиве.",
    ),
    "evidence_for": ("For", "К вопросу"),
    "evidence_near": ("Nearest to", "Ближайшее к вопросу"),
    "found_so_far": ("Found so far", "Найдено"),
    "no_passage": ("No passage to show.", "Показать нечего."),
    "marker": ("Source {n}", "Источник {n}"),
    "changed": (
        "The document has changed in the store since this answer was written; these are the words "
        "as they stood.",
        "Документ в хранилище изменился после этого ответа; здесь слова, как они стояли тогда.",
    ),
    "earlier": ("Earlier in the document", "Выше по документу"),
    "later": ("Later in the document", "Ниже по документу"),
    "document_begins": ("The document begins here.", "Начало документа."),
    "document_ends": ("The document ends here.", "Конец документа."),
    "date": ("Date", "Дата"),
    "undated": ("undated", "без даты"),
    "uncertain_date": ("Date uncertain", "Дата предположительна"),
    "written": ("written", "написано"),
    "from_to": ("From → to", "Кто → кому"),
    "no_author": ("author not given", "автор не указан"),
    "no_recipient": ("recipient not given", "адресат не указан"),
    "published": ("Published in", "Опубликовано"),
    "archival_ref": ("Archival reference", "Архивный шифр"),
    "page": ("page", "с."),
    "place": ("Place", "Место"),
    "document": ("Document", "Документ"),
    "characters": ("characters {start}–{end}", "знаки {start}–{end}"),
    "not_given": ("not given", "не указано"),
    "warning": ("Warning", "Предупреждение"),
    "warnings": ("Warnings", "Предупреждения"),
    "copy": ("Copy", "Копировать"),
    "copy_what": ("Copy: {what}", "Копировать: {what}"),
    "cite": ("Cite", "Сослаться"),
    "checked": ("Quotation", "Цитата"),
    "check_exact": (
        "checked: stands in the document word for word",
        "проверена: стоит в документе слово в слово",
    ),
    "check_normalised": (
        "checked: differs from the document in form only; shown as stored",
        "проверена: отличается от документа только формой; показана как хранится",
    ),
    "whole": ("Open whole document", "Открыть документ целиком"),
    "in_list": ("Show in list", "Показать в списке"),
    "use": ("Use this source", "Учитывать этот источник"),
    "again_without": ("Answer again without the unticked", "Ответить без неотмеченных"),
    "same_words": ("The same words", "Те же слова"),
    "copies": ("Copies, found too", "Найдены и копии"),
    "versions": ("Versions of the record", "Версии документа"),
    # Check a quotation
    "check_about": (
        "Paste words that someone attributes to a document. Fonds finds where they stand in the "
        "archive, and shows every letter that differs.",
        "Вставьте слова, которые кто-то приписывает документу. Fonds найдёт, где они стоят в "
        "архиве, и покажет каждую отличающуюся букву.",
    ),
    "quotation": ("Quotation", "Цитата"),
    "check_button": ("Check", "Проверить"),
    "exact": ("These words stand in the archive", "Эти слова стоят в архиве"),
    "normalised": (
        "These words stand in the archive; only their form differs",
        "Эти слова стоят в архиве; отличается только форма",
    ),
    "near": (
        "Not quite: the archive has other words here",
        "Не совсем: в архиве здесь другие слова",
    ),
    "absent": ("These words are not in the archive", "Этих слов в архиве нет"),
    "you_have": ("You have", "У вас"),
    "archive_has": ("The archive has", "В архиве"),
    "nothing": ("nothing", "ничего"),
    "where": ("Where they stand", "Где они стоят"),
    # Archive
    "documents": ("Documents", "Документы"),
    "search_documents": ("Search titles, people, references", "Искать в названиях, именах, шифрах"),
    "by_year": ("Documents by year", "Документы по годам"),
    "no_documents": ("No document has these words.", "Документов с такими словами нет."),
    "column_title": ("Title", "Название"),
    "column_warnings": ("Warnings", "Предупреждения"),
    "previous": ("Previous", "Назад"),
    "next": ("Next", "Дальше"),
    "shown": ("{first}–{last} of {all}", "{first}–{last} из {all}"),
    "archive_about": (
        "The documents that are searched. Files that you load are read and added; what cannot be "
        "read is named, and why.",
        "Документы, в которых идёт поиск. Загруженные файлы читаются и добавляются; о тех, что "
        "прочесть нельзя, сказано почему.",
    ),
    "load_label": ("Files to load", "Файлы для загрузки"),
    "drop": (
        "Drag files here, or click to choose them",
        "Перетащите файлы сюда или нажмите, чтобы выбрать",
    ),
    "loading": ("Loading…", "Загружаю…"),
    "loaded": (
        "{added} added, {updated} updated, {unchanged} unchanged, {failed} refused; {seconds} s",
        "добавлено {added}, обновлено {updated}, без изменений {unchanged}, отвергнуто {failed}; "
        "{seconds} с",
    ),
    "refused": ("Refused, and why", "Отвергнуто, и почему"),
    "line": ("line", "строка"),
    # Evaluation
    "evaluation_about": (
        "A suite asks this version of Fonds questions whose answers are known. It reads its own "
        "documents, not yours.",
        "Набор задаёт этой версии Fonds вопросы, ответы на которые известны. Он читает свои "
        "документы, а не ваши.",
    ),
    "suite": ("Suite", "Набор"),
    "run": ("Run", "Запустить"),
    "running": ("Running", "Выполняется"),
    "report": ("Report", "Отчёт"),
    "figures": ("Figures", "Показатели"),
    "busy": (
        "A suite is already running; wait until it is done.",
        "Набор уже выполняется; дождитесь конца.",
    ),
    # Examples
    "example_wrote": (
        "What did {author} write to {recipient}?",
        "О чём писал {author} (адресат: {recipient})?",
    ),
    "example_archive": ("Which archive holds “{title}”?", "В каком архиве хранится «{title}»?"),
    "example_date": ("When was “{title}” written?", "Когда написано «{title}»?"),
    # Keys
    "keys": ("Keys", "Клавиши"),
    "keys_about": (
        "Enter asks, Shift+Enter begins a line, Ctrl+K goes to the question, Alt+N begins a "
        "conversation, Enter on a number opens its source, Esc goes back.",
        "Enter — спросить, Shift+Enter — новая строка, Ctrl+K — к вопросу, Alt+N — новая беседа, "
        "Enter на номере — открыть источник, Esc — назад.",
    ),
}
CODES = {
    "en": {"en": "English", "ru": "Russian", "de": "German", "fr": "French"},
    "ru": {"en": "английский", "ru": "русский", "de": "немецкий", "fr": "французский"},
}


def word(lang: str, key: str, **values: object) -> str:
    """The words under `key`, with the values that they name."""
    return WORDS[key][LANGUAGES.index(lang)].format(**values)


def count(lang: str, noun: str, n: int) -> str:
    """A number with its noun: "3 documents", "3 документа"."""
    forms = NOUNS[noun][lang]
    if lang == "en":
        return f"{n:,} {forms[0 if n == 1 else 1]}"
    if n % 10 == 1 and n % 100 != 11:
        form = forms[0]
    else:
        form = forms[1 if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14) else 2]
    return f"{n:,}".replace(",", "\u00a0") + f" {form}"


def language(lang: str, code: str) -> str:
    """The name of a language, or its code where there is no word for it here."""
    return CODES[lang].get(code, code)


def listed(lang: str, items: list[str]) -> str:
    """ "English", "English and Russian", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {'and' if lang == 'en' else 'и'} {items[-1]}"
