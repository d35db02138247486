"""One child process for the files that a test module has parsed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.readers.sandbox import ParserSandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[ParserSandbox]:
    with ParserSandbox() as child:
        yield child
