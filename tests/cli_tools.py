"""Starts the program as a person would, and reads what it says."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).parent.parent
MAIN = ROOT / "main.py"
RATE = 44_100


def shellac(
    *arguments: str | Path, env: dict[str, str] | None = None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run the program as a person would."""
    return subprocess.run(
        [sys.executable, str(MAIN), *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **(env or {})},
        timeout=timeout,
        check=False,
    )


def refusal(*arguments: str | Path, env: dict[str, str] | None = None) -> str:
    """Return the one line that a refused command prints."""
    result = shellac(*arguments, env=env)
    assert result.returncode == 2, result
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("shellac: ")
    assert "Traceback" not in result.stderr + result.stdout
    return lines[0]


def started(*arguments: str | Path, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Start the program in a group of its own: what a terminal sends goes to everyone in it."""
    return subprocess.Popen(
        [sys.executable, str(MAIN), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
        start_new_session=True,
    )


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something can be seen from outside."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.05)


def write_side(path: Path) -> Path:
    """Write two seconds of a chord with clicks, 24 bit stereo."""
    n = np.arange(2 * RATE) / RATE
    chord = 0.1 * sum(np.sin(2 * np.pi * f * n) for f in (220, 277, 330))
    signal = np.stack([chord, chord], axis=1)
    onsets = np.random.default_rng(78).integers(3000, len(n) - 3000, 30)
    signal[onsets, 0] += 0.5
    soundfile.write(path, signal, RATE, subtype="PCM_24")
    return path
