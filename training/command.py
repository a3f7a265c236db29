"""What all commands of the workshop have in common: one clear line for the person. Main thread."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from model.errors import RestorationError


def run_command(work: Callable[[], None]) -> int:
    """Do the work; a :class:`RestorationError` becomes one line on stderr and exit status 2."""
    try:
        work()
    except RestorationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0


def say_skipped(failures: Sequence[str], usable: int) -> None:
    """Name on stderr the recordings that are left out.

    Raises
    ------
    RestorationError
        If nothing is usable: then the first failure is the error.
    """
    if not usable:
        others = f"; nor {len(failures) - 1} more" if len(failures) > 1 else ""
        raise RestorationError(failures[0] + others)
    for failure in failures:
        print(f"skipped: {failure}", file=sys.stderr)


def make_folder(folder: Path) -> None:
    """Make the folder of the results before the work is done, not after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RestorationError(f"cannot write into {folder}: {error.strerror}") from None
