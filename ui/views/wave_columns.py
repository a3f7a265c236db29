"""The waveform drawn as columns of pixels, each the lowest and highest sample of its moment.

Columns are drawn once, into a ring as wide as the view, and then only shifted: a scrolling
waveform costs no more than the few columns that are new. Numpy on the GUI thread; no Qt painting.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ui.state.history import F32, History, Signal
from ui.views.image_ring import ImageRing
from ui.widgets.theme import Theme, mix, ramp

U8 = NDArray[np.uint8]

GROUND, CENTRE, BAND_ANALYTICAL, BAND_LEARNED = 0, 1, 2, 3
BEFORE, BEFORE_BODY, AFTER, AFTER_BODY, HIT_ANALYTICAL, HIT_LEARNED, GHOST = 4, 5, 6, 7, 8, 9, 10
RAMP_ANALYTICAL, RAMP_LEARNED, RAMP_STEPS = 16, 32, 16

ACTED = 0.001  # the mask is 0 where nothing was acted upon
DETECTED = 0.02  # below it a probability is not worth a colour


@dataclass(frozen=True, slots=True)
class Lanes:
    """Where things are drawn, in device pixels: before above, detectors between, after below."""

    height: int
    lane: int
    strip: int

    @classmethod
    def fit(cls, height: int, ratio: float) -> "Lanes":
        """Divide ``height`` device pixels; ``ratio`` of them make one pixel of the layout."""
        strip = round(12 * ratio)
        return cls(height, max((height - strip) // 2, 1), strip)

    @property
    def after_top(self) -> int:
        """First row of the lower lane."""
        return self.lane + self.strip


@dataclass(frozen=True, slots=True)
class Columns:
    """What is drawn of ``n`` columns; sound in full scale +-1, shape ``[n]`` each."""

    before_low: F32
    before_high: F32
    before_rms: F32
    after_low: F32
    after_high: F32
    after_rms: F32
    analytical: F32
    learned: F32
    mask: F32


def reduce(history: History, first: int, n: int, step: float, channel: int | None) -> Columns:
    """Columns ``first`` to ``first + n``; column k covers samples k*step to (k+1)*step."""
    edges = (np.arange(first, first + n + 1) * step).astype(np.int64)
    starts = edges[:-1] - edges[0]

    def read(signal: Signal) -> F32:
        return history.read(signal, int(edges[0]), int(edges[-1]), channel)

    def highest(samples: F32) -> F32:
        return np.maximum.reduceat(samples, starts)

    def shape(samples: F32) -> tuple[F32, F32, F32]:
        power = np.add.reduceat(samples * samples, starts) / np.diff(edges).astype(np.float32)
        return np.minimum.reduceat(samples, starts), highest(samples), np.sqrt(power)

    probabilities = (highest(read(name)) for name in ("analytical", "learned", "mask"))
    return Columns(*shape(read("dry")), *shape(read("restored")), *probabilities)


def draw(columns: Columns, lanes: Lanes, gain: float) -> U8:
    """Colour indices ``[height, n]``; ``gain`` brings full view height to 1."""
    n = len(columns.mask)
    pixels = np.zeros((lanes.height, n), np.uint8)
    acted = columns.mask >= ACTED
    learned = columns.learned > columns.analytical
    band = np.where(acted, np.where(learned, BAND_LEARNED, BAND_ANALYTICAL), GROUND)
    hit = np.where(learned, HIT_LEARNED, HIT_ANALYTICAL)
    pixels[:] = band.astype(np.uint8)
    upper, lower = pixels[: lanes.lane], pixels[lanes.after_top : lanes.after_top + lanes.lane]
    before = (columns.before_low * gain, columns.before_high * gain)
    after = (columns.after_low * gain, columns.after_high * gain)
    _fill(upper, *before, np.where(acted, hit, BEFORE))
    _fill(upper, *_body(columns.before_rms * gain, *before), np.where(acted, hit, BEFORE_BODY))
    low, high = (np.where(acted, side, np.float32(0.0)) for side in before)
    _fill(lower, low, high, np.where(acted, GHOST, band))
    _fill(lower, *after, np.full(n, AFTER))
    _fill(lower, *_body(columns.after_rms * gain, *after), np.full(n, AFTER_BODY))
    _strips(pixels, columns, lanes)
    return pixels


class ColumnRing:
    """The columns of one view, newest at the right.

    Attributes
    ----------
    image : ImageRing
        What is to be painted.
    end : int
        The column after the newest one drawn.
    """

    def __init__(self, width: int, lanes: Lanes, theme: Theme) -> None:
        self.lanes, self.end = lanes, 0
        self.image = ImageRing(width, lanes.height, colour_table(theme))

    def advance(
        self, history: History, end: int, step: float, channel: int | None, gain: float
    ) -> bool:
        """Draw what is missing up to column ``end``; False when there was nothing new."""
        first = max(self.end, end - self.image.width)
        if end <= first:
            return False
        columns = reduce(history, first, end - first, step, channel)
        self.image.put(first, draw(columns, self.lanes, gain))
        self.end = end
        return True


def colour_table(theme: Theme) -> list[int]:
    """The colours behind the indices, as Qt's ``0xffrrggbb``."""
    table = [0xFF000000] * 48
    plain = {
        GROUND: mix(theme.well, theme.well, 0.0),
        CENTRE: mix(theme.well, theme.grid, 1.0),
        BAND_ANALYTICAL: mix(theme.well, theme.analytical, 0.27),
        BAND_LEARNED: mix(theme.well, theme.learned, 0.3),
        BEFORE: mix(theme.before_body, theme.before, 0.25),
        BEFORE_BODY: mix(theme.before, theme.before, 0.0),
        AFTER: mix(theme.after_body, theme.after, 0.25),
        AFTER_BODY: mix(theme.after, theme.after, 0.0),
        HIT_ANALYTICAL: mix(theme.analytical, theme.analytical, 0.0),
        HIT_LEARNED: mix(theme.learned, theme.learned, 0.0),
        GHOST: mix(theme.well, theme.removed, 0.62),
    }
    for index, colour in plain.items():
        table[index] = colour.rgb()
    for start, high in ((RAMP_ANALYTICAL, theme.analytical), (RAMP_LEARNED, theme.learned)):
        table[start : start + RAMP_STEPS] = ramp(theme.grid, high, RAMP_STEPS)
    return table


