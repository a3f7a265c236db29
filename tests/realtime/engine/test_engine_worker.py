"""The worker driven by hand: rings in memory instead of devices, one block per call."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray
from sound_tools import Tape

from model.chain import HOP, Chain
from model.checkpoints import Models
from model.settings import Settings
from realtime.config import block_length
from realtime.devices.opening import wanted_fill
from realtime.engine.worker import Worker
from realtime.recording.feed import RecordingFeed
from realtime.restorer.pipeline import StreamRestorer
from realtime.shared_memory import SharedState
from realtime.telemetry import Telemetry

F32 = NDArray[np.float32]
RATE = 44_100


class MemorySource:
    """An input ring that holds a whole signal, given out as fast as it is asked for."""

    name, latency, burst, xruns, lost_samples, paced_by_output = "memory", 0, 0, 0, 0, False

    def __init__(self, signal: F32, sample_rate: int = RATE) -> None:
        self.sample_rate, self.channels = sample_rate, signal.shape[0]
        self._signal, self._position = signal, 0
        self.arrived: int = signal.shape[1]

    @property
    def ending(self) -> bool:
        return bool(self.arrived == self._signal.shape[1])

    def available(self) -> int:
        return self.arrived - self._position

    def read(self, n: int) -> F32:
        n = min(n, self.available())
        block = self._signal[:, self._position : self._position + n].T
        self._position += n
        return block

    def age_s(self) -> float:
        return 0.0

    def is_alive(self) -> bool:
        return True

    def close(self) -> None:
        self._signal = self._signal[:, :0]


class MemorySink:
    """An output ring that keeps everything; `fill` is what it claims to hold."""

    name, latency, burst, target, xruns, underflows = "memory", 0, 0, 0, 0, 0

    def __init__(self) -> None:
        self.blocks: list[F32] = []
        self.fill = 0
        self.least_reserve: int | None = None

    @property
    def signal(self) -> F32:
        return np.concatenate(self.blocks, axis=1)

    def waiting(self) -> int:
        return self.fill

    def write(self, block: F32) -> None:
        self.blocks.append(block.copy())

    def is_settled(self) -> bool:
        return True

    def finish(self) -> None:
        pass

    def age_s(self) -> float:
        return 0.0

    def is_alive(self) -> bool:
        return True

    def close(self) -> None:
        self.blocks.clear()


def worn(seconds: float = 2.0, channels: int = 2, sample_rate: int = RATE) -> F32:
    """A chord with a click every 50 ms on alternating walls."""
    t = np.arange(int(seconds * sample_rate)) / sample_rate
    chord = sum(0.1 * np.sin(2 * np.pi * hz * t) for hz in (220.0, 331.0, 523.0))
    signal = np.tile(np.asarray(chord, np.float32), (channels, 1))
    for number, onset in enumerate(range(2000, signal.shape[1] - 100, sample_rate // 20)):
        signal[number % channels, onset : onset + 8] += np.float32(0.6) * (-1) ** number
    return signal


def fresh(sample_rate: int = RATE, channels: int = 2) -> StreamRestorer:
    return StreamRestorer(sample_rate, channels, block=block_length(sample_rate))


def make(signal: F32, sample_rate: int = RATE) -> tuple[Worker, MemorySink, SharedState]:
    shared = SharedState()
    source, sink = MemorySource(signal, sample_rate), MemorySink()
    restorer = fresh(sample_rate, signal.shape[0])
    return Worker(source, sink, restorer, shared), sink, shared


def play(worker: Worker) -> None:
    while worker.turn():
        pass
    assert worker.is_through()
    worker.finish()


def latest(shared: SharedState) -> Telemetry:
    telemetry: Telemetry = shared.telemetry.latest()[0]
    return telemetry


@pytest.mark.parametrize(("sample_rate", "channels"), [(44_100, 2), (48_000, 1), (96_000, 2)])
def test_headphones_and_both_files_line_up(sample_rate: int, channels: int) -> None:
    signal = worn(1.0, channels, sample_rate)[:, :-123]  # no whole number of blocks
    worker, sink, shared = make(signal, sample_rate)
    restorer, tape = StreamRestorer(sample_rate, channels), Tape()
    live_latency = fresh(sample_rate, channels).latency
    worker.recording = RecordingFeed(tape, live_latency)
    play(worker)
    assert worker.recording.complete.is_set()
    raw, restored = (np.concatenate(blocks).T for blocks in (tape.raw, tape.restored))
    np.testing.assert_array_equal(raw, signal)
    np.testing.assert_array_equal(sink.signal, restored)
    expected = restorer.process(signal, Settings()).restored
    expected = np.concatenate([expected, restorer.flush(Settings()).restored], axis=1)
    # A promise of whole hops makes the live way shorter; the sound is the same.
    np.testing.assert_array_equal(restored[:, live_latency:], expected[:, restorer.latency :])
    telemetry = latest(shared)
    assert telemetry.finished
    assert telemetry.seconds == pytest.approx(signal.shape[1] / sample_rate)
    assert telemetry.hops == signal.shape[1] // block_length(sample_rate)
    assert telemetry.latency_ms == pytest.approx(live_latency * 1000 / sample_rate)


@pytest.mark.parametrize("sample_rate", [44_100, 88_200, 192_000])
def test_blocks_of_whole_hops_save_latency_and_change_no_sample(sample_rate: int) -> None:
    signal, block = worn(0.5, 2, sample_rate), block_length(sample_rate)
    signal = signal[:, : signal.shape[1] // block * block]
    promised, free = fresh(sample_rate), StreamRestorer(sample_rate, 2)
    assert promised.latency < free.latency
    rendered = []
    for restorer, step in ((promised, block), (free, 777)):
        parts = [
            restorer.process(signal[:, start : start + step], Settings()).restored
            for start in range(0, signal.shape[1], step)
        ]
        whole = np.concatenate([*parts, restorer.flush(Settings()).restored], axis=1)
        rendered.append(whole[:, restorer.latency :])
    np.testing.assert_array_equal(rendered[0], rendered[1])


def test_bypass_is_the_delayed_input_bit_for_bit() -> None:
    signal = worn()
    worker, sink, shared = make(signal)
    shared.settings.publish(Settings(bypass=True))
    play(worker)
    latency = fresh().latency
    assert not sink.signal[:, :latency].any()
    np.testing.assert_array_equal(sink.signal[:, latency:], signal)


@pytest.mark.parametrize(
    "change", [{"bypass": True}, {"monitor": "dry"}, {"depth": 0.0}, {"monitor_gain_db": -20.0}]
)
def test_a_changed_setting_neither_clicks_nor_shifts_time(change: dict[str, object]) -> None:
    t = np.arange(2 * RATE) / RATE
    signal = np.tile((0.3 * np.sin(2 * np.pi * 441.0 * t + 0.01)).astype(np.float32), (2, 1))
    worker, sink, shared = make(signal)
    for turn in range(140):
        if turn % 20 == 10:
            shared.settings.publish(replace(Settings(), **change))  # type: ignore[arg-type]
        elif turn % 20 == 0:
            shared.settings.publish(Settings())
        worker.turn()
    # From where the onset, which is no steady sine, is over.
    sounding = sink.signal[:, fresh().latency + 5000 :]
    # The sine itself climbs by at most 0.3 * 2 pi 441 / 44100 = 0.0189 a sample.
    assert np.abs(np.diff(sounding)).max() < 0.0189 + 0.3 / 512 + 1e-4
    crossings = np.flatnonzero((sounding[0, :-1] < 0) & (sounding[0, 1:] >= 0))
    np.testing.assert_array_equal(np.diff(crossings), 100)  # one period, never shifted


@pytest.mark.parametrize("ppm", [300, -300])
def test_two_clocks_that_differ_neither_run_the_headphones_dry_nor_delay_them(ppm: int) -> None:
    seconds, block = 100, block_length(RATE)  # uncorrected it would be 1323 samples, the reserve
    source, sink = MemorySource(np.zeros((1, seconds * RATE), np.float32), RATE), MemorySink()
    sink.burst = 256
    shared = SharedState()
    plain = partial(Chain, models=Models())
    restorer = StreamRestorer(RATE, 1, plain, block=block)
    worker = Worker(source, sink, restorer, shared)
    reserve = wanted_fill(RATE, block, sink.burst) - block
    held, lowest, highest = float(reserve), reserve, reserve
    source.arrived = 0
    while source.arrived + block <= seconds * RATE:
        source.arrived += block
        sink.fill = int(held) // sink.burst * sink.burst  # it is taken from in bursts
        lowest, highest = min(lowest, sink.fill), max(highest, sink.fill)
        worker.turn()
        held += sink.blocks[-1].shape[1] - block * (1 + ppm * 1e-6)
    assert lowest > sink.burst
    assert highest < reserve + 2 * sink.burst


def test_what_is_removed_can_be_heard_alone() -> None:
    signal = worn()
    worker, sink, shared = make(signal)
    shared.settings.publish(Settings(monitor="removed"))
    play(worker)
    restorer = StreamRestorer(RATE, 2)
    restored = restorer.process(signal, Settings())
    removed = (restored.dry - restored.restored)[:, restorer.latency :]
    heard = sink.signal[:, fresh().latency :]
    np.testing.assert_array_equal(heard[:, : removed.shape[1]], removed)


def test_the_monitor_never_reaches_the_recording() -> None:
    signal = worn(1.0)
    recorded = []
    for settings in (Settings(), Settings(monitor="removed", monitor_gain_db=-30.0)):
        worker, _, shared = make(signal)
        shared.settings.publish(settings)
        tape = Tape()
        worker.recording = RecordingFeed(tape, fresh().latency)
        play(worker)
        recorded.append(np.concatenate(tape.restored))
    np.testing.assert_array_equal(recorded[0], recorded[1])


def test_the_picture_shows_what_came_out_of_the_chain() -> None:
    signal = worn(1.0)
    worker, sink, shared = make(signal)
    play(worker)
    chunk = shared.display.read(0)
    assert chunk.sample_rate == RATE
    np.testing.assert_array_equal(chunk.restored, sink.signal)
    latency = fresh().latency
    np.testing.assert_array_equal(chunk.dry[:, latency:], signal)


def test_the_worker_waits_for_a_whole_block() -> None:
    worker, sink, _ = make(worn(1.0))
    source = worker._source
    assert isinstance(source, MemorySource)
    source.arrived = HOP - 1
    assert not worker.turn()
    assert not worker.is_through()
    source.arrived = HOP
    assert worker.turn()
    assert sink.signal.shape == (2, HOP)


def test_samples_that_are_no_numbers_are_counted_and_stay_in_the_raw_file() -> None:
    signal = worn(0.5)
    signal[0, 1000], signal[1, 2000] = np.nan, np.inf
    worker, sink, shared = make(signal)
    tape = Tape()
    worker.recording = RecordingFeed(tape, fresh().latency)
    play(worker)
    np.testing.assert_array_equal(np.concatenate(tape.raw).T, signal)
    assert np.isfinite(sink.signal).all()
    assert latest(shared).nonfinite == 2


def test_a_failing_chain_ends_the_recording_with_equal_lengths(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker, _, shared = make(worn(1.0))
    tape, latency = Tape(), fresh().latency
    worker.recording = RecordingFeed(tape, latency)
    for _ in range(10):
        worker.turn()

    def fail(*_: object) -> None:
        raise MemoryError("no room for the spectrum")

    monkeypatch.setattr(worker._restorer, "process", fail)
    worker.run()
    assert "no room for the spectrum" in worker.failure
    assert latest(shared).state == "failed"
    raw, restored = (sum(map(len, blocks)) for blocks in (tape.raw, tape.restored))
    assert (raw, restored) == (10 * HOP, 10 * HOP + latency)
