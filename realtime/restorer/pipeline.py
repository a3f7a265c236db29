"""The chain for blocks of any length: live sound and files go through the same object.

Runs on the engine's worker thread, or wherever a file is restored; one stream per object.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import gcd
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.chain import Chain, Impulse
from model.groove.record import RecordSettings
from model.settings import Settings
from realtime.config import LOWEST_RATE_HZ
from realtime.restorer.hop_chain import HopChain, WalledChain, known_hiss, with_hiss
from realtime.restorer.record_chain import RecordChain
from realtime.restorer.resampling import HIGHEST_CHAIN_RATE_HZ, HighRateChain
from realtime.restorer.sample_queue import SampleQueue
from realtime.restorer.upsampling import chain_for

if TYPE_CHECKING:
    from realtime.restorer.one_sound_stage import Standing

F32 = NDArray[np.float32]

SIGNALS = 5  # restored, dry, mask, analytical, learned
AT_ONCE = 32_768  # samples of whole hops, at most, that the chain is given together


class Restored(NamedTuple):
    """What one block gives, float32 ``[channels, n]``, delayed by ``StreamRestorer.latency``.

    ``impulses`` are those found during this block, in any order; their ``start`` counts input
    samples of the stream, at its own rate. ``dry - restored`` is what was removed.
    """

    restored: F32
    dry: F32
    mask: F32
    analytical: F32
    learned: F32
    impulses: tuple[Impulse, ...]


class StreamRestorer:
    """Restores a stream that arrives in blocks of any length, always in the same bits.

    Parameters
    ----------
    sample_rate : int
        Hz, from 4000 on. Above 50 kHz the chain works on a half, a quarter ... of the rate; below
        44.1 kHz it works at 44.1 or 48 kHz.
    channels : int
    chain_factory : callable
        Makes a chain from its rate and channels.
    block : int
        Promises that every block's length is a multiple of this. A promise of whole hops saves
        the store that blocks of any length need, and with it ``hop - 1`` samples of latency.
    record : RecordSettings, optional
        What is done before and after the chain; as made without arguments nothing.
    speed_is_corrected : bool
        See ``realtime.restorer.record_chain.RecordChain``.

    Attributes
    ----------
    latency : int
        Samples from input to output, exact for every partition into blocks; that much silence
        comes first.
    chain : HopChain
        Has ``detector_name`` and ``denoiser_name``.
    is_plain : bool
        True when what comes in is what the chain gets: the dry sound is the input, bit for bit.
    nonfinite : int
        NaN and Inf samples met since the last reset; they were taken as silence.

    Raises
    ------
    ValueError
        If the rate or the number of channels is impossible.
    RestorationError
        The record needs two walls, and the stream is mono.
    """

    def __init__(
        self,
        sample_rate: int,
        channels: int,
        chain_factory: Callable[[int, int], HopChain] = Chain,
        block: int = 1,
        record: RecordSettings | None = None,
        *,
        speed_is_corrected: bool = False,
    ) -> None:
        if sample_rate < LOWEST_RATE_HZ:
            raise ValueError(f"sample_rate is {sample_rate}; it must be {LOWEST_RATE_HZ} or more")
        if channels < 1:
            raise ValueError(f"channels is {channels}; it must be 1 or more")
        self.sample_rate, self.channels, self._block = sample_rate, channels, block
        inner: WalledChain
        # What has become one sound is restored once, and copied.
        restored = 1 if record is not None and record.makes_one_sound else channels
        possible = partial(chain_for, chain_factory=chain_factory)
        if sample_rate <= HIGHEST_CHAIN_RATE_HZ:
            inner = possible(sample_rate, restored)
        else:
            inner = HighRateChain(sample_rate, restored, possible)
        self.chain: HopChain = inner
        self.is_plain = record is None or record.is_plain
        if record is not None:
            self.chain = RecordChain(
                inner, sample_rate, channels, record, speed_is_corrected=speed_is_corrected
            )
        # With this many samples in store a hop is complete whenever one is needed.
        self._store = self.chain.hop - gcd(self.chain.hop, block)
        self.latency = self.chain.latency + self._store
        self.reset()

    @property
    def latency_ms(self) -> float:
        """The declared latency in milliseconds."""
        return 1000 * self.latency / self.sample_rate

    def standing(self) -> "Standing | None":
        """How both walls stand to each other, where they are made one sound."""
        chain = self.chain
        return chain.standing(self._state) if isinstance(chain, RecordChain) else None

    def reset(self) -> None:
        """Forget everything; what follows is restored like a new stream."""
        self.nonfinite = 0
        self._state = self.chain.initial_state()
        self._incoming = SampleQueue((self.channels,))
        self._outgoing = SampleQueue((SIGNALS, self.channels), self._store)

    def learn_hiss(self, groove: F32, settings: Settings) -> None:
        """Learn the record's hiss and forget everything else: the next sample is the first.

        Parameters
        ----------
        groove : float32 [channels, n]
            In which nothing but the groove is heard.
        """
        self.process(groove, replace(settings, learn_hiss=True))
        hiss = known_hiss(self.chain, self._state)
        self.reset()
        self._state = with_hiss(self.chain, self._state, hiss)

    def process(self, block: F32, settings: Settings) -> Restored:
        """Take in float32 ``[channels, n]`` and return as many samples, delayed.

        Raises
        ------
        ValueError
            If the block has another number of channels.
        """
        if block.ndim != 2 or block.shape[0] != self.channels:
            raise ValueError(f"block has shape {block.shape}; it must be ({self.channels}, n)")
        samples, one, n = self._finite(block), self.chain.hop, block.shape[1]
        in_store = self._incoming.waiting or self._outgoing.waiting
        if not in_store and 0 < n <= max(AT_ONCE, one) and n % one == 0:  # nothing to wait for
            output, self._state = self.chain.step(samples, self._state, settings)
            return Restored(*output)
        self._incoming.put(samples)
        impulses: list[Impulse] = []
        while self._incoming.waiting >= one:
            whole = min(self._incoming.waiting, max(AT_ONCE, one)) // one * one
            hops = np.ascontiguousarray(self._incoming.take(whole))
            output, self._state = self.chain.step(hops, self._state, settings)
            self._outgoing.put(np.stack(output[:SIGNALS]))
            impulses += output.impulses
        restored, dry, mask, analytical, learned = self._outgoing.take(block.shape[1])
        return Restored(restored, dry, mask, analytical, learned, tuple(impulses))

    def flush(self, settings: Settings) -> Restored:
        """Return the ``latency`` samples still inside, pushed out by as much silence."""
        whole_blocks = -(-self.latency // self._block) * self._block
        tail = self.process(np.zeros((self.channels, whole_blocks), np.float32), settings)
        restored, dry, mask, analytical, learned = np.stack(tail[:SIGNALS])[..., : self.latency]
        return Restored(restored, dry, mask, analytical, learned, tail.impulses)

    def _finite(self, block: F32) -> F32:
        """Return a copy (the caller may reuse its block) without NaN and Inf."""
        samples = np.array(block, np.float32, order="C")
        good = np.isfinite(samples)
        if not good.all():
            self.nonfinite += int(good.size - np.count_nonzero(good))
            samples[~good] = 0.0
        return samples
