"""Makes the language model that `FONDS_LLM` names, from a llama-index integration.

Requests go only to the endpoint that the user names: redirects are not followed, a model on this
machine is never reached through a proxy, plain http to another machine needs `FONDS_LLM_HTTP`.
API keys come from the environment and are sent only in the request's header. The limits on time and
size apply to a whole answer, so that an endpoint that sends very slowly is stopped too.

Not here: streaming and errors (`model`), what is asked (`prompts`), how the answer is checked
(`rag.answers.generation`).
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from index_store.loopback import is_loopback
from rag.errors import SettingsError
from rag.llm.model import LlamaIndexModel
from rag.llm.prompts import MAX_PASSAGE_CHARS
from rag.models.bundle import AnswerForm, LanguageModel, LanguageModelMode
from rag.settings import Settings, secret

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

MAX_OUTPUT_TOKENS = 1000
"""Tokens that a model may write; an answer of ten statements has about 400."""

FILE_READS = 1600
"""Characters of passages for a model in this process, some 400 to 800 tokens: two cores read about
40 tokens a second of a model of 1.5 billion weights."""

SPEC_FORMS = "gguf:FILE, openai-like:URL:MODEL, ollama:MODEL, openai:MODEL or anthropic:MODEL"
_URL = r"https?://(?:\[[0-9A-Fa-f:.]+\]|[^/:@\s\[\]?#]+)(?::\d{1,5})?(?:/[^:@\s?#]*)?"
_SPEC = re.compile(rf"(?P<kind>[a-z-]+):(?:(?P<url>{_URL}):)?(?P<model>\S(?:.*\S)?)")


@dataclass(frozen=True, slots=True)
class Provider:
    """A llama-index class, the extra that installs it, and what it is given.

    `key` is the environment variable of the API key, None for a provider without one. `needs_url`:
    True if the setting must have a URL, False if it must not, None for either. `form`: the
    arguments by which a server holds the model to the form of an answer.
    """

    module: str
    class_name: str
    arguments: Callable[[str | None, str | None, Settings], dict[str, Any]]
    extra: str | None = None
    key: str | None = None
    needs_key: bool = True
    needs_url: bool | None = False
    form: Callable[[AnswerForm], Mapping[str, Any]] = lambda form: {}


def _ollama(url: str | None, key: str | None, settings: Settings) -> dict[str, Any]:
    given = {"base_url": url} if url else {}
    return {**given, "request_timeout": float(settings.llm_timeout)}


def _anthropic(url: str | None, key: str | None, settings: Settings) -> dict[str, Any]:
    return {
        "api_key": key or "none",
        "max_tokens": MAX_OUTPUT_TOKENS,
        "max_retries": 0,
        "timeout": float(settings.llm_timeout),
    }


def _openai(url: str | None, key: str | None, settings: Settings) -> dict[str, Any]:
    from rag.llm.http import BoundedClient

    own_machine = url is not None and _on_this_machine(url)
    client = BoundedClient(float(settings.llm_timeout), own_machine)
    return {**_anthropic(url, key, settings), "http_client": client}


def _openai_like(url: str | None, key: str | None, settings: Settings) -> dict[str, Any]:
    return {**_openai(url, key, settings), "api_base": url, "is_chat_model": True}


def _json_schema(form: AnswerForm) -> Mapping[str, Any]:
    """As OpenAI's API has it; llama.cpp, vLLM and LM Studio take the same."""
    schema = {"name": "answer", "schema": form.schema}
    told = {"type": "json_schema", "json_schema": schema}
    return {"response_format": told, "logprobs": True, "top_logprobs": 5}


def _ollama_format(form: AnswerForm) -> Mapping[str, Any]:
    return {"format": form.schema}


PROVIDERS: Mapping[str, Provider] = {
    "openai-like": Provider(
        "llama_index.llms.openai_like", "OpenAILike", _openai_like,
        key="FONDS_LLM_API_KEY", needs_key=False, needs_url=True, form=_json_schema,
    ),
    "openai": Provider(
        "llama_index.llms.openai", "OpenAI", _openai, extra="openai", key="OPENAI_API_KEY",
        form=_json_schema,
    ),
    "ollama": Provider(
        "llama_index.llms.ollama", "Ollama", _ollama, extra="ollama", needs_url=None,
        form=_ollama_format,
    ),
    "anthropic": Provider(
        "llama_index.llms.anthropic", "Anthropic", _anthropic,
        extra="anthropic", key="ANTHROPIC_API_KEY",
    ),
}  # fmt: skip
"""What may stand before the first colon of the setting."""


