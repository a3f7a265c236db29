"""What the pictures show of a sound: the right place, the right colour, the right level."""

import numpy as np
import pytest
import window_tools  # noqa: F401 (chooses Qt's offscreen platform)
from numpy.typing import NDArray
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from realtime.telemetry import DisplayChunk
from ui.state.history import SPAN_S, History
from ui.views import wave_columns as wavecolumns
from ui.views.spectrogram import SpectrogramView
from ui.views.spectrum_columns import (
    N_FFT,
    TOP_DBFS,
    Scale,
    SpectrumRing,
    frequencies,
    levels_dbfs,
    rows_for,
)
from ui.views.time_scale import moment_text
from ui.views.viewport import CLICK_VIEW_S, Viewport
from ui.views.wall_rows import wall_words
from ui.views.wave_columns import AFTER, BEFORE, HIT_ANALYTICAL, HIT_LEARNED, ColumnRing, Lanes
from ui.views.waveform import WaveformView
from ui.widgets.theme import DARK

RATE = 44_100
LANES = Lanes.fit(101, 1.0)

F32 = NDArray[np.float32]


def chunk(start: int, dry: F32, **others: F32) -> DisplayChunk:
    """What the engine shows of a sound from an index on; mono, repaired nowhere unless told."""
    nothing = np.zeros_like(dry)
    signals = {"restored": dry, "analytical": nothing, "learned": nothing, "mask": nothing}
    signals.update(others)
    return DisplayChunk(start, RATE, dry[None], **{k: v[None] for k, v in signals.items()})


def history_of(dry: F32, **others: F32) -> History:
    history = History()
    history.append(chunk(0, dry, **others))
    return history


