"""`python -m rag.bilingual train DATA [--out FILE]`: learns the translation lexicon anew."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path

from rag.errors import FondsError
from rag.models import lexicon


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m rag.bilingual", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="learn the lexicon; the same pairs, the same bytes")
    train.add_argument(
        "data", type=Path, help="folder that holds parallel_open/ and what is to be held out"
    )
    train.add_argument("--out", type=Path, default=lexicon.FILE, help="file to write")
    arguments = parser.parse_args()
    try:
        from eval.training.lexicon.train import train as learn

        learned = learn(arguments.data, arguments.out)
    except FondsError as error:
        print(f"bilingual: {error}", file=sys.stderr)
        return error.exit_code
    content = arguments.out.read_bytes()
    told = {
        "file": str(arguments.out),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "translations": {lang: len(side.targets) for lang, side in learned.sides.items()},
    }
    print(json.dumps(told, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
