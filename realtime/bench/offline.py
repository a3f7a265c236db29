"""Figures that need no device: latency, load of the live chain, speed of file restoration.

``python -m realtime.bench.offline SECONDS`` measures in a process of its own, bound to one core,
and prints JSON; the benchmark starts it so that nothing else is loaded and no helper thread runs.
"""

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

from model.chain import ANALYTICAL, Chain
from model.checkpoints import Models, load_models
from model.presets import load_preset
from model.settings import Settings
from realtime.batch.restore import restore_file
from realtime.config import block_length
from realtime.devices.input_names import DEMO_RECORD
from realtime.engine.child import ONE_THREAD
from realtime.restorer.pipeline import StreamRestorer
from realtime.restorer.warm_up import warmed_restorer

F32 = NDArray[np.float32]

RATE = 44_100
LOAD_RATE = 48_000


def latency() -> dict[str, float]:
    """Return the declared latency at 44.1 kHz and the one that an impulse takes, in ms."""
    block = block_length(RATE)
    restorer = StreamRestorer(RATE, 2, block=block)
    impulse = np.zeros((2, 40 * block), np.float32)
    impulse[:, 3] = 0.5
    identity = Settings(declick=False)
    out = np.concatenate(
        [
            restorer.process(impulse[:, start : start + block], identity).restored
            for start in range(0, impulse.shape[1], block)
        ],
        axis=1,
    )
    arrived = int(np.argmax(np.abs(out[0]))) - 3
    if out[0, arrived + 3] != np.float32(0.5) or np.count_nonzero(out[0]) != 1:
        arrived = -1  # it came out changed: no latency can be stated
    return {
        "latency_ms": restorer.latency_ms,
        "proven_latency_ms": arrived * 1000.0 / RATE,
    }


def load(seconds: float, models: Models) -> dict[str, float]:
    """Return percentiles of a hop's processing time over its duration, stereo 48 kHz.

    By the clock on the wall, and by the processor's time, which other programs do not lengthen.
    With a denoiser loaded it works at full depth.
    """
    record, rate = soundfile.read(DEMO_RECORD, dtype="float32", always_2d=True)
    record = record[: int(seconds * rate)]
    signal = np.ascontiguousarray(soxr.resample(record, rate, LOAD_RATE).T, np.float32)
    block, settings = block_length(LOAD_RATE), load_preset("default")
    restorer = warmed_restorer(LOAD_RATE, signal.shape[0], settings, models)
    loads: list[float] = []
    of_processor: list[float] = []
    for start in range(0, signal.shape[1] - block, block):
        began, processor_began = time.perf_counter(), time.thread_time()
        restorer.process(signal[:, start : start + block], settings)
        of_processor.append((time.thread_time() - processor_began) * LOAD_RATE / block)
        loads.append((time.perf_counter() - began) * LOAD_RATE / block)
    return {
        "load_p50": float(np.percentile(loads, 50)),
        "load_p99": float(np.percentile(loads, 99)),
        "load_max": max(loads),
        "processor_load_p99": float(np.percentile(of_processor, 99)),
    }


def restore_speed(seconds: float) -> dict[str, float]:
    """Return how many seconds of sound are restored in one, by us and by ffmpeg's adeclick.

    ``restore_x`` is the analytical declicker alone, the rival's own task; ``full_restore_x`` has
    both trained networks in place.
    """
    record, rate = soundfile.read(DEMO_RECORD, dtype="float32", always_2d=True)
    record = record[: int(seconds * rate)]
    with tempfile.TemporaryDirectory() as name:
        source, ours, theirs = (Path(name) / f"{n}.wav" for n in ("source", "ours", "theirs"))
        soundfile.write(source, record, rate, "PCM_24")
        settings, restored_s = load_preset("default"), []
        for models in (ANALYTICAL, load_models()):
            began = time.perf_counter()
            chain = partial(Chain, models=models)
            restore_file(source, ours, settings, overwrite=True, chain_factory=chain)
            restored_s.append(time.perf_counter() - began)
        began = time.perf_counter()
        subprocess.run(adeclick(source, theirs), check=True)
        declicked_s = time.perf_counter() - began
    audio_s = len(record) / rate
    return {
        "restore_x": audio_s / restored_s[0],
        "full_restore_x": audio_s / restored_s[1],
        "rival_restore_x": audio_s / declicked_s,
    }


def adeclick(source: Path, target: Path) -> list[str]:
    """Return the rival's command line, on one thread."""
    import imageio_ffmpeg

    one_thread = ["-threads", "1", "-filter_threads", "1"]
    quiet = ["-hide_banner", "-loglevel", "error", "-y"]
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    return [ffmpeg, *quiet, *one_thread, "-i", str(source), "-af", "adeclick", str(target)]


def measured_apart(seconds: float) -> dict[str, float]:
    """Measure all of the above in a fresh process on one core, on so much of the demo record."""
    command = [sys.executable, "-m", "realtime.bench.offline", str(seconds)]
    answer = subprocess.run(
        command, env={**os.environ, **ONE_THREAD}, stdout=subprocess.PIPE, check=True
    )
    figures: dict[str, float] = json.loads(answer.stdout)
    return figures


def main() -> None:
    """Measure on one core and print JSON."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    seconds = float(sys.argv[1])
    alone = {f"analytical_{name}": share for name, share in load(seconds, ANALYTICAL).items()}
    full = load(seconds, load_models())
    print(json.dumps(latency() | alone | full | restore_speed(seconds)))


if __name__ == "__main__":
    main()