def wrap(llm: LLM, settings: Settings) -> LlamaIndexModel:
    """A llama-index LLM made by the caller, with the time limit of the settings."""
    name = llm.metadata.model_name or type(llm).__name__
    return LlamaIndexModel(llm, name, settings.llm_timeout, mode=_mode(settings, "prose"))


def build(settings: Settings) -> LanguageModel | None:
    """The model that `settings.llm` names; None when it is not set. Makes no connection, and loads
    no file yet.

    Raises SettingsError for an invalid name, a missing package or API key, or plain http to another
    machine that the settings do not allow.
    """
    if settings.llm is None:
        return None
    if settings.llm.startswith("gguf:"):
        return _of_file(Path(settings.llm.removeprefix("gguf:")).expanduser(), settings)
    match = _SPEC.fullmatch(settings.llm)
    if match is None or match["kind"] not in PROVIDERS:
        raise SettingsError(f"llm is {_hidden(settings.llm)!r}; expected {SPEC_FORMS}")
    kind, url, model = match["kind"], match["url"], match["model"]
    provider = PROVIDERS[kind]
    if provider.needs_url not in (None, url is not None):
        raise SettingsError(f"llm is {_hidden(settings.llm)!r}; expected {SPEC_FORMS}")
    if "://" in model or re.search(r"//[^/\s]*@", settings.llm):
        raise SettingsError(
            "llm: the URL cannot be read; write it without name, password, query or fragment, "
            "for example openai-like:http://127.0.0.1:8080/v1:MODEL"
        )
    if url is not None:
        _check_http(url, settings)
    make = _class(kind, provider)
    key = secret(provider.key) if provider.key else None
    if key is None and provider.key and provider.needs_key:
        raise SettingsError(f"llm: {kind} needs a key; set {provider.key} in the environment")
    given = provider.arguments(url, key, settings)
    llm = make(model=model, temperature=0.0, **given)
    return LlamaIndexModel(
        llm,
        model,
        settings.llm_timeout,
        given.get("http_client"),
        _mode(settings, "prose"),
        settings.llm_read or MAX_PASSAGE_CHARS,
        provider.form,
    )


def _of_file(path: Path, settings: Settings) -> LanguageModel:
    """The model of a GGUF file, run in this process."""
    from rag.llm import local

    local.check(path)
    mode = _mode(settings, "points")
    return local.LocalModel(path, settings.llm_timeout, mode, settings.llm_read or FILE_READS)


def _mode(settings: Settings, auto: LanguageModelMode) -> LanguageModelMode:
    return auto if settings.llm_mode == "auto" else settings.llm_mode


def _class(kind: str, provider: Provider) -> Any:
    try:
        return getattr(importlib.import_module(provider.module), provider.class_name)
    except ImportError as error:
        package = provider.module.replace("llama_index.", "llama-index-").replace(".", "-")
        wanted = f"'fonds[{provider.extra}]'" if provider.extra else package.replace("_", "-")
        raise SettingsError(
            f"llm: {kind} needs a package that is not installed; run: pip install {wanted}"
        ) from error


def _check_http(url: str, settings: Settings) -> None:
    """Plain http sends passages and API key unencrypted; allowed on this machine only.

    Raises SettingsError for another machine, unless the settings allow it.
    """
    if url.startswith("http://") and not _on_this_machine(url) and not settings.llm_http:
        raise SettingsError(
            f"llm: {urlsplit(url).hostname} would be asked over plain http, which anyone on the "
            "way can read; use https, or set FONDS_LLM_HTTP=true"
        )


def _on_this_machine(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")


def _hidden(text: str) -> str:
    """The text without user name and password of a URL, for messages."""
    return re.sub(r"//[^/\s]*@", "//…@", text)
