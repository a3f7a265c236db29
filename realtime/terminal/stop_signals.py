"""Ctrl-C, a closed terminal and a polite kill all mean the same: end in good order. Main thread."""

import signal
from types import FrameType
from typing import NoReturn

NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # as far as the system has them


def let_stop_signals_interrupt() -> None:
    """Raise KeyboardInterrupt at each of them from now on."""
    for number in _numbers():
        signal.signal(number, _interrupt)


def ignore_stop_signals() -> None:
    """Let nothing interrupt from now on: files are being closed."""
    for number in _numbers():
        signal.signal(number, signal.SIG_IGN)


def _numbers() -> list[signal.Signals]:
    return [getattr(signal, name) for name in NAMES if hasattr(signal, name)]


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    # Once: a second one would interrupt the tidying up that the first one has begun.
    ignore_stop_signals()
    raise KeyboardInterrupt
