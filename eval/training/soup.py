"""Average two trained readers: `python -m eval soup A B OUT`.

Models trained from the same weights on different examples often read better averaged than either
alone, above all on texts unlike both (Wortsman and others 2022, arXiv:2203.05482).

Not here: training them (`reader`), and the file that ships (`int8`).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file

from eval.training.finder import RECORD, record_of
from eval.training.reader import HEADS
from rag.errors import UsageError

WEIGHTS = "model.safetensors"


def average(first: Path, second: Path, out: Path, share: float = 0.5) -> dict[str, Any]:
    """Writes a reader to the folder `out`, with this share of `second`; returns the record.

    Raises UsageError where a folder holds no reader, or the two did not begin with one model.
    """
    records = [record_of(str(folder)) for folder in (first, second)]
    for folder, record in zip((first, second), records, strict=True):
        if record is None or not (folder / HEADS).is_file():
            raise UsageError(f"{folder} holds no trained reader; name a folder of `train`")
    if len({json.dumps(record and record.get("base_made_by")) for record in records}) > 1:
        raise UsageError(f"{first} and {second} did not begin with the same model")
    shutil.copytree(second, out, ignore=shutil.ignore_patterns("checkpoints"))
    for name in (WEIGHTS, HEADS):
        one, other = load_file(first / name), load_file(second / name)
        mean = {key: (1 - share) * one[key] + share * other[key] for key in other}
        save_file({key: mean[key].to(other[key].dtype) for key in other}, out / name)
    record = {"made_by": "python -m eval soup", "share": share, "of": records}
    (out / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return record
