"""The desktop is told of the program, and forgets it again without a trace."""

import configparser
import os
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from cli_tools import MAIN, ROOT

DESKTOP = ROOT / "tools" / "desktop.py"


def desktop(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the tool with a user's folder of our own."""
    return subprocess.run(
        [sys.executable, DESKTOP, *arguments],
        env={**os.environ, "XDG_DATA_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program in a folder whose name has a blank."""
    path = tmp_path / "my programs" / "shellac-window"
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{MAIN}" "$@"\n')
    path.chmod(0o755)
    return path


def test_menu_entry_starts_the_program_where_it_is(tmp_path: Path, program: Path) -> None:
    home = tmp_path / "home"
    assert desktop(home, "install", program).returncode == 0
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(home / "applications" / "shellac.desktop")
    section = entry["Desktop Entry"]
    assert section["TryExec"] == str(program)
    command = shlex.split(section["Exec"])
    assert command == [str(program), "--open", "%f"]
    # Without a file the last word is left out, and the window is still asked for.
    started = subprocess.run(
        command[:-1],
        env={name: value for name, value in os.environ.items() if name[:3] not in ("DIS", "QT_")},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert "there is no display for the window" in started.stderr
    assert {"audio/flac", "audio/x-wav", "audio/mpeg"} <= set(section["MimeType"].split(";"))
    if validate := shutil.which("desktop-file-validate"):
        subprocess.run([validate, home / "applications" / "shellac.desktop"], check=True)


def test_icon_file_types_and_man_page_are_there_and_gone_again(
    tmp_path: Path, program: Path
) -> None:
    home = tmp_path / "home"
    desktop(home, "install", program)
    icon = ElementTree.parse(home / "icons/hicolor/scalable/apps/shellac.svg").getroot()
    assert icon.get("viewBox") == "0 0 128 128"
    assert (home / "man/man1/shellac.1").read_text().startswith(".TH SHELLAC")
    if shutil.which("update-mime-database"):
        globs = (home / "mime" / "globs2").read_text()
        assert "application/vnd.shellac.side+json:*.shellac.json" in globs
    assert desktop(home, "uninstall").returncode == 0
    assert not [path for path in home.rglob("*") if "shellac" in path.name]
    if (globs2 := home / "mime" / "globs2").exists():
        assert "shellac" not in globs2.read_text()
    assert desktop(home, "uninstall").returncode == 0  # nothing to take back is no fault


def test_program_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    result = desktop(tmp_path, "install", tmp_path / "nowhere")
    assert result.returncode == 1
    assert result.stderr.startswith("shellac: there is no program")
    assert len(result.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())
