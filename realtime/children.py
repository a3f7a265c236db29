"""Modules of this program that are run in a short-lived process of their own. Any thread."""

import os
import sys
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[1]  # where all rooms lie


def module_command(module: str, *arguments: str) -> list[str]:
    """Return the command line that runs a module.

    What lies in the current folder is not for it: that may be another copy of this program. A
    bundle has no interpreter beside it; it is one, and knows ``-m``.
    """
    interpreter = [sys.executable] if is_bundle() else [sys.executable, "-P"]
    return [*interpreter, "-m", module, *arguments]


def child_environment() -> dict[str, str]:
    """Return the environment in which a child finds the rooms."""
    paths = [str(HOUSE), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def is_bundle() -> bool:
    """Whether this is the program with an interpreter built in."""
    return bool(getattr(sys, "frozen", False))
