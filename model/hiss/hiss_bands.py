"""The bands in which a hiss is known, and the gains that follow from one that is. Any thread."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]

LOWEST_HZ, HIGHEST_SHARE = 150.0, 0.94  # of half the rate
LEAST_BINS, WIDEST = 8, 1.26  # of a band: a third of an octave, where that is wide enough
BIN_ROWS = 3  # of numbers that are kept of each bin, as in ``model/c/hiss.h``
BETTERED: Final[dict[str, float]] = {
    # Three estimates of the music over the hiss, and what each counts for: the network's, that of
    # the frames so far, and what was left of the last frame.
    "network": 0.6,
    "lasting": 0.2,
    "last": 0.2,
    "above": 0.2,  # nepers
    "lasting_frames": 8.0,
    "fresh": 0.08,  # of the last frame's successor
    "faintest": 10 ** (-25 / 10),
    "hold": 0.5,  # of the last frame's gain in one that falls: a hiss that flutters is worse heard
    "least_gain": 0.02,
    "faint_bin": 1e-20,  # power of a bin, below which it is nothing
}


class HissBands(NamedTuple):
    """Of each band its first bin and how many there are; of each bin the band that lies below its
    middle, and how far it is on its way to the next, 0..1."""

    starts: I64
    counts: I64
    below: I64
    way: NDArray[np.float32]

    @property
    def middles(self) -> NDArray[np.float64]:
        """Of each band, in bins."""
        return np.sqrt(self.starts * (self.starts + self.counts))


def hiss_bands(sample_rate: float, bins: int) -> HissBands:
    """Divide a spectrum of ``bins``, from 0 Hz to half of ``sample_rate`` (Hz)."""
    width = sample_rate / (2 * (bins - 1))
    edges = [max(int(LOWEST_HZ / width), 1)]
    while edges[-1] < HIGHEST_SHARE * bins:
        edges.append(max(edges[-1] + LEAST_BINS, int(edges[-1] * WIDEST)))
    edges[-1] = min(edges[-1], bins)
    starts = np.array(edges[:-1], np.int64)
    counts = np.diff(edges).astype(np.int64)
    middles = np.sqrt(starts * (starts + counts))
    at = np.interp(np.arange(bins), middles, np.arange(len(middles)))
    below = at.astype(np.int64)
    return HissBands(starts, counts, below, (at - below).astype(np.float32))
