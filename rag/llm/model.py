"""A llama-index LLM as a `LanguageModel`: streaming, limits, and errors as `ModelError`.

Not here: choosing and configuring the model (`providers`), what it is asked (`prompts`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.errors import ModelError, ModelFault
from rag.llm.prompts import MAX_PASSAGE_CHARS
from rag.types.pieces import Piece

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from rag.llm.http import BoundedClient
    from rag.models.bundle import AnswerForm, LanguageModelMode, Writing

MAX_ANSWER_CHARS = 20_000
"""A longer answer is rejected as nonsense."""

_STATUS: dict[int, ModelFault] = {401: "refused", 403: "refused", 404: "unknown", 429: "busy"}
_STATUS |= {408: "timeout", 504: "timeout", 400: "not_understood", 422: "not_understood"}


@dataclass(frozen=True, slots=True)
class LlamaIndexModel:
    """A llama-index LLM. `seconds` limits the time of a whole answer; `options` are the arguments
    by which its server is held to a form."""

    llm: LLM
    name: str
    seconds: float
    client: BoundedClient | None = None
    mode: LanguageModelMode = "prose"
    reads: int = MAX_PASSAGE_CHARS
    options: Callable[[AnswerForm], Mapping[str, Any]] = lambda form: {}

    def close(self) -> None:
        """Closes its connections."""
        if self.client is not None:
            self.client.close()

    def _take_opened(self) -> list[Any]:
        return self.client.take_opened() if self.client is not None else []

    def write(self, system: str, user: str, form: AnswerForm | None = None) -> Writing:
        """Streams the answer in pieces. Raises ModelError, also after some pieces.

        A server that does not know the form's options is asked again without them.
        """
        options = dict(self.options(form)) if form is not None else {}
        try:
            yield from self._write(system, user, options)
        except ModelError as error:
            if not options or error.fault != "not_understood":
                raise
            yield from self._write(system, user, {})

    def _write(self, system: str, user: str, options: Mapping[str, Any]) -> Writing:
        from llama_index.core.llms import ChatMessage, MessageRole

        messages = [
            ChatMessage(role=MessageRole.SYSTEM, content=system),
            ChatMessage(role=MessageRole.USER, content=user),
        ]
        deadline = time.monotonic() + self.seconds
        written, reason = 0, _Finish()
        opened: list[Any] = []
        try:
            with closing(self.llm.stream_chat(messages, **options)) as responses:
                for response in responses:
                    opened += self._take_opened()
                    reason.see(response.raw)
                    delta = response.delta or ""
                    written += len(delta)
                    if time.monotonic() > deadline:
                        raise ModelError("timeout", f"{self.seconds:g}")
                    if written > MAX_ANSWER_CHARS:
                        raise ModelError("nonsense")
                    if delta:
                        yield Piece(delta, _chances(response.raw))
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(_fault(error), f"{self.seconds:g}") from error
        finally:
            for answer in (*opened, *self._take_opened()):
                answer.close()
        if not written:
            raise ModelError("empty")
        if reason.is_missing:
            raise ModelError("cut")


def _chances(raw: Any) -> Mapping[str, float] | None:
    """The probabilities of the tokens at a chunk's first place, where an OpenAI-like server tells
    them."""
    try:
        (first, *_) = raw.choices[0].logprobs.content
        return {one.token: math.exp(one.logprob) for one in first.top_logprobs}
    except (AttributeError, IndexError, TypeError, ValueError):
        return None


class _Finish:
    """Whether an OpenAI-like stream has sent the reason why it ended.

    Without one the stream was cut off. Other providers send no such reason.
    """

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


def _fault(error: Exception) -> ModelFault:
    """The kind of an error, by its HTTP status, then by the class names in its chain of causes.

    Class names are compared because each provider's library has its own error classes.
    """
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
        return "nonsense"  # the response could not be parsed
    return "nonsense" if "DecodingError" in names else "failed"
