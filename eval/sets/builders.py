"""The development sets as suites: which builder makes them, and the folders that it needs.

Not here: writing the suites (`make`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from eval.sets.archive_builders import archive_train, archives, frus
from eval.sets.made import Made
from eval.sets.passage_builders import clapnq, danetqa, squad2, timeqa, xquad, xquad_more

BUILDERS: tuple[tuple[Callable[[Path], Iterator[Made]], tuple[str, ...]], ...] = (
    (frus, ("frus",)),
    (archives, ("archive_qa", "frus", "dfat", "tolstoy_letters_ru")),
    (archive_train, ("archive_train",)),
    (xquad, ("xquad",)),
    (xquad_more, ("xquad", "xquad_more")),
    (squad2, ("squad2_dev",)),
    (timeqa, ("timeqa",)),
    (clapnq, ("clapnq",)),
    (danetqa, ("danetqa_ru",)),
)
