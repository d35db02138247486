"""What trainings have in common: how a trainer runs, and from where it goes on.

Used by `finder` and `reader`, whose models, losses and examples differ.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

SEED = 0


def options(checkpoints: Path, batch: int, every: int) -> dict[str, Any]:
    """Arguments of a trainer: on an accelerator where torch finds one, with a checkpoint `every`
    so many steps, of which two are kept."""
    import torch

    return {
        "output_dir": str(checkpoints),
        "per_device_train_batch_size": batch,
        "bf16": True,
        "use_cpu": not torch.cuda.is_available(),
        "save_steps": every,
        "save_total_limit": 2,
        "seed": SEED,
        "report_to": "none",
        "disable_tqdm": True,
    }


def run(trainer: Any, checkpoints: Path) -> list[float]:
    """Trains, from the last checkpoint where there is one; returns the losses in order."""
    from transformers.trainer_utils import get_last_checkpoint

    last = None
    if checkpoints.is_dir():
        last = get_last_checkpoint(str(checkpoints))  # type: ignore[no-untyped-call]
    trainer.train(resume_from_checkpoint=last)
    return [row["loss"] for row in trainer.state.log_history if "loss" in row]
