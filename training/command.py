"""What all commands of the workshop have in common: one clear line for the person. Main thread."""

import sys
from collections.abc import Callable

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
