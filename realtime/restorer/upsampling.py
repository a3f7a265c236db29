"""The chain for rates below its own: resampled up to it; only what it removed comes back.

The networks and the declicker were made for 44.1 and 48 kHz, and so they run there whatever the
rate of the record is. As in :mod:`realtime.restorer.resampling`, whose mirror image this is, soxr
is fed in steps that never change, and every sample is counted. On the thread that drives the chain.
"""

from functools import lru_cache
from math import gcd
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from model.chain import Chain, ChainOutput, Impulse
from realtime.restorer.resampling import (
    QUALITY,
    RINGING,
    ResampledChain,
    ResampledState,
    rate_divisor,
    within_reach,
)

F32 = NDArray[np.float32]

CHAIN_RATES_HZ = (44_100, 48_000)  # what the chain is tuned and the networks are trained for
WITHOUT_NETWORKS = ("analytical", "none")  # names of the detector and denoiser of such a chain
STEP = 128  # samples of the stream that are resampled at a time, at least
REHEARSAL = 65_536  # samples at the higher rate


def chain_rate(sample_rate: int) -> int:
    """Return the rate, Hz, at which a stream of ``sample_rate`` is worked on.

    Of the two rates that the chain was made for, the one with the simpler ratio. What lies above
    both keeps its rate.
    """
    rate = round(sample_rate / rate_divisor(sample_rate))
    if rate in CHAIN_RATES_HZ or rate > CHAIN_RATES_HZ[-1]:
        return rate
    possible = [target for target in CHAIN_RATES_HZ if target >= rate]
    return min(possible, key=lambda target: target // gcd(target, rate))


@lru_cache
def resampler_delays(up: int, down: int, step: int, back_step: int) -> tuple[float, float]:
    """Return by how many samples of the stream soxr's output is behind at worst, (up, down).

    ``up / down`` is the chain's rate over the stream's; ``step`` samples of the stream, or
    ``back_step`` of the chain, are given at a time.
    """
    rising = soxr.ResampleStream(down, up, 1, quality=QUALITY)
    falling = soxr.ResampleStream(up, down, 1, quality=QUALITY)
    behind = [0.0, 0.0]
    low, high = np.zeros(step, np.float32), np.zeros(back_step, np.float32)
    given = came = 0
    while given * up / down < REHEARSAL:
        given += step
        came += len(rising.resample_chunk(low))
        behind[0] = max(behind[0], given - came * down / up)
    given = came = 0
    while given < REHEARSAL:
        given += back_step
        came += len(falling.resample_chunk(high))
        behind[1] = max(behind[1], given * down / up - came)
    return behind[0], behind[1]


class LowRateState(ResampledState):
    """That of a :class:`LowRateChain`.

    ``marks`` are the chain's probabilities and repaired samples, at its rate, that no sample of the
    stream has been given yet; ``marked`` counts the samples of the stream that have.
    """

    def __init__(self, chain: "LowRateChain") -> None:
        super().__init__(chain, (chain.latency,) * 3)
        n = chain.channels
        self.early = chain.inner.latency  # samples of the chain's output before the first input
        self.marks = np.zeros((4, n, 0), np.float32)
        self.marked = 0
        self.recently = np.zeros((n, RINGING), np.bool_)


class LowRateChain(ResampledChain):
    """A chain for 4 to 44 kHz; what is removed rings for ``RINGING`` samples around a repair.

    Parameters
    ----------
    sample_rate : int
        Hz, below what the chain works at.
    channels : int
    chain_factory : callable
        Makes the inner chain from its rate and channels.

    Attributes
    ----------
    up, down : int
        Their ratio is that of the chain's rate to the stream's.
    """

    def __init__(self, sample_rate: int, channels: int, chain_factory: Any = Chain) -> None:
        self.sample_rate, self.channels = sample_rate, channels
        self.inner_rate = chain_rate(sample_rate)
        common = gcd(self.inner_rate, sample_rate)
        self.up, self.down = self.inner_rate // common, sample_rate // common
        self.inner = chain_factory(self.inner_rate, channels)
        self.hop = STEP
        ratio = self.down / self.up
        behind_up, behind_down = resampler_delays(self.up, self.down, STEP, self.inner.hop)
        waits = (self.inner.latency + self.inner.hop) * ratio + behind_up
        self.latency = int(np.ceil(waits + max(behind_down, RINGING + 1))) + STEP

    def initial_state(self) -> LowRateState:
        """Return the state before the first sample, for one stream only."""
        return LowRateState(self)

    def _take_back(self, out: ChainOutput, state: LowRateState) -> list[Impulse]:
        removed = out.dry - out.restored
        touched = (removed != 0).astype(np.float32)
        marks = np.stack([out.mask, out.analytical, out.learned, touched])
        # What lies before the first sample of the stream is left out, so that time begins at 0.
        early = min(state.early, removed.shape[1])
        state.early -= early
        if early < removed.shape[1]:
            state.removed.put(self._resampled_back(removed[:, early:], state))
            self._mark(state, marks[..., early:])
        ratio = self.down / self.up
        return [
            i._replace(start=int(i.start * ratio), length=max(1, round(i.length * ratio)))
            for i in out.impulses
        ]

    def _mark(self, state: LowRateState, marks: F32) -> None:
        """Give each sample of the stream the largest mark of those of the chain around it."""
        marks = np.concatenate([state.marks, marks], axis=-1)
        first = state.marked * self.up // self.down  # of the stream's sample, at the chain's rate
        last = (first + marks.shape[-1] - 1) * self.down // self.up
        edges = np.arange(state.marked, last + 1) * self.up // self.down - first
        if len(edges) < 2:
            state.marks = marks
            return
        held = np.maximum.reduceat(marks[..., : edges[-1]], edges[:-1], axis=-1)
        state.marks, state.marked = marks[..., edges[-1] :], last
        state.masks.put(held[:3])
        flags = np.concatenate([state.recently, held[3] > 0], axis=1)
        # A sample is near a repair that comes RINGING after it: it waits for that to be known.
        known = flags.shape[1] - 2 * RINGING
        if known > 0:
            state.near_repair.put(within_reach(flags, 2 * RINGING + 1))
            flags = flags[:, known:]
        state.recently = flags


def chain_for(sample_rate: int, channels: int, chain_factory: Any = Chain) -> Any:
    """Return a chain for a stream of at most 50 kHz, at its own rate or above.

    Who brings networks that were trained for the stream's own rate is served there.

    Parameters
    ----------
    sample_rate : int
        Hz.
    channels : int
    chain_factory : callable
        Makes a chain from a rate and channels.
    """
    own = chain_factory(sample_rate, channels)
    if chain_rate(sample_rate) == sample_rate:
        return own
    if (own.detector_name, own.denoiser_name) != WITHOUT_NETWORKS:
        return own
    return LowRateChain(sample_rate, channels, chain_factory)
