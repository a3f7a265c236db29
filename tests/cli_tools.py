"""Starts the program as a person would, and reads what it says."""

import contextlib
import functools
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from warm_program import WarmProgram, is_possible

import main as front_door

ROOT = Path(__file__).parent.parent
MAIN = ROOT / "main.py"
RATE = 44_100


def shellac(
    *arguments: str | Path, env: dict[str, str] | None = None, timeout: float = 300
) -> subprocess.CompletedProcess[str]:
    """Run the program as a person would, though Python may have loaded its modules before."""
    environment = {**os.environ, **(env or {})}
    if is_possible() and (program := _warm_program()).suits(environment):
        return program.run([*map(str, arguments)], environment, timeout)
    return subprocess.run(
        [sys.executable, str(MAIN), *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=timeout,
        check=False,
    )


@functools.cache
def _warm_program() -> WarmProgram:
    """Return the one that this process shares."""
    return WarmProgram()


def refusal(*arguments: str | Path, env: dict[str, str] | None = None) -> str:
    """Return the one line that a refused command prints.

    Most commands are refused in this process, which spares the start of another: only what opens
    sound, or has an environment of its own, is run as a person would.
    """
    if env or arguments[:1] == ("live",):
        result = shellac(*arguments, env=env)
        code, told, errors = result.returncode, result.stdout, result.stderr
    else:
        code, told, errors = _answer(list(map(str, arguments)))
    assert code == 2, (code, told, errors)
    lines = errors.splitlines()
    assert len(lines) == 1, errors
    assert lines[0].startswith("shellac: ")
    assert "Traceback" not in errors + told
    return lines[0]


def _answer(arguments: list[str]) -> tuple[int, str, str]:
    """Return exit code and both outputs of the front door, and leave this process as it was."""
    told, errors = io.StringIO(), io.StringIO()
    caught = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    kept = [(number, signal.getsignal(number)) for number in caught]
    try:
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(errors):
            code = front_door.main(arguments)
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        for number, handler in kept:
            signal.signal(number, handler)
    return code, told.getvalue(), errors.getvalue()


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


def wait_for(condition: Callable[[], bool], seconds: float = 300) -> None:
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
