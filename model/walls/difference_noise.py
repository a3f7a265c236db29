"""What the difference of the walls tells of their sum's hiss, frame by frame, and what follows.

The difference holds no music, so its spectrum shows the hiss of this moment, under music as well.
How much of it is in the sum is heard where the sum is nothing but hiss, band by band; below, where
music never rests, the walls are taken to be as alike as groove noise is elsewhere. State as a
value; any thread.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

LOWEST_HZ, HIGHEST_SHARE = 150.0, 0.94  # of half the rate
LEAST_BINS, WIDEST, MOST_BINS = 8, 1.26, 48  # of a band; so many are looked at
QUIET = 0.3  # of a band's bins: what leaks of the music's partials lies above
# Correlation of the walls' hiss by frequency, as measured on the groove noise of transfers.
CORRELATION_HZ = (0.0, 1500.0, 4000.0, 10_000.0, 22_050.0)
CORRELATION = (0.85, 0.85, 0.40, 0.06, 0.03)
USUAL, USUAL_WORTH = 0.8, 0.3  # of it, before this record has been heard
LEAST_SHARE, MOST_SHARE = 0.05, 3.5  # power of the sum's hiss over the difference's
LEVEL_FRAMES = 30.0  # over which the difference's level is averaged
STRAY = (-3.0, 3.0)  # nepers of power that one frame can count for
HISS = 0.35  # mean gain of a band, below which the network hears nothing but hiss there
HISS_FRAMES = 4.0  # over which such a band's power is averaged
LOWER = 0.3  # quantile of it that is taken for hiss: what is left of the music lies above
STEP = 0.03  # nepers
KNOWN, SURE = 20, 200  # frames of a band as hiss: half believed, and fully weighed
SILENT = 1e-9  # of the sum's power, that the difference must have: else it is one wall twice
# Three estimates of the music over the hiss, and what each counts for: the network's, that of the
# frames so far, and what was left of the last frame.
NETWORK, LASTING, LAST = 0.6, 0.2, 0.2
ABOVE = 0.2  # nepers
LASTING_FRAMES = 8.0
NEW = 0.08  # of the last frame's successor
FAINTEST = 10 ** (-25 / 10)
LEAST_GAIN = 0.02
# Of the sum's power, that the difference may have where the sum is never hiss alone: all of it is
# believed, none. Beyond, the walls play different music.
APART, FAR_APART = 0.1, 0.2
APART_FRAMES = 80.0


class NoiseState(NamedTuple):
    """What is known; logarithms are of power, ``[bands]``, and spectra ``[bins]``."""

    level: F64  # log of the difference's hiss
    share: F64  # log of the sum's hiss over it
    hiss: F64  # the sum's power over the difference's, where it was hiss
    told: F64  # frames in which it was
    powers: F64  # [2, bands] of the sum and of the difference, averaged
    frames: int
    lasting: F64  # power over hiss, averaged
    music: F64  # power of the music that the last frame left


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
        width = sample_rate / (2 * (bins - 1))
        edges = [max(int(LOWEST_HZ / width), 1)]
        while edges[-1] < HIGHEST_SHARE * bins:
            edges.append(max(edges[-1] + LEAST_BINS, int(edges[-1] * WIDEST)))
        edges[-1] = min(edges[-1], bins)
        self._starts = np.array(edges[:-1])
        self._end = edges[-1]
        self._counts = np.diff(edges)
        looked = np.minimum(self._counts, MOST_BINS)
        self._looked = np.full((len(looked), MOST_BINS), -1)
        self._place = np.maximum(np.round(QUIET * looked).astype(int) - 1, 0)
        for band, (start, end, n) in enumerate(zip(edges[:-1], edges[1:], looked, strict=True)):
            self._looked[band, :n] = start + np.arange(n) * (end - start) // n
        # What the so-manyth smallest of n exponential values is, mean 1.
        self._quiet = np.array(
            [np.sum(1 / (n - np.arange(k + 1))) for n, k in zip(looked, self._place, strict=True)]
        )
        middle = np.sqrt(self._starts * (self._starts + self._counts))
        self._middle, self._bins = middle, np.arange(bins)
        self._usual = np.interp(middle * width, CORRELATION_HZ, CORRELATION)

    def initial_state(self) -> NoiseState:
        """Nothing has been heard."""
        bands, bins = np.zeros(len(self._starts)), np.zeros(len(self._bins))
        return NoiseState(bands, bands, bands, bands, np.stack([bands, bands]), 0, bins, bins)

    def step(
        self, power: F64, difference: F64, gains: F64, state: NoiseState
    ) -> tuple[F64 | None, NoiseState]:
        """Return better gains for one frame; None where the walls are one wall twice.

        Parameters
        ----------
        power, difference : float64 [bins]
            Of the sum of the walls, half each, and of their difference.
        gains : float64 [bins]
            What the denoiser made of the sum, 0..1.
        """
        if float(difference.sum()) <= SILENT * float(power.sum()):
            return None, state
        state = self._heard(power, difference, gains, state)
        hiss = np.exp(np.interp(self._bins, self._middle, state.level + self._share(state)))
        over = power / hiss
        lasting = state.lasting + max(1 / state.frames, 1 / LASTING_FRAMES) * (over - state.lasting)
        by_network = np.square(np.maximum(gains, LEAST_GAIN)) * over
        by_time = np.maximum(lasting - 1, FAINTEST)
        by_last = (1 - NEW) * state.music / hiss + NEW * np.maximum(over - 1, 0.0)
        by_last = np.maximum(by_last, FAINTEST)
        music = NETWORK * np.log(by_network + 1e-4) + LAST * np.log(by_last)
        ratio = np.exp(music + LASTING * np.log(by_time) + ABOVE)
        trust = np.interp(self._bins, self._middle, self._trust(state))
        better = gains + trust * (ratio / (1 + ratio) - gains)
        kept = np.square(by_last / (1 + by_last)) * power
        return better, state._replace(lasting=lasting, music=kept)

    def _heard(self, power: F64, difference: F64, gains: F64, state: NoiseState) -> NoiseState:
        values = np.where(self._looked >= 0, difference[self._looked], np.inf)
        values.sort(axis=1)
        quiet = values[np.arange(len(values)), self._place] / self._quiet
        now = np.log(quiet + 1e-20)
        frames = state.frames + 1
        if state.frames == 0:
            level = now
        else:
            level = state.level + max(1 / frames, 1 / LEVEL_FRAMES) * np.clip(
                now - state.level, *STRAY
            )
        means = np.add.reduceat(
            np.stack([power, difference, gains])[:, : self._end], self._starts, axis=1
        )
        means /= self._counts
        powers = state.powers + max(1 / frames, 1 / APART_FRAMES) * (means[:2] - state.powers)
        is_hiss = means[2] < HISS
        ratio = means[0] / np.exp(level)
        taken = np.where(state.told == 0, 1.0, 1 / HISS_FRAMES)
        hiss = np.where(is_hiss, state.hiss + taken * (ratio - state.hiss), state.hiss)
        told = state.told + is_hiss
        log = np.log(hiss + 1e-9)
        step = 2 * np.maximum(STEP, 1 / np.maximum(told, 1.0))
        moved = state.share + step * np.where(log > state.share, LOWER, LOWER - 1)
        moved = np.where(told == 1, log, moved)
        share = np.where(is_hiss, moved, state.share)
        return NoiseState(level, share, hiss, told, powers, frames, state.lasting, state.music)

    def _trust(self, state: NoiseState) -> F64:
        """Return how far each band's difference is believed to be hiss, 0..1."""
        apart = state.powers[1] / np.maximum(state.powers[0], 1e-20)
        doubt = np.clip((apart - APART) / (FAR_APART - APART), 0.0, 1.0)
        return np.asarray(1 - doubt * KNOWN / (state.told + KNOWN))

    def _share(self, state: NoiseState) -> F64:
        """Return the log of how much of the difference's hiss is in the sum."""
        found = np.exp(np.clip(state.share, np.log(LEAST_SHARE), np.log(MOST_SHARE)))
        correlation = (4 * found - 1) / (4 * found + 1)
        worth = np.where(state.told > KNOWN, np.minimum(state.told / SURE, 1.0), 0.0) * self._usual
        alike = (USUAL_WORTH * USUAL + worth @ correlation) / (USUAL_WORTH + worth @ self._usual)
        usual = float(np.clip(alike, 0.0, 1.0)) * self._usual
        believed = state.told / (state.told + KNOWN)
        elsewhere = np.log((1 + usual) / (4 * (1 - usual)))
        return np.asarray(believed * np.log(found) + (1 - believed) * elsewhere)
