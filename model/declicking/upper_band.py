"""The band above the music, where a 78 holds hiss and clicks alone: does it exist, and from where?

Shellac and its recorders end between 3 and 10 kHz, the transfer long after. What stands out up
there is no brass and no drum. Whether a band is such a one is heard from its level: hiss stays
where it is, music comes and goes. State as a value; any thread.
"""

import ctypes
import functools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.declicking.ar import F64, plan_of
from model.declicking.desk import BLOCK

CORNERS_HZ = (4_500.0, 7_000.0, 10_500.0)  # candidates for where the music ends
TOP_HZ = 20_000.0  # no pickup says much above
MEMORY_S = 3.0  # the level is looked at for so long: four turns of a record
FEWEST_S = 0.1  # and must have been heard for so long
YOUNG_S = 0.5  # until then it costs caution: music may hold still for a moment
STEADY_DB = 4.5  # hiss with clicks and swish: between the quartile and the loudest tenth
UNSTEADY_DB = 10.0  # what moves this much is music
MOST_UNSTEADY = 6.0  # caution that is added for a band that moves nearly so much
FAINT_DB = -45.0  # of the sound itself: what stands out of a fainter band is hardly heard
FAINTER_DB = 10.0  # below that, for as much caution again
EMPTY_DB = -22.0  # below the next lower candidate's density: the transfer has ended
_NARROWEST = 1.4  # from corner to top; less of a band says nothing
_SOUNDS = 1e-7  # full scale; below it is digital silence
_SEGMENT = 1536  # samples that are filtered at once ...
_EDGE = 192  # ... and at either end of it are blurred
_SHARES = np.array([0.25, 0.5, 0.9])  # of a candidate's levels, in order

_band_levels = function(
    "band_levels", (*(ADDRESS,) * 3, *(COUNT,) * 3, NUMBER, ADDRESS, ADDRESS), COUNT
)
_band_figures = function("band_figures", (ADDRESS, COUNT, *(ADDRESS,) * 3), COUNT)
_band_power = function("band_power", (ADDRESS, COUNT, ADDRESS), COUNT)


class Reading(NamedTuple):
    """What one channel's upper band is worth: the candidate's index, and a factor of caution.

    ``caution`` is 1 where the band is as steady as hiss, infinite where there is none.
    """

    corner: int
    caution: float


NOTHING = Reading(0, np.inf)


class UpperBand(NamedTuple):
    """Levels of the last ``MEMORY_S`` and what they say.

    ``levels`` is float32 ``[C, 1 + len(CORNERS_HZ), blocks]``: the whole sound, then each
    candidate, 0 where nothing was heard.
    """

    levels: NDArray[np.float32]
    readings: tuple[Reading, ...]


def initial_state(channels: int, sample_rate: int) -> UpperBand:
    """Nothing has been heard."""
    blocks = round(MEMORY_S * sample_rate / BLOCK)
    shape = (channels, 1 + len(CORNERS_HZ), blocks)
    return UpperBand(np.zeros(shape, np.float32), (NOTHING,) * channels)


def top_of(sample_rate: int) -> float:
    """Where the upper band ends, in Hz."""
    return min(TOP_HZ, 0.47 * sample_rate)


@functools.lru_cache(maxsize=16)
def masks(n: int, sample_rate: int) -> F64:
    """Gains ``[len(CORNERS_HZ), n // 2 + 1]`` of the candidate bands; all 0 where none exists."""
    frequency = np.fft.rfftfreq(n, 1 / sample_rate)
    top = top_of(sample_rate)
    rows = [
        np.clip((frequency - 0.9 * low) / (0.2 * low), 0, 1)
        * np.clip((top - frequency) / 1_500 + 0.5, 0, 1)
        * (low * _NARROWEST < top)
        for low in CORNERS_HZ
    ]
    gains = np.stack(rows)
    gains.setflags(write=False)
    return gains


