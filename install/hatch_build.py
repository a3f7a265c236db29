"""What the wheel has beside the rooms: the front door and the man page."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontDoor(BuildHookInterface):  # type: ignore[type-arg]
    """Nothing of it is for an editable installation, which has all of it where it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add ``main.py``, which ``sources`` in pyproject.toml cannot move, and write the page."""
        if version != "standard":
            return
        build_data["force_include"]["main.py"] = "shellac/house/main.py"
        page = Path(self.root, "build", "shellac.1")
        page.parent.mkdir(exist_ok=True)
        command = [sys.executable, str(Path(self.root, "tools", "man_page.py"))]
        with page.open("wb") as file:
            subprocess.run(command, stdout=file, check=True)
        build_data["shared_data"][str(page)] = "share/man/man1/shellac.1"
