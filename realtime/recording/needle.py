"""Is the needle in the groove? Heard from the line's own noise and the groove's. Worker.

Before the needle comes down the line hisses quietly and evenly. A groove is louder and crackles,
in its pauses too, so that a quiet passage is not taken for the end of the side.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from model.groove.iir import high_pass

F32 = NDArray[np.float32]

WINDOW_S = 0.05
HIGH_PASS_HZ = 500.0  # hum and rumble are there with and without a needle
LOUDER_DB = 10.0  # than the line: a needle
LOUDEST_LINE_DBFS = -50.0  # an even sound above this is music, not a line
LOUD_DBFS = -60.0  # the same where the line has not been heard yet
THUMP_DB = 12.0  # above the line: the needle's drop, before any groove noise
QUIETER_DB = 25.0  # than the side so far: lifted, where the line has not been heard yet
NEAR_LINE_DB = 6.0  # above the line it counts as silent
EVEN = 6.0  # highest peak over RMS of a window without crackle
LINE_S, DROP_S, LOOK_BACK_S, LIFT_S = 1.0, 0.5, 3.0, 3.0
MOST = 0.95  # of the windows must agree where a stretch is judged
SILENCE_DBFS = -150.0


class NeedleWatch:
    """Follows one input.

    Parameters
    ----------
    sample_rate, channels : int

    Attributes
    ----------
    is_down : bool
        True from half a second after the drop to three seconds after the lift.
    dropped_at, lifted_at : int or None
        Samples since the watch began: where the needle touched, where silence began. Of the last
        side.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        self.is_down = False
        self.dropped_at: int | None = None
        self.lifted_at: int | None = None
        self._window = max(32, round(WINDOW_S * sample_rate))
        self._high_pass = high_pass(2, HIGH_PASS_HZ, sample_rate)
        self._state = self._high_pass.initial_state(channels)
        self._rest = np.zeros((channels, 0))
        self._windows = 0  # looked at so far
        self._line_dbfs: float | None = None  # the quietest even noise before a needle
        self._levels: deque[float] = deque(maxlen=round(LOOK_BACK_S / WINDOW_S))
        self._evens: deque[bool] = deque(maxlen=round(LINE_S / WINDOW_S))
        self._silent: deque[bool] = deque(maxlen=round(LIFT_S / WINDOW_S))
        self._playing: deque[float] = deque(maxlen=round(60 / WINDOW_S))

    def add(self, block: F32) -> None:
        """Take in float32 ``[n, channels]``."""
        finite = np.nan_to_num(block.T.astype(np.float64), posinf=1.0, neginf=-1.0)
        heard, self._state = self._high_pass.step(finite, self._state)
        joined = np.concatenate([self._rest, heard], axis=1)
        whole = joined.shape[1] // self._window * self._window
        for start in range(0, whole, self._window):
            self._look(joined[:, start : start + self._window])
        self._rest = joined[:, whole:]

    def _look(self, window: NDArray[np.float64]) -> None:
        rms = float(np.sqrt(np.mean(window**2, axis=1)).max())
        level = max(20 * float(np.log10(rms)), SILENCE_DBFS) if rms > 0 else SILENCE_DBFS
        self._evens.append(float(np.abs(window).max()) <= EVEN * rms)
        self._levels.append(level)
        self._windows += 1
        if self.is_down:
            self._wait_for_lift(level)
        else:
            self._wait_for_drop()

    def _wait_for_drop(self) -> None:
        self._hear_the_line()
        line = self._line_dbfs
        if line is None and len(self._evens) < round(LINE_S / WINDOW_S):
            return  # it may be a line with much noise
        threshold = LOUD_DBFS if line is None else line + LOUDER_DB
        recent = list(self._levels)[-round(DROP_S / WINDOW_S) :]
        if sum(level > threshold for level in recent) < 0.7 * round(DROP_S / WINDOW_S):
            return
        loud = LOUD_DBFS if line is None else line + THUMP_DB
        levels = list(self._levels)
        first = next((i for i, level in enumerate(levels) if level > loud), len(levels) - 1)
        self.is_down = True
        self.dropped_at = max(0, self._windows - len(levels) + first) * self._window
        self.lifted_at = None
        self._silent.clear()
        self._playing.clear()

    def _hear_the_line(self) -> None:
        length = self._evens.maxlen
        assert length
        if len(self._evens) == length and sum(self._evens) >= MOST * length:
            level = float(np.median(list(self._levels)[-length:]))
            if level <= LOUDEST_LINE_DBFS:
                line = self._line_dbfs
                self._line_dbfs = level if line is None else min(level, line)

    def _wait_for_lift(self, level: float) -> None:
        self._playing.append(level)
        if self._line_dbfs is not None:
            silent = level <= self._line_dbfs + NEAR_LINE_DB
        else:
            silent = level <= float(np.median(self._playing)) - QUIETER_DB
        self._silent.append(silent and self._evens[-1])
        length = self._silent.maxlen
        assert length
        if len(self._silent) == length and sum(self._silent) >= MOST * length:
            self.is_down = False
            self.lifted_at = (self._windows - length) * self._window
            self._levels.clear()
            self._evens.clear()
