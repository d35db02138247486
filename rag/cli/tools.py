"""The command that offers the archive as tools to an assistant: `fonds mcp`.

Not here: the tools (`mcp_server`).
"""

from __future__ import annotations

from typing import Any

import click

from rag.cli.options import ANSWERING, archive_of, common
from rag.errors import SettingsError


@click.command()
@click.option("--http", is_flag=True, help="Serve over HTTP instead of standard input and output.")
@click.option(
    "--http-port",
    default=7861,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="The port for it.",
)
@common("host", *ANSWERING)
def mcp(http: bool, http_port: int, **options: Any) -> None:
    """Offer the archive as tools to an assistant (MCP)."""
    try:
        from rag.cli.mcp_server import make
    except ImportError as error:
        raise SettingsError(
            "an assistant's tools need a package that is not installed; "
            "run: pip install 'fonds[mcp]'"
        ) from error
    with archive_of(options) as archive:
        server = make(archive)
        if http:
            host = archive.settings.host
            click.echo(f"Fonds' tools are ready: http://{host}:{http_port}/mcp", err=True)
            server.run("streamable-http", host=host, port=http_port)
        else:
            server.run("stdio")
