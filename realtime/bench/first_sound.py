"""How long a person waits from pressing Enter to hearing the record."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

from realtime.bench.sound import RATE, Capture, play

MAIN = Path(__file__).parents[2] / "main.py"
WAIT_S = 10.0


class FirstSound(NamedTuple):
    """Medians, in seconds: until the first sound, and until Python has what every way needs."""

    sound_s: float
    import_s: float


def first_sound(runs: int = 3) -> FirstSound:
    """Measure both in turn, because a machine is not equally fast all the time."""
    sounds, imports = [], []
    for _ in range(runs):
        sounds.append(first_sound_s())
        imports.append(import_s())
    return FirstSound(median(sounds), median(imports))


def import_s() -> float:
    """Seconds until a bare interpreter has loaded NumPy and PortAudio."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import numpy, sounddevice"], check=True)
    return time.monotonic() - began


def first_sound_s() -> float:
    """Seconds from starting ``shellac live`` to the first sample that is not silence; or inf."""
    noise = 0.1 * np.random.default_rng(78).uniform(-1.0, 1.0, (int(WAIT_S * RATE), 2))
    hiss = threading.Thread(target=play, args=(noise,), daemon=True)
    hiss.start()
    capture = Capture("headphones")
    time.sleep(0.5)
    command = [sys.executable, str(MAIN), "live", "--input", "turntable", "--output", "headphones"]
    began = time.monotonic()
    with subprocess.Popen([*command, "--seconds", "4"], stdout=subprocess.DEVNULL) as live:
        live.wait(WAIT_S + 10.0)
    hiss.join()
    recorded, capture_began = capture.stop()
    sounding = np.flatnonzero(recorded.any(axis=1))
    if not len(sounding):
        return float("inf")
    return capture_began + int(sounding[0]) / RATE - began
