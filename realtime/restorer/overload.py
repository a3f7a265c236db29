"""The chain behind a guard: when it cannot keep up, it does with less and less. Worker.

First the denoiser rests, then the trained detector, then the dry sound goes out in the place of
the restored; they come back in reverse, one at a time, each once all has been in time for a while.

What is dry is as late as what is restored, so that time never shifts. The change glides, to dry
within the hop that took too long, and back once the chain has run along unheard for a while and
has kept up.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.chain import ChainOutput, joined
from model.settings import Settings
from realtime.restorer.hop_chain import RelievableChain
from realtime.timeline import Stretch, Timeline, extend

F32 = NDArray[np.float32]

WORST_OF = 3  # hops; two of them slower than real time are no accident
FAR_BEHIND = 4  # hops that wait: no time is left to try with less
REST_S = 1.0  # of dry sound before the chain is tried again, or of rest before a part of it is;
# doubled after each failure
LONGEST_REST_S = 16.0
SILENCE_S = 1.0  # that waits: silence is passed on without the chain until that is made up for
INAUDIBLE = 1e-6  # what filters in front of the chain still ring with
REHEARSAL_S = 0.5  # in which the chain runs along unheard


class GuardedState(NamedTuple):
    """The chain's own state, and what is not dry yet."""

    inner: Any
    waiting: F32  # [channels, latency]


