"""What counts as this machine."""

from __future__ import annotations

import pytest

from index_store.loopback import is_loopback


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "10.0.0.1", "localhost.example.org", "127.0.0.1.example.org", "::"]
)
def test_any_other_machine(host: str) -> None:
    assert not is_loopback(host)
