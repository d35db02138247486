"""Faults 14 and 19: no connection is attempted; encodings do not depend on threads.

Injected by a library loaded before libc that notes and refuses whatever leaves the machine, and
an empty home directory.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest

import samples
from rag.models.registry import load_encoder
from tests.faults import kit

LETTER = samples.ARCHIVE / "1929-03-14-sazhin.txt"


def _environment(folder: Path) -> dict[str, str]:
    home = folder / "home"
    home.mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LD_PRELOAD": str(kit.build_shim(folder)),
        "SHIM_CONNECTIONS": str(folder / "connections"),
        "FONDS_STORE": str(folder / "store"),
    }


def test_the_command_line_attempts_no_connection(tmp_path: Path) -> None:
    environment = _environment(tmp_path)
    for arguments in (
        ["ingest", str(LETTER)],
        ["ask", "Who asks for coal?"],
        ["search", "Кто просит угля?"],
        ["verify", "coal"],
        ["doctor"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "rag.cli", *arguments],
            cwd=kit.ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (arguments, done.stderr)
    assert not (tmp_path / "connections").exists(), (tmp_path / "connections").read_text()
    # Where onnxruntime would keep what it has yet to report.
    assert not list(tmp_path.rglob("Microsoft"))


def test_the_shim_notes_what_leaves_the_machine(tmp_path: Path) -> None:
    """The test above can fail: a connection is noted and refused."""
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=2)"
    environment = _environment(tmp_path)
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert done.returncode != 0
    assert (tmp_path / "connections").read_text() == "192.0.2.1\n"
    code = "import socket; socket.create_connection(('telemetry.invalid', 80), timeout=2)"
    subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert (tmp_path / "connections").read_text().endswith("\ntelemetry.invalid\n")


@pytest.mark.slow
def test_the_chat_attempts_no_connection(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**_environment(tmp_path), "FONDS_PORT": str(port)}
    del environment["FONDS_STORE"]  # the sample archive is served
    chat = subprocess.Popen(
        [sys.executable, "-m", "rag.cli", "chat"], cwd=kit.ROOT, env=environment
    )
    try:
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
                    assert page.status == 200
                break
            except (urllib.error.URLError, OSError):
                assert chat.poll() is None, "the chat ended"
                time.sleep(0.5)
        else:
            pytest.fail("the chat did not start")
        time.sleep(5)  # what starts late
    finally:
        chat.send_signal(signal.SIGINT)
        chat.wait(timeout=30)
    assert not (tmp_path / "connections").exists(), (tmp_path / "connections").read_text()


@pytest.mark.parametrize(
    ("threads", "each"), [(4, 8), pytest.param(32, 500, marks=pytest.mark.slow)]
)
def test_threads_agree_with_the_serial_result(threads: int, each: int) -> None:
    """Fault 19: every one of threads × each encodes equals the serial one."""
    encoder = load_encoder()
    texts = [f"Letter number {n} about coal and bread, уголь и хлеб." for n in range(50)]
    serial = [encoder.encode_passages([text])[0] for text in texts]
    wrong: list[tuple[int, int]] = []

    def work(thread: int) -> None:
        for n in range(each):
            at = (thread * 7 + n) % len(texts)
            if not np.array_equal(encoder.encode_passages([texts[at]])[0], serial[at]):
                wrong.append((thread, n))

    running = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert wrong == []