def _fill(lane: U8, low: F32, high: F32, colour: NDArray[np.int_]) -> None:
    """Colour each column of ``lane`` from its low to its high value, one row at least."""
    rows = lane.shape[0]
    top = np.clip(((1.0 - high) * 0.5 * rows).astype(np.int32), 0, rows - 1)
    bottom = np.clip(((1.0 - low) * 0.5 * rows).astype(np.int32), 0, rows - 1)
    row = np.arange(rows, dtype=np.int32)[:, None]
    inside = (row >= top) & (row <= bottom)
    np.copyto(lane, colour.astype(np.uint8), where=inside)


def _body(rms: F32, low: F32, high: F32) -> tuple[F32, F32]:
    return np.maximum(-rms, low), np.minimum(rms, high)


def _strips(pixels: U8, columns: Columns, lanes: Lanes) -> None:
    """Between the lanes: the analytical detector's probability above, the learned one's below."""
    half = lanes.strip // 2
    gap = max(lanes.strip // 12, 1)
    rows = (
        (lanes.lane + gap, lanes.lane + half, columns.analytical, RAMP_ANALYTICAL),
        (lanes.lane + half + gap, lanes.after_top, columns.learned, RAMP_LEARNED),
    )
    pixels[lanes.lane : lanes.after_top] = GROUND
    for top, bottom, probability, start in rows:
        level = np.where(probability > DETECTED, probability, 0.0) * (RAMP_STEPS - 1)
        pixels[top:bottom] = (start + np.clip(level.round(), 0, RAMP_STEPS - 1)).astype(np.uint8)