class OverloadGuard:
    """Used like the chain that it wraps, for one stream.

    Parameters
    ----------
    chain : RelievableChain
    sample_rate : int
        Of the chain, Hz.
    timeline : Timeline
        ``dry`` is added to.
    per_sample : float
        Samples of the stream for one of the chain.
    clock : callable
        Seconds, monotonic.

    Attributes
    ----------
    backlog_s : callable
        How much sound waits for the worker, in seconds; set once by who owns the stream.
    is_dry : bool
        True while the dry sound goes out; worker writes, control thread reads.
    resting : tuple of str
        Parts of the chain that rest; worker writes, control thread reads.
    """

    def __init__(
        self,
        chain: RelievableChain,
        sample_rate: int,
        timeline: Timeline,
        per_sample: float = 1.0,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.inner, self.hop, self.latency = chain, chain.hop, chain.latency
        self.backlog_s: Callable[[], float] = lambda: 0.0
        self.is_dry = False
        self.resting: tuple[str, ...] = ()
        timeline.without.update({name: [] for name in chain.relief})
        self._timeline, self._per_sample, self._clock = timeline, per_sample, clock
        self._rate, self._hop_s = sample_rate, chain.hop / sample_rate
        self._loads: deque[float] = deque(maxlen=WORST_OF)
        self._hops = 0  # so far
        self._rest_s = REST_S
        self._left = 0  # hops until the chain is tried again
        self._rehearsed = 0  # hops that it has run along
        self._in_time_s = 0.0  # since a part began to rest, or was tried again
        self._part_rest_s = REST_S
        self._is_trial = False  # a part came back a moment ago
        self._skipped = 0  # samples that it never heard
        self._fall = np.linspace(1.0, 0.0, self.hop, dtype=np.float32)

    @property
    def detector_name(self) -> str:
        """The chain's."""
        return self.inner.detector_name

    @property
    def denoiser_name(self) -> str:
        """The chain's."""
        return self.inner.denoiser_name

    def initial_state(self) -> GuardedState:
        """Return the state before the first sample."""
        return GuardedState(self.inner.initial_state(), np.zeros((0, 0), np.float32))

    def step(
        self,
        hop: F32,
        state: GuardedState,
        settings: Settings,
        *,
        difference: F32 | None = None,
    ) -> tuple[ChainOutput, GuardedState]:
        """Restore hops, or let them pass, as late as ever; see ``model.chain.Chain.step``."""
        outputs = []
        for start in range(0, hop.shape[1], self.hop):  # each is a reason to do with less
            this = slice(start, start + self.hop)
            told = None if difference is None else difference[:, this]
            output, state = self._one(hop[:, this], state, settings, told)
            outputs.append(output)
        return joined(outputs), state

    def _one(
        self, hop: F32, state: GuardedState, settings: Settings, difference: F32 | None
    ) -> tuple[ChainOutput, GuardedState]:
        waiting = state.waiting if state.waiting.size else np.zeros((len(hop), self.latency), "f4")
        passing = np.concatenate([waiting, hop], axis=1)
        dry, waiting = passing[:, : self.hop], passing[:, self.hop :]
        self._hops += 1
        if not self.is_dry and self._is_late_silence(passing):
            self._skipped += self.hop
            return _untouched(dry), GuardedState(state.inner, waiting)
        if self.is_dry and self._rests():
            self._skipped += self.hop
            self._mark([self._timeline.dry])
            return _untouched(dry), GuardedState(state.inner, waiting)
        began = self._clock()
        without = frozenset(self.resting)
        out, inner = self.inner.step(hop, state.inner, settings, without, difference)
        self._loads.append((self._clock() - began) / self._hop_s)
        if self._skipped and out.impulses:  # the chain does not know of what it did not hear
            late = self._skipped
            moved = tuple(found._replace(start=found.start + late) for found in out.impulses)
            out = out._replace(impulses=moved)
        return self._judged(out, dry), GuardedState(inner, waiting)

    def _is_late_silence(self, passing: F32) -> bool:
        """Whether nothing is to be restored, and the worker far behind: an input was away."""
        return self.backlog_s() >= SILENCE_S and float(np.abs(passing).max()) < INAUDIBLE

    def _rests(self) -> bool:
        """True until the rest is over and nothing waits."""
        self._left = max(self._left - 1, 0)
        if not self._left and not self._rehearsed and self.backlog_s() >= self._hop_s:
            self._left = 1
        return self._left > 0

    def _judged(self, out: ChainOutput, dry: F32) -> ChainOutput:
        fall = self._fall
        if not self.is_dry:
            self._mark(self._timeline.without[name] for name in self.resting)
            if not self._is_too_slow():
                self._in_time()
                return out
            if self._may_do_with_less():
                return out
            self._give_up(self._rest_s)
            self._mark([self._timeline.dry])
            return out._replace(restored=dry + fall * (out.restored - dry))
        self._rehearsed += 1
        self._mark([self._timeline.dry])
        if self._is_too_slow():
            self._rest_s = min(2 * self._rest_s, LONGEST_REST_S)
            self._give_up(self._rest_s)
        elif self._rehearsed * self._hop_s >= REHEARSAL_S:
            self.is_dry, self._rest_s, self._in_time_s = False, REST_S, 0.0
            return out._replace(restored=dry + fall[::-1] * (out.restored - dry))
        return _untouched(dry)

    def _may_do_with_less(self) -> bool:
        """Let one more part rest, if there is one and time to see whether that suffices."""
        left = self.inner.relief[len(self.resting) :]
        if not left or self.backlog_s() >= FAR_BEHIND * self._hop_s:
            self.resting = self.inner.relief
            return False
        if self._is_trial:
            self._part_rest_s = min(2 * self._part_rest_s, LONGEST_REST_S)
        self.resting, self._in_time_s, self._is_trial = (*self.resting, left[0]), 0.0, False
        self._loads.clear()
        return True

    def _mark(self, rows: Iterable[list[Stretch]]) -> None:
        """Note in some rows of the timeline the hop that leaves."""
        ends = ((self._hops - back) * self.hop - self.latency for back in (1, 0))
        start, end = (max(round(end * self._per_sample), 0) for end in ends)
        for row in rows:
            if end > start:
                extend(row, start, end - start)

    def _in_time(self) -> None:
        """Try the part that rested last again, once all has been in time for long enough."""
        self._in_time_s += self._hop_s
        if self._in_time_s < self._part_rest_s:
            return
        self._in_time_s, self._is_trial = 0.0, bool(self.resting)
        if self.resting:
            self.resting = self.resting[:-1]
        else:
            self._part_rest_s = REST_S

    def _is_too_slow(self) -> bool:
        """Two of the last three hops took longer than they sound, and sound is waiting."""
        slow = sum(load > 1.0 for load in self._loads)
        return slow >= WORST_OF - 1 and self.backlog_s() >= self._hop_s

    def _give_up(self, seconds: float) -> None:
        self.is_dry, self._left, self._rehearsed = True, round(seconds / self._hop_s), 0
        self._loads.clear()


def _untouched(dry: F32) -> ChainOutput:
    nothing = np.zeros_like(dry)
    return ChainOutput(dry, dry, nothing, nothing, nothing, ())
