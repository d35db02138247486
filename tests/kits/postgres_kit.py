"""A real PostgreSQL server for tests, in a folder of its own; it can be stopped and frozen.

Needs the server's programs (`apt-get install postgresql`). They refuse to run as root, so then the
user `postgres` runs them.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.parse import quote

import pytest

from index_store.catalogue.engines.server import CatalogueServer

PASSWORD = "a pass:word/of@the tests"
_SECONDS = 60


def programs() -> Path | None:
    """The folder of the server's programs, the newest; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    if found:
        return found[-1].parent
    known = shutil.which("initdb")
    return Path(known).parent if known else None


class PostgresServer:
    """A server with its data in `folder`, on a free port of the loopback interface."""

    def __init__(self, folder: Path) -> None:
        bin_folder = programs()
        if bin_folder is None:
            if os.environ.get("CI"):
                raise RuntimeError("PostgreSQL is needed in CI: apt-get install postgresql")
            pytest.skip("PostgreSQL is needed: apt-get install postgresql")
        self._bin = bin_folder
        self.folder = folder
        self._data = folder / "data"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        secret = folder / "secret"
        secret.write_text(PASSWORD, encoding="utf-8")
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
            shutil.chown(secret, "postgres")
        self._run(
            "initdb", "-D", str(self._data), "-U", "fonds", f"--pwfile={secret}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
            " -c max_connections=40 -c shared_buffers=32MB"
        )
        log = self._data.parent / "log"
        self._run("pg_ctl", "-D", str(self._data), "-o", options, "-l", str(log), "-w", "start")

    def stop(self, how: str = "fast") -> None:
        """`immediate` is as a power cut."""
        self._run("pg_ctl", "-D", str(self._data), "-m", how, "-w", "stop")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """All processes of the server stand still in the block."""
        master = int((self._data / "postmaster.pid").read_text().split()[0])
        children = subprocess.run(
            ["pgrep", "-P", str(master)], capture_output=True, text=True, check=False
        )
        pids = [master, *map(int, children.stdout.split())]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def url(self, database: str = "postgres", user: str = "fonds", password: str = PASSWORD) -> str:
        return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def catalogue(self) -> CatalogueServer:
        """A schema that is not there yet."""
        return CatalogueServer(self.url(), f"s{uuid.uuid4().hex[:12]}")

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        """Runs a statement as the database's owner."""
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = [str(self._bin / program), *arguments]
        owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        subprocess.run(
            command,
            check=True,
            cwd="/",
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
        )


@contextmanager
def postgres_server(disk_mb: int = 0) -> Iterator[PostgresServer]:
    """A server, removed at the end. Its folder is one that the user `postgres` may enter.

    With `disk_mb` its disk is so small; the test is skipped where no disk can be mounted.
    """
    with (
        tempfile.TemporaryDirectory(prefix="fonds-postgres-") as folder,
        _small_disk(Path(folder), disk_mb) if disk_mb else nullcontext(),
    ):
        server = PostgresServer(Path(folder))
        try:
            yield server
        finally:
            server.stop("immediate")


@contextmanager
def _small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}M,mode=755", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here: it takes root")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)
