"""Columns of a spectrogram in a ring: each moment is transformed once and then only shifted.

Only for the eye: nothing here goes back into the sound. Numpy on the GUI thread.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ui.state.history import F32, History
from ui.views.image_ring import ImageRing
from ui.widgets.theme import Theme, heat_table

Pane = Literal["before", "after", "removed"]
Scale = Literal["log", "linear"]
U8 = NDArray[np.uint8]

N_FFT = 2048
LOWEST_HZ = 60.0  # the lower edge of the logarithmic scale
TOP_DBFS = -12.0  # a sine of this level has the brightest colour
MOST_AT_ONCE = 256  # columns per transform, so that a redraw stays within the caches

_HANN = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
_FULL_SCALE = np.float32(2.0 / _HANN.sum())


class Rows(NamedTuple):
    """How spectral bins become pixel rows, top row first."""

    low: NDArray[np.intp]  # first bin of each row
    high: NDArray[np.intp]  # bin after the last one; at most one above `low`: interpolated
    below: NDArray[np.float32]  # share of the bin below, for rows finer than the bins


def frequencies(n: int, scale: Scale, sample_rate: int) -> NDArray[np.float64]:
    """Frequencies in Hz of the ``n + 1`` edges between rows, from the top down."""
    highest = sample_rate / 2
    if scale == "linear":
        return np.linspace(highest, 0.0, n + 1)
    return np.geomspace(highest, LOWEST_HZ, n + 1)


def rows_for(n: int, scale: Scale, sample_rate: int) -> Rows:
    """Map the bins of one spectrum onto ``n`` rows."""
    edges = frequencies(n, scale, sample_rate) * N_FFT / sample_rate
    last = N_FFT // 2
    middle = np.clip((edges[:-1] + edges[1:]) / 2, 0, last - 1e-6)
    wide = edges[:-1] - edges[1:] > 1.0
    low = np.where(wide, np.floor(edges[1:]), np.floor(middle)).astype(np.intp)
    high = np.where(wide, np.ceil(edges[:-1]), low + 1).astype(np.intp)
    return Rows(
        low, np.clip(high, low + 1, last + 1), (middle - np.floor(middle)).astype(np.float32)
    )


def levels_dbfs(frames: F32) -> F32:
    """Level per bin ``[n, bins]`` of windows of sound ``[n, N_FFT]``; a full-scale sine reads 0."""
    spectrum = np.fft.rfft(frames * _HANN, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(10.0 * np.log10(power * _FULL_SCALE**2 + 1e-14), np.float32)


def to_rows(levels: F32, rows: Rows) -> F32:
    """Level per row ``[rows, n]``: interpolated between bins, or the highest of several."""
    last = levels.shape[1] - 1
    above = np.minimum(rows.low + 1, last)
    shown = levels[:, rows.low] * (1.0 - rows.below) + levels[:, above] * rows.below
    wide = np.flatnonzero(rows.high - rows.low > 1)
    if wide.size:
        bounds = np.stack([rows.low[wide], np.minimum(rows.high[wide], last)], axis=1)
        shown[:, wide] = np.maximum.reduceat(levels, bounds.ravel(), axis=1)[:, ::2]
    return np.asarray(shown.T, np.float32)


def level_at(history: History, pane: Pane, index: float, hz: float, channel: int | None) -> float:
    """Return the level of one frequency at one display index, dBFS."""
    first = int(index) - N_FFT // 2
    before = history.read("dry", first, first + N_FFT, channel)
    after = history.read("restored", first, first + N_FFT, channel)
    sound = {"before": before, "after": after, "removed": before - after}[pane]
    bin_ = min(round(hz * N_FFT / history.sample_rate), N_FFT // 2)
    return float(levels_dbfs(sound[None])[0, bin_])


class SpectrumRing:
    """The spectrogram of one view: panes one above the other.

    Attributes
    ----------
    image : ImageRing
        What is to be painted.
    end : int
        The column after the newest one drawn; column k is centred on sample ``(k + 0.5) * step``.
    """

    def __init__(
        self,
        width: int,
        pane_height: int,
        gap: int,
        panes: tuple[Pane, ...],
        rows: Rows,
        theme: Theme,
    ) -> None:
        self.end = 0
        self._panes, self._rows = panes, rows
        self._pane_height, self._pitch = pane_height, pane_height + gap
        height = len(panes) * self._pitch - gap
        self.image = ImageRing(width, height, heat_table(theme))

    def advance(
        self,
        history: History,
        step: float,
        channel: int | None,
        range_db: float,
        right: float | None = None,
    ) -> bool:
        """Transform what is new up to ``right``, or up to what can be; False if nothing was."""
        last = history.end - N_FFT / 2 - step / 2 if right is None else right
        end = int(last / step)
        first = max(self.end, end - self.image.width, 0)
        if end <= first:
            return False
        for begin in range(first, end, MOST_AT_ONCE):
            self._draw(history, begin, min(begin + MOST_AT_ONCE, end), step, channel, range_db)
        self.end = end
        return True

    def _draw(
        self,
        history: History,
        first: int,
        end: int,
        step: float,
        channel: int | None,
        range_db: float,
    ) -> None:
        starts = ((np.arange(first, end) + 0.5) * step).astype(np.int64) - N_FFT // 2
        lowest, highest = int(starts[0]), int(starts[-1]) + N_FFT
        before = history.read("dry", lowest, highest, channel)
        after = history.read("restored", lowest, highest, channel)
        sounds = {"before": before, "after": after, "removed": before - after}
        index = (starts - lowest)[:, None] + np.arange(N_FFT)
        for i, pane in enumerate(self._panes):
            shown = to_rows(levels_dbfs(sounds[pane][index]), self._rows)
            heat = (shown - (TOP_DBFS - range_db)) * (255.0 / range_db)
            self.image.put(first, np.clip(heat, 0, 255).astype(np.uint8), i * self._pitch)
