"""What part of the history the waveform shows: span, standstill, zoom, and the way to a click.

Plain state without widgets, so that it can be reasoned about in samples. GUI thread.
"""

import numpy as np

from ui.state.history import History
from ui.views.closeup import mask_runs

SHORTEST_S, LONGEST_S, USUAL_S = 0.002, 10.0, 8.0
CLICK_VIEW_S = 0.03  # how much is shown around a click one steps to
GAINS = tuple(10.0 ** (db / 20.0) for db in (*range(0, 19, 3), 24, 30, 36))
HIGHEST, ROOMY = 0.95, 0.8  # of the lane: what may be filled, and what a new gain fills


class Viewport:
    """A stretch of sound, following the stream or standing still.

    Attributes
    ----------
    span_s : float
        Seconds shown.
    gain : float
        What the sound is multiplied with for drawing.
    channel : int or None
        One channel, or the mean of both.
    """

    def __init__(self, history: History) -> None:
        self.span_s = USUAL_S
        self.gain = 1.0
        self.channel: int | None = None
        self._live = history
        self._still: History | None = None
        self._right = 0.0  # display index at the right edge while frozen

    @property
    def frozen(self) -> bool:
        """True while the picture stands still."""
        return self._still is not None

    @property
    def history(self) -> History:
        """What is being looked at: the stream, or its standstill."""
        return self._still or self._live

    @property
    def right(self) -> float:
        """Display index at the right edge."""
        return self._right if self.frozen else float(self._live.end)

    @property
    def span(self) -> float:
        """Samples shown."""
        return self.span_s * self.history.sample_rate

    def freeze(self, on: bool) -> None:
        """Stand still at this moment, or go on with the stream."""
        self._still = self._live.copy() if on and self._live.sample_rate else None
        self._right = float(self._live.end)

    def look_at(self, history: History, span_s: float) -> None:
        """Stand still before a finished piece of sound, all of it in view."""
        self._still, self._right = history, float(history.end)
        self.span_s = min(max(span_s, SHORTEST_S), LONGEST_S)
        self.gain = _fitting_gain(self._peak(self._right - self.span, self._right))

    def zoom(self, factor: float, share: float = 0.5) -> None:
        """Show ``factor`` times as much; frozen, what is at ``share`` of the width stays there."""
        before = self.span
        self.span_s = min(max(self.span_s * factor, SHORTEST_S), LONGEST_S)
        self.pan((self.span - before) * (1.0 - share))

    def pan(self, samples: float) -> None:
        """Move a standstill to later samples, no further than half a view beyond its end."""
        earliest = self.history.start + min(self.span, 1.0)
        latest = self.history.end + 0.5 * self.span
        self._right = min(max(self._right + samples, earliest), latest)

    def step_to_click(self, direction: int) -> bool:
        """Freeze and centre the next (1) or previous (-1) repaired click; False without one."""
        now = self.right - self.span / 2
        if not self.frozen:  # the way begins at what was heard last
            self.freeze(True)
            now = self.right
        target = self._click_from(now, direction)
        if target is None:
            return False
        self.span_s = min(self.span_s, CLICK_VIEW_S)
        self.pan(target + self.span / 2 - self._right)
        self.gain = _fitting_gain(self._peak(self.right - self.span, self.right))
        return True

    def fit_gain(self) -> bool:
        """Choose the height that suits the last seconds of the stream; True when it changed."""
        if self.frozen or not self._live.sample_rate:
            return False
        peak = self._peak(self.right - USUAL_S * self._live.sample_rate, self.right)
        fits = self.gain * peak <= HIGHEST
        gain = _fitting_gain(peak, ROOMY)
        if gain == self.gain or (fits and gain < self.gain):
            return False
        self.gain = gain
        return True

    def _click_from(self, now: float, direction: int) -> float | None:
        history = self.history
        if not history.sample_rate:
            return None
        mask = history.read("mask", history.start, history.end, self.channel)
        centres = [history.start + (a + b) / 2 for a, b in mask_runs(mask)]
        beyond = [centre for centre in centres if (centre - now) * direction > 1.0]
        if not beyond and self.span_s > CLICK_VIEW_S:
            beyond = centres  # seen from afar every click is in view: take the nearest
        return min(beyond, key=lambda centre: abs(centre - now), default=None)

    def _peak(self, first: float, last: float) -> float:
        restored = self.history.read("restored", int(first), int(last), self.channel)
        return float(np.abs(restored).max(initial=0.0))


def _fitting_gain(peak: float, share: float = HIGHEST) -> float:
    return max((gain for gain in GAINS if gain * peak <= share), default=1.0)
