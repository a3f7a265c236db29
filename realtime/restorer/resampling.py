"""The chain for rates beyond its own: resampled down to it; only what it removed comes back.

Runs on whatever thread drives the chain (worker, file restoration). The resampler (soxr) is fed in
steps of one fixed length, because its rounding depends on them; its delay is never assumed: every
sample is counted, and the latency is declared from what a rehearsal showed at worst.
"""

from abc import ABC, abstractmethod
from functools import lru_cache
from typing import Any

import numpy as np
import soxr
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from model.chain import LOUDEST, Chain, ChainOutput, Impulse
from model.hiss.record_hiss import KnownHiss
from model.settings import Settings
from realtime.restorer.hop_chain import known_hiss, with_hiss
from realtime.restorer.sample_queue import SampleQueue

F32 = NDArray[np.float32]

HIGHEST_CHAIN_RATE_HZ = 50_000
STEP = 128  # samples at the chain's rate that are resampled at a time
QUALITY = "HQ"
RINGING = 128  # chain samples on each side of a repair; the filter's ringing beyond is < -120 dB
HOPS_BEFORE = 16  # whose peak still counts for the bound: 2048 samples of the chain
REHEARSAL, REHEARSAL_STEP = 16_384, 16  # chain samples


def rate_divisor(sample_rate: int) -> int:
    """Return the power of two that brings ``sample_rate`` (Hz) down to a rate of the chain."""
    divisor = 1
    while sample_rate > HIGHEST_CHAIN_RATE_HZ * divisor:
        divisor *= 2
    return divisor


@lru_cache
def resampler_delays(divisor: int) -> tuple[int, int]:
    """Return by how many high-rate samples soxr's output is behind at worst, (down, up)."""
    down = soxr.ResampleStream(divisor, 1, 1, quality=QUALITY)
    up = soxr.ResampleStream(1, divisor, 1, quality=QUALITY)
    high = np.zeros(REHEARSAL_STEP * divisor, np.float32)
    low = np.zeros(REHEARSAL_STEP, np.float32)
    behind_down = behind_up = came_down = came_up = 0
    for given in range(0, REHEARSAL * divisor, len(high)):
        came_down += len(down.resample_chunk(high)) * divisor
        came_up += len(up.resample_chunk(low))
        behind_down = max(behind_down, given + len(high) - came_down)
        behind_up = max(behind_up, given + len(high) - came_up)
    return behind_down + len(high), behind_up + len(high)


