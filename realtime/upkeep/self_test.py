"""Five seconds of the real engine without a device: does sound pass, in time and in its place?

On the caller's thread. An impulse in silence comes first, passed through untouched; then the demo
record, restored as usual. Both recorded files then tell what became of it.
"""

import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from model.presets import load_preset
from model.settings import Settings
from realtime.config import NULL_OUTPUT, StreamConfig
from realtime.devices.input_names import DEMO_RECORD
from realtime.engine.engine import Engine
from realtime.telemetry import Telemetry

F32 = NDArray[np.float32]

SECONDS = 5.0
SILENCE_S, IMPULSE_S = 1.0, 0.4
IMPULSE = 0.5
RESTORED_FROM_S = 0.75  # of sound: the impulse is through, the record has not begun
PATIENCE_S = 20.0  # beyond the length of the sound, on a computer that is very busy


class SelfTest(NamedTuple):
    """What came out.

    Attributes
    ----------
    lost : int
        Samples of the raw file that are not those of the sound.
    shift : int or None
        By how many samples the restored impulse lies later than the raw one; 0 proves the declared
        latency. None if it did not come through as it was.
    finite : bool
        All that was restored is sound.
    """

    telemetry: Telemetry
    lost: int
    shift: int | None
    finite: bool
    errors: tuple[str, ...]


def run_self_test(seconds: float = SECONDS) -> SelfTest:
    """Play, record, compare.

    Raises
    ------
    RestorationError
        The engine does not start, or does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="shellac_doctor_") as name:
        folder = Path(name)
        sound, rate = _sound(seconds)
        soundfile.write(folder / "sound.wav", sound, rate, "FLOAT")
        config = StreamConfig(
            *(str(folder / "sound.wav"), NULL_OUTPUT), record_folder=folder, record_format="wav"
        )
        with Engine(config, Settings(declick=False)) as engine:
            _wait(engine, RESTORED_FROM_S, seconds)
            engine.post(load_preset("default"))
            _wait(engine, seconds, seconds)
            report = engine.stop_recording()
            telemetry = engine.telemetry()
            errors = tuple(e.message for e in engine.events() if e.kind == "error")
        raw, _ = soundfile.read(report.raw_path, dtype="float32")
        restored, _ = soundfile.read(report.restored_path, dtype="float32")
    return SelfTest(
        telemetry,
        _differing(raw, sound),
        _shift(raw, restored, int(RESTORED_FROM_S * rate)),
        bool(np.isfinite(restored).all()),
        errors,
    )


def _sound(seconds: float) -> tuple[F32, int]:
    with soundfile.SoundFile(DEMO_RECORD) as file:
        rate = int(file.samplerate)
        silent = int(SILENCE_S * rate)
        record = file.read(int(seconds * rate) - silent, dtype="float32", always_2d=True)
    silence = np.zeros((silent, record.shape[1]), np.float32)
    silence[int(IMPULSE_S * rate)] = IMPULSE
    return np.concatenate([silence, record]), rate


def _wait(engine: Engine, until_s: float, seconds: float) -> None:
    give_up = time.monotonic() + seconds + PATIENCE_S
    while time.monotonic() < give_up:
        telemetry = engine.telemetry()
        if telemetry.seconds >= until_s or telemetry.state != "running":
            return
        time.sleep(0.02)


def _differing(raw: F32, sound: F32) -> int:
    n = min(len(raw), len(sound))
    return len(sound) - n + int(np.count_nonzero((raw[:n] != sound[:n]).any(axis=1)))


def _shift(raw: F32, restored: F32, n: int) -> int | None:
    """Compare where the impulse lies; in what comes before the record nothing else sounds."""
    went_in, came_out = (np.flatnonzero(sound[:n].any(axis=1)) for sound in (raw, restored))
    if len(went_in) != 1 or len(came_out) != 1 or (restored[came_out[0]] != IMPULSE).any():
        return None
    return int(came_out[0] - went_in[0])
