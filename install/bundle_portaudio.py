"""Runs in the bundle before all else: PortAudio is the one in the bundle, whatever is installed."""

import ctypes.util
import sys
from pathlib import Path

_found_elsewhere = ctypes.util.find_library


def _find_library(name: str) -> str | None:
    within = sorted(Path(sys._MEIPASS).glob(f"lib{name}.so*"))  # type: ignore[attr-defined]
    return str(within[0]) if within else _found_elsewhere(name)


ctypes.util.find_library = _find_library
