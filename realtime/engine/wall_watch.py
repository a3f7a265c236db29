"""Hears how a record is cut while it plays, and proposes a groove that suits it better, once.

The worker only keeps the newest samples; the control thread listens to them, a few at a time, and
rests once it is sure. Nothing is changed here: a proposal is a sentence with a button.
"""

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from model.walls.wall_kind import WallKind
    from model.walls.wall_listener import ListenerState, WallListener

F32 = NDArray[np.float32]

KEPT_S = 3.0  # that the control thread may be late by
STEPS_AT_ONCE = 6  # of the listener, of 46 ms each: what was missed is caught up with
REST_S = 45.0  # after judgements that agree, before it is listened to anew
AGREED = 2  # judgements in a row
SURE = 0.6  # confidence of both, from which a groove is proposed
ALONE = ("left", "right")
WORDS = {
    "lateral": "this is a lateral record: use both walls",
    "vertical": "the walls are in opposite phase, as on a vertical record or from a wall that is "
    "wired the other way: use both walls turned to each other",
}


class Proposal(NamedTuple):
    """A groove that suits better, and the sentence for it."""

    groove: str
    sentence: str


class WallWatch:
    """One per stream of two channels.

    Attributes
    ----------
    kind : WallKind or None
        The newest judgement; control thread writes, anyone reads.
    """

    def __init__(self, sample_rate: int) -> None:
        self.kind: WallKind | None = None
        self._rate = sample_rate
        self._listener: WallListener | None = None  # made when there is something to hear
        self._state: ListenerState | None = None  # None: before the first sample
        self._ring = np.zeros((2, round(KEPT_S * sample_rate)), np.float32)
        self._written = 0  # samples so far; worker writes, control thread reads
        self._taken = 0
        self._rests_until = 0.0
        self._has_proposed = False

    def keep(self, samples: F32) -> None:
        """Take in one block, float32 ``[2, n]``; worker only, never waits."""
        size = self._ring.shape[1]
        start, n = self._written % size, min(samples.shape[1], size)
        first = min(n, size - start)
        self._ring[:, start : start + first] = samples[:, :first]
        self._ring[:, : n - first] = samples[:, first:n]
        self._written += n

    def listen(self, now_s: float | None = None) -> None:
        """Hear some of what is new; control thread only."""
        now_s = time.monotonic() if now_s is None else now_s
        if now_s < self._rests_until:
            return
        listener = self._listener = self._listener or self._made_listener()
        hop, size, state = listener.hop, self._ring.shape[1], self._state
        if self._rests_until:
            self._rests_until = 0.0
            state = None
            self._taken = self._written
        for _ in range(STEPS_AT_ONCE):
            if self._written - self._taken > size - 2 * hop:  # it was overtaken
                state = None
                self._taken = self._written
            if self._written - self._taken < hop:
                return
            at = np.arange(self._taken, self._taken + hop) % size
            walls = np.nan_to_num(self._ring[:, at].astype(np.float64), posinf=0.0, neginf=0.0)
            before = state or listener.initial_state()
            self._state = state = listener.step(walls, before)
            self._taken += hop
            if state.kinds is not before.kinds:
                self.kind = state.kinds[-1]
                if self._agreed():
                    self._rests_until = now_s + REST_S
                    return

    def proposal(self, groove: str) -> Proposal | None:
        """Return what suits better than ``groove``, once and never again; control thread only."""
        kind = self.kind
        if self._has_proposed or kind is None or not self._agreed() or kind.confidence < SURE:
            return None
        found = better_groove(kind, groove)
        self._has_proposed = found is not None
        return found

    def _made_listener(self) -> "WallListener":
        from model.walls.wall_listener import WallListener  # heavy: not before the first sound

        return WallListener(self._rate)

    def _agreed(self) -> bool:
        last = self._state.kinds[-AGREED:] if self._state else ()
        return len(last) == AGREED and len({kind.groove for kind in last}) == 1


def better_groove(kind: "WallKind", groove: str) -> Proposal | None:
    """Return the groove that a judgement speaks for, where it speaks against the one chosen.

    What makes one sound of both walls leaves a dead one by itself and turns one that is wired the
    other way; one wall twice has nothing to gain.
    """
    from model.walls.wall_kind import SAME

    if kind == SAME or kind.groove in ("stereo", groove):
        return None
    if kind.groove in ALONE and groove in ("stereo", *ALONE):
        return Proposal(kind.groove, f"{kind.words}: use the {kind.groove} one alone")
    if kind.groove in WORDS and groove == "stereo":
        return Proposal(kind.groove, WORDS[kind.groove])
    return None
