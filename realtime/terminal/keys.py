"""Single keys from the terminal, without Enter. Main thread of a live session.

Where there is no terminal no key is ever pressed. Ctrl-C goes on working.
"""

import os
import select
import sys
from typing import Any


class Keys:
    """Gives the keys pressed since the last look; puts the terminal back when it ends."""

    def __init__(self) -> None:
        self._before: Any = None
        self._fd = -1

    def __enter__(self) -> "Keys":
        try:
            import termios
            import tty

            if sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp():
                self._fd = sys.stdin.fileno()
                self._before = termios.tcgetattr(self._fd)
                tty.setcbreak(self._fd)
        except (ImportError, OSError, ValueError, AttributeError):  # Windows, a closed stdin
            self._fd = -1
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            import termios

            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)

    def pressed(self) -> str:
        """Return them in order; never waits."""
        keys = ""
        while self._fd >= 0 and select.select([self._fd], [], [], 0)[0]:
            more = os.read(self._fd, 64)
            if not more:
                break
            keys += more.decode("utf-8", "ignore")
        return keys
