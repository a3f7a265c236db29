"""The user's home, and paths that begin there; in a container there may be none. Any thread."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from model.errors import RestorationError


def expanded(name: str | Path) -> Path:
    """Return a path with ``~`` replaced by the home that it stands for.

    Raises
    ------
    RestorationError
        There is none.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError:
        raise RestorationError(
            f"{name}: nobody knows whose home that is; write the path in full"
        ) from None


def home(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the user's home, or a folder of the user's own among the temporary ones."""
    if named := environment.get("HOME"):
        return Path(named)
    try:
        return Path.home()
    except RuntimeError:
        user = os.getuid() if hasattr(os, "getuid") else 0
        return Path(tempfile.gettempdir()) / f"shellac-{user}"
