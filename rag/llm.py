"""Any llama-index LLM as a model that writes: chosen by `FONDS_LLM`, its faults in one class.

The endpoint is the one that the user names, and no other: redirects are not followed, a model on
this machine is never asked through a proxy, plain http to another machine needs `FONDS_LLM_HTTP`.
Keys come from the environment and go into the request's header alone. An answer has a limit of
time and of size, counted over the whole of it, so that an endpoint that trickles is stopped too.

Not here: what is asked (`prompt`), and what becomes of the answer (`generate`).
"""

from __future__ import annotations

import importlib
import ipaddress
import re
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from rag.errors import ModelError, ModelFault, SettingsError
from rag.settings import Settings, secret

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from rag.llm_http import BoundedClient

MOST_TOKENS = 1000
"""Tokens that a model may write; an answer of ten statements has some 400."""

MOST_CHARACTERS = 20_000
"""A longer answer is nonsense."""

FORMS = "openai-like:URL:MODEL, ollama:MODEL, openai:MODEL or anthropic:MODEL"
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
_STATUS: dict[int, ModelFault] = {401: "refused", 403: "refused", 404: "unknown", 429: "busy"}
_STATUS |= {408: "timeout", 504: "timeout"}


class Model(Protocol):
    """What Fonds needs of a language model."""

    @property
    def name(self) -> str: ...
    def write(self, system: str, user: str) -> Iterator[str]:
        """The answer piece by piece. Raises ModelError, also in the middle."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class LlamaIndexModel:
    """A llama-index LLM; `seconds` bounds an answer as a whole."""

    llm: LLM
    name: str
    seconds: float
    client: BoundedClient | None = None

    def close(self) -> None:
        """Give connections back."""
        if self.client is not None:
            self.client.close()

    def _opened(self) -> list[Any]:
        return self.client.opened() if self.client is not None else []

    def write(self, system: str, user: str) -> Iterator[str]:
        from llama_index.core.llms import ChatMessage, MessageRole

        messages = [
            ChatMessage(role=MessageRole.SYSTEM, content=system),
            ChatMessage(role=MessageRole.USER, content=user),
        ]
        deadline = time.monotonic() + self.seconds
        written, reason = 0, _Finish()
        opened: list[Any] = []
        try:
            with closing(self.llm.stream_chat(messages)) as responses:
                for response in responses:
                    opened += self._opened()
                    reason.see(response.raw)
                    delta = response.delta or ""
                    written += len(delta)
                    if time.monotonic() > deadline:
                        raise ModelError("timeout", f"{self.seconds:g}")
                    if written > MOST_CHARACTERS:
                        raise ModelError("nonsense")
                    if delta:
                        yield delta
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(_fault(error), f"{self.seconds:g}") from error
        finally:
            for answer in (*opened, *self._opened()):
                answer.close()
        if not written:
            raise ModelError("empty")
        if reason.is_missing:
            raise ModelError("cut")


class _Finish:
    """Whether an OpenAI-like stream came to an end that it announced."""

    def __init__(self) -> None:
        self._openai = self._finished = False

    def see(self, raw: Any) -> None:
        choices = getattr(raw, "choices", None)
        if choices:
            self._openai = True
            self._finished |= getattr(choices[0], "finish_reason", None) is not None

    @property
    def is_missing(self) -> bool:
        return self._openai and not self._finished


def condensing(conversation: str, question: str) -> str:
    """What llama-index asks a model in order to get a question that stands alone."""
    from llama_index.core.chat_engine.condense_question import DEFAULT_PROMPT

    return DEFAULT_PROMPT.format(chat_history=conversation, question=question)


def wrap(llm: LLM, settings: Settings) -> LlamaIndexModel:
    """Any llama-index LLM that the caller has made."""
    name = llm.metadata.model_name or type(llm).__name__
    return LlamaIndexModel(llm, name, settings.llm_timeout)


def build(settings: Settings) -> LlamaIndexModel | None:
    """The model of `settings.llm`; None where none is set. Connects to nothing.

    Raises SettingsError for a name that makes no sense, a missing extra or key, or plain http to
    another machine that was not allowed.
    """
    if settings.llm is None:
        return None
    match = _SPEC.fullmatch(settings.llm)
    if match is None or match["kind"] not in _CLASSES:
        raise SettingsError(f"llm is {_hidden(settings.llm)!r}; expected {FORMS}")
    kind, url, model = match["kind"], match["url"], match["model"]
    if (kind == "openai-like") != (url is not None) and kind != "ollama":
        raise SettingsError(f"llm is {_hidden(settings.llm)!r}; expected {FORMS}")
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
    given |= {"api_key": key or "none", "max_tokens": MOST_TOKENS, "max_retries": 0}
    given |= {"timeout": float(settings.llm_timeout)}
    if kind == "anthropic":
        return given
    from rag.llm_http import BoundedClient

    own_machine = url is not None and _is_loopback(url)
    given |= {"http_client": BoundedClient(float(settings.llm_timeout), own_machine)}
    if kind == "openai-like":
        given |= {"api_base": url, "is_chat_model": True}
    return given


def _check_http(url: str, settings: Settings) -> None:
    """Plain http carries passages and key in the clear: fine inside this machine only."""
    if url.startswith("http://") and not _is_loopback(url) and not settings.llm_http:
        raise SettingsError(
            f"llm: {urlsplit(url).hostname} would be asked over plain http, which anyone on the "
            "way can read; use https, or set FONDS_LLM_HTTP=true"
        )


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _hidden(text: str) -> str:
    """Without a password that someone wrote into a URL."""
    return re.sub(r"//[^/\s]*@", "//…@", text)


def _fault(error: Exception) -> ModelFault:
    """What went wrong, told by status, by the network's own errors, then by class names."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return _STATUS.get(status, "failed")
    chain: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or at.__context__
    names = " ".join(base.__name__ for e in chain for base in type(e).__mro__)
    if "Timeout" in names:
        return "timeout"
    if "ConnectError" in names or "ConnectionRefused" in names:
        return "unreachable"
    if "ProtocolError" in names or "ReadError" in names:
        return "cut"
    if any(isinstance(e, ConnectionError) for e in chain) or "ConnectionError" in names:
        return "unreachable"
    if isinstance(error, ValueError | TypeError | AttributeError | LookupError):
        return "nonsense"  # what came back could not be read as an answer
    return "nonsense" if "DecodingError" in names else "failed"
