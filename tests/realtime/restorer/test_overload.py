"""A computer that is too busy: the dry sound in time, marked, and the restoration comes back."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from model.chain import ANALYTICAL, DENOISER, DETECTOR, HOP, Chain
from model.checkpoints import Models, load_models
from model.settings import Settings
from realtime.config import StreamConfig
from realtime.engine.engine import Engine
from realtime.restorer.overload import REHEARSAL_S, REST_S, OverloadGuard
from realtime.restorer.pipeline import StreamRestorer
from realtime.timeline import Timeline

pytestmark = pytest.mark.alone

F32 = NDArray[np.float32]
RATE = 44_100
HOP_S = HOP / RATE
PATIENCE_S = 60.0
SETTINGS, QUIETER = Settings(), Settings(hiss_reduction_db=12.0)


def worn(seconds: float) -> F32:
    """A chord with a click every 50 ms, float32 ``[2, n]``, a whole number of hops."""
    t = np.arange(int(seconds * RATE) // HOP * HOP) / RATE
    chord = sum(0.1 * np.sin(2 * np.pi * hz * t) for hz in (220.0, 331.0, 523.0))
    signal = np.tile(np.asarray(chord, np.float32), (2, 1))
    for onset in range(2000, signal.shape[1] - 100, RATE // 20):
        signal[:, onset : onset + 8] += np.float32(0.6)
    return signal


class Busy:
    """A clock by which chosen hops take too long, and a backlog while they do."""

    def __init__(self, slow: range) -> None:
        self.hop, self._slow = 0, slow
        self._now = 0.0
        self._looks = 0
        self._late_at = -1  # the hop that took too long last

    @property
    def is_slow(self) -> bool:
        return self.hop in self._slow

    def __call__(self) -> float:
        self._looks += 1
        if self._looks % 2 == 0:  # the second look of a step
            self._late_at = self.hop if self.is_slow else self._late_at
            self._now += (2.0 if self.is_slow else 0.2) * HOP_S
        return self._now

    def backlog_s(self) -> float:
        return 2 * HOP_S if self._late_at == self.hop else 0.0


def restored(
    signal: F32, busy: Busy, models: Models = ANALYTICAL, settings: Settings = SETTINGS
) -> tuple[F32, Timeline, int]:
    """What comes out, in time with what went in, and what was marked."""
    timeline = Timeline()

    def factory(sample_rate: int, channels: int) -> OverloadGuard:
        chain = Chain(sample_rate, channels, models)
        guard = OverloadGuard(chain, sample_rate, timeline, RATE // sample_rate, clock=busy)
        guard.backlog_s = busy.backlog_s
        return guard

    restorer = StreamRestorer(RATE, 2, factory, block=HOP)
    parts = []
    for start in range(0, signal.shape[1], HOP):
        parts.append(restorer.process(signal[:, start : start + HOP], settings).restored)
        busy.hop += 1
    return np.concatenate(parts, axis=1)[:, restorer.latency :], timeline, restorer.latency


def test_a_guard_at_ease_changes_no_bit() -> None:
    signal = worn(2.0)
    out, timeline, latency = restored(signal, Busy(range(0)))
    bare = StreamRestorer(RATE, 2, block=HOP).process(signal, Settings()).restored[:, latency:]
    np.testing.assert_array_equal(out, bare)
    assert timeline.dry == []


def test_a_single_slow_hop_changes_nothing() -> None:
    signal = worn(1.0)
    calm, _, _ = restored(signal, Busy(range(0)))
    out, timeline, _ = restored(signal, Busy(range(20, 21)))
    np.testing.assert_array_equal(out, calm)
    assert timeline.dry == []


def test_overload_lets_the_dry_sound_through_in_time_and_marks_it() -> None:
    signal = worn(4.0)
    out, timeline, _ = restored(signal, Busy(range(40, 60)))
    ((start, length),) = timeline.dry
    inside = slice(start + HOP, start + length - HOP)  # but for the glides at both ends
    np.testing.assert_array_equal(out[:, inside], signal[:, inside])
    assert start <= 42 * HOP
    calm, _, _ = restored(signal, Busy(range(0)))
    np.testing.assert_array_equal(out[:, :start], calm[:, :start])
    assert length < (20 * HOP_S + REST_S + REHEARSAL_S + 1.0) * RATE


def test_the_restoration_returns_and_is_what_it_would_have_been() -> None:
    signal = worn(5.0)
    calm, _, _ = restored(signal, Busy(range(0)))
    out, timeline, _ = restored(signal, Busy(range(40, 60)))
    ((start, length),) = timeline.dry
    after = slice(start + length + RATE // 2, None)
    difference = out[:, after] - calm[:, after]
    removed = signal[:, : out.shape[1]][:, after] - calm[:, after]
    assert np.abs(removed).max() > 0.4  # there are clicks
    assert np.sqrt(np.mean(difference**2)) < 1e-2 * np.sqrt(np.mean(removed**2))


def test_the_change_to_dry_and_back_does_not_click() -> None:
    t = np.arange(4 * RATE // HOP * HOP) / RATE
    sine = np.tile((0.3 * np.sin(2 * np.pi * 441.0 * t + 0.01)).astype(np.float32), (2, 1))
    out, timeline, _ = restored(sine, Busy(range(40, 60)))
    assert len(timeline.dry) == 1
    # The sine itself climbs by at most 0.3 * 2 pi 441 / 44100 = 0.0189 a sample.
    assert np.abs(np.diff(out[:, 5000:])).max() < 0.0189 + 1e-3
    assert np.abs(out[:, 5000:]).max() < 0.31


def test_a_computer_that_stays_too_busy_is_tried_less_and_less_often() -> None:
    signal = worn(8.0)
    busy = Busy(range(10, 10_000))
    out, timeline, _ = restored(signal, busy)
    ((start, length),) = timeline.dry
    assert start + length >= out.shape[1] - HOP  # it never came back
    np.testing.assert_array_equal(out[:, start + HOP :], signal[:, start + HOP : out.shape[1]])
    # Two slow hops show it each time: at the beginning, then after 1, 2 and 4 s of rest.
    assert busy._looks / 2 - 10 == pytest.approx(2 * 4, abs=2)


@pytest.fixture(scope="module")
def hissing() -> F32:
    """Clicks in a chord under hiss, which a denoiser lowers."""
    signal = worn(4.5)
    hiss = 0.01 * np.random.default_rng(78).standard_normal(signal.shape)
    return np.asarray(signal + hiss, np.float32)


def ends_of(stretch: tuple[int, int]) -> tuple[int, int]:
    return stretch[0], sum(stretch)


@pytest.fixture(scope="module")
def overloaded(hissing: F32) -> tuple[F32, Timeline, int]:
    """Five hops in a row take too long, whatever rests."""
    return restored(hissing, Busy(range(20, 26)), load_models())


def test_overload_takes_the_denoiser_first_then_the_detector_then_all(
    overloaded: tuple[F32, Timeline, int],
) -> None:
    _, timeline, _ = overloaded
    (denoiser, detector), (dry,) = timeline.without.values(), timeline.dry
    (first, *others), (then, *more) = denoiser, detector
    assert first[0] < then[0] < dry[0] <= 27 * HOP
    # And back in reverse: dry until the rehearsal is over, then the detector, then the denoiser.
    (_, dry_end), (back, detector_end) = ends_of(dry), ends_of(more[-1])
    assert back == pytest.approx(dry_end, abs=2 * HOP)
    assert detector_end == pytest.approx(dry_end + REST_S * RATE, abs=2 * HOP)
    assert ends_of(others[-1])[1] == pytest.approx(detector_end + REST_S * RATE, abs=2 * HOP)


def test_the_denoiser_rests_and_returns_without_a_click_and_hiss_stays_meanwhile() -> None:
    noise = np.random.default_rng(7).standard_normal((2, 110 * HOP))
    models, hissing = load_models(), np.asarray(0.01 * noise, np.float32)
    out, timeline, _ = restored(hissing, Busy(range(30, 32)), models, QUIETER)
    assert timeline.dry == timeline.without[DETECTOR] == []
    ((start, length),) = timeline.without[DENOISER]
    calm, _, _ = restored(hissing, Busy(range(0)), models, QUIETER)
    np.testing.assert_array_equal(out[:, :start], calm[:, :start])
    assert length == pytest.approx(REST_S * RATE, abs=2 * HOP)
    # What the denoiser no longer takes out neither jumps in nor out.
    extra = out - calm
    steps = np.abs(np.diff(extra))
    inside = slice(start + HOP, start + length - HOP)
    assert np.sqrt(np.mean(extra[:, inside] ** 2)) > 1e-3
    for edge in (start, start + length):
        assert steps[:, edge - HOP : edge + HOP].max() <= 1.1 * steps[:, inside].max()


def test_late_silence_passes_without_the_chain_and_music_after_it_is_restored() -> None:
    """An input that was away for ten seconds leaves them all at once, to be worked on."""
    silence = np.zeros((2, 10 * RATE // HOP * HOP), np.float32)
    signal = np.concatenate([worn(1.0), silence, worn(2.0)], axis=1)
    busy = Busy(range(0))
    calm, _, _ = restored(signal, busy)
    looks_when_calm = busy._looks
    busy = Busy(range(0))
    late = range(signal.shape[1] // HOP - 200)  # hops at which more than a second waits
    busy.backlog_s = lambda: 3.0 if busy.hop in late else 0.0  # type: ignore[method-assign]
    out, timeline, _ = restored(signal, busy)
    assert timeline.dry == []
    assert busy._looks < 0.5 * looks_when_calm
    n = worn(1.0).shape[1]
    np.testing.assert_array_equal(out[:, : n - RATE // 4], calm[:, : n - RATE // 4])
    assert not out[:, n + HOP : n + silence.shape[1] - HOP].any()
    after = slice(n + silence.shape[1] + RATE // 2, None)
    removed = signal[:, : out.shape[1]][:, after] - calm[:, after]
    assert np.abs(removed).max() > 0.4  # there are clicks
    difference = out[:, after] - calm[:, after]
    assert np.sqrt(np.mean(difference**2)) < 1e-2 * np.sqrt(np.mean(removed**2))


# Takes most of one core from everybody else on it; knows nothing that takes long to load.
BURN = """
import os, sys, time
core, share, seconds = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
os.sched_setaffinity(0, {core})
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(60))
until = time.monotonic() + seconds
while (now := time.monotonic()) < until:
    while time.monotonic() < now + share * 0.01:
        pass
    time.sleep((1 - share) * 0.01)
