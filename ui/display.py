"""Finds out whether a window can be shown at all, before Qt ends the whole program over it.

Where no display answers, or a library of the desktop is missing, Qt aborts instead of saying so to
its caller. So a forked child goes first and takes the fall. Main thread, before any other.
"""

import os
import signal
import sys

from PySide6.QtGui import QGuiApplication

from model.errors import RestorationError

PATIENCE_S = 10  # for a display that accepts a connection and then says nothing
IN_A_TERMINAL = "in a terminal use 'shellac live'"


def check_display() -> None:
    """Return where Qt finds a display that it can use; elsewhere than on Linux without a look.

    Raises
    ------
    RestorationError
        With one line that says what is missing.
    """
    if not sys.platform.startswith("linux"):
        return
    complaints, told = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(PATIENCE_S)
        os.dup2(told, 2)
        QGuiApplication(sys.argv[:1])
        os._exit(0)
    os.close(told)
    with os.fdopen(complaints, errors="replace") as reader:
        text = reader.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise RestorationError(reason(text))


def reason(complaint: str) -> str:
    """From what Qt printed to one line for the person."""
    if "could not connect to display" in complaint:
        display = os.environ.get("DISPLAY", "")
        return f"the display {display!r} does not answer; check DISPLAY, or {IN_A_TERMINAL}"
    if "xcb-cursor0" in complaint:
        return (
            "a library of the desktop is missing; run 'make install', or "
            f"'sudo apt-get install libxcb-cursor0'; {IN_A_TERMINAL}"
        )
    return f"Qt finds no display that it can use; check DISPLAY, or {IN_A_TERMINAL}"
