"""Run a command under limits of memory and processor time, without writing files.

Run as a file: `python -I -S limited.py BYTES SECONDS COMMAND ARGUMENT…`. The limits are set in a
process of its own, since a parent with threads cannot safely set them between fork and exec.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys


def limit_process(memory: int) -> None:
    """Limit this process to `memory` bytes of address space, no core dumps, no writing, few open
    files."""
    limits = (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
    )
    for which, limit in limits:
        _set(which, limit)


def _set(which: int, limit: int) -> None:
    """Set one limit, no higher than the system allows."""
    hard = resource.getrlimit(which)[1]
    value = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    # macOS refuses a limit of address space; the other limits still hold there.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(which, (value, value))


def main() -> None:
    """Set the limits and become the command."""
    limit_process(int(sys.argv[1]))
    _set(resource.RLIMIT_CPU, int(sys.argv[2]))
    os.execv(sys.argv[3], sys.argv[3:])


if __name__ == "__main__":
    main()
