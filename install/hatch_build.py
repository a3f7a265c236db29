"""What the wheel has beside the rooms: the compiled core, the front door and the man page."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))

from build_core import build, platform_tag


class FrontDoor(BuildHookInterface):  # type: ignore[type-arg]
    """An editable installation has all of it where it is, but for the core, which is compiled."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; add ``main.py``, which ``sources`` cannot move, and the page of the manual."""
        libraries = build()
        if version != "standard":
            return
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform_tag()}"
        for library in libraries:
            within = library.relative_to(self.root).as_posix()
            build_data["force_include"][str(library)] = f"shellac/house/{within}"
        build_data["force_include"]["main.py"] = "shellac/house/main.py"
        page = Path(self.root, "build", "shellac.1")
        page.parent.mkdir(exist_ok=True)
        command = [sys.executable, str(Path(self.root, "tools", "man_page.py"))]
        with page.open("wb") as file:
            subprocess.run(command, stdout=file, check=True)
        build_data["shared_data"][str(page)] = "share/man/man1/shellac.1"
