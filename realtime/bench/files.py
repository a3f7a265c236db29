"""What a file costs: ``python -m realtime.bench.files`` prints processor time and memory.

Each file is restored in a process of its own on one core, by its rate and its length, and the
rival, ffmpeg's adeclick, runs over the same file right after it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from model.chain import Chain
from model.checkpoints import load_models
from model.presets import load_preset
from realtime.batch.restore import restore_file
from realtime.bench.offline import adeclick
from realtime.bench.worn_sounds import RATE, SOUNDS
from realtime.engine.child import ONE_THREAD

F32 = NDArray[np.float32]

PIECE_S = 10.0  # of sound that is made once and repeated
HEAD = f"{'sound':<16}{'Hz':>8}{'s':>7}{'percent of its time':>21}{'MB':>6}{'adeclick':>10}"


def sound_file(path: Path, kind: str, rate: int, seconds: float) -> None:
    """Write a stereo file of 24 bits, long ones a piece over and over."""
    piece = SOUNDS[kind](min(PIECE_S, seconds)).T
    if rate != RATE:
        piece = soxr.resample(piece, RATE, rate)
    left = round(seconds * rate)
    with soundfile.SoundFile(path, "w", rate, 2, "PCM_24") as file:
        while left > 0:
            file.write(np.clip(piece[:left], -1, 1))
            left -= len(piece)


def restored(source: Path, target: Path) -> dict[str, float]:
    """Restore here with both networks; seconds of the processor, and the highest memory in MB."""
    chain = partial(Chain, models=load_models())
    began = time.process_time()
    restore_file(source, target, load_preset("default"), chain_factory=chain, overwrite=True)
    spent = time.process_time() - began
    return {"spent": spent, "mb": _highest_memory_mb()}


def _highest_memory_mb() -> float:
    try:
        import resource
    except ImportError:  # not every system tells
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def line(kind: str, rate: int, seconds: float) -> str:
    """Measure one file and its rival."""
    with tempfile.TemporaryDirectory() as name:
        source, ours, theirs = (Path(name) / f"{n}.wav" for n in ("source", "ours", "theirs"))
        sound_file(source, kind, rate, seconds)
        command = [sys.executable, "-m", "realtime.bench.files", "--alone", str(source), str(ours)]
        environment = {**os.environ, **ONE_THREAD}
        answer = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
        figures = json.loads(answer.stdout)
        before = os.times()
        subprocess.run(adeclick(source, theirs), check=True)
        after = os.times()
    rival = sum(after[2:4]) - sum(before[2:4])  # of children
    share, its = 100 * figures["spent"] / seconds, 100 * rival / seconds
    return f"{kind:<16}{rate:>8}{seconds:>7g}{share:>21.1f}{figures['mb']:>6.0f}{its:>10.1f}"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m realtime.bench.files", description=__doc__)
    add = parser.add_argument
    add("--sound", nargs="+", choices=list(SOUNDS), default=["clean", "raw disc"])
    add("--rate", nargs="+", type=int, default=[44_100, 48_000, 96_000, 192_000], metavar="HZ")
    add("--seconds", nargs="+", type=float, default=[10.0], help="length of the files (10)")
    add("--alone", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(restored(*options.alone)))
        return 0
    print(HEAD, flush=True)
    for kind in options.sound:
        for rate in options.rate:
            for seconds in options.seconds:
                print(line(kind, rate, seconds), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
