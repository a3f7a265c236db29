"""The program as it is installed: from a wheel, into an environment that has nothing of ours.

Dependencies come from the environment of the tests, so that no index is needed.
"""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import ROOT, shellac, write_side
from packaging.tags import sys_tags
from packaging.utils import parse_wheel_filename

import main

ROOMS = ("model", "presets", "realtime", "training", "ui")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from this tree."""
    for tool in ("hatchling", "ziglang"):
        pytest.importorskip(tool, reason=f"needs {tool}: make test installs it")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the wheel is installed; its interpreter knows no other folder of ours."""
    folder = tmp_path_factory.mktemp("somewhere") / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=180)
    python = folder / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    install += ["--no-deps", "--no-index", "--no-compile", str(wheel)]
    subprocess.run(install, check=True, timeout=180)
    (packages,) = folder.glob("lib/python*/site-packages")
    # What lies in a folder that is named so is found; its own .pth files, ours among them, are not.
    (packages / "dependencies.pth").write_text(_dependencies())
    return folder


def _dependencies() -> str:
    """Return every folder from which this process takes packages, in its order."""
    found = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    return "\n".join(found)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder with modules that are called like our rooms, and must not be taken for them."""
    for name in ("model", "realtime", "ui", "main", "training", "shellac"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('this is another {name}')\n")
    return tmp_path


def run_installed(
    environment: Path, folder: Path, *arguments: str | Path
) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder, with hardly any variables."""
    return subprocess.run(
        [environment / "bin" / "shellac", *arguments],
        cwd=folder,
        env={"HOME": str(folder), "PATH": os.defpath},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_nothing_of_ours_lies_beside_other_packages(environment: Path) -> None:
    (packages,) = environment.glob("lib/python*/site-packages")
    assert {path.name for path in packages.iterdir()} == {
        *("dependencies.pth", "shellac", f"shellac-{main.VERSION}.dist-info")
    }
    assert (environment / "share" / "man" / "man1" / "shellac.1").read_text().startswith(".TH")
    assert (environment / "bin" / "shellac-window").exists()


def test_wheel_is_for_this_system_and_for_every_python(wheel: Path) -> None:
    tags = set(parse_wheel_filename(wheel.name)[3])
    assert {(tag.interpreter, tag.abi) for tag in tags} == {("py3", "none")}
    assert tags <= set(sys_tags())
    assert not [tag for tag in tags if tag.platform == "any"]


def test_without_its_core_the_program_says_what_to_do(environment: Path, tmp_path: Path) -> None:
    (folder,) = environment.glob("lib/python*/site-packages/shellac/house/model/c")
    (library,) = (path for path in folder.glob("core.*") if path.suffix != ".h")
    away = library.rename(tmp_path / library.name)
    try:
        side = write_side(tmp_path / "side.wav")
        result = run_installed(environment, tmp_path, "restore", side, "--output", "none.wav")
    finally:
        away.rename(library)
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"shellac: the compiled core {library} is missing")
    assert "install Shellac again" in line


def test_wheel_holds_all_that_the_rooms_hold(wheel: Path) -> None:
    ours = {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".log")
    }
    with zipfile.ZipFile(wheel) as archive:
        within = "shellac/house/"
        found = {n.removeprefix(within) for n in archive.namelist() if n.startswith(within)}
    assert found == ours | {"main.py"}


def test_installed_program_knows_its_version_in_any_folder(
    environment: Path, elsewhere: Path
) -> None:
    for folder in (elsewhere, Path("/")):
        result = run_installed(environment, folder, "--version")
        assert (result.returncode, result.stdout) == (0, f"shellac {main.VERSION}\n")


def test_installed_program_restores_as_the_checkout_does(
    environment: Path, elsewhere: Path
) -> None:
    side = write_side(elsewhere / "side.wav")
    result = run_installed(environment, elsewhere, "restore", side, "--output", "installed.wav")
    assert result.returncode == 0, result.stderr
    shellac("restore", side, "--output", elsewhere / "checkout.wav")
    one, other = (
        soundfile.read(elsewhere / f"{name}.wav")[0] for name in ("installed", "checkout")
    )
    np.testing.assert_array_equal(one, other)
    assert "detector none" not in result.stdout


def test_installed_program_finds_demo_presets_curves_and_its_own_children(
    environment: Path, elsewhere: Path
) -> None:
    options = ("--output", "none", "--seconds", "0.5", "--preset", "heavy", "--curve", "riaa")
    result = run_installed(environment, elsewhere, "live", "--input", "demo", *options)
    assert result.returncode == 0, result.stderr
    assert "worn_record.flac" in result.stdout
    # The devices are listed by a child, which must not take this folder's modules either.
    listed = run_installed(environment, elsewhere, "devices", "--json")
    error = json.loads(listed.stdout)["error"]
    assert error is None or error.startswith("there is no sound device")


def test_checkout_answers_to_the_same_name() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "shellac", "--version"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "install")},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    assert result.stdout == f"shellac {main.VERSION}\n"
