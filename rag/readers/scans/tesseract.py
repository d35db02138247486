"""Tesseract: found, asked for its languages, and run on one page at a time.

Its command is run, since that gives each page a process with limits of its own, which a library
in this process cannot have. It is given nothing but gray pixels on standard input: no file, no
address. Not here: what its table means (`tesseract_tsv`), which pages are read (`recognition`).
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass

from rag.errors import ReadError
from rag.readers.scans import limited
from rag.readers.scans.unread import Scan

SECONDS = 300.0
"""Wall and processor time that one page may take."""
MEMORY_BYTES = 2**30
"""Address space for one page: one of 40 million pixels takes a quarter of it."""
DEFAULT_LANGUAGES = "eng+rus"

_NAMES = re.compile(r"[A-Za-z]\w*(?:/[A-Za-z]\w*)?(?:[+ ,]+[A-Za-z]\w*(?:/[A-Za-z]\w*)?)*")
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TESSDATA_PREFIX", "TMPDIR")
_MISSING = (
    "Tesseract, which reads pictures of text, is not installed; install it with"
    " `apt install tesseract-ocr tesseract-ocr-rus` (Debian, Ubuntu),"
    " `brew install tesseract tesseract-lang` (macOS) or"
    " `winget install UB-Mannheim.TesseractOCR` (Windows), and ingest again"
)


def language_names(languages: str) -> tuple[str, ...]:
    """The languages of a setting, as in `eng+rus`; ReadError where it cannot be understood."""
    if not _NAMES.fullmatch(languages.strip()):
        raise ReadError(
            f"ocr_languages is {languages!r}; give Tesseract's names of languages, as in 'eng+rus'"
        )
    return tuple(dict.fromkeys(re.split(r"[+ ,]+", languages.strip())))


@dataclass(frozen=True, slots=True)
class Tesseract:
    """The installed command with its version, as "5.3.0", and the languages that it reads."""

    command: str
    version: str
    languages: frozenset[str]

    @classmethod
    def installed(cls) -> Tesseract:
        """The one on the PATH; ReadError, which says how to install it, where there is none."""
        command = shutil.which("tesseract")
        if command is None:
            raise ReadError(_MISSING)
        version = re.search(r"tesseract v?(\d[\w.-]*)", _said(command, "--version"))
        names = _said(command, "--list-langs").splitlines()[1:]
        if not version:
            raise ReadError(f"{command} is not Tesseract; install it, or take it off the PATH")
        return cls(command, version[1], frozenset(name.strip() for name in names))

    def check(self, names: tuple[str, ...]) -> None:
        """ReadError, with the Debian package to install, where a language is not there."""
        for name in names:
            if name not in self.languages:
                # Debian's names are in lower case, without scripts' folder and underscores.
                package = f"tesseract-ocr-{name.rpartition('/')[2].lower().replace('_', '-')}"
                others = ", ".join(sorted(self.languages - {"osd"})) or "none"
                raise ReadError(
                    f"Tesseract has no language {name!r} (it has: {others}); install it, as with"
                    f" `apt install {package}`, or set ocr_languages to what there is"
                )

    def table(self, scan: Scan, names: tuple[str, ...]) -> str:
        """The words of a page with their places, as Tesseract's table of tab-separated values.

        Raises ReadError where it breaks off or takes too long.
        """
        # With the data for it, the page's orientation is found out first: 90, 180, 270 degrees.
        layout = "1" if "osd" in self.languages else "3"
        options = ["-l", "+".join(names), "--psm", layout]
        if scan.dpi:
            options += ["--dpi", str(min(max(scan.dpi, 70), 2400))]
        limits = [str(MEMORY_BYTES), str(int(SECONDS) + 1)]
        limiter = [sys.executable, "-I", "-S", limited.__file__, *limits]
        picture = b"P5 %d %d 255\n" % (scan.width, scan.height) + scan.pixels
        try:
            done = subprocess.run(
                [*limiter, self.command, "-", "-", *options, "tsv"],
                input=picture,
                capture_output=True,
                timeout=SECONDS,
                env=_environment(),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ReadError(_too_long()) from error
        if done.returncode == -signal.SIGXCPU:
            raise ReadError(_too_long())
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        # Where one of several languages cannot be loaded, it goes on with the others.
        if done.returncode or any("Failed loading language" in line for line in said):
            cause = said[-1][:200] if said else f"exit code {done.returncode}"
            raise ReadError(f"Tesseract broke off ({cause}); save the page smaller, as 300 dpi")
        return done.stdout.decode("utf-8", "replace")


def _too_long() -> str:
    return f"Tesseract takes longer than {SECONDS:g} seconds; save the page smaller, as 300 dpi"


def _said(command: str, option: str) -> str:
    """What the command prints on either output."""
    try:
        done = subprocess.run(
            [command, option],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=30,
            env=_environment(),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ReadError(f"{command} cannot be run ({error}); install Tesseract again") from error
    return done.stdout.decode("utf-8", "replace")


def _environment() -> dict[str, str]:
    """No secrets; one thread, since pages are read side by side."""
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return {**kept, "OMP_THREAD_LIMIT": "1"}
