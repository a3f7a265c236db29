"""The bundle in a bare environment: no Python, no project, no variable but a home and a display.

It takes a minute and a half to build, so ``make test`` looks only at one that is there; ``make
bundle`` builds it and runs these tests.
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import ROOT, wait_for, write_side

import main

PROGRAM = Path(os.environ.get("SHELLAC_BUNDLE", ROOT / "build" / "bundle" / "shellac")) / "shellac"

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(
        not PROGRAM.exists(), reason="there is no bundle; 'make bundle' builds and tests one"
    ),
]


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """All variables that there are."""
    return {"HOME": str(tmp_path), "PATH": "/nowhere"}


@pytest.fixture
def display(tmp_path: Path) -> Iterator[str]:
    """A screen of our own, whose pixels are in a file."""
    if not (xvfb := shutil.which("Xvfb")):
        pytest.skip("needs Xvfb: apt-get install xvfb")
    read, write = os.pipe()
    command = [xvfb, "-displayfd", str(write), "-screen", "0", "1400x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(
        [*command, "-fbdir", str(tmp_path)], pass_fds=[write], stderr=subprocess.DEVNULL
    )
    os.close(write)
    with os.fdopen(read) as told:
        yield f":{told.readline().strip()}"
    server.terminate()
    server.wait(timeout=20)


def run(bare: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *arguments],
        env=bare,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_bundle_knows_its_version_and_its_children(bare: dict[str, str]) -> None:
    assert run(bare, "--version").stdout == f"shellac {main.VERSION}\n"
    error = json.loads(run(bare, "devices", "--json").stdout)["error"]
    assert error is None or error.startswith("there is no sound device")


def test_bundle_restores_with_networks_in_processes_of_its_own(
    bare: dict[str, str], tmp_path: Path
) -> None:
    sides = [write_side(tmp_path / f"{name}.wav") for name in "ab"]
    (tmp_path / "out").mkdir()
    result = run(bare, "restore", *sides, "--output", tmp_path / "out", "--jobs", "2")
    assert result.returncode == 0, result.stderr
    assert "detector none" not in result.stdout
    for side in sides:
        (result_path,) = (tmp_path / "out").glob(f"{side.stem}*.wav")
        restored, worn = (soundfile.read(path)[0] for path in (result_path, side))
        assert restored.shape == worn.shape
        assert np.abs(restored - worn).max() > 0.1  # the clicks are gone


def test_window_of_the_bundle_opens_and_records(
    bare: dict[str, str], display: str, tmp_path: Path
) -> None:
    screen, folder = tmp_path / "Xvfb_screen0", tmp_path / "transfers"
    folder.mkdir()
    command = [str(PROGRAM), "--demo", "--record", str(folder)]
    with subprocess.Popen(command, env={**bare, "DISPLAY": display}, cwd="/") as process:
        wait_for(lambda: any(p.stat().st_size > 100_000 for p in folder.iterdir()))
        pixels = np.frombuffer(screen.read_bytes()[-1400 * 900 * 4 :], np.uint8)
        assert len(np.unique(pixels)) > 50  # there is a picture
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    raw, restored = (next(folder.glob(f"*_{role}.flac")) for role in ("raw", "restored"))
    assert soundfile.info(raw).frames == soundfile.info(restored).frames > 0
    assert list(folder.glob("*.shellac.json"))
