"""What the difference of the walls tells of their sum's hiss, frame by frame, and what follows.

The difference holds no music, so its spectrum shows the hiss of this moment, under music as well.
How much of it is in the sum is heard where the sum is nothing but hiss, band by band; below, where
music never rests, the walls are taken to be as alike as groove noise is elsewhere. State as a
value; any thread.
"""

import ctypes
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.hiss.hiss_bands import BETTERED, BIN_ROWS, hiss_bands

C64 = NDArray[np.complex64]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

MOST_BINS = 24  # of a band, that are looked at
QUIET = 0.3  # of a band's bins: what leaks of the music's partials lies above
# Correlation of the walls' hiss by frequency, as measured on the groove noise of transfers.
CORRELATION_HZ = (0.0, 1500.0, 4000.0, 10_000.0, 22_050.0)
CORRELATION = (0.85, 0.85, 0.40, 0.06, 0.03)
_HEARD = {
    "silent": 1e-9,  # of the sum's power, that the difference must have: else it is one wall twice
    "level_frames": 30.0,  # over which the difference's level is averaged
    "stray": (-3.0, 3.0),  # nepers of power that one frame can count for
    "faint": 1e-12,  # power of a spectrum, below which a bin is silent
    "is_hiss": 0.35,  # mean gain of a band, below which the network hears nothing but hiss there
    "hiss_frames": 4.0,  # over which such a band's power is averaged
    "lower": 0.3,  # quantile of it that is taken for hiss: what is left of the music lies above
    "step": 0.03,  # nepers
    "refresh": 4,  # frames, in which what is learned hardly changes
}
_BELIEVED = {
    # Of the sum's power, that the difference may have where the sum is never hiss alone: all of it
    # is believed, none. Beyond, the walls play different music.
    "apart": 0.1,
    "far_apart": 0.2,
    "apart_frames": 80.0,
    "known": 20,  # frames of a band as hiss, by which it is half believed ...
    "sure": 200,  # ... and fully weighed
    "least_share": 0.05,  # power of the sum's hiss over the difference's
    "most_share": 3.5,
    "usual_alike": 0.8,  # of the measured correlation, before this record has been heard, ...
    "usual_worth": 0.3,  # ... and what that counts for
}


class _Noise(ctypes.Structure):
    """As ``noise_t`` in ``model/c/walls.h``."""

    _fields_ = (
        *((name, ADDRESS) for name in ("starts", "counts", "looked", "n_looked", "place", "below")),
        *((name, ADDRESS) for name in ("quiet", "usual", "way")),
        *((name, NUMBER) for name in ("silent", "level_frames")),
        ("stray", NUMBER * 2),
        *((name, NUMBER) for name in ("faint", "apart_frames", "is_hiss", "hiss_frames", "lower")),
        *((name, NUMBER) for name in ("step", "apart", "far_apart", "known", "sure")),
        *((name, NUMBER) for name in ("least_share", "most_share", "usual_alike", "usual_worth")),
        *((name, NUMBER) for name in ("network", "lasting", "last", "above", "lasting_frames")),
        *((name, NUMBER) for name in ("fresh", "faintest", "hold", "least_gain", "faint_bin")),
        *((name, COUNT) for name in ("bands", "bins", "most_looked", "refresh")),
    )


_step = function("noise_step", (*(ADDRESS,) * 6, COUNT, *(ADDRESS,) * 4), COUNT)
_better = function("noise_better", (*(ADDRESS,) * 5, COUNT, *(ADDRESS,) * 4), COUNT)
_size = function("noise_size", (), COUNT)


class NoiseState(NamedTuple):
    """What is known.

    Of each band, ``[8, bands]``: logarithms of the power of the difference's hiss and of the sum's
    over it; the sum's power over the difference's where it was hiss, and in how many frames it was;
    both powers, averaged; the logarithm that is worked with, and how far it is, 0..1. Of each bin,
    ``[BIN_ROWS, bins]``: its power over the hiss, averaged, that of the music the last frame left,
    and its gain.
    """

    bands: F64
    bins: F32
    frames: int


