"""What every bundle is made of, for the specs beside this file."""

from pathlib import Path

import build_core
from PyInstaller.utils.hooks import copy_metadata

INSTALL = Path(__file__).resolve().parent
ROOT = INSTALL.parent
ROOMS = ("model", "realtime", "ui")  # training needs torch, which no bundle has
NOT_OURS = [
    "torch",
    "matplotlib",
    "tensorboard",
    "onnx",
    "onnxruntime",
    "PIL",
    "tkinter",
    "IPython",
    "pytest",
]
LIBRARIES = build_core.libraries()
# What the doctor and the log tell the versions of.
TOLD = ("numpy", "scipy", "sounddevice", "rtmixer", "soundfile", "soxr", "pyqtgraph")


def modules() -> list[str]:
    """Return all modules of the rooms: main.py imports them by name, when they are asked for."""
    files = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    parts = (path.relative_to(ROOT).with_suffix("").parts for path in files)
    return sorted(".".join(p[:-1] if p[-1] == "__init__" else p) for p in parts)


def libraries() -> list[tuple[str, str]]:
    """Return the compiled core, with its folder."""
    return [(str(path), str(path.parent.relative_to(ROOT))) for path in LIBRARIES]


def data() -> list[tuple[str, str]]:
    """Return what the rooms read: presets, demo, curves, networks; each with its folder."""
    files = (path for room in (*ROOMS, "presets") for path in (ROOT / room).rglob("*"))
    sources = (".py", ".pyc", ".c", ".h")
    ours = [p for p in files if p.is_file() and p.suffix not in sources and p not in LIBRARIES]
    found = [(str(path), str(path.parent.relative_to(ROOT))) for path in ours]
    for name in (*TOLD, "PySide6_Essentials"):
        found += copy_metadata(name)
    return found


def analysis() -> dict[str, object]:
    """Return what all systems share of PyInstaller's ``Analysis``."""
    return {
        "scripts": [str(INSTALL / "bundle_entry.py")],
        "pathex": [str(ROOT)],
        "hiddenimports": modules(),
        "datas": data(),
        "excludes": NOT_OURS,
        "noarchive": False,
    }
