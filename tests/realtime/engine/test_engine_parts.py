"""The engine's small parts, each by itself: snapshots, figures, monitor, regulator, devices."""

import multiprocessing
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from sound_tools import Tape

from model.chain import Impulse
from model.errors import RestorationError
from model.settings import Monitor, Settings
from realtime.config import StreamConfig
from realtime.devices.listing import Device, pick_device
from realtime.devices.priming import Priming
from realtime.engine.clock_drift import FADE, OutputRegulator, skip, slip
from realtime.engine.monitor import MonitorMixer
from realtime.recording.feed import RecordingFeed
from realtime.restorer.meters import ImpulseCounter, LevelMeter, LoadHistogram
from realtime.shared_memory import DISPLAY_CAPACITY, DisplayRing, SnapshotCell

F32 = NDArray[np.float32]
RATE = 44_100
BLOCK = 512


def sine(n: int, hz: float = 440.0, channels: int = 2) -> F32:
    wave = 0.5 * np.sin(2 * np.pi * hz * np.arange(n) / RATE)
    return np.tile(wave.astype(np.float32), (channels, 1))


# --- shared memory


def test_a_reader_gets_the_latest_snapshot_only() -> None:
    cell = SnapshotCell()
    assert cell.latest() is None
    for depth in (0.1, 0.2, 0.3):
        cell.publish(Settings(depth=depth))
    assert cell.latest() == Settings(depth=0.3)
    assert cell.latest() is cell.latest()  # nothing is unpickled twice


def test_a_snapshot_that_does_not_fit_says_so() -> None:
    cell = SnapshotCell(capacity=64)
    with pytest.raises(ValueError, match="64 fit"):
        cell.publish("x" * 100)


def _publish_pairs(cell: SnapshotCell, count: int) -> None:
    for number in range(1, count + 1):
        cell.publish((number, -number))


def test_no_snapshot_is_ever_torn_between_two_processes() -> None:
    context = multiprocessing.get_context("spawn")
    cell, count = SnapshotCell(), 20_000
    writer = context.Process(target=_publish_pairs, args=(cell, count))
    writer.start()
    seen = [0]
    while seen[-1] < count and (writer.is_alive() or cell.latest()):
        number, opposite = cell.latest() or (0, 0)
        assert number == -opposite
        seen.append(number)
    writer.join()
    assert seen[-1] == count
    assert all(earlier <= later for earlier, later in pairwise(seen))


def test_what_is_drawn_is_what_was_written_across_the_rings_end() -> None:
    ring = DisplayRing()
    ring.prepare(RATE, 2)
    written = DISPLAY_CAPACITY - 700
    for start in range(0, written, 5000):
        ring.write(np.zeros((5, 2, min(5000, written - start)), np.float32))
    rng = np.random.default_rng(1)
    signals = rng.standard_normal((5, 2, 2000)).astype(np.float32)
    ring.write(signals)
    chunk = ring.read(written)
    assert (chunk.start, chunk.end, chunk.sample_rate) == (written, written + 2000, RATE)
    shown = np.stack([chunk.dry, chunk.restored, chunk.analytical, chunk.learned, chunk.mask])
    np.testing.assert_array_equal(shown, signals)
    np.testing.assert_array_equal(chunk.removed, signals[0] - signals[1])


