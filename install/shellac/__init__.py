"""The installed program: a door in front of the house.

The rooms are called by common words, ``model`` or ``ui``, which beside other packages would clash.
So they are installed inside this package, and only this program has them on its path. In a checkout
they stay where they are.
"""

import sys
from importlib import import_module
from pathlib import Path

_INSTALLED = Path(__file__).resolve().parent / "house"
HOUSE = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the program as its command line says; returns its exit code."""
    if sys.path[0] != str(HOUSE):
        sys.path.insert(0, str(HOUSE))
    code: int = import_module("main").main()
    return code
