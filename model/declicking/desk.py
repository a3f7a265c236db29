"""The desk that a channel's hop is worked upon, by the compiled core. Runs on the engine's worker.

It holds where everything lies: the next state's arrays, the predictor, the views, the room that is
worked in. The functions of ``model/c`` take it as a whole. One desk serves the channels of a hop
one after the other, and then the next hop.
"""

import ctypes

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.declicking.ar import (
    FLOOR_SHARE,
    LEAST_FLOOR,
    LEAST_SHARE,
    MOST_FLOOR,
    WORTHWHILE,
    plan_of,
    window_of,
)
from model.declicking.rules import RULES, SMOOTH
from model.declicking.thresholds import Thresholds

F64 = NDArray[np.float64]

BLOCK = 64  # samples per block of the running scales (1.5 ms at 44.1 kHz)
AR_ORDER = 160
MEMORY = 4096  # samples the predictor is fitted to
LOOKAHEAD = 832  # samples waited for after the hop
REGION = 2816  # newest samples under examination; a multiple of BLOCK, quick to transform
_MARGIN = AR_ORDER + 8  # newest samples whose field is not complete yet
END = (REGION - _MARGIN) // BLOCK * BLOCK
_BINS = REGION // 2 + 1
_FITTED = 4320  # samples transformed for a fit: no fewer than MEMORY + AR_ORDER, quick

# A hop's work as it is told apart, in the order of the core; ``stages_timed`` has their times.
STAGES = (
    *("band above the music", "predictors", "survey", "repair, search", "repair, rebuilding"),
    *("repair, edges", "repair, verdict", "repair, bodies of pops"),
)
_MOST_LOW = 176  # samples of a slow pulse at its low rate, as thump.c says

REGION_ARRAYS = (
    *("raw", "clean", "unknown", "settled", "above", "ridge", "probability", "memory"),
)
_THRESHOLDS = (
    *("sigma", "guard", "sharpness", "attack", "long_upper", "rise", "analytical"),
    *("upper_sigma", "learned", "lean"),
)
# What the desk has room for, in numbers of eight bytes.
ROOM = {
    **dict.fromkeys(("vote_whole", "vote_above"), END),
    **dict.fromkeys(("height", "upper"), END),
    **dict.fromkeys(("scale", "upper_scale", "peak"), END // BLOCK),
    **dict.fromkeys(("ratio", "height_above", "field", "damage"), END),
    **dict.fromkeys(("index", "starts", "ends", "reach"), END),
    "bands": max(
        END * (AR_ORDER + 4), 4 * MEMORY + _MOST_LOW * (2 * _MOST_LOW + REGION + 1) + REGION
    ),
    **dict.fromkeys(("judged_from", "judged_to", "likely"), END),
    "level": REGION,
    "raw_peak": END // BLOCK,
    "spectrum": 2 * _BINS,
    "scratch": max(8 * REGION, 4 * _FITTED + 2),
}
PREDICTOR = {
    **dict.fromkeys(("coefficients", "gram"), AR_ORDER + 1),
    **dict.fromkeys(("energy", "magnitude"), _BINS),
}
PREDICTOR_NUMBERS = sum(PREDICTOR.values())
_TOLD = ("vote_whole", "vote_above")  # of the room, but named before the predictor


class _Fit(ctypes.Structure):
    """As ``fit_t`` in ``model/c/core.h``."""

    _fields_ = (
        *((name, ADDRESS) for name in ("plan", "window")),
        *((name, NUMBER) for name in ("floor_share", "least_floor", "most_floor")),
        *((name, NUMBER) for name in ("least_share", "worthwhile")),
        ("n", COUNT),
    )


class Desk(ctypes.Structure):
    """As ``desk_t`` in ``model/c/core.h``."""

    _fields_ = (
        *((name, ADDRESS) for name in (*REGION_ARRAYS, *_TOLD, *PREDICTOR)),
        *((name, ADDRESS) for name in ("gains", "plan", "fit", "rules", "smooth")),
        *((name, ADDRESS) for name in ROOM if name not in _TOLD),
        *((name, NUMBER) for name in ("sigma", "limit", *_THRESHOLDS[1:])),
        *((name, COUNT) for name in ("longest", "n", "end", "first", "last", "order")),
        *((name, COUNT) for name in ("low", "high")),
        *((name, COUNT) for name in ("n_open", "n_runs", "has_ratio", "has_field", "is_fresh")),
        *((name, COUNT) for name in ("has_level", "has_raw_peak")),
        ("spent", ADDRESS),
    )


_FIT = _Fit(
    address(plan_of(_FITTED)),
    address(window_of(MEMORY)),
    FLOOR_SHARE,
    LEAST_FLOOR,
    MOST_FLOOR,
    LEAST_SHARE,
    WORTHWHILE,
    MEMORY,
)
_ALWAYS = Desk(
    plan=address(plan_of(REGION)),
    fit=ctypes.addressof(_FIT),
    rules=ctypes.addressof(RULES),
    smooth=address(SMOOTH),
    n=REGION,
    end=END,
    order=AR_ORDER,
)


_size = function("desk_size", (), COUNT)
assert _size() == ctypes.sizeof(Desk), "desk_t and Desk differ"


def _offsets(names: dict[str, int]) -> dict[str, int]:
    found, begins = {}, 0
    for name, length in names.items():
        found[name] = 8 * begins
        begins += length
    return found


ROOM_AT = _offsets(ROOM)
PREDICTOR_AT = _offsets(PREDICTOR)


class Place:
    """Room to work in, and the desk that stands there.

    Attributes
    ----------
    desk : Desk
    at : int
        The desk's address.
    """

    def __init__(self) -> None:
        self.room = np.empty(sum(ROOM.values()))
        self.desk = Desk.from_buffer_copy(_ALWAYS)
        self.at = ctypes.addressof(self.desk)
        begins = address(self.room)
        for name, offset in ROOM_AT.items():
            setattr(self.desk, name, begins + offset)
        self._thresholds: Thresholds | None = None

    def tell(self, thresholds: Thresholds, n: int) -> None:
        """Let thresholds apply to hops of ``n`` samples."""
        desk = self.desk
        desk.first, desk.last = REGION - LOOKAHEAD - n, REGION - LOOKAHEAD
        if thresholds is self._thresholds:
            return
        for name in _THRESHOLDS:
            setattr(desk, name, getattr(thresholds, name))
        desk.longest = thresholds.longest
        desk.low, desk.high = (int(edge * (_FITTED // 2 + 1)) for edge in thresholds.floor_band)
        self._thresholds = thresholds


# Places that nobody works at: megabytes asked of the system at every hop would cost more than the
# work. As many as there were hops at the same time; to take and to give back one is atomic.
_FREE: list[Place] = []


def taken() -> Place:
    """A place to work at, to be given back."""
    try:
        return _FREE.pop()
    except IndexError:
        return Place()


def give_back(place: Place) -> None:
    """Leave a place to another."""
    _FREE.append(place)


def initial_predictor() -> F64:
    """The predictor of silence, which predicts nothing."""
    block = np.zeros(PREDICTOR_NUMBERS)
    block[: AR_ORDER + 2 : AR_ORDER + 1] = 1.0  # the first coefficient, and its own correlation
    block[2 * (AR_ORDER + 1) :] = 1.0
    return block


def stages_timed(spent: F64 | None) -> None:
    """Have the seconds that all places spend in each of ``STAGES`` added up there, or nowhere."""
    places = [taken()]
    places += [_FREE.pop() for _ in range(len(_FREE))]
    for place in places:
        place.desk.spent = None if spent is None else address(spent)
        give_back(place)
