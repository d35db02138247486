"""The real chat, `ui.main`, over a fake archive, on the host and port of the settings.

Run as a module; see `main` for its argument.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

import ui
from tests.kits.fake_archive import FakeArchive
from tests.kits.fake_documents import ALL, TAME
from tests.kits.fake_pages import DRAWN, LEDGER
from ui_assets.model import ArchiveLike
from ui_assets.session.served_archive import EmptyArchive, ServedArchive


def main(kind: str = "hostile") -> None:
    """Serve a fake archive with hostile documents, a `tame` one, an `empty` one, or `drawn` pages.

    The empty one accepts files and offers the tame one as the sample.
    """

    def sample() -> ArchiveLike:
        return FakeArchive(TAME)

    empty = kind == "empty"
    stored = {"hostile": ALL, "drawn": {d.document_id: d for d in (DRAWN, LEDGER)}}
    own = FakeArchive({})
    with tempfile.TemporaryDirectory(prefix="fonds-test-") as folder:
        served = ServedArchive(
            EmptyArchive(own) if empty else FakeArchive(stored.get(kind, TAME)),
            sample=not empty,
            own=lambda: own,
            sample_archive=sample,
            uploads=Path(folder) / "files",
        )
        with (
            patch("ui.open_archive", lambda settings: served),
            patch(
                "ui_assets.view.facets._sample_questions", lambda lang: ["Ferry: when did it stop?"]
            ),
            patch("ui_assets.session.suite_runs.command", _suite_command),
        ):
            ui.main()


def _suite_command(suite: Path, out: Path) -> list[str]:
    """A suite that takes no time and writes a small report."""
    report = "<!doctype html><title>Report</title><h1>P@1 .5</h1><script>parent.hacked=1</script>"
    program = f"import pathlib; pathlib.Path({str(out / 'report.html')!r}).write_text({report!r})"
    return [sys.executable, "-c", program]


if __name__ == "__main__":
    main(*sys.argv[1:])
