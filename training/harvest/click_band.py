"""Where the music of a record ends, and where its transfer ends. Any thread.

Music changes its level all the time, the hiss of a groove hardly does. Seen pitch by pitch, the
swing of the level therefore tells music from hiss, and a steep fall where the transfer ends.
"""

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from scipy.signal import firwin, oaconvolve, stft

F64 = NDArray[np.float64]

LOWEST_HZ = 1000.0  # below it there is music on every record
BANDS_PER_OCTAVE = 8
FRAME = 256
CALM_S = 0.05  # clicks are shorter than half of it: the median passes them over
SWING_PERCENTILES = (5, 95)
HISS_SWING_DB = 9.0  # more than any hiss swings: music up to the very end
MORE_THAN_HISS_DB = 1.5  # of swing beyond that of the upper bands
QUIETER_THAN_HISS_DB = -12.0  # half an octave of hiss never falls that far; a filter does
EMPTY_DB = -108.0  # of full scale per bin: what 16 bits leave
CLEARANCE = 1.4  # detection begins half an octave above the music
BAND_TAPS = 95  # short, so that a click stays short; 1.7 kHz of transition
SHORTEST_S = 1.0


class ClickBand(NamedTuple):
    """The two edges of one record in Hz."""

    music_end_hz: float
    transfer_end_hz: float

    @property
    def is_free(self) -> bool:
        """Whether at least an octave lies above the music."""
        return self.transfer_end_hz >= 2 * self.music_end_hz

    @property
    def detection_hz(self) -> tuple[float, float]:
        """The part of it where clicks are looked for."""
        return CLEARANCE * self.music_end_hz, self.transfer_end_hz


def measure_click_band(audio: F64, sample_rate: int) -> ClickBand:
    """Measure both edges of mono ``[T]``.

    Raises
    ------
    ValueError
        If it is shorter than a second: nobody can tell music from hiss in it.
    """
    if len(audio) < SHORTEST_S * sample_rate:
        raise ValueError(f"{len(audio) / sample_rate:.2f} s are too short; give at least 1 s")
    edges, levels = _levels_db(audio, sample_rate)
    middle = np.median(levels, axis=1)
    last = _last_filled(middle)
    if last == 0:
        return ClickBand(float(edges[0]), float(edges[0]))
    low, high = np.percentile(levels[:last], SWING_PERCENTILES, axis=1)
    swing = median_filter(high - low, 3, mode="nearest")
    upper = float(np.median(swing[-BANDS_PER_OCTAVE:]))
    lively = np.flatnonzero(swing > min(upper, HISS_SWING_DB) + MORE_THAN_HISS_DB)
    first_calm = int(lively[-1]) + 1 if len(lively) else 0
    return ClickBand(float(edges[first_calm]), float(edges[last]))


def _levels_db(audio: F64, sample_rate: int) -> tuple[F64, F64]:
    """Edges of narrow bands ``[n + 1]`` and their level in time, clicks passed over."""
    frequency, _, spectrum = stft(audio, sample_rate, nperseg=FRAME, boundary=None)
    power = np.abs(spectrum) ** 2
    nyquist = sample_rate / 2
    count = int(BANDS_PER_OCTAVE * np.log2(nyquist / LOWEST_HZ))
    edges = LOWEST_HZ * 2 ** (np.arange(count + 1) / BANDS_PER_OCTAVE)
    frames = max(3, round(CALM_S * sample_rate / (FRAME / 2)) | 1)
    rows = []
    for low, high in itertools.pairwise(edges):
        near = np.abs(frequency - np.sqrt(low * high)) <= max((high - low) / 2, frequency[1] * 0.51)
        rows.append(median_filter(10 * np.log10(power[near].mean(axis=0) + 1e-20), frames))
    return edges, np.stack(rows)[:, :: frames // 3]


def _last_filled(middle_db: F64) -> int:
    """How many bands, from below, belong to the transfer."""
    half = BANDS_PER_OCTAVE // 2
    last = len(middle_db)
    for band in range(half, len(middle_db)):
        below = float(np.median(middle_db[max(0, band - half) : band]))
        if middle_db[band] < below + QUIETER_THAN_HISS_DB or middle_db[band] < EMPTY_DB:
            last = band
            break
    return 0 if np.all(middle_db < EMPTY_DB) else last


def band_signal(audio: F64, sample_rate: int, band: ClickBand) -> F64:
    """Return what sounds in the detection band, without delay."""
    low, high = band.detection_hz
    edges = (low,) if high >= 0.96 * sample_rate / 2 else (low, high)
    taps = firwin(BAND_TAPS, edges, fs=sample_rate, pass_zero=False, window=("kaiser", 6.0))
    return np.asarray(oaconvolve(audio, taps, mode="same"))