def listen(state: UpperBand, came: F64, n: int, sample_rate: int) -> UpperBand:
    """Take in ``n`` newer samples.

    Parameters
    ----------
    came : float64 [C, T]
        The newest input, clicks included, which medians do not mind; its last ``_EDGE`` samples
        wait for their turn.
    n : int
        Samples that are new since the last call, a multiple of ``BLOCK``.
    """
    blocks = n // BLOCK
    newest = np.ascontiguousarray(came[:, -_SEGMENT:])
    level = np.empty((len(came), 1 + len(CORNERS_HZ), blocks), np.float32)
    gains, scratch = masks(_SEGMENT, sample_rate), np.empty(5 * _SEGMENT + 4)
    with_what = address(plan_of(_SEGMENT)), address(gains), address(scratch)
    levels = np.concatenate([state.levels[..., blocks:], level], axis=-1)
    for channel, signal in enumerate(newest):
        sounds = _band_levels(
            *(with_what[0], address(signal), with_what[1], len(CORNERS_HZ)),
            *(_SEGMENT - _EDGE - n, blocks, _SOUNDS),
            *(address(level[channel]), with_what[2]),
        )
        # Between two cuts there is no record: what is known of its hiss must outlast the silence.
        levels[channel, :, -blocks:] = level[channel]
        if not sounds:
            levels[channel] = state.levels[channel]
    # Every time, so that what is found hangs on the sound alone, not on where the hops began.
    return UpperBand(levels, tuple(_read(channel, sample_rate) for channel in levels))


def _read(levels: NDArray[np.float32], sample_rate: int) -> Reading:
    """Say which candidate of one channel is steady hiss, the lowest first."""
    best, below = NOTHING, np.nan
    power = ctypes.c_double()
    heard = _band_power(address(levels), levels.shape[1], ctypes.addressof(power))
    if heard == 0:
        return best
    sound_db = 10 * math.log10(power.value + 1e-20)
    young = max(0.0, 1.0 - heard * BLOCK / (YOUNG_S * sample_rate))
    figures = [_figures(row, sample_rate) for row in levels[1:]]
    for corner, (figure, above) in enumerate(zip(figures, [*figures[1:], None], strict=True)):
        if figure is None:
            continue
        density = _density(figure, corner, sample_rate)
        if above is not None and _density(above, corner + 1, sample_rate) < density + EMPTY_DB:
            # The transfer ends near here: what is left of this band is no octave of hiss, but
            # the end of the music.
            continue
        if density < below + EMPTY_DB:
            break
        below, spread = density, figure.loud_db - figure.quartile_db
        if spread < UNSTEADY_DB:
            # The loudest of what is heard as hiss stands higher above its median.
            moves = max(0.0, spread - STEADY_DB) / (UNSTEADY_DB - STEADY_DB)
            caution = 1.0 + young + MOST_UNSTEADY * moves**2
            caution += max(0.0, FAINT_DB - (figure.median_db - sound_db)) / FAINTER_DB
            if caution < best.caution:
                best = Reading(corner, float(caution))
    return best


class _Figures(NamedTuple):
    """A candidate's levels: the quartile, the median, the loudest tenth."""

    quartile_db: float
    median_db: float
    loud_db: float


def _figures(levels: NDArray[np.float32], sample_rate: int) -> _Figures | None:
    """What a candidate's level has been; None while too little of it was heard."""
    n = len(levels)
    found, scratch = np.empty(3), np.empty(n)
    heard = _band_figures(address(levels), n, address(_SHARES), address(found), address(scratch))
    if heard < FEWEST_S * sample_rate / BLOCK:
        return None
    return _Figures(*(20 * math.log10(level) for level in found.tolist()))


def _density(figure: _Figures, corner: int, sample_rate: int) -> float:
    """A candidate's level for each Hz of its width, in dB."""
    width = max(top_of(sample_rate) - CORNERS_HZ[corner], 1.0)
    return figure.median_db - 10 * math.log10(width)