class DifferenceNoise:
    """Turns a denoiser's gains into better ones.

    Parameters
    ----------
    sample_rate : float
        Hz.
    bins : int
        Of one spectrum, from 0 Hz to half the rate.
    """

    def __init__(self, sample_rate: float, bins: int) -> None:
        width, laid = sample_rate / (2 * (bins - 1)), hiss_bands(sample_rate, bins)
        starts, counts, below, way = laid
        n_looked = np.minimum(counts, MOST_BINS)
        place = np.maximum(np.round(QUIET * n_looked).astype(int) - 1, 0)
        looked = np.zeros((len(starts), MOST_BINS), np.int64)
        for row, start, count, n in zip(looked, starts, counts, n_looked, strict=True):
            row[:n] = start + np.arange(n) * count // n
        # What the so-manyth smallest of n exponential values is, mean 1.
        quiet = [np.sum(1 / (n - np.arange(k + 1))) for n, k in zip(n_looked, place, strict=True)]
        # Outlive the calls.
        self._counts = tuple(
            np.ascontiguousarray(part, np.int64)
            for part in (starts, counts, looked, n_looked, place, below)
        )
        self._numbers = (
            np.array(quiet),
            np.interp(laid.middles * width, CORRELATION_HZ, CORRELATION),
            way,
        )
        self._bands, self._bins = len(starts), bins
        self._it = _Noise(
            *(address(part) for part in (*self._counts, *self._numbers)),
            bands=self._bands,
            bins=bins,
            most_looked=MOST_BINS,
            **_HEARD,
            **_BELIEVED,
            **BETTERED,
        )
        self._at = ctypes.addressof(self._it)

    def initial_state(self) -> NoiseState:
        """Nothing has been heard."""
        return NoiseState(
            np.zeros((8, self._bands)), np.zeros((BIN_ROWS, self._bins), np.float32), 0
        )

    def step(
        self, power: F32, difference: F32, gains: F32, state: NoiseState
    ) -> tuple[F32 | None, NoiseState]:
        """Return better gains for one frame; None where the walls are one wall twice.

        Parameters
        ----------
        power, difference : float32 [bins]
            Of the sum of the walls, half each, and of their difference.
        gains : float32 [bins]
            What the denoiser made of the sum, 0..1.
        """
        better, after, room = (
            np.empty_like(gains),
            self._room_for(state),
            np.empty(self._bins + self._bands + 2),
        )
        seen = address(power), address(difference), address(gains)
        said = self._said(_step, seen, state, after, better, room)
        return (better, after) if said else (None, state)

    def better(self, spectrum: C64, difference: C64, target: C64, state: NoiseState) -> NoiseState:
        """Make better what the denoiser made of one frame, in place.

        Parameters
        ----------
        spectrum, difference : complex64 [bins]
            Of the sum of the walls, half each, and of their difference.
        target : complex64 [bins]
            What the denoiser made of the sum; it stays where the walls are one wall twice.
        """
        after, room = self._room_for(state), np.empty(3 * self._bins + self._bands + 2)
        seen = address(spectrum), address(difference)
        return after if self._said(_better, seen, state, after, target, room) else state

    def _room_for(self, state: NoiseState) -> NoiseState:
        bands, bins = np.empty_like(state.bands), np.empty_like(state.bins)
        return NoiseState(bands, bins, state.frames + 1)

    def _said(
        self,
        function_of: Callable[..., int],
        seen: tuple[int, ...],
        state: NoiseState,
        after: NoiseState,
        into: NDArray[Any],
        room: F64,
    ) -> bool:
        known = address(state.bands), address(state.bins), state.frames
        new = address(after.bands), address(after.bins), address(into), address(room)
        return bool(function_of(self._at, *seen, *known, *new))


assert _size() == ctypes.sizeof(_Noise), "noise_t and _Noise differ"
