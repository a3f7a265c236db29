"""Where a hop's time goes: ``python -m realtime.bench.profile`` prints its share by stage.

Measured in this process, on one core, in the processor's time, which other programs lengthen
less than the clock on the wall; each stage's own, without what it calls of the others. The rival,
ffmpeg's adeclick, runs on the same sounds in the same minute.
"""

import argparse
import functools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from model import chain as chain_module
from model.chain import ANALYTICAL, HOP, Chain
from model.checkpoints import Models, load_models
from model.declicking import declick, desk
from model.groove.record import RecordSettings
from model.hiss.difference_noise import DifferenceNoise
from model.networks.learned import LearnedDenoiser, LearnedDetector
from model.networks.network import CompiledNetwork
from model.presets import load_preset
from model.walls.joint_walls import JointWalls
from model.walls.one_sound import OneSound
from realtime.bench.offline import adeclick
from realtime.bench.worn_sounds import HARDEST, ONE_GROOVE, RATE, SOUNDS
from realtime.engine.child import ONE_THREAD
from realtime.restorer.pipeline import StreamRestorer
from realtime.restorer.record_chain import RecordChain

F32 = NDArray[np.float32]

REST = "all else"
DECLICKER = "declicker: order"
ITS_NETWORK = ": its network"  # of whichever calls it
# What counts as a stage, and where its function is looked up. The name stands in the table.
STAGES: tuple[tuple[str, Any, str], ...] = (
    (REST, Chain, "step"),
    ("walls: order", RecordChain, "step"),
    ("walls: followed and brought together", OneSound, "step"),
    ("walls: damage", JointWalls, "step"),
    ("walls: hiss told", DifferenceNoise, "better"),
    ("detector", LearnedDetector, "step"),
    ("denoiser", LearnedDenoiser, "step"),
    (ITS_NETWORK, CompiledNetwork, "run_all"),
    (DECLICKER, declick, "step"),
    ("bound and mix", chain_module, "_bounded"),
)
SECONDS = 8.0
WARM_UP_HOPS = 8


class Clock:
    """Adds up each stage's own time, in seconds of this thread."""

    def __init__(self) -> None:
        self.own: dict[str, float] = {}
        self.in_core = np.zeros(len(desk.STAGES))  # of the declicker, as the core tells
        self._open: list[list[Any]] = []  # name, began, time of what it called

    def clear(self) -> None:
        """Begin anew."""
        self.own.clear()
        self.in_core[:] = 0.0

    def stages(self) -> dict[str, float]:
        """Every stage's own time by now, in seconds."""
        told = {f"declicker: {n}": s for n, s in zip(desk.STAGES, self.in_core, strict=True)}
        order = self.own.get(DECLICKER, 0.0) - float(self.in_core.sum())
        return {**self.own, DECLICKER: order, **told}

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed."""

        @functools.wraps(function)
        def call(*arguments: Any, **named: Any) -> Any:
            stage = self._open[-1][0] + name if name == ITS_NETWORK else name
            frame: list[Any] = [stage, time.thread_time(), 0.0]
            self._open.append(frame)
            try:
                return function(*arguments, **named)
            finally:
                whole = time.thread_time() - frame[1]
                self._open.pop()
                self.own[stage] = self.own.get(stage, 0.0) + whole - frame[2]
                if self._open:
                    self._open[-1][2] += whole

        return call


@contextmanager
def stages_timed() -> Iterator[Clock]:
    """Time all stages meanwhile."""
    clock, before = Clock(), []
    for name, place, attribute in STAGES:
        function = getattr(place, attribute)
        before.append((place, attribute, function))
        setattr(place, attribute, clock.timed(name, function))
    desk.stages_timed(clock.in_core)
    try:
        yield clock
    finally:
        desk.stages_timed(None)
        for place, attribute, function in reversed(before):
            setattr(place, attribute, function)


def shares(sound: F32, models: Models, groove: str = "stereo") -> dict[str, float]:
    """Return each stage's time over the sound's, and under "" the highest hop's."""
    settings, highest = load_preset("default"), 0.0
    with stages_timed() as clock:
        record = RecordSettings(groove=groove) if groove != "stereo" else None
        factory = functools.partial(Chain, models=models)
        chain = StreamRestorer(RATE, len(sound), factory, record=record).chain
        state = chain.initial_state()
        starts = range(0, sound.shape[1] - HOP, HOP)
        for done, start in enumerate(starts):
            if done == WARM_UP_HOPS:
                clock.clear()
            began = time.thread_time()
            _, state = chain.step(sound[:, start : start + HOP], state, settings)
            if done >= WARM_UP_HOPS:
                highest = max(highest, time.thread_time() - began)
    counted = (len(starts) - WARM_UP_HOPS) * HOP / RATE
    loads = {name: spent / counted for name, spent in clock.stages().items()}
    return {**loads, "": highest * RATE / HOP}


