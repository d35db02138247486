"""A real Chroma server for tests, by itself and behind TLS with a token."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from index_store.vectors.server import ChromaServer

TOKEN = "a-token-of-the-tests"


@contextmanager
def chroma_server(folder: Path) -> Iterator[str]:
    """A real `chroma run` on a free loopback port; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [Path(sys.executable).with_name("chroma"), "run", "--path", folder]
    server = subprocess.Popen(
        [*map(str, command), "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
    )
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{url}/api/v2/heartbeat", timeout=1):
                    break
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        else:
            raise RuntimeError("the Chroma server did not start")
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


@contextmanager
def guarded_server(behind: str, folder: Path) -> Iterator[ChromaServer]:
    """The server as an institution has it: TLS and a token before it, a tenant and a database."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is needed to make a certificate")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    _post(f"{behind}/api/v2/tenants", "archives")
    _post(f"{behind}/api/v2/tenants/archives/databases", "letters")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(
            target=_accept, args=(listener, context, urlsplit(behind).port), daemon=True
        )
        thread.start()
        yield ChromaServer(
            f"https://localhost:{listener.getsockname()[1]}",
            "archives",
            "letters",
            {"x-token": TOKEN},
            certificate,
        )
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=10)


def _post(url: str, name: str) -> None:
    request = urllib.request.Request(
        url, json.dumps({"name": name}).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10):
        pass


def _accept(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with contextlib.suppress(OSError):  # when the listener is closed
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_serve, args=(client, context, port), daemon=True).start()


def _serve(raw: socket.socket, context: ssl.SSLContext, port: int) -> None:
    """One connection: its first request must have the token, then bytes go both ways."""
    with contextlib.suppress(OSError), raw, context.wrap_socket(raw, server_side=True) as client:
        head = b""
        while b"\r\n\r\n" not in head:
            if not (more := client.recv(65_536)):
                return
            head += more
        if f"x-token: {TOKEN}".encode() not in head.lower():
            client.sendall(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", port)) as server:
            server.sendall(head)
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            server.shutdown(socket.SHUT_RDWR)
            back.join(timeout=10)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
