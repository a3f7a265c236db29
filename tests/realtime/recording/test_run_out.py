"""The run-out groove is heard, and a side ends there only where that was asked for."""

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import soundfile
from cli_tools import refusal
from numpy.typing import NDArray

from realtime.config import StreamConfig
from realtime.recording.control import RecordingControl
from realtime.recording.run_out import TURNS, RunOutWatch
from realtime.timeline import Timeline

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

RATE = 22_050
RPM = 78.26
MUSIC_S = 12.0
GROOVE = 3e-3  # level of the groove's noise


def groove(n: int, seed: int, level: float = GROOVE) -> F64:
    """Hiss and crackle, as in any groove without music."""
    rng = np.random.default_rng(seed)
    noise = level * rng.standard_normal(n)
    noise[rng.integers(0, n, n // 300)] *= 8
    return noise


def played(seconds: float, level: float, seed: int = 1) -> F64:
    """Chords of a plucked instrument in changing measure."""
    rng, n = np.random.default_rng(seed), round(seconds * RATE)
    music, at = np.zeros(n), 0
    while at < n:
        length = min(n - at, round(RATE * rng.uniform(0.2, 0.8)))
        t = np.arange(length) / RATE
        for note in 220 * 2 ** (rng.integers(0, 30, 3) / 12):
            partials = sum(np.sin(2 * np.pi * h * note * t) / h for h in range(1, 5))
            music[at : at + length] += level / 3 * partials * np.exp(-2 * t)
        at += length
    return music


def scratched(n: int, rpm: float = RPM) -> F64:
    """A short burst once a turn."""
    burst = 0.05 * np.hanning(300) * np.random.default_rng(5).standard_normal(300)
    sound = np.zeros(n + 300)
    for at in np.arange(0.3, n / RATE * rpm / 60) * 60 / rpm * RATE:
        sound[round(at) : round(at) + 300] += burst
    return sound[:n]


def closed_groove(turns: int, rpm: float = RPM) -> F64:
    """One turn again and again, noise and all, with the line's own hiss on top."""
    turn = 60 / rpm * RATE
    once = groove(round(turn), 3)
    once[1000:1300] += 0.05 * np.hanning(300) * np.random.default_rng(5).standard_normal(300)
    at = (np.arange(round(turns * turn)) % turn).astype(int)
    sound: F64 = once[np.minimum(at, len(once) - 1)] + groove(len(at), 4, 2e-4)
    return sound


@pytest.fixture(scope="module")
def music() -> F64:
    return played(MUSIC_S, 0.15) + groove(round(MUSIC_S * RATE), 2)


def heard_at(sound: F64, rpm: float = RPM) -> float | None:
    """The second at which the run-out is noticed; None if it is not."""
    watch = RunOutWatch(RATE, 1, rpm)
    for start in range(0, len(sound), 1024):
        watch.add(sound[start : start + 1024, None].astype(np.float32))
        if watch.reached:
            return start / RATE
    return None


@pytest.mark.parametrize("rpm", [RPM, 77.2, 79.6])  # the last two: a turntable that is off
def test_closed_run_out_is_noticed_within_a_few_more_turns_than_it_takes(
    music: F64, rpm: float
) -> None:
    at = heard_at(np.concatenate([music, closed_groove(16, rpm)]))
    assert at is not None
    assert MUSIC_S + (TURNS - 1) * 60 / rpm < at < MUSIC_S + (TURNS + 3) * 60 / rpm


def test_run_out_that_winds_inwards_is_known_by_its_bump(music: F64) -> None:
    inwards = groove(12 * RATE, 6)
    assert heard_at(np.concatenate([music, inwards + scratched(len(inwards))])) is not None


def test_run_out_of_a_slow_record_is_noticed_at_its_own_speed(music: F64) -> None:
    side = np.concatenate([music, closed_groove(14, 100 / 3)])
    assert heard_at(side, rpm=100 / 3) is not None
    assert heard_at(side, rpm=45.0) is None


SOFT: dict[str, Callable[[int], F64]] = {
    "soft music with a scratch": lambda n: played(n / RATE, 0.012, 7) + scratched(n),
    "music no louder than the groove, with a scratch": lambda n: (
        played(n / RATE, 0.004, 8) + scratched(n)
    ),
    "a pause": lambda n: np.zeros(n),
    "a soft drum with a scratch": lambda n: (
        scratched(n)
        + 0.02 * np.random.default_rng(9).standard_normal(n) * (np.arange(n) % 9000 < 900)
    ),
}


@pytest.mark.parametrize("what", SOFT)
def test_soft_passage_is_not_the_end(music: F64, what: str) -> None:
    n = 14 * RATE
    assert heard_at(np.concatenate([music, SOFT[what](n) + groove(n, 10)])) is None


def test_lead_in_is_not_the_end_and_neither_is_an_open_line(music: F64) -> None:
    assert heard_at(np.concatenate([closed_groove(14), music])) is None
    assert heard_at(np.concatenate([music, groove(14 * RATE, 11, 3e-5)])) is None


class Told:
    """Keeps what the control says."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    def tell(self, kind: str, *_: object, **__: object) -> None:
        self.kinds.append(kind)

    def fault(self, *_: object, **__: object) -> None:
        pass


def control_on(config: StreamConfig) -> tuple[RecordingControl, Any, Told]:
    """A control with a worker that a test feeds by hand."""
    chain = SimpleNamespace(detector_name="none", denoiser_name="none")
    report = SimpleNamespace(input_fill=0, output_fill=0, recorder=None)
    worker, told = SimpleNamespace(recording=None, report=report), Told()
    source = SimpleNamespace(name="turntable", sample_rate=RATE, channels=1, paced_by_output=False)
    control = RecordingControl(
        config,
        cast(Any, source),
        cast(Any, SimpleNamespace(latency=0, chain=chain)),
        cast(Any, worker),
        Timeline(),
        cast(Any, told),
        lambda: False,
    )
    return control, worker, told


def play(control: RecordingControl, worker: Any, sound: F64) -> None:
    """Feed a sound, no faster than the recorder writes."""
    for start in range(0, len(sound), 2048):
        block = sound[start : start + 2048, None].astype(np.float32)
        if worker.recording is not None:
            worker.recording.feed(block, block.T)
        control.look_after()
        while control._recorder is not None and control._recorder.waiting > 4 * RATE:
            time.sleep(0.01)


def test_side_ends_in_the_run_out_only_where_that_is_chosen(tmp_path: Path, music: F64) -> None:
    side = np.concatenate([music, closed_groove(16)])
    control, worker, told = control_on(StreamConfig("turntable", "none"))
    control.start(tmp_path, "wav")
    play(control, worker, side)
    assert control.is_recording
    control.stop_at_run_out(True)  # chosen while it plays: music has to be heard first
    play(control, worker, side)
    assert not control.is_recording
    assert told.kinds[-2:] == ["run_out", "recording_stopped"]
    raw = next(tmp_path.glob("*_raw.wav"))
    recorded = soundfile.read(raw, dtype="float32")[0]
    both = np.concatenate([side, side]).astype(np.float32)
    np.testing.assert_array_equal(recorded, both[: len(recorded)])
    assert len(recorded) / RATE > len(side) / RATE + MUSIC_S + TURNS * 60 / RPM - 1


def test_next_side_waits_until_the_needle_has_left_the_run_out(tmp_path: Path, music: F64) -> None:
    line = 3e-5 * np.random.default_rng(12).standard_normal(5 * RATE)
    config = StreamConfig(
        *("turntable", "none"),
        record_folder=tmp_path,
        record_format="wav",
        wait_for_needle=True,
        stop_at_run_out=True,
    )
    control, worker, told = control_on(config)
    play(control, worker, np.concatenate([line, music, closed_groove(16)]))
    assert told.kinds.count("recording_started") == told.kinds.count("run_out") == 1
    play(control, worker, closed_groove(10))  # nobody comes to lift it
    assert not control.is_recording
    play(control, worker, np.concatenate([line, music]))
    assert control.is_recording
    assert told.kinds.count("recording_started") == 2
    control.stop()


def test_stopping_at_the_run_out_needs_a_recording() -> None:
    assert "--record DIR" in refusal("live", "--input", "demo", "--stop-at-run-out")
