"""`fonds mcp`: the archive as tools, asked by the protocol's own client."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

import samples
from rag import Archive
from rag.cli.mcp_server import TO_QUOTE, make
from rag.settings import Settings
from tests.kits.bundled import bundled

QUESTION = "What did the steamer Alder Queen give the survey ship in July 1929?"


def call(server: Any, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    async def use() -> list[Any]:
        async with Client(server) as client:
            return [await client.call_tool(name, given) for name, given in calls]

    return asyncio.run(use())


def test_the_tools_read_and_tell_what_the_commands_print(sample_archive: Archive) -> None:
    async def listed() -> list[Any]:
        async with Client(make(sample_archive)) as client:
            return list((await client.list_tools()).tools)

    tools = {tool.name: tool for tool in asyncio.run(listed())}
    assert set(tools) == {"ask", "search", "verify", "show", "cite", "list_documents"}
    assert all(tool.annotations.read_only_hint for tool in tools.values())
    answer, found, proof, nothing = call(
        make(sample_archive),
        ("ask", {"question": QUESTION}),
        ("search", {"question": QUESTION, "passages": 3}),
        ("verify", {"quotation": "Our charge is eleven pounds four shillings"}),
        ("ask", {"question": "“the weight of the frozen fog”"}),
    )
    told = answer.structured_content
    assert told["citations"] and told.keys() == sample_archive.ask(QUESTION).to_dict().keys()
    text = answer.content[0].text
    assert "two sacks of onions" in text and text.endswith(TO_QUOTE)
    assert told["citations"][0]["formatted"]["chicago"] in text.replace("\n", " ")
    assert len(found.structured_content["hits"]) == 3
    assert proof.structured_content["matches"] and "exact" in proof.content[0].text
    assert nothing.structured_content["status"] == "abstained"
    assert TO_QUOTE not in nothing.content[0].text


def test_documents_are_listed_shown_and_cited(sample_archive: Archive) -> None:
    passage = sample_archive.search(QUESTION, 1).hits[0].passage
    listed, shown, cited, fault = call(
        make(sample_archive),
        ("list_documents", {"author": "Quillan"}),
        ("show", {"document_id": passage.document_id}),
        ("cite", {"passage_id": passage.passage_id, "style": "gost"}),
        ("show", {"document_id": "nope"}),
    )
    assert 0 < listed.structured_content["in_all"] < 47
    assert passage.text in shown.structured_content["text"]
    assert cited.content[0].text == sample_archive.cite(passage.passage_id, "gost")
    assert fault.is_error and "no document 'nope'" in fault.content[0].text


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tools") / "store"
    with Archive(Settings(store=folder), bundled()) as archive:
        archive.ingest([samples.ARCHIVE / "telegrams.csv"])
    return folder


def test_over_standard_input_and_output(store: Path) -> None:
    command = [sys.executable, "-m", "rag.cli", "mcp", "--store", str(store)]
    server = StdioServerParameters(command=command[0], args=command[1:])
    (listed,) = call(server, ("list_documents", {}))
    assert listed.structured_content["in_all"] > 0


def test_over_http(store: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "rag.cli", "mcp", "--http", "--http-port", str(port)]
    with subprocess.Popen([*command, "--store", str(store)], stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr is not None
            ready = process.stderr.readline().decode()
            url = re.search(r"http://\S+/mcp", ready)
            assert url, ready
            for _ in range(100):
                try:
                    (listed,) = call(url[0], ("list_documents", {}))
                    break
                except BaseExceptionGroup:  # the port is not open yet
                    time.sleep(0.1)
            assert listed.structured_content["in_all"] > 0
        finally:
            process.terminate()
