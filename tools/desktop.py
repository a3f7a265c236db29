"""Tells a Linux desktop of the program, or takes it back: menu entry, icon, file types, man page.

    desktop.py install PROGRAM    PROGRAM opens the window, such as .venv/bin/shellac-window
    desktop.py uninstall

All of it lies in the user's own folder, $XDG_DATA_HOME or ~/.local/share.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from man_page import ROOT, page

INSTALL = ROOT / "install"


def data_home() -> Path:
    """Return where a user's programs tell of themselves."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def entry(program: Path) -> str:
    """Return the menu entry, with the program where it is."""
    if any(c in str(program) for c in '"`$\\%\n'):
        raise SystemExit(f"shellac: a menu entry cannot name {program}; install it elsewhere")
    template = (INSTALL / "shellac.desktop").read_text("utf-8")
    return template.replace("@PROGRAM@", str(program))


def files(program: Path) -> dict[str, Callable[[], str]]:
    """Return what is written, by its path within the folder."""
    return {
        "applications/shellac.desktop": lambda: entry(program),
        "icons/hicolor/scalable/apps/shellac.svg": (INSTALL / "shellac.svg").read_text,
        "mime/packages/shellac.xml": (INSTALL / "shellac.xml").read_text,
        "man/man1/shellac.1": page,
    }


def refresh(folder: Path) -> None:
    """Let the desktop read its folders again, as far as it has the tools."""
    commands: tuple[list[str], ...] = (
        ["update-desktop-database", "applications"],
        ["update-mime-database", "mime"],
        ["gtk-update-icon-cache", "--quiet", "--force", "--ignore-theme-index", "icons/hicolor"],
    )
    for command in commands:
        if shutil.which(command[0]):
            subprocess.run(command, cwd=folder, check=False, stderr=subprocess.DEVNULL)


def main(arguments: list[str]) -> None:
    """Install or uninstall."""
    folder = data_home()
    if arguments[:1] == ["install"] and len(arguments) == 2:
        program = Path(arguments[1]).absolute()
        if not program.is_file():
            raise SystemExit(f"shellac: there is no program {program}; run make install first")
        for name, content in files(program).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content(), "utf-8")
            print(path)
    elif arguments == ["uninstall"]:
        for name in files(Path()):
            (folder / name).unlink(missing_ok=True)
    else:
        raise SystemExit(__doc__)
    refresh(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
