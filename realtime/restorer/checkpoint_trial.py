"""Tries a stranger's network in a process of its own first, with little memory and time.

A graph of harmless operators can still double its tensors until the memory is full, or lead the
runtime astray. Where the child fails, nothing has happened to the recording. ``try_out`` runs on
the caller's thread, ``main`` in the child.
"""

import contextlib
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from model.checkpoints import CHECKPOINTS_DIR
from model.errors import RestorationError, one_line
from model.networks.learned import load_learned
from realtime.children import child_environment, module_command

MEMORY = 2 * 2**30  # bytes of addresses; a shipped network is tried in a third of it
CPU_S, PATIENCE_S = 20, 120
REMEDY = "take the file from where you trust it, or export it again with training.export"


def try_out(path: Path) -> None:
    """Load and run a network in a child; the shipped ones are known.

    Raises
    ------
    RestorationError
        In one line: what the child found, or that it did not live to say so.
    """
    if path.resolve().parent == CHECKPOINTS_DIR:
        return
    try:
        stat = path.stat()
    except OSError as error:
        raise RestorationError(f"cannot read the model {path}: {error.strerror}") from None
    if complaint := _complaint(path.resolve(), stat.st_mtime_ns, stat.st_size):
        raise RestorationError(complaint)


@lru_cache(maxsize=32)
def _complaint(path: Path, _changed_ns: int, _size: int) -> str:
    command = module_command("realtime.restorer.checkpoint_trial", str(path))
    try:
        result = subprocess.run(
            command, capture_output=True, env=child_environment(), timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"{path} was tried for {PATIENCE_S} s without a result; {REMEDY}"
    if result.returncode == 0:
        return ""
    said = result.stderr.decode("utf-8", "replace").strip().splitlines()
    if result.returncode == 2 and said:
        return said[-1]
    return f"{path} asks for more memory or time than any network may, or breaks; {REMEDY}"


def _limit() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not every system has limits
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main(path: Path) -> int:
    """Load one network; 2 and one line on stderr where it cannot be used."""
    _limit()
    try:
        load_learned(path)
    except RestorationError as error:
        print(one_line(error), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
