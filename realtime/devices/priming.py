"""The first moment of an output device: silence, until the reserve is what it should be.

Called by the worker. How two devices take turns shows only once both run; what they bring about is
seen and put right here, before there is anything to hear.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

REHEARSAL_S = 0.25
LAST_BLOCKS = 12  # of the rehearsal, whose reserves count
HICCUPS = 2  # of the least of them are left out: on a busy machine somebody is late now and then
FADE = 256  # samples over which the sound then comes in


class Priming:
    """Stands in for the sound until the output runs as planned.

    Parameters
    ----------
    sample_rate : int
        Hz.
    least_reserve : int
        What the output ring should hold, in samples, when the worker takes up a block.

    Attributes
    ----------
    done : bool
        True once the sound itself may pass.
    """

    def __init__(self, sample_rate: int, least_reserve: int) -> None:
        self.done = False
        self._least_reserve = least_reserve
        self._left = round(REHEARSAL_S * sample_rate)
        self._reserves: deque[int] = deque(maxlen=LAST_BLOCKS)
        self._excess: int | None = None  # samples of silence still to be left out

    @property
    def is_over(self) -> bool:
        """True once all that remains is to begin with the sound."""
        return self._excess == 0

    def replace(self, block: F32, reserve: int) -> F32:
        """Return what goes to the ring in place of one block, float32 ``[channels, n]``."""
        if self._excess is None:
            self._reserves.append(reserve)
            self._left -= block.shape[1]
            if self._left <= 0:
                usual = sorted(self._reserves)[HICCUPS]
                self._excess = usual - self._least_reserve
            return np.zeros_like(block)
        if self._excess:
            length = max(block.shape[1] - self._excess, 0)
            self._excess = max(self._excess - block.shape[1], 0)
            return np.zeros((block.shape[0], length), np.float32)
        self.done = True
        return faded_in(block)


def faded_in(block: F32) -> F32:
    """Let a block rise from silence within 256 samples."""
    n = min(FADE, block.shape[1])
    faded = block.copy()
    faded[:, :n] *= np.linspace(0.0, 1.0, n, endpoint=False, dtype=np.float32)
    return faded
