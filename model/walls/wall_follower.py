"""How the walls stand to each other, followed from the music while it plays: time, level, sign.

State as a value; any thread. What cannot be heard from the music is held as it was.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.walls.wall_alignment import BAND_HZ, Alignment

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]

TURN_S = 60 / 78.26
FRAME = 2048  # samples of one spectrum up to 50 kHz
MOST = 24  # samples of offset that are followed
FINE = 8  # steps per sample in which an offset is searched for
KNOWN_S = 0.35  # over which the walls' likeness per band is averaged
LEVEL_S = 3.0  # the same for their levels
LIKE_WEIGHT = 32  # power of a frame's likeness that its balance counts by
LOUDEST = 10.0  # times the averaged power, that a frame counts for
SETTLED = 6.0  # frames after which one of them moves the balance by no more than ...
MOST_DB = 1.0  # ... of its own
SEARCH_EVERY = 8  # steps between two looks at all offsets
FURTHER = 0.75  # samples that a peak must lie away to be another than the one that is followed
HIGHER = 1.15  # times as high
NEAR = round(FURTHER * FINE)
TONE_S = 0.5  # that what is wrong with a tone's angles lasts
# Samples per step that the mean offset moves by, and its swing with the turn of a warped record.
DRIFT = np.array([0.008, 0.006, 0.006])
UNKNOWN = np.array([0.5, 0.25, 0.25])  # samples, standard deviations before anything is known
SURE_OFFSET = 0.03  # samples: standard deviation below which an offset is believed
SURE_LIKENESS = 0.3  # correlation below which there is nothing to go by
SOUNDS = 1e-10  # power of a spectrum's frame, per sample
LIKEST = 0.999  # coherence beyond which a band would decide alone


class FollowerState(NamedTuple):
    """What is known; ``left``, ``right``, ``cross`` are running spectra of the band."""

    recent: F64  # [2, FRAME] the newest samples
    left: F64
    right: F64
    cross: C128
    levels: F64  # [3] weighted power of left, of right, and in phase, over a longer time
    balance: float  # dB by which the right wall is to be raised
    weighed: float  # frames' worth that it rests on, each as loud as ``loud``
    loud: float  # power of a frame, averaged
    heard: int  # frames with sound so far
    hops: int
    swing: F64  # [3] the offset's mean, and its cosine and sine over a turn; samples
    spread: F64  # [3, 3] their covariance
    offset: float  # samples that the right wall is late by now
    found: bool  # whether an offset has been searched for and found


class WallFollower:
    """Estimates the walls' offset, balance and polarity, hop by hop.

    Parameters
    ----------
    sample_rate : float
        Hz.
    hop : int
        Samples per step.
    turn_s : float
        How long a turn of the record takes.
    """

    def __init__(self, sample_rate: float, hop: int, turn_s: float = TURN_S) -> None:
        self.hop, self._rate = hop, sample_rate
        self._size = FRAME
        while sample_rate > 50_000 * self._size / FRAME:
            self._size *= 2
        self._window = np.hanning(self._size + 1)[:-1]
        turns = 2 * np.pi * np.arange(self._size // 2 + 1) / self._size
        hz = turns * sample_rate / (2 * np.pi)
        band = (hz >= BAND_HZ[0]) & (hz <= min(BAND_HZ[1], 0.45 * sample_rate))
        self._first, self._last = int(np.argmax(band)), int(len(band) - np.argmax(band[::-1]))
        self._turns = turns[self._first : self._last]
        self._turn = 2 * np.pi * hop / (turn_s * sample_rate)
        self._known = 1 - np.exp(-hop / (KNOWN_S * sample_rate))
        self._level = 1 - np.exp(-hop / (LEVEL_S * sample_rate))
        self._frames = min(hop / self._size * 1.5, 1.0)  # spectra's worth that one step adds

    def initial_state(self) -> FollowerState:
        """Nothing has been heard."""
        nothing = np.zeros(len(self._turns))
        return FollowerState(
            np.zeros((2, self._size)),
            nothing,
            nothing,
            nothing.astype(complex),
            np.zeros(3),
            0.0,
            0.0,
            0.0,
            0,
            0,
            np.zeros(3),
            np.diag(UNKNOWN**2),
            0.0,
            False,
        )

    def step(self, walls: F64, state: FollowerState) -> FollowerState:
        """Take in float64 ``[2, hop]``."""
        recent = np.concatenate([state.recent, walls], axis=1)[:, -self._size :]
        state = state._replace(recent=recent, hops=state.hops + 1)
        spectra = np.fft.rfft(recent * self._window)[:, self._first : self._last]
        power = np.square(spectra.real) + np.square(spectra.imag)
        total = float(power.sum())
        if total < SOUNDS * self._size**2:
            return state
        # Every frame counts alike, so that no click outweighs the music.
        power, cross = power / total, spectra[0] * spectra[1].conj() / total
        heard = state.heard + 1
        share = max(self._known, 1 / heard)
        left = state.left + share * (power[0] - state.left)
        right = state.right + share * (power[1] - state.right)
        running = state.cross + share * (cross - state.cross)
        state = state._replace(left=left, right=right, cross=running, heard=heard)
        if heard < 4:
            return state
        likeness = _likeness(left, right, running, share)
        if state.hops % SEARCH_EVERY == 0:
            state = self._searched(state, likeness)
        if state.found:
            state = self._followed(state, cross, likeness)
        return self._levelled(state, power, cross, likeness, total)

    def alignment(self, state: FollowerState) -> Alignment:
        """Return what was found, as far as it was."""
        left, right, together = state.levels
        if not (left > 0 and right > 0):
            return Alignment(0.0, 0.0, 0.0)
        return Alignment(
            offset_us=state.offset / self._rate * 1e6,
            balance_db=state.balance,
            correlation=float(together / np.sqrt(left * right)),
        )

    def _searched(self, state: FollowerState, likeness: F64) -> FollowerState:
        """Look at all offsets; take another one only where it is plainly better."""
        weighted = state.cross / np.maximum(np.abs(state.cross), 1e-300) * likeness
        spectrum = np.zeros(self._size * FINE // 2 + 1, complex)
        spectrum[self._first : self._last] = weighted
        peaks = np.abs(np.fft.irfft(spectrum.conj(), self._size * FINE))
        reach = MOST * FINE
        peaks = np.concatenate([peaks[-reach:], peaks[: reach + 1]])
        best = int(np.argmax(peaks))
        offset = (best - reach) / FINE
        here = round(float(state.swing[0]) * FINE) + reach
        near = peaks[max(here - 2, 0) : here + 3].max(initial=0.0)
        if not state.found:
            # A single voice is about as like itself at other offsets: the least is the likeliest.
            close = peaks[reach - NEAR : reach + NEAR + 1]
            if peaks[best] <= HIGHER * close.max():
                offset = (int(np.argmax(close)) - NEAR) / FINE
            return _anew(state, offset) if peaks[best] > 0 else state
        if abs(offset - state.swing[0]) > FURTHER and peaks[best] > HIGHER * near:
            return _anew(state, offset)
        return state

    def _followed(self, state: FollowerState, cross: C128, likeness: F64) -> FollowerState:
        """Move with what the newest frame says, as far as it can be believed."""
        # The middle of the frame lies half of it before the newest sample.
        here = self._phases(state.hops - 0.5 * self._size / self.hop)
        offset = float(here @ state.swing)
        turned = cross * np.exp(-1j * self._turns * offset)
        sign = 1.0 if state.levels[2] >= 0 else -1.0
        weight = likeness * self._turns
        worth = float(weight @ self._turns)
        spread = state.spread + np.diag(DRIFT**2)
        swing = state.swing
        if worth > 0:
            angles = np.angle(sign * turned)
            late = float(weight @ angles) / worth
            # What the pinch effect turns it turns in each partial by another angle, as long as a
            # tone lasts.
            scatter = float(np.sum(np.square(weight * (angles - late * self._turns)))) / worth**2
            tone = TONE_S * self._rate / self.hop * max(scatter - 1 / (2 * worth), 0.0)
            doubt = 1 / (2 * worth * self._frames) + tone + 0.25 * late**2
            toward = spread @ here
            trust = toward / (float(here @ toward) + doubt)
            swing = swing + trust * late
            spread = spread - np.outer(trust, toward)
        spread = np.minimum(spread, np.diag(UNKNOWN**2) + 1.0 - np.eye(3))
        now = float(self._phases(state.hops) @ swing)
        return state._replace(swing=swing, spread=spread, offset=float(np.clip(now, -MOST, MOST)))

    def _phases(self, hops: float) -> F64:
        angle = self._turn * hops
        return np.array([1.0, np.cos(angle), np.sin(angle)])

    def _levelled(
        self, state: FollowerState, power: F64, cross: C128, likeness: F64, total: float
    ) -> FollowerState:
        weight = likeness / (state.left + state.right + 1e-300)
        weight /= weight.sum() + 1e-300
        together = (cross * np.exp(-1j * self._turns * state.offset)).real
        now = np.array([weight @ power[0], weight @ power[1], weight @ together])
        share = max(self._level, 1 / (state.heard - 3)) if state.levels.any() else 1.0
        levels = state.levels + share * (now - state.levels)
        # Who is damaged is louder, and less like the other: such frames say little of the balance,
        # and those of hiss next to nothing.
        alike = abs(float(now[2])) / (float(np.sqrt(now[0] * now[1])) + 1e-300)
        # What both walls hiss alike may be louder on one of them: music tells the balance, and is
        # louder than that.
        loud = float(state.loud + share * (total - state.loud))
        worth = max(alike, 0.0) ** LIKE_WEIGHT * min(total / max(loud, 1e-300), LOUDEST)
        before = state.weighed * min(state.loud / max(loud, 1e-300), 1.0)
        weighed = min(before + worth, LEVEL_S * self._rate / self.hop)
        step = _balance_db(now) - state.balance
        if weighed > SETTLED:
            step = float(np.clip(step, -MOST_DB, MOST_DB))
        balance = state.balance + worth / max(weighed, 1e-9) * step
        return state._replace(levels=levels, balance=balance, weighed=weighed, loud=loud)


def _balance_db(levels: F64) -> float:
    """Return by how much the right wall is to be raised: the principal axis of both."""
    left, right, together = levels
    angle = 0.5 * np.arctan2(2 * abs(together), left - right)
    return float(-20 * np.log10(np.clip(np.tan(angle), 1e-3, 1e3)))


def _anew(state: FollowerState, offset: float) -> FollowerState:
    swing = np.array([offset, 0.0, 0.0])
    return state._replace(
        swing=swing,
        spread=np.diag(UNKNOWN**2),
        offset=offset,
        levels=np.zeros(3),
        balance=0.0,
        weighed=0.0,
        loud=0.0,
        found=True,
    )


def _likeness(left: F64, right: F64, cross: C128, share: float) -> F64:
    """Return the maximum-likelihood weight of each band, coherence over what is not coherent."""
    coherence = (np.square(cross.real) + np.square(cross.imag)) / (left * right + 1e-300)
    # So few frames are alike by chance.
    chance = share / (2 - share)
    coherence = np.clip((coherence - 2 * chance) / (1 - 2 * chance), 0.0, LIKEST)
    return np.asarray(coherence / (1 - coherence))
