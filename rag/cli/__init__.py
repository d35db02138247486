"""The command `fonds`."""

from __future__ import annotations


def main(arguments: list[str] | None = None) -> None:
    """Run the command with these arguments, by default those of the process."""
    from rag.cli import commands

    commands.main(arguments)
