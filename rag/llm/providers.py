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
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from index_store.loopback import is_loopback
from rag.errors import SettingsError
from rag.llm.model import LlamaIndexModel
from rag.settings import Settings, secret

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

MAX_OUTPUT_TOKENS = 1000
"""Tokens that a model may write; an answer of ten statements has about 400."""

SPEC_FORMS = "openai-like:URL:MODEL, ollama:MODEL, openai:MODEL or anthropic:MODEL"
_URL = r"https?://(?:\[[0-9A-Fa-f:.]+\]|[^/:@\s\[\]?#]+)(?::\d{1,5})?(?:/[^:@\s?#]*)?"
_SPEC = re.compile(rf"(?P<kind>[a-z-]+):(?:(?P<url>{_URL}):)?(?P<model>\S(?:.*\S)?)")
_CLASSES = {
    "openai-like": ("llama_index.llms.openai_like", "OpenAILike", None),
    "openai": ("llama_index.llms.openai", "OpenAI", "openai"),
    "ollama": ("llama_index.llms.ollama", "Ollama", "ollama"),
    "anthropic": ("llama_index.llms.anthropic", "Anthropic", "anthropic"),
}
_KEYS = {
    "openai-like": "FONDS_LLM_API_KEY",
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
}


def wrap(llm: LLM, settings: Settings) -> LlamaIndexModel:
    """A llama-index LLM made by the caller, with the time limit of the settings."""
    name = llm.metadata.model_name or type(llm).__name__
    return LlamaIndexModel(llm, name, settings.llm_timeout)


def build(settings: Settings) -> LlamaIndexModel | None:
    """The model that `settings.llm` names; None when it is not set. Makes no connection.

    Raises SettingsError for an invalid name, a missing package or API key, or plain http to another
    machine that the settings do not allow.
    """
    if settings.llm is None:
        return None
    match = _SPEC.fullmatch(settings.llm)
    if match is None or match["kind"] not in _CLASSES:
        raise SettingsError(f"llm is {_hidden(settings.llm)!r}; expected {SPEC_FORMS}")
    kind, url, model = match["kind"], match["url"], match["model"]
    if (kind == "openai-like") != (url is not None) and kind != "ollama":
        raise SettingsError(f"llm is {_hidden(settings.llm)!r}; expected {SPEC_FORMS}")
    if "://" in model or re.search(r"//[^/\s]*@", settings.llm):
        raise SettingsError(
            "llm: the URL cannot be read; write it without name, password, query or fragment, "
            "for example openai-like:http://127.0.0.1:8080/v1:MODEL"
        )
    if url is not None:
        _check_http(url, settings)
    make, given = _class(kind), _arguments(kind, url, model, settings)
    return LlamaIndexModel(make(**given), model, settings.llm_timeout, given.get("http_client"))


def _class(kind: str) -> Any:
    module, name, extra = _CLASSES[kind]
    try:
        return getattr(importlib.import_module(module), name)
    except ImportError as error:
        package = extra and f"pip install 'fonds[{extra}]'"
        raise SettingsError(
            f"llm: {kind} needs a package that is not installed; run: "
            f"{package or 'pip install llama-index-llms-openai-like'}"
        ) from error


def _arguments(kind: str, url: str | None, model: str, settings: Settings) -> dict[str, Any]:
    given: dict[str, Any] = {"model": model, "temperature": 0.0}
    if kind == "ollama":
        given |= {"base_url": url} if url else {}
        return given | {"request_timeout": float(settings.llm_timeout)}
    key = secret(_KEYS[kind])
    if key is None and kind != "openai-like":
        raise SettingsError(f"llm: {kind} needs a key; set {_KEYS[kind]} in the environment")
    given |= {"api_key": key or "none", "max_tokens": MAX_OUTPUT_TOKENS, "max_retries": 0}
    given |= {"timeout": float(settings.llm_timeout)}
    if kind == "anthropic":
        return given
    from rag.llm.http import BoundedClient

    own_machine = url is not None and _on_this_machine(url)
    given |= {"http_client": BoundedClient(float(settings.llm_timeout), own_machine)}
    if kind == "openai-like":
        given |= {"api_base": url, "is_chat_model": True}
    return given


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
