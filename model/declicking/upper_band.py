"""The band above the music, where a 78 holds hiss and clicks alone: does it exist, and from where?

Shellac and its recorders end between 3 and 10 kHz, the transfer long after. What stands out up
there is no brass and no drum. Whether a band is such a one is heard from its level: hiss stays
where it is, music comes and goes. The compiled core listens, ``model/c/upper_band.c``; here stands
what it goes by. Any thread.
"""

import ctypes
import functools
import math

import numpy as np

from model.core import ADDRESS, COUNT, NUMBER, address
from model.declicking.ar import F64, plan_of
from model.declicking.desk import BLOCK, REGION

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
SOUNDS = 1e-7  # full scale; below it is digital silence
SEGMENT = 1536  # samples that are filtered at once ...
EDGE = 192  # ... and at either end of it are blurred
_NARROWEST = 1.4  # from corner to top; less of a band says nothing
_SHARES = np.array([0.25, 0.5, 0.9])  # of a candidate's levels, in order


class BandRules(ctypes.Structure):
    """As ``band_t`` in ``model/c/core.h``."""

    _fields_ = (
        *((name, ADDRESS) for name in ("plan", "gains", "region_gains", "shares", "widths_db")),
        *((name, NUMBER) for name in ("sounds", "fewest", "young", "steady", "unsteady")),
        *((name, NUMBER) for name in ("most_unsteady", "faint", "fainter", "empty")),
        *((name, COUNT) for name in ("bands", "segment", "edge", "memory")),
    )


def remembered(sample_rate: int) -> int:
    """How many blocks the levels are of."""
    return round(MEMORY_S * sample_rate / BLOCK)


def levels_shape(sample_rate: int) -> tuple[int, int]:
    """Of one channel's levels, float32: the whole sound's, then each candidate's; by blocks."""
    return 1 + len(CORNERS_HZ), remembered(sample_rate)


@functools.lru_cache(maxsize=8)
def rules_of(sample_rate: int) -> BandRules:
    """What the core goes by at a sample rate."""
    return BandRules(
        plan=address(plan_of(SEGMENT)),
        gains=address(masks(SEGMENT, sample_rate)),
        region_gains=address(masks(REGION, sample_rate)),
        shares=address(_SHARES),
        widths_db=address(_widths_db(sample_rate)),
        sounds=SOUNDS,
        fewest=FEWEST_S * sample_rate / BLOCK,
        young=YOUNG_S * sample_rate / BLOCK,
        steady=STEADY_DB,
        unsteady=UNSTEADY_DB,
        most_unsteady=MOST_UNSTEADY,
        faint=FAINT_DB,
        fainter=FAINTER_DB,
        empty=EMPTY_DB,
        bands=len(CORNERS_HZ),
        segment=SEGMENT,
        edge=EDGE,
        memory=remembered(sample_rate),
    )


def top_of(sample_rate: int) -> float:
    """Where the upper band ends, in Hz."""
    return min(TOP_HZ, 0.47 * sample_rate)


@functools.cache  # the core keeps where they are
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


@functools.cache
def _widths_db(sample_rate: int) -> F64:
    top = top_of(sample_rate)
    return np.array([10 * math.log10(max(top - low, 1.0)) for low in CORNERS_HZ])