def tone(hz: float, seconds: float = 1.0, amplitude: float = 0.5) -> F32:
    t = np.arange(round(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def noise(n: int) -> F32:
    return np.random.default_rng(78).uniform(-0.5, 0.5, n).astype(np.float32)


def test_history_gives_back_what_came_in_pieces() -> None:
    sound, history, at = noise(5 * RATE), History(), 0
    for length in (1, 700, 512, 40_000, 3, 100_000, 79_284):
        history.append(chunk(at, sound[at : at + length]))
        at += length
    assert np.array_equal(history.read("dry", 0, at), sound[:at])


def test_history_keeps_the_last_twelve_seconds_over_an_hour_of_pieces() -> None:
    history, n = History(), 44_100 * 7
    for i in range(12):
        history.append(chunk(i * n, np.full(n, i, np.float32)))
    assert history.end - history.start == round(SPAN_S * RATE)
    assert history.read("dry", history.end - n, history.end).min() == 11
    assert history.read("dry", history.start, history.start + 1)[0] == 10


def test_silence_stands_where_nothing_was_heard() -> None:
    history = history_of(np.ones(100, np.float32))
    shown = history.read("dry", -50, 150)
    assert shown[:50].max() == shown[150:].max() == 0 and shown[50:150].min() == 1


def test_a_window_that_stood_still_begins_anew_after_the_gap() -> None:
    history = history_of(np.ones(1000, np.float32))
    history.append(chunk(50_000, np.full(10, 2, np.float32)))
    assert (history.start, history.end) == (50_000, 50_010)


def test_sound_is_the_mean_of_both_walls_and_a_mask_that_of_either() -> None:
    left, right = np.full((1, 8), 0.5, np.float32), np.full((1, 8), -0.1, np.float32)
    both = np.concatenate([left, right])
    mask = np.concatenate([np.zeros((1, 8)), np.ones((1, 8))]).astype(np.float32)
    history = History()
    history.append(DisplayChunk(0, RATE, both, both, mask, mask, mask))
    assert history.read("dry", 0, 8) == pytest.approx(np.full(8, 0.2))
    assert history.read("mask", 0, 8).min() == 1
    assert history.read("mask", 0, 8, channel=0).max() == 0


@pytest.mark.parametrize(
    ("detector", "colour"), [("analytical", HIT_ANALYTICAL), ("learned", HIT_LEARNED)]
)
def test_a_repaired_click_stands_out_in_its_detectors_colour(detector: str, colour: int) -> None:
    restored = tone(100)
    dry, found = restored.copy(), np.zeros_like(restored)
    dry[20_000:20_020] = 0.9
    found[20_000:20_020] = 0.8
    history = history_of(dry, restored=restored, mask=found, **{detector: found})
    step, n = 441.0, 100
    pixels = wavecolumns.draw(wavecolumns.reduce(history, 0, n, step, None), LANES, 1.0)
    upper = pixels[: LANES.lane]
    marked = np.flatnonzero((upper == colour).any(axis=0))
    assert list(marked) == [20_000 // 441]
    assert (upper[2] == colour).any()  # 0.9 reaches almost to the top of the lane
    assert (upper == BEFORE).any(axis=0).sum() == n - 1


def test_untouched_sound_carries_no_colour_of_a_repair() -> None:
    columns = wavecolumns.reduce(history_of(tone(100)), 0, 100, 441.0, None)
    pixels = wavecolumns.draw(columns, LANES, 1.0)
    assert not np.isin(pixels, [HIT_ANALYTICAL, HIT_LEARNED, wavecolumns.GHOST]).any()
    assert (pixels[LANES.after_top :] == AFTER).any(axis=0).all()


@pytest.mark.parametrize("step", [441.0, 100.3, 7.77])
def test_a_scrolled_waveform_equals_one_drawn_at_once(step: float) -> None:
    sound, width = noise(60_000), 64
    scrolled, history = ColumnRing(width, LANES, DARK), History()
    for at in range(0, 60_000, 1470):
        history.append(chunk(at, sound[at : at + 1470]))
        scrolled.advance(history, int(history.end / step), step, None, 1.0)
    at_once = ColumnRing(width, LANES, DARK)
    at_once.advance(history, int(history.end / step), step, None, 1.0)
    assert scrolled.end == at_once.end
    assert np.array_equal(scrolled.image.indices(scrolled.end), at_once.image.indices(at_once.end))


@pytest.mark.parametrize("scale", ["log", "linear"])
@pytest.mark.parametrize("hz", [220.0, 1_000.0, 7_000.0])
def test_a_tone_is_brightest_in_the_row_of_its_frequency(scale: Scale, hz: float) -> None:
    ring = SpectrumRing(20, 200, 0, ("before",), rows_for(200, scale, RATE), DARK)
    ring.advance(history_of(tone(hz, amplitude=0.05)), 441.0, None, 80.0)
    edges = frequencies(200, scale, RATE)
    column = ring.image.indices(ring.end)[:, 10]
    brightest = np.flatnonzero(column == column.max())
    width_hz = RATE / N_FFT  # a row cannot tell more than a bin can
    assert edges[brightest[0]] + width_hz >= hz >= edges[brightest[-1] + 1] - width_hz


@pytest.mark.parametrize("dbfs", [0.0, -20.0, -60.0])
def test_levels_are_those_of_a_sine_at_full_scale(dbfs: float) -> None:
    hz = 100 * RATE / N_FFT  # the middle of a bin, so that nothing leaks
    frame = tone(hz, amplitude=10 ** (dbfs / 20))[None, :N_FFT]
    assert levels_dbfs(frame).max() == pytest.approx(dbfs, abs=0.01)


def test_what_is_removed_is_dark_where_nothing_was_touched() -> None:
    sound = tone(440)
    repaired = sound.copy()
    repaired[30_000:30_030] = 0.0
    ring = SpectrumRing(100, 40, 2, ("before", "after", "removed"), rows_for(40, "log", RATE), DARK)
    ring.advance(history_of(sound, restored=repaired), 441.0, None, 80.0)
    removed = ring.image.indices(0)[84:]
    lit = np.flatnonzero(removed.max(axis=0))
    assert removed.shape == (40, 100)
    assert abs(lit.mean() - 30_015 / 441) < 1.0  # columns
    assert lit.max() - lit.min() <= N_FFT / 441 + 1  # no wider than the transform's window


def test_a_scrolled_spectrogram_equals_one_drawn_at_once() -> None:
    sound, rows = noise(80_000), rows_for(32, "log", RATE)
    scrolled, history = SpectrumRing(50, 32, 0, ("before",), rows, DARK), History()
    for at in range(0, 80_000, 1470):
        history.append(chunk(at, sound[at : at + 1470]))
        scrolled.advance(history, 441.0, None, 80.0)
    at_once = SpectrumRing(50, 32, 0, ("before",), rows, DARK)
    at_once.advance(history, 441.0, None, 80.0)
    assert np.array_equal(scrolled.image.indices(scrolled.end), at_once.image.indices(at_once.end))


def test_the_brightest_colour_is_kept_for_the_loudest() -> None:
    assert TOP_DBFS <= 0
    rings = []
    for amplitude in (0.001, 0.01, 0.1):
        ring = SpectrumRing(20, 60, 0, ("before",), rows_for(60, "log", RATE), DARK)
        ring.advance(history_of(tone(1000, amplitude=amplitude)), 441.0, None, 80.0)
        rings.append(int(ring.image.indices(ring.end)[:, 10].max()))
    assert 0 < rings[0] < rings[1] < rings[2] < 255
    # 20 dB apart everywhere: the scale is in decibels.
    assert rings[2] - rings[1] == pytest.approx(rings[1] - rings[0], abs=2)


def clicked(starts: tuple[int, ...]) -> History:
    mask = np.zeros(5 * RATE, np.float32)
    for start in starts:
        mask[start : start + 20] = 0.9
    return history_of(tone(100, 5.0, 0.05), mask=mask, analytical=mask)


def test_stepping_goes_from_click_to_click_and_back() -> None:
    port, starts = Viewport(clicked((30_000, 90_000, 150_000))), []
    for direction in (-1, -1, 1):
        assert port.step_to_click(direction)
        starts.append(round(port.right - port.span / 2))
    assert starts == [150_010, 90_010, 150_010]
    assert port.frozen and port.span_s == CLICK_VIEW_S


def test_there_is_no_step_beyond_the_last_click() -> None:
    port = Viewport(clicked((30_000,)))
    assert port.step_to_click(1)
    assert not port.step_to_click(1)
    assert not Viewport(clicked(())).step_to_click(1)


def test_what_is_under_the_pointer_stays_there_while_zooming() -> None:
    port = Viewport(clicked(()))
    port.zoom(0.5)
    port.freeze(True)
    under = port.right - port.span * (1 - 0.3)
    for factor in (0.5, 0.1, 3.0):
        port.zoom(factor, 0.3)
        assert port.right - port.span * (1 - 0.3) == pytest.approx(under, abs=1e-6)


def test_a_standstill_is_not_moved_by_the_stream() -> None:
    history = clicked((100_000,))
    port = Viewport(history)
    port.freeze(True)
    before = port.history.read("dry", 0, 1000)
    history.append(chunk(5 * RATE, noise(11 * RATE)))
    assert np.array_equal(port.history.read("dry", 0, 1000), before)
    port.freeze(False)
    assert port.right == 16 * RATE


def test_a_soft_record_is_drawn_larger_and_a_loud_one_never_clipped() -> None:
    port = Viewport(history_of(tone(100, 9.0, 0.1)))
    assert port.fit_gain()
    assert 0.5 < port.gain * 0.1 <= 0.95
    loud = Viewport(history_of(tone(100, 9.0, 0.99)))
    assert not loud.fit_gain()
    assert loud.gain == 1.0


def test_a_standstill_of_both_pictures_shows_the_same_time(qtbot: QtBot) -> None:
    history = history_of(tone(1000, 9.0))
    wave, spectrum = WaveformView(history), SpectrogramView(history)
    for view in (wave, spectrum):
        qtbot.addWidget(view)
        view.resize(600, 240)
        view.show()
    spectrum.move(0, 400)  # beside the other
    wave.freeze(True)
    wave.zoom(0.1, 300.0)
    spectrum.follow(wave.port.history, wave.port.right, wave.port.span_s)
    told: list[str] = []
    wave.pointed.connect(told.append)
    spectrum.pointed.connect(told.append)
    QTest.mouseMove(wave, QPoint(320, 20))
    QTest.mouseMove(spectrum, QPoint(320, 20))
    assert len(told) == 2
    times = [text.split("  ·  ")[0] for text in told]
    assert times[0] == times[1]


def test_the_mouse_is_told_time_frequency_and_level(qtbot: QtBot) -> None:
    view = SpectrogramView(history_of(tone(1000, 9.0)))
    qtbot.addWidget(view)
    view.resize(600, 240)
    view.show_panes(("before",))
    view.set_scale("linear")
    view.show()
    told: list[str] = []
    view.pointed.connect(told.append)
    height = 240 - 19  # the time scale is below
    QTest.mouseMove(view, QPoint(400, round(height * (1 - 1000 / 22_050))))
    time, frequency, level = told[-1].split("  ·  ")
    assert time.startswith("−") and time.endswith(" s")
    assert 900 < float(frequency.removesuffix(" Hz")) < 1000
    assert -9 <= float(level.removesuffix(" dB").replace("−", "-")) <= -5


def test_a_frozen_picture_counts_the_recordings_time() -> None:
    history = history_of(tone(1000, 5.0))
    history.zero_s = 3.0
    port = Viewport(history)
    port.freeze(True)
    history.zero_s = 0.0  # the recording has ended meanwhile
    assert port.history.seconds_at(4 * RATE) == pytest.approx(1.0)
    assert moment_text(port.history.seconds_at(2 * RATE), 8.0, live=False) == "−0:01.000"


WALL_LANES = Lanes.fit(101, 1.0, walls=True)


def wall_rows(masks: F32, heard: tuple[bool, bool] = (True, True)) -> NDArray[np.uint8]:
    """The two rows of the walls, ``[2, n]``, a column for each of the masks' samples."""
    silent = np.zeros(masks.shape[1], np.float32)
    sound = (silent,) * 3
    columns = wavecolumns.Columns(*sound, *sound, silent, silent, silent, masks)
    pixels = wavecolumns.draw(columns, WALL_LANES, 1.0, heard)
    rows = pixels[WALL_LANES.walls_top : WALL_LANES.after_top]
    return rows[[WALL_LANES.walls // 4, 3 * WALL_LANES.walls // 4]]


def test_walls_show_below_the_mask_which_of_them_is_damaged() -> None:
    masks = np.array([[0, 1, 0, 1], [0, 0, 1, 1]], np.float32)  # none, left, right, both
    left, right = wall_rows(masks)
    heard, damaged = wavecolumns.WALL_HEARD, wavecolumns.RAMP_WALL + wavecolumns.RAMP_STEPS - 1
    both = wavecolumns.WALLS_DAMAGED
    assert left.tolist() == [heard, damaged, heard, both]
    assert right.tolist() == [heard, heard, damaged, both]


def test_a_wall_that_is_left_shows_no_damage() -> None:
    masks = np.array([[0, 1], [1, 0]], np.float32)
    left, right = wall_rows(masks, (True, False))
    assert set(right.tolist()) == {wavecolumns.WALL_LEFT}
    assert left[0] == wavecolumns.WALL_HEARD


def test_walls_take_no_room_where_they_do_not_make_one_sound() -> None:
    assert LANES.walls == 0 and LANES.after_top == LANES.lane + LANES.strip
    assert WALL_LANES.after_top + WALL_LANES.lane <= WALL_LANES.height


def test_what_speaks_at_a_place_is_said_in_words() -> None:
    masks = np.array([[0.0, 1.0], [0.0, 0.0]], np.float32)
    assert wall_words(masks, (True, True)) == "left wall damaged, right speaks"
    assert wall_words(masks[::-1], (True, True)) == "right wall damaged, left speaks"
    assert wall_words(masks[:, :1], (True, True)) == "both walls"
    assert "carries no music" in wall_words(masks, (True, False))
