"""The waveform drawn as columns of pixels, each the lowest and highest sample of its moment.

Columns are drawn once, into a ring as wide as the view, and then only shifted: a scrolling
waveform costs no more than the few columns that are new. Numpy on the GUI thread; no Qt painting.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ui.state.history import F32, History, Signal
from ui.views.image_ring import ImageRing
from ui.views.wall_rows import wall_colours
from ui.widgets.theme import Theme, mix, ramp

U8 = NDArray[np.uint8]

GROUND, CENTRE, BAND_ANALYTICAL, BAND_LEARNED = 0, 1, 2, 3
BEFORE, BEFORE_BODY, AFTER, AFTER_BODY, HIT_ANALYTICAL, HIT_LEARNED, GHOST = 4, 5, 6, 7, 8, 9, 10
WALL_HEARD, WALLS_DAMAGED, WALL_LEFT = 11, 12, 13
RAMP_ANALYTICAL, RAMP_LEARNED, RAMP_WALL, RAMP_STEPS = 16, 32, 48, 16

ACTED = 0.001  # the mask is 0 where nothing was acted upon
WALL_SHADE = 0.4  # of the colour of what is heard, for a wall that is
DETECTED = 0.02  # below it a probability is not worth a colour


@dataclass(frozen=True, slots=True)
class Lanes:
    """Where things are drawn, in device pixels: before above, detectors between, after below.

    ``walls`` is what the walls of the groove take below the detectors, 0 where they are not shown.
    """

    height: int
    lane: int
    strip: int
    walls: int = 0

    @classmethod
    def fit(cls, height: int, ratio: float, *, walls: bool = False) -> "Lanes":
        """Divide ``height`` device pixels; ``ratio`` of them make one pixel of the layout."""
        strip, below = round(12 * ratio), round(14 * ratio) if walls else 0
        return cls(height, max((height - strip - below) // 2, 1), strip, below)

    @property
    def walls_top(self) -> int:
        """First row of the walls of the groove."""
        return self.lane + self.strip

    @property
    def after_top(self) -> int:
        """First row of the lower lane."""
        return self.lane + self.strip + self.walls


@dataclass(frozen=True, slots=True)
class Columns:
    """What is drawn of ``n`` columns; sound in full scale +-1, shape ``[n]`` each.

    ``walls`` ``[2, n]`` is the mask of either channel.
    """

    before_low: F32
    before_high: F32
    before_rms: F32
    after_low: F32
    after_high: F32
    after_rms: F32
    analytical: F32
    learned: F32
    mask: F32
    walls: F32


def reduce(history: History, first: int, n: int, step: float, channel: int | None) -> Columns:
    """Columns ``first`` to ``first + n``; column k covers samples k*step to (k+1)*step."""
    edges = (np.arange(first, first + n + 1) * step).astype(np.int64)
    starts = edges[:-1] - edges[0]

    def read(signal: Signal, channel: int | None = channel) -> F32:
        return history.read(signal, int(edges[0]), int(edges[-1]), channel)

    def highest(samples: F32) -> F32:
        return np.maximum.reduceat(samples, starts)

    def shape(samples: F32) -> tuple[F32, F32, F32]:
        power = np.add.reduceat(samples * samples, starts) / np.diff(edges).astype(np.float32)
        return np.minimum.reduceat(samples, starts), highest(samples), np.sqrt(power)

    analytical, learned, mask = (highest(read(name)) for name in ("analytical", "learned", "mask"))
    walls = np.stack([highest(read("mask", wall)) for wall in (0, 1)])
    return Columns(*shape(read("dry")), *shape(read("restored")), analytical, learned, mask, walls)


def draw(columns: Columns, lanes: Lanes, gain: float, heard: tuple[bool, ...] = (True, True)) -> U8:
    """Colour indices ``[height, n]``; ``gain`` brings full view height to 1.

    ``heard`` says which walls of the groove are listened to.
    """
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
    if lanes.walls:
        _walls(pixels, columns, lanes, heard)
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
        self,
        history: History,
        end: int,
        step: float,
        channel: int | None,
        gain: float,
        heard: tuple[bool, ...] = (True, True),
    ) -> bool:
        """Draw what is missing up to column ``end``; False when there was nothing new."""
        first = max(self.end, end - self.image.width)
        if end <= first:
            return False
        columns = reduce(history, first, end - first, step, channel)
        self.image.put(first, draw(columns, self.lanes, gain, heard))
        self.end = end
        return True


def colour_table(theme: Theme) -> list[int]:
    """The colours behind the indices, as Qt's ``0xffrrggbb``."""
    table = [0xFF000000] * 64
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
        WALL_HEARD: mix(theme.well, theme.after, WALL_SHADE),
        WALLS_DAMAGED: mix(theme.well, theme.before, 0.85),
        WALL_LEFT: mix(theme.well, theme.grid, 1.0),
    }
    for index, colour in plain.items():
        table[index] = colour.rgb()
    for start, high in ((RAMP_ANALYTICAL, theme.analytical), (RAMP_LEARNED, theme.learned)):
        table[start : start + RAMP_STEPS] = ramp(theme.grid, high, RAMP_STEPS)
    quiet = mix(theme.well, theme.after, WALL_SHADE).name()
    table[RAMP_WALL : RAMP_WALL + RAMP_STEPS] = ramp(quiet, theme.removed, RAMP_STEPS)
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


def _walls(pixels: U8, columns: Columns, lanes: Lanes, heard: tuple[bool, ...]) -> None:
    """Below the detectors: the left wall of the groove above, the right one below."""
    half, gap = lanes.walls // 2, max(lanes.walls // 7, 1)
    pixels[lanes.walls_top : lanes.after_top] = GROUND
    plain = (WALL_HEARD, WALLS_DAMAGED, WALL_LEFT)
    for wall in (0, 1):
        top = lanes.walls_top + wall * half
        colours = wall_colours(columns.walls, heard, wall, (RAMP_WALL, RAMP_STEPS), plain)
        pixels[top + gap : top + half] = colours