def rival_load(sound: F32) -> float:
    """Return adeclick's processor time over the sound's."""
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "source.wav", Path(name) / "target.wav"
        soundfile.write(source, sound.T, RATE, "PCM_24")
        before = os.times()
        subprocess.run(adeclick(source, target), check=True)
        after = os.times()
    spent = sum(after[2:4]) - sum(before[2:4])  # of children
    return float(spent * RATE / sound.shape[1])


def table(
    loads: dict[str, dict[str, float]],
    rivals: dict[str, float],
    in_stereo: dict[str, dict[str, float]],
) -> str:
    """One line per stage, one column per sound: percent of a hop.

    ``in_stereo`` has the same sounds' loads where nothing is known of their one groove.
    """
    stages = sorted(
        {stage for column in loads.values() for stage in column if stage},
        key=lambda stage: -max(column.get(stage, 0.0) for column in loads.values()),
    )
    lines = [f"{'percent of a hop':<36}" + "".join(f"{name:>15}" for name in loads)]

    def line(what: str, values: list[float], digits: int = 1) -> None:
        lines.append(f"{what:<36}" + "".join(f"{value:>15.{digits}f}" for value in values))

    for stage in stages:
        line(stage, [100 * column.get(stage, 0.0) for column in loads.values()])
    whole = {name: sum(v for k, v in column.items() if k) for name, column in loads.items()}
    line("all", [100 * whole[name] for name in loads])
    line("the highest hop", [100 * column[""] for column in loads.values()])
    line("ffmpeg adeclick", [100 * rivals[name] for name in loads])
    line("speed against adeclick's", [rivals[name] / whole[name] for name in loads], 2)
    both = {name: sum(v for k, v in column.items() if k) for name, column in in_stereo.items()}
    if both:
        ratios = [whole[name] / both.get(name, whole[name]) for name in loads]
        line("hop against the same in stereo", ratios, 2)
    return "\n".join(lines)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m realtime.bench.profile", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each sound (8)")
    parser.add_argument(
        "--sound", nargs="+", choices=[*SOUNDS, *ONE_GROOVE, *HARDEST], help="these (all records)"
    )
    parser.add_argument("--model", default="", help="'none' leaves the trained networks out")
    arguments = parser.parse_args()
    if not ONE_THREAD.items() <= os.environ.items():  # too late for this process: all is imported
        again = [sys.executable, "-m", "realtime.bench.profile", *sys.argv[1:]]
        return subprocess.run(again, env={**os.environ, **ONE_THREAD}).returncode
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    models = ANALYTICAL if arguments.model == "none" else load_models()
    loads, rivals, in_stereo = {}, {}, {}
    for name, make in {**SOUNDS, **ONE_GROOVE, **HARDEST}.items():
        if name not in (arguments.sound or [*SOUNDS, *ONE_GROOVE]):
            continue
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        sound = make(arguments.seconds)
        if name in ONE_GROOVE:
            in_stereo[name] = shares(sound, models)
        loads[name] = shares(sound, models, "lateral" if name in ONE_GROOVE else "stereo")
        rivals[name] = rival_load(sound)
    print(table(loads, rivals, in_stereo))
    return 0


if __name__ == "__main__":
    sys.exit(main())
