"""Numbers and names on the command line: what is possible, and what is said of all else.

No thread.
"""

import argparse
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

N = TypeVar("N", int, float)


def positive(text: str) -> float:
    """Return a finite number above 0."""
    return _number(text, float, lambda value: 0 < value < float("inf"), "more than 0")


def count(text: str) -> int:
    """Return a whole number from 1 on."""
    return _number(text, int, lambda value: value >= 1, "a whole number, 1 or more")


def named_path(text: str) -> Path:
    """Return a path that has a name; an empty one would mean the folder that we are in."""
    if not text:
        raise argparse.ArgumentTypeError("'' is no name; name a file or a folder")
    return Path(text)


def _number(text: str, kind: type[N], fits: Callable[[N], bool], wanted: str) -> N:
    with contextlib.suppress(ValueError):
        if fits(value := kind(text)):
            return value
    raise argparse.ArgumentTypeError(f"{text!r} is not possible; it must be {wanted}")