def test_a_late_reader_gets_the_newest_seconds_only() -> None:
    ring = DisplayRing()
    ring.prepare(RATE, 1)
    count = DISPLAY_CAPACITY + 50_000
    for start in range(0, count, 1000):
        ring.write(np.full((5, 1, 1000), start, np.float32))
    chunk = ring.read(0)
    assert chunk.end == count
    assert 0 < chunk.start <= count - DISPLAY_CAPACITY + 10_000
    np.testing.assert_array_equal(chunk.dry[0], np.arange(chunk.start, count) // 1000 * 1000.0)
    assert ring.read(chunk.end).dry.shape == (1, 0)


# --- figures


def test_percentiles_of_the_load_are_those_of_the_hops() -> None:
    histogram = LoadHistogram()
    assert histogram.percentile(0.5) == 0.0
    for load in [0.1] * 98 + [0.3, 0.9]:
        histogram.add(load)
    assert histogram.percentile(0.5) == pytest.approx(0.1, abs=0.004)
    assert histogram.percentile(0.99) == pytest.approx(0.3, abs=0.004)
    assert (histogram.hops, histogram.last, histogram.highest) == (100, 0.9, 0.9)


def test_impulses_are_classed_by_their_length() -> None:
    counter = ImpulseCounter(RATE)
    lengths_ms = [0.1, 0.39, 0.5, 2.9, 3.1, 9.0]
    impulses = [
        Impulse(start, round(ms * RATE / 1000), 0, 0.5)
        for start, ms in zip(range(0, 60_000, 10_000), lengths_ms, strict=True)
    ]
    counter.add(impulses, 1.0)
    assert (counter.crackle, counter.clicks, counter.pops, counter.total) == (2, 2, 2, 6)


def test_an_impulse_on_both_walls_counts_once() -> None:
    counter = ImpulseCounter(RATE)
    left, right = Impulse(1000, 10, 0, 0.5), Impulse(1005, 60, 1, 0.4)
    apart = Impulse(5000, 10, 1, 0.4)
    counter.add((left, right, apart), 0.5)
    assert counter.total == 2
    assert (counter.crackle, counter.clicks) == (1, 1)  # 65 samples are 1.5 ms


def test_the_impulse_rate_forgets_after_three_seconds() -> None:
    counter = ImpulseCounter(RATE)
    for tick in range(1, 41):
        impulses = [Impulse(tick * 4410, 5, 0, 0.5)] if tick <= 20 else []
        counter.add(impulses, tick / 10)
    assert counter.rate() == pytest.approx(11 / 3.0)  # ten a second for 1.0 to 2.0 s
    assert counter.total == 20


def test_levels_of_a_sine_silence_and_clipping() -> None:
    meter = LevelMeter(RATE, BLOCK)
    assert meter.peak_dbfs() == ()
    for start in range(0, RATE, BLOCK):
        meter.add(np.stack([sine(RATE)[0], np.zeros(RATE, np.float32)])[:, start : start + BLOCK])
    assert list(meter.peak_dbfs()) == pytest.approx([-6.02, -120.0], abs=0.02)
    assert list(meter.rms_dbfs()) == pytest.approx([-9.03, -120.0], abs=0.1)
    assert meter.clipped == 0
    meter.add(np.array([[1.0, -1.0, 0.99], [np.nan, np.inf, 0.0]], np.float32))
    assert meter.clipped == 2
    assert meter.peak_dbfs()[0] == 0.0


# --- monitor


def test_restored_and_dry_pass_the_monitor_bit_for_bit() -> None:
    rng = np.random.default_rng(2)
    restored, dry = rng.standard_normal((2, 2, BLOCK)).astype(np.float32)
    expectations: dict[Monitor, F32] = {
        "restored": restored,
        "dry": dry,
        "removed": dry - restored,
    }
    for choice, expected in expectations.items():
        settings = Settings(monitor=choice)
        np.testing.assert_array_equal(MonitorMixer(settings).mix(restored, dry, settings), expected)


@pytest.mark.parametrize("choice", ["dry", "removed"])
def test_changing_what_is_heard_never_clicks(choice: Monitor) -> None:
    settings, length = Settings(), 8 * BLOCK
    dry, restored = sine(length), 0.7 * sine(length)
    mixer, heard = MonitorMixer(settings), []
    for start in range(0, length, BLOCK):
        if start >= 4 * BLOCK:
            settings = Settings(monitor=choice, monitor_gain_db=-6.0)
        part = slice(start, start + BLOCK)
        heard.append(mixer.mix(restored[:, part], dry[:, part], settings))
    steepest = np.abs(np.diff(np.concatenate(heard, axis=1))).max()
    # A sine of 0.5 at 440 Hz climbs by 0.0313 a sample; the fade adds 1.2 in 512 samples at most.
    assert steepest < 0.0313 + 1.2 * 0.5 / BLOCK + 1e-4


# --- regulator


def feed(regulator: OutputRegulator, fills: list[int], underflows: int = 0) -> int:
    """Pass one block per fill; return how many samples came out more than went in."""
    block, extra = sine(BLOCK), 0
    for fill in fills:
        extra += regulator.regulate(block, fill, underflows).shape[1] - BLOCK
    return extra


def spans(seconds: float) -> int:
    return int(seconds * RATE / BLOCK) + 1


def test_a_steady_fill_leaves_every_sample_alone() -> None:
    regulator, block = OutputRegulator(RATE, BLOCK), sine(BLOCK)
    rng = np.random.default_rng(3)
    for fill in rng.integers(1000, 1400, spans(30)):
        assert regulator.regulate(block, int(fill), 0) is block


def test_one_late_burst_is_no_drift() -> None:
    regulator = OutputRegulator(RATE, BLOCK)
    fills = [2000] * spans(20)
    fills[spans(12)] = 100
    assert feed(regulator, fills) == 0


@pytest.mark.parametrize("drift_ppm", [100, -100])
def test_slow_drift_is_held_by_single_samples(drift_ppm: int) -> None:
    regulator, fill, lowest, highest = OutputRegulator(RATE, BLOCK), 4000.0, 4000.0, 4000.0
    for _ in range(spans(600)):
        fill += BLOCK * drift_ppm * 1e-6 + feed(regulator, [int(fill)])
        lowest, highest = min(lowest, fill), max(highest, fill)
    # Without correction ten minutes would add up to 2646 samples.
    assert highest - lowest < 2 * BLOCK
    assert regulator.drift_corrections > 1000
    assert regulator.skipped == 0


@pytest.mark.parametrize("begins_with", [3000.0, 5000.0])
def test_a_reserve_that_is_not_as_planned_is_led_there_by_single_samples(
    begins_with: float,
) -> None:
    regulator, fill = OutputRegulator(RATE, BLOCK, planned=4000), begins_with
    for _ in range(spans(180)):
        fill += feed(regulator, [int(fill)])
    assert abs(fill - 4000) < BLOCK / 4
    assert regulator.skipped == 0


def test_delay_does_not_grow_after_an_underflow() -> None:
    regulator = OutputRegulator(RATE, BLOCK)
    assert feed(regulator, [2000] * spans(10)) == 0
    removed = -feed(regulator, [2000 + 3000] * spans(1.1), underflows=1)
    assert removed == 3000
    assert regulator.skipped == 3000


def test_an_output_that_stood_still_is_noticed_and_made_up_for() -> None:
    regulator = OutputRegulator(RATE, BLOCK)
    assert feed(regulator, [2000] * spans(10)) == 0
    assert feed(regulator, [2000 + 3000] * spans(3.2)) == -3000
    assert (regulator.standstills, regulator.skipped) == (1, 3000)
    assert feed(regulator, [2000] * spans(20)) == 0


def test_underflows_in_a_row_are_answered_by_a_longer_delay() -> None:
    regulator = OutputRegulator(RATE, BLOCK)
    feed(regulator, [2000] * spans(10))
    feed(regulator, [2000] * spans(5), underflows=1)
    removed = -feed(regulator, [2000 + 3000] * spans(3), underflows=2)
    assert removed == 3000 - BLOCK


def test_a_skip_neither_clicks_nor_loses_the_thread() -> None:
    block = sine(2048)
    shorter = skip(block, 300)
    assert shorter.shape == (2, 2048 - 300)
    np.testing.assert_array_equal(shorter[:, FADE:], block[:, 300 + FADE :])
    # Two 440 Hz sines of 0.5 blended over 128 samples: own slope 0.0313 plus 1.0 / 128.
    assert np.abs(np.diff(shorter)).max() < 0.0313 + 1.0 / FADE + 1e-3


@pytest.mark.parametrize("by", [-1, 1])
@pytest.mark.parametrize("hz", [440.0, 10_000.0])
def test_a_slip_changes_the_length_by_one_and_nothing_else_audible(by: int, hz: float) -> None:
    block = sine(BLOCK, hz)
    slipped = slip(block, by)
    assert slipped.shape == (2, BLOCK + by)
    np.testing.assert_allclose(slipped[:, [0, -1]], block[:, [0, -1]], atol=1e-6)
    position = np.linspace(0, BLOCK - 1, BLOCK + by)
    ideal = 0.5 * np.sin(2 * np.pi * hz * position / RATE)
    # 16 taps are good for 60 dB up to 10 kHz; towards the ends the neighbours are not known.
    middle = slice(16, -16)
    assert np.abs(slipped[0] - ideal)[middle].max() < 0.5e-3
    assert np.abs(slipped[0] - ideal).max() < 0.02


# --- priming


@pytest.mark.parametrize("fill", [900, 1000, 1300, 5000])
def test_the_output_starts_with_silence_until_its_fill_is_right(fill: int) -> None:
    priming, block = Priming(RATE, least_reserve=1000), sine(BLOCK) + 0.5
    while not priming.done:
        written = priming.replace(block, fill)
        fill += written.shape[1] - BLOCK
        if not priming.done:
            assert not written.any()
    assert fill == 1000
    np.testing.assert_array_equal(written[:, 256:], block[:, 256:])
    assert np.abs(np.diff(written)).max() < 0.04 + 1.0 / 256  # it fades in


@pytest.mark.parametrize("late_at", [3, 12, 19, 20])
def test_one_late_block_in_the_rehearsal_does_not_lengthen_the_delay(late_at: int) -> None:
    priming, block, usual = Priming(RATE, least_reserve=1000), sine(BLOCK), 1300
    written = block
    for number in range(60):
        if priming.done:
            break
        late = 900 if number in (late_at, late_at + 1) else 0  # and taken up again
        written = priming.replace(block, usual - late)
        usual += written.shape[1] - BLOCK
    assert priming.done
    assert usual == 1000


# --- recording feed


@pytest.mark.parametrize("latency", [0, 100, BLOCK, 2559])
def test_after_raw_has_ended_restored_runs_on_for_the_latency(latency: int) -> None:
    tape = Tape()
    feed = RecordingFeed(tape, latency)
    numbers = np.arange(20 * BLOCK, dtype=np.float32)
    for start in range(0, len(numbers), BLOCK):
        if start == 4 * BLOCK:
            feed.request_stop()
        block = numbers[start : start + BLOCK]
        feed.feed(block[:, None], block[None, :])
    assert feed.complete.is_set()
    np.testing.assert_array_equal(np.concatenate(tape.raw)[:, 0], numbers[: 4 * BLOCK])
    np.testing.assert_array_equal(
        np.concatenate(tape.restored)[:, 0], numbers[: 4 * BLOCK + latency]
    )


@pytest.mark.parametrize("waiting", [1, BLOCK, 3 * BLOCK + 5])
def test_what_waits_for_a_late_worker_still_belongs_to_the_recording(waiting: int) -> None:
    tape = Tape()
    feed = RecordingFeed(tape, 100)
    numbers = np.arange(20 * BLOCK, dtype=np.float32)
    for start in range(0, len(numbers), BLOCK):
        if start == 4 * BLOCK:
            feed.request_stop(waiting)
        block = numbers[start : start + BLOCK]
        feed.feed(block[:, None], block[None, :])
    assert feed.complete.is_set()
    end = 4 * BLOCK + -(-waiting // BLOCK) * BLOCK  # in whole blocks
    np.testing.assert_array_equal(np.concatenate(tape.raw)[:, 0], numbers[:end])
    np.testing.assert_array_equal(np.concatenate(tape.restored)[:, 0], numbers[: end + 100])


# --- devices and configuration

DEVICES = [
    Device("USB Turntable", "ALSA", 2, 0, 48_000, True, False, 0),
    Device("USB Turntable", "JACK", 2, 0, 48_000, False, False, 1),
    Device("HDA Intel: Analog", "ALSA", 2, 2, 44_100, False, True, 2),
    Device("HDA Intel: HDMI", "ALSA", 0, 8, 48_000, False, False, 3),
    Device("USB", "ALSA", 1, 0, 44_100, False, False, 4),
]


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("USB Turntable", 0),
        ("USB Turntable, JACK", 1),
        ("USB", 4),
        ("usb turntable", 0),
        ("analog", 2),
        (None, 0),
    ],
)
def test_an_input_is_found_by_its_name(name: str | None, index: int) -> None:
    assert pick_device(DEVICES, name, "input").index == index


def test_an_unknown_device_lists_the_near_ones() -> None:
    with pytest.raises(RestorationError, match=r"'USB Turntible'; near names: 'USB Turntable'"):
        pick_device(DEVICES, "USB Turntible", "input")


def test_a_name_that_fits_several_devices_asks_for_more() -> None:
    with pytest.raises(RestorationError, match="could be any of 'HDA Intel: Analog', 'HDA"):
        pick_device(DEVICES, "hda", "output")


def test_an_output_is_not_offered_as_input() -> None:
    with pytest.raises(RestorationError, match="no input device 'HDA Intel: HDMI'"):
        pick_device(DEVICES, "HDA Intel: HDMI", "input")


@pytest.mark.parametrize("name", [None, "turntable"])
def test_no_device_at_all_is_said_plainly(name: str | None) -> None:
    with pytest.raises(RestorationError, match="there is no sound input device"):
        pick_device([], name, "input")


@pytest.mark.parametrize(
    ("field", "value"),
    [("channels", 3), ("block", 16), ("sample_rate", 384_000), ("latency_s", 0.0), ("input", "")],
)
def test_a_configuration_out_of_range_names_the_field(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        StreamConfig(**{"input": "demo", field: value})  # type: ignore[arg-type]