"""


@contextlib.contextmanager
def too_busy(pid: int, seconds: float) -> Iterator[None]:
    """Put a whole process on one core that somebody else needs almost completely."""
    core = max(os.sched_getaffinity(0))
    tasks = [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()]
    before = {task: os.sched_getaffinity(task) for task in tasks}
    for task in tasks:
        os.sched_setaffinity(task, {core})
    command = [sys.executable, "-c", BURN, str(core), "0.95", str(seconds)]
    burner = subprocess.Popen(command)
    try:
        yield
    finally:
        burner.wait()
        for task, cores in before.items():
            with contextlib.suppress(OSError):
                os.sched_setaffinity(task, cores)


def may_take_precedence() -> bool:
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    except (OSError, AttributeError):
        return False
    return len(os.sched_getaffinity(0)) > 1


@pytest.mark.skipif(not may_take_precedence(), reason="needs two cores and real-time priority")
def test_engine_that_gets_no_time_records_the_dry_sound_in_time_and_comes_back(
    tmp_path: Path,
) -> None:
    signal = worn(40.0)
    soundfile.write(tmp_path / "side.wav", signal.T, RATE, "FLOAT")
    config = StreamConfig(
        str(tmp_path / "side.wav"), "none", record_folder=tmp_path, record_format="wav"
    )
    heard: list[tuple[str, str]] = []

    def wait_for(words: str, engine: Engine) -> None:
        until = time.monotonic() + PATIENCE_S
        while not any(words in sentence for _, sentence in heard):
            assert time.monotonic() < until, heard
            heard.extend((event.kind, event.message) for event in engine.events())
            time.sleep(0.02)

    with Engine(config, Settings()) as engine:
        time.sleep(2.0)
        assert engine._process.pid
        with too_busy(engine._process.pid, 5.0):
            wait_for("the untouched sound goes out", engine)
            assert engine.telemetry().overloaded
        wait_for("the restoration keeps up again", engine)
        # It may have come back for a moment while there was no time, and rest once more.
        until = time.monotonic() + PATIENCE_S
        while engine.telemetry().overloaded:
            assert time.monotonic() < until
            time.sleep(0.02)
        time.sleep(1.5)
        report = engine.stop_recording()
        assert not engine.telemetry().overloaded
    assert any("too busy to restore: the untouched sound goes out" in text for _, text in heard)
    raw, out = (
        soundfile.read(path, dtype="float32")[0].T
        for path in (report.raw_path, report.restored_path)
    )
    np.testing.assert_array_equal(raw, signal[:, : raw.shape[1]])
    content = json.loads(Path(report.sidecar).read_text())
    assert content["dry"] and content["gaps"] == content["xruns"] == []
    for stretch in content["dry"]:
        inside = slice(stretch["sample"] + HOP, stretch["sample"] + stretch["length"] - HOP)
        np.testing.assert_array_equal(out[:, inside], raw[:, inside])
        assert stretch["reason"] == "computer too busy"
    for stretch in content["without"]:
        assert stretch["part"] in (DENOISER, DETECTOR)
        assert stretch["reason"] == "computer too busy"
    after = slice(content["dry"][-1]["sample"] + content["dry"][-1]["length"] + HOP, None)
    assert np.abs(out[:, after] - raw[:, after]).max() > 0.4  # clicks are repaired again
