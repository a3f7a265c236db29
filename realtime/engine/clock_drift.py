"""Keeps the sound's way to the headphones equally long, although two devices are two clocks.

Called by the worker for each block on its way to the output ring. In the normal case the block
passes untouched. After an underflow, or when the output device stood still, the delay has grown:
that much sound is left out at once. When the clocks differ, single samples are slipped, slowly.
"""

from collections import deque
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

FADE = 128  # samples over which a skip is cross-faded
SPAN_S = 1.0  # the mean reserve is taken over spans of this length
SPANS = 5  # the median of so many spans counts: one late burst is no drift
SETTLING = 4  # spans until devices run evenly; the last two fix what the normal reserve is
STANDSTILL_S, STANDSTILL = 0.045, 2  # above normal, in so many spans: no clock drifts like that
UNDERFLOWS_CLOSE_S = 30.0  # two within this time: the delay was too short, let it grow
SLIP_SHARE = 16  # of what the reserve is off, one part in so many is corrected per span
MOST_SLIPS = 20  # per span: 450 ppm at 44.1 kHz, more than two sound cards ever differ
SLIP_EVERY = 4  # blocks
TAPS = 16  # of the filter that reads between samples


class OutputRegulator:
    """Watches how much sound is held in reserve and corrects the sound by what that drifts.

    The reserve is what waits for the output at the moment in which the input has delivered a block:
    how long that block is then worked on does not change it, only the two clocks do.

    Parameters
    ----------
    sample_rate : int
        Hz.
    dead_zone : int
        Samples by which the reserve may differ from the normal one without any correction; a
        device block, in whose steps it moves anyway. Well below the reserve itself: else the output
        runs dry before anything is corrected.
    planned : int, optional
        The normal reserve, in the mean. None: as it is once devices run evenly. On a busy machine
        the first moments may have left less than was planned, and less is soon too little.

    Attributes
    ----------
    drift_corrections : int
        Single samples slipped in or out.
    skipped : int
        Samples left out after underflows and standstills.
    standstills : int
        How often the output device must have stood still: nothing ran dry, yet the ring filled.
    """

    def __init__(self, sample_rate: int, dead_zone: int, planned: int | None = None) -> None:
        self.drift_corrections = self.skipped = self.standstills = 0
        self._rate, self._dead_zone = sample_rate, dead_zone
        self._standstill = max(round(STANDSTILL_S * sample_rate), 2 * dead_zone)
        self._means: deque[int] = deque(maxlen=SPANS)
        self._sum = self._blocks = 0  # of the present span
        self._span = 0  # samples in it
        self._normal: int | None = None
        self._planned = planned
        self._correcting = False
        self._owed = 0  # samples to slip in this span: negative are taken out, positive put in
        self._blocks_since_slip = 0
        self._to_skip = 0
        self._underflows = 0
        self._since_underflow: float | None = None  # seconds
        self._after_underflow = False

    def regulate(self, block: F32, reserve: int, underflows: int) -> F32:
        """Return the block, mostly as it is, else shorter or longer.

        Parameters
        ----------
        block : float32 [channels, n]
        reserve : int
            Samples in the output ring before this block was worked on.
        underflows : int
            How often the ring has run dry so far.
        """
        n = block.shape[1]
        if underflows != self._underflows:
            self._underflow(underflows)
        self._observe(reserve, n)
        if self._to_skip and n > FADE:
            by = min(self._to_skip, n - FADE)
            self._to_skip -= by
            self.skipped += by
            return skip(block, by)
        self._blocks_since_slip += 1
        if self._owed and self._blocks_since_slip >= SLIP_EVERY and n > 2:
            by = 1 if self._owed > 0 else -1
            self._owed -= by
            self._blocks_since_slip = 0
            self.drift_corrections += 1
            return slip(block, by)
        return block

    def _underflow(self, underflows: int) -> None:
        self._underflows = underflows
        since = self._since_underflow
        if self._normal is not None and since is not None and since < UNDERFLOWS_CLOSE_S:
            self._normal += self._dead_zone
        self._since_underflow = 0.0
        self._after_underflow = True
        self._means.clear()
        self._sum = self._blocks = self._span = 0

    def _observe(self, reserve: int, n: int) -> None:
        self._sum += reserve
        self._blocks += 1
        self._span += n
        if self._span < SPAN_S * self._rate:
            return
        if self._since_underflow is not None:
            self._since_underflow += self._span / self._rate
        self._means.append(self._sum // self._blocks)
        self._sum = self._blocks = self._span = 0
        self._judge()

    def _judge(self) -> None:
        if self._normal is None:
            if len(self._means) == SETTLING:
                settled = min(list(self._means)[-2:])
                self._normal = settled if self._planned is None else self._planned
            return
        excess = self._means[-1] - self._normal
        if self._after_underflow:
            self._after_underflow = False
            if excess > self._dead_zone:
                self._leave_out(excess)
            return
        recent = list(self._means)[-STANDSTILL:]
        if len(recent) == STANDSTILL and min(recent) - self._normal > self._standstill:
            self.standstills += 1
            self._leave_out(min(recent) - self._normal)
        elif len(self._means) == SPANS:
            self._correct(float(np.median(self._means)) - self._normal)

    def _correct(self, deviation: float) -> None:
        # Once begun, until nothing is left of it: else a clock that drifts on would keep the
        # reserve at the far end of the dead zone for ever.
        self._correcting = abs(deviation) > (1 if self._correcting else self._dead_zone)
        slips = min(int(abs(deviation) / SLIP_SHARE) + 1, MOST_SLIPS) if self._correcting else 0
        self._owed = -slips if deviation > 0 else slips

    def _leave_out(self, samples: int) -> None:
        self._to_skip = samples
        self._owed = 0
        self._means.clear()


def skip(block: F32, by: int) -> F32:
    """Leave out ``by`` samples, cross-fading from the block's start into what follows them."""
    fade = np.linspace(0.0, 1.0, FADE, dtype=np.float32)
    joined = block[:, :FADE] * (1 - fade) + block[:, by : by + FADE] * fade
    return np.concatenate([joined, block[:, by + FADE :]], axis=1)


def slip(block: F32, by: int) -> F32:
    """Make the block one sample shorter (-1) or longer (+1), its ends staying where they are.

    Read at slightly wider or narrower steps, by band-limited interpolation: a change of pitch by
    0.2 % for the length of the block.
    """
    places, weights = _slip_filter(block.shape[1], by)
    padded = np.pad(block, ((0, 0), (TAPS // 2 - 1, TAPS // 2)), mode="edge")
    slipped: F32 = np.einsum("cmt,mt->cm", padded[:, places], weights)
    return slipped


@lru_cache(maxsize=8)
def _slip_filter(n: int, by: int) -> tuple[NDArray[np.intp], F32]:
    """Where to read and with which weights, ``[n + by, TAPS]``: a sinc under a Hann window."""
    position = np.linspace(0.0, n - 1.0, n + by)
    base = np.minimum(np.floor(position), n - 2).astype(np.intp)
    taps = np.arange(TAPS)
    distance = position[:, None] - base[:, None] + TAPS // 2 - 1 - taps
    weights = np.sinc(distance) * np.cos(np.pi * distance / TAPS) ** 2
    weights /= weights.sum(axis=1, keepdims=True)
    return base[:, None] + taps, weights.astype(np.float32)
