"""Is the needle in the run-out groove? Heard from what comes back once a turn. Worker.

There the music is gone: what is left is even, holds no tone, and repeats with the turntable,
because the groove closes upon itself. A soft passage with a scratch repeats too, but it has tones;
a pause has none, but nothing in it repeats for so long.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from model.groove.iir import high_pass

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

FRAME_S = 0.01
HIGH_PASS_HZ = 200.0  # hum and rumble come back in every groove
TURNS = 10  # that have to agree
LOOK_S = 1.0
PHASES = 40  # a turn is judged in so many pieces
OFF_SPEED, SPEEDS = 0.03, 61  # how far the turntable may be off, and how many speeds are tried
ALIKE = 0.5  # correlation of a turn with the mean of the others, of most turns
STILL_ALIKE, MOST = 0.2, 0.8  # and of nearly all
QUIETER_DB = 6.0  # than what was loud in this side
STEADY_DB, SMOOTH = 1.5, 6  # what does not come back, over so many pieces, may rise and fall by
EVEN_DB = 4.0  # from the quietest to the loudest turn
STEP_DB, LOWEST_DBFS = 0.5, -150.0
TALLEST_DB = 15.0  # of a bump: what is higher counts no more
TONES_HZ = (300.0, 4000.0)
SPECTRUM_S, SPECTRA = 0.186, 4  # of one spectrum, and how many are judged together
TONE_DB, FEW_TONES = 9.0, 2  # a bin so high over its surroundings is one; so many are chance
AROUND_BINS = 40
OWN_TONES = 2  # places in the spectrum where a turntable may sing all the time


class RunOutWatch:
    """Follows one side.

    Parameters
    ----------
    sample_rate, channels : int
    rpm : float
        How fast the record turns.

    Attributes
    ----------
    reached : bool
        Worker sets, control thread reads; stays true.
    """

    def __init__(self, sample_rate: int, channels: int, rpm: float) -> None:
        self.reached = False
        self._turn = 60 / rpm / FRAME_S  # frames
        self._high_pass = high_pass(2, HIGH_PASS_HZ, sample_rate)
        self._state = self._high_pass.initial_state(channels)
        self._frame = max(16, round(FRAME_S * sample_rate))
        self._rest = np.zeros((channels, 0))
        self._levels = np.zeros(round(self._turn * (1 + OFF_SPEED) * TURNS) + 1)  # the newest last
        self._heard = 0  # frames
        self._look_at = len(self._levels)
        steps = round(-LOWEST_DBFS / STEP_DB) + 1
        self._how_often = np.zeros(steps, np.int64)  # each level of the side so far
        self._tones = _ToneWatch(sample_rate, channels, len(self._levels) * FRAME_S)

    def add(self, block: F32) -> None:
        """Take in float32 ``[n, channels]``."""
        if self.reached:
            return
        finite = np.nan_to_num(block.T.astype(np.float64), posinf=1.0, neginf=-1.0)
        heard, self._state = self._high_pass.step(finite, self._state)
        self._tones.add(heard)
        joined = np.concatenate([self._rest, heard], axis=1)
        frames = joined.shape[1] // self._frame
        whole = joined[:, : frames * self._frame].reshape(len(joined), frames, self._frame)
        self._rest = joined[:, frames * self._frame :]
        power = np.mean(whole**2, axis=(0, 2))
        levels = np.maximum(10 * np.log10(np.maximum(power, 1e-30)), LOWEST_DBFS)
        kept = np.concatenate([self._levels, levels])
        self._levels = kept[-len(self._levels) :]
        steps = np.clip(((levels - LOWEST_DBFS) / STEP_DB).astype(int), 0, len(self._how_often) - 1)
        np.add.at(self._how_often, steps, 1)
        self._heard += frames
        if self._heard >= self._look_at:
            self._look_at = self._heard + round(LOOK_S / FRAME_S)
            self.reached = self._music_is_gone() and _comes_back(self._levels, self._turn)

    def _music_is_gone(self) -> bool:
        if self._tones.hears_music:
            return False
        counts = np.cumsum(self._how_often)
        loud = LOWEST_DBFS + STEP_DB * int(np.searchsorted(counts, 0.9 * counts[-1]))
        turns = np.array_split(self._levels, TURNS)
        medians = np.array([np.median(turn) for turn in turns])
        is_quiet = float(np.median(medians)) <= loud - QUIETER_DB
        return is_quiet and float(np.ptp(medians)) <= EVEN_DB


class _ToneWatch:
    """Whether anything in the last so many seconds stands out of the noise as music does."""

    def __init__(self, sample_rate: int, channels: int, seconds: float) -> None:
        self._length = 2 ** round(np.log2(SPECTRUM_S * sample_rate))
        self._window = np.hanning(self._length)
        bins = np.fft.rfftfreq(self._length, 1 / sample_rate)
        self._band = np.flatnonzero((bins >= TONES_HZ[0]) & (bins <= TONES_HZ[1]))
        self._rest = np.zeros((channels, 0))
        self._spectra: list[F64] = []  # in dB, of the stretch that is being judged
        self._longest = max(2, round(seconds * sample_rate / self._length / SPECTRA))
        self._tones: deque[NDArray[np.bool_]] = deque(maxlen=self._longest)  # of each stretch

    @property
    def hears_music(self) -> bool:
        """Whether more than one stretch has tones, but for what the turntable itself sings."""
        if len(self._tones) < self._longest:
            return True  # nothing is known yet
        tones = np.array(self._tones)
        near = np.apply_along_axis(np.convolve, 1, tones.astype(int), np.ones(5, int), "same") > 0
        always = near.mean(axis=0) >= MOST
        places = int(np.count_nonzero(np.diff(always.astype(int), prepend=0) > 0))
        if places > OWN_TONES:
            return True
        counts = np.count_nonzero(tones & ~always, axis=1)
        return int(np.count_nonzero(counts > FEW_TONES)) > 1

    def add(self, samples: F64) -> None:
        """Take in float64 ``[channels, n]``."""
        joined = np.concatenate([self._rest, samples], axis=1)
        while joined.shape[1] >= self._length:
            piece, joined = joined[:, : self._length], joined[:, self._length :]
            power = np.sum(np.abs(np.fft.rfft(piece * self._window)) ** 2, axis=0)
            self._spectra.append(10 * np.log10(power[self._band] + 1e-30))
            if len(self._spectra) == SPECTRA:
                self._tones.append(_tones_in(np.mean(self._spectra, axis=0)))
                self._spectra = []
        self._rest = joined


def _tones_in(spectrum_db: F64) -> NDArray[np.bool_]:
    """Which bins stand high above the median of their surroundings."""
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(spectrum_db, AROUND_BINS, mode="reflect"), 2 * AROUND_BINS + 1
    )
    tones: NDArray[np.bool_] = spectrum_db - np.median(around, axis=1) > TONE_DB
    return tones


def _comes_back(levels: F64, turn: float) -> bool:
    """Whether each turn is like the others, at the speed at which they are most alike.

    And whether nothing else goes on: drums and low notes have no tones to be known by.
    """
    middle = float(np.median(levels))
    heights = np.clip(levels - middle, -TALLEST_DB, TALLEST_DB)
    speeds = turn * np.linspace(1 - OFF_SPEED, 1 + OFF_SPEED, SPEEDS)
    best = max(speeds, key=lambda frames: float(np.var(_folded(heights, frames).mean(axis=0))))
    turns = _folded(heights, best)
    alike = [_correlation(turn_, (turns.sum(axis=0) - turn_) / (TURNS - 1)) for turn_ in turns]
    nearly_all = np.quantile(alike, 1 - MOST)
    rest = (turns - np.median(turns, axis=0)).ravel()
    wavers = np.abs(np.convolve(rest, np.full(SMOOTH, 1 / SMOOTH), "valid"))
    is_steady = float(np.quantile(wavers, 0.95)) <= STEADY_DB
    return bool(is_steady and np.median(alike) >= ALIKE and nearly_all >= STILL_ALIKE)


def _folded(heights: F64, frames: float) -> F64:
    """Return float64 ``[TURNS, PHASES]``: each turn's mean height, piece by piece."""
    at = np.arange(len(heights)) / frames
    cells = (at * PHASES).astype(int)
    last = TURNS * PHASES
    inside = cells < last
    sums = np.bincount(cells[inside], heights[inside], minlength=last)
    counts = np.bincount(cells[inside], minlength=last)
    return (sums / np.maximum(counts, 1)).reshape(TURNS, PHASES)


def _correlation(a: F64, b: F64) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt(np.sum(a**2) * np.sum(b**2)))
    return float(np.sum(a * b)) / scale if scale > 0 else 0.0
