"""A llama-index model that fails: which fault is reported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from llama_index.core.base.llms.types import ChatMessage, ChatResponseGen
from llama_index.core.llms.mock import MockLLM

from rag.errors import ModelError
from rag.llm.model import LlamaIndexModel


def failing(error: Exception) -> LlamaIndexModel:
    """A model that raises instead of writing."""

    class Failing(MockLLM):
        def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
            raise error

    return LlamaIndexModel(Failing(max_tokens=None), "failing", 5.0)


class StatusError(Exception):
    """An error as the clients of OpenAI and Anthropic raise it."""

    def __init__(self, status_code: int) -> None:
        super().__init__(f"status {status_code}")
        self.status_code = status_code


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (StatusError(401), "refused"),
        (StatusError(404), "unknown"),
        (StatusError(429), "busy"),
        (StatusError(500), "failed"),
        (httpx.ReadTimeout("slow"), "timeout"),
        (httpx.ConnectError("nobody there"), "unreachable"),
        (ConnectionRefusedError(), "unreachable"),
        (ConnectionResetError(), "unreachable"),
        (httpx.RemoteProtocolError("broken off"), "cut"),
        (httpx.ReadError("broken off"), "cut"),
        (ValueError("not an answer"), "nonsense"),
        (KeyError("choices"), "nonsense"),
        (httpx.DecodingError("too long"), "nonsense"),
        (RuntimeError("anything else"), "failed"),
    ],
)
def test_each_error_is_reported_as_its_fault(error: Exception, fault: str) -> None:
    with pytest.raises(ModelError) as raised:
        list(failing(error).write("system", "user"))
    assert raised.value.fault == fault