class ResampledState:
    """What is remembered between two steps; one stream's own, changed in place (soxr's is hidden).

    ``arrived`` holds sound at the chain's rate, all other queues at the stream's. ``delays`` are
    the samples of silence that ``removed``, ``masks`` and ``near_repair`` begin with.
    """

    def __init__(self, chain: "ResampledChain", delays: tuple[int, int, int]) -> None:
        n, inner, own = chain.channels, chain.inner_rate, chain.sample_rate
        self.to_chain = soxr.ResampleStream(own, inner, n, quality=QUALITY)
        self.from_chain = soxr.ResampleStream(inner, own, n, quality=QUALITY)
        self.arrived = SampleQueue((n,))
        self._rates = own, inner
        self.beside: SampleQueue | None = None  # the walls' difference, as ``arrived``
        self._beside_to_chain: Any = None
        self.chain_state = chain.inner.initial_state()
        self.dry = SampleQueue((n,), chain.latency)
        self.removed, self.near_repair = (SampleQueue((n,), delays[i]) for i in (0, 2))
        self.masks = SampleQueue((3, n), delays[1])
        hops = -(-chain.latency // chain.hop) + HOPS_BEFORE
        # Of each hop from a little before the one that leaves to the last one, channels x hops.
        self.peaks = np.zeros((n, hops - 1), np.float32)

    def put_beside(self, difference: F32, hop: int) -> None:
        """Take in what the walls do not share, at the stream's rate."""
        if self.beside is None:
            self.beside = SampleQueue((1,))
            self._beside_to_chain = soxr.ResampleStream(*self._rates, 1, quality=QUALITY)
        self.beside.put(resampled(self._beside_to_chain, difference, hop))


class ResampledChain(ABC):
    """A chain at another rate than the stream's; used like ``model.chain.Chain``.

    What comes out is the dry sound minus what the inner chain removed, resampled to the stream's
    rate. Beyond the ringing of the resampling filter around a repair it equals the delayed input
    bit for bit.

    Attributes
    ----------
    sample_rate, inner_rate : int
        Hz, the stream's and the inner chain's.
    hop, latency : int
        Samples at ``sample_rate``.
    """

    sample_rate: int
    inner_rate: int
    channels: int
    hop: int
    latency: int
    inner: Any

    @property
    def detector_name(self) -> str:
        """The inner chain's."""
        return str(self.inner.detector_name)

    @property
    def denoiser_name(self) -> str:
        """The inner chain's."""
        return str(self.inner.denoiser_name)

    def known_hiss(self, state: ResampledState) -> KnownHiss:
        """What the inner chain has learned."""
        return known_hiss(self.inner, state.chain_state)

    def with_hiss(self, state: ResampledState, hiss: KnownHiss) -> ResampledState:
        """The same state, whose inner chain knows it."""
        state.chain_state = with_hiss(self.inner, state.chain_state, hiss)
        return state

    def step(
        self, hop: F32, state: Any, settings: Settings, *, difference: F32 | None = None
    ) -> tuple[ChainOutput, Any]:
        """Restore float32 ``[channels, n]``, whole hops; the state is changed and returned.

        The walls' ``difference`` comes with every hop of a stream, or with none.
        """
        n = hop.shape[1]
        state.dry.put(hop)
        newest = np.abs(hop.reshape(self.channels, -1, self.hop)).max(axis=2)
        peaks = np.concatenate([state.peaks, newest], axis=1)
        around = sliding_window_view(peaks, state.peaks.shape[1] + 1, axis=1)
        limits = np.float32(LOUDEST) * around.max(axis=2)
        state.peaks = peaks[:, newest.shape[1] :]
        state.arrived.put(resampled(state.to_chain, hop, self.hop))
        if difference is not None:
            state.put_beside(difference, self.hop)
        impulses: list[Impulse] = []
        if whole := state.arrived.waiting // self.inner.hop * self.inner.hop:
            arrived = np.ascontiguousarray(state.arrived.take(whole))
            out, state.chain_state = self._inner_step(arrived, state, settings)
            impulses = self._take_back(out, state)
        dry, removed = state.dry.take(n), state.removed.take(n)
        removed = removed * state.near_repair.take(n)
        mask, analytical, learned = state.masks.take(n)
        # The inner chain keeps its own bound, but the peaks lie elsewhere at this rate.
        limit = np.repeat(limits, self.hop, axis=1)
        restored = np.clip(dry - removed, -limit, limit)
        output = ChainOutput(restored, dry, mask, analytical, learned, tuple(impulses))
        return output, state

    def _inner_step(
        self, arrived: F32, state: ResampledState, settings: Settings
    ) -> tuple[ChainOutput, Any]:
        if state.beside is None:
            stepped = self.inner.step(arrived, state.chain_state, settings)
        else:
            told = state.beside.take(arrived.shape[1])
            stepped = self.inner.step(arrived, state.chain_state, settings, difference=told)
        done: tuple[ChainOutput, Any] = stepped
        return done

    def _resampled_back(self, removed: F32, state: Any) -> F32:
        """What was removed, ``[channels, n]``, at the stream's rate."""
        return resampled(state.from_chain, removed, self.inner.hop)

    @abstractmethod
    def _take_back(self, out: ChainOutput, state: Any) -> list[Impulse]:
        """Bring to the stream's rate what the inner chain gave; returns its impulses."""


class HighRateState(ResampledState):
    """That of a :class:`HighRateChain`."""

    def __init__(self, chain: "HighRateChain") -> None:
        k, after = chain.divisor, chain.resampling_latency
        # One chain sample stands for the k samples nearest to it: half of them are before it.
        super().__init__(chain, (after, after - k // 2, after - k // 2 - k * RINGING))
        self.recently_removed = np.zeros((chain.channels, 2 * RINGING), np.bool_)


class HighRateChain(ResampledChain):
    """A chain for 88.2, 96, 176.4, 192 kHz ...

    The ringing of the resampling filter has died away 2.7 ms from a repair.

    Parameters
    ----------
    sample_rate : int
        Hz, above 50 kHz.
    channels : int
    chain_factory : callable
        Makes the inner chain from its rate and channels.

    Attributes
    ----------
    latency : int
        Samples at ``sample_rate``: the inner chain's and ``resampling_latency``.
    """

    def __init__(self, sample_rate: int, channels: int, chain_factory: Any = Chain) -> None:
        self.sample_rate, self.channels = sample_rate, channels
        self.divisor = k = rate_divisor(sample_rate)
        self.inner_rate = round(sample_rate / k)
        self.inner = chain_factory(self.inner_rate, channels)
        self.hop = k * STEP
        behind_down, behind_up = resampler_delays(k)
        until_hop_is_full = k * (self.inner.hop - 1)
        self.resampling_latency = behind_down + until_hop_is_full + max(behind_up, k * RINGING)
        self.latency = k * self.inner.latency + self.resampling_latency

    def initial_state(self) -> HighRateState:
        """Return the state before the first sample, for one stream only."""
        return HighRateState(self)

    def _take_back(self, out: ChainOutput, state: HighRateState) -> list[Impulse]:
        k = self.divisor
        removed = out.dry - out.restored
        state.removed.put(self._resampled_back(removed, state))
        masks = np.stack([out.mask, out.analytical, out.learned])
        state.masks.put(np.repeat(masks, k, axis=-1))
        flags = np.concatenate([state.recently_removed, removed != 0], axis=1)
        state.recently_removed = flags[:, -2 * RINGING :]
        state.near_repair.put(np.repeat(within_reach(flags, 2 * RINGING + 1), k, axis=-1))
        return [i._replace(start=i.start * k, length=i.length * k) for i in out.impulses]


def resampled(stream: Any, signal: F32, at_once: int) -> F32:
    """Return what a soxr stream makes of ``[channels, n]``, given so many samples at a time."""
    samples = np.ascontiguousarray(signal.T)  # soxr has channels in the last axis
    parts = [
        stream.resample_chunk(samples[start : start + at_once])
        for start in range(0, len(samples), at_once)
    ]
    return np.ascontiguousarray(np.concatenate(parts).T)


def within_reach(flags: NDArray[np.bool_], window: int) -> F32:
    """Return 1 where any of ``window`` neighbours is set, ``[channels, n - window + 1]``."""
    counts = np.cumsum(flags, axis=1, dtype=np.int32)
    counts = np.concatenate([np.zeros_like(counts[:, :1]), counts], axis=1)
    return (counts[:, window:] > counts[:, :-window]).astype(np.float32)
