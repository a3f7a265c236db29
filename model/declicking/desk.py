"""The desk that a channel's hop is worked upon, by the compiled core. Runs on the engine's worker.

It holds where everything lies: the next state's arrays, the predictor, the views, the room that is
worked in. The functions of ``model/c`` take it as a whole. One desk serves the channels of a hop
one after the other.
"""

import ctypes
import functools
from typing import Any, NamedTuple

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
Mask = NDArray[np.bool_]

BLOCK = 64  # samples per block of the running scales (1.5 ms at 44.1 kHz)
AR_ORDER = 160
MEMORY = 4096  # samples the predictor is fitted to
LOOKAHEAD = 832  # samples waited for after the hop
REGION = 2816  # newest samples under examination; a multiple of BLOCK, quick to transform
_MARGIN = AR_ORDER + 8  # newest samples whose field is not complete yet
END = (REGION - _MARGIN) // BLOCK * BLOCK
_BINS = REGION // 2 + 1
_FITTED = 4320  # samples transformed for a fit: no fewer than MEMORY + AR_ORDER, quick

_REGION_ARRAYS = (
    *("raw", "clean", "unknown", "settled", "above", "ridge", "probability", "memory"),
    *("vote_whole", "vote_above"),
)
_THRESHOLDS = ("sigma", "guard", "sharpness", "attack", "long_upper", "rise", "analytical")
# What the desk has room for, in numbers of eight bytes.
_ROOM = {
    **dict.fromkeys(("height", "upper"), END),
    **dict.fromkeys(("scale", "upper_scale", "peak"), END // BLOCK),
    **dict.fromkeys(("ratio", "height_above", "field", "damage"), END),
    **dict.fromkeys(("index", "starts", "ends", "offsets"), END),
    "bands": END * (AR_ORDER + 1),
    "level": REGION,
    "raw_peak": END // BLOCK,
    "spectrum": 2 * _BINS,
    "scratch": max(8 * REGION, 4 * _FITTED + 2),
}
_PREDICTOR = {
    **dict.fromkeys(("coefficients", "gram"), AR_ORDER + 1),
    **dict.fromkeys(("energy", "magnitude"), _BINS),
}


class _Fit(ctypes.Structure):
    """As ``fit_t`` in ``model/c/core.h``."""

    _fields_ = (
        *((name, ADDRESS) for name in ("plan", "window")),
        *((name, NUMBER) for name in ("floor_share", "least_floor", "most_floor")),
        *((name, NUMBER) for name in ("least_share", "worthwhile")),
        ("n", COUNT),
    )


class _Desk(ctypes.Structure):
    """As ``desk_t`` in ``model/c/core.h``."""

    _fields_ = (
        *((name, ADDRESS) for name in (*_REGION_ARRAYS, *_PREDICTOR)),
        *((name, ADDRESS) for name in ("gains", "plan", "fit", "rules", "smooth", *_ROOM)),
        *((name, NUMBER) for name in ("sigma", "limit", *_THRESHOLDS[1:])),
        *((name, COUNT) for name in ("longest", "n", "end", "first", "last", "order")),
        *((name, COUNT) for name in ("low", "high")),
        *((name, COUNT) for name in ("n_open", "n_runs", "has_ratio", "has_field", "is_fresh")),
        *((name, COUNT) for name in ("has_level", "has_raw_peak")),
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
_ALWAYS = _Desk(
    plan=address(plan_of(REGION)),
    fit=ctypes.addressof(_FIT),
    rules=ctypes.addressof(RULES),
    smooth=address(SMOOTH),
    n=REGION,
    end=END,
    order=AR_ORDER,
)


def _of_desk(name: str, gives: Any = None, *more: Any) -> Any:
    return function(name, (ADDRESS, *more), gives)


_size = function("desk_size", (), COUNT)
_fit, _refine = _of_desk("desk_fit"), _of_desk("desk_refine")
_look, _has_suspects = _of_desk("desk_look", NUMBER), _of_desk("desk_has_suspects", COUNT)
_begin, _narrow, _weigh = (_of_desk(f"desk_{what}") for what in ("begin", "narrow", "weigh"))
_take_stock = _of_desk("desk_take_stock")
_in_hop = _of_desk("desk_is_any_open_in_hop", COUNT)
_open, _rebuild = _of_desk("desk_open_suspects", COUNT), _of_desk("desk_rebuild", COUNT)
_judge = _of_desk("desk_judge", COUNT, ADDRESS, ADDRESS, ADDRESS)
_settle = _of_desk("desk_settle", NUMBER, COUNT, COUNT)
_evidence = _of_desk("desk_evidence", None, ADDRESS)


class Region(NamedTuple):
    """The channels' newest samples, ``[channels, REGION]``: the next state's, written in place.

    ``unknown`` is what is under repair, ``settled`` what is decided and never touched again,
    ``ridge`` how strongly a repair leans on its input, ``probability`` that of settled impulses,
    ``above`` whether a suspect stood out above the music. ``raw`` is what came and ``clean`` what
    is restored so far, both ``[channels, MEMORY]``.
    """

    raw: F64
    clean: F64
    unknown: Mask
    settled: Mask
    above: Mask
    ridge: F64
    probability: F64


class Judged(NamedTuple):
    """A suspect's verdict: where it lies in the region, and how likely it is a click."""

    start: int
    end: int
    likely: float


@functools.cache
def _offsets(names: tuple[tuple[str, int], ...]) -> dict[str, int]:
    found, begins = {}, 0
    for name, length in names:
        found[name] = 8 * begins
        begins += length
    return found


_ROOM_AT = _offsets(tuple(_ROOM.items()))
_PREDICTOR_AT = _offsets(tuple(_PREDICTOR.items()))


def initial_predictor() -> F64:
    """The predictor of silence, which predicts nothing."""
    block = np.zeros(sum(_PREDICTOR.values()))
    block[: AR_ORDER + 2 : AR_ORDER + 1] = 1.0  # the first coefficient, and its own correlation
    block[2 * (AR_ORDER + 1) :] = 1.0
    return block


class Desk:
    """One hop's desk.

    Parameters
    ----------
    region : Region
    votes : (float64 [channels, END - first], the same)
        The learned detector's, in the whole band and above the music.
    thresholds : Thresholds
    first, last : int
        The leaving hop, in samples of the region.
    """

    def __init__(
        self,
        region: Region,
        votes: tuple[F64, F64],
        thresholds: Thresholds,
        first: int,
        last: int,
    ) -> None:
        self.region = region
        self.thresholds = thresholds
        self.first, self.last = first, last
        self._room = np.empty(sum(_ROOM.values()))
        self._votes = votes
        it = self._it = _Desk.from_buffer_copy(_ALWAYS)
        self._at = ctypes.addressof(it)
        room = address(self._room)
        for name, offset in _ROOM_AT.items():
            setattr(it, name, room + offset)
        for name in _THRESHOLDS:
            setattr(it, name, getattr(thresholds, name))
        it.longest, it.first, it.last = thresholds.longest, first, last
        it.low, it.high = (int(edge * (_FITTED // 2 + 1)) for edge in thresholds.floor_band)
        arrays = (*region, *votes)
        names = (*Region._fields, "vote_whole", "vote_above")
        # Each array's newest samples; where the next channel's lie.
        self._begins = [
            (name, address(array) + array.itemsize * (array.shape[1] - REGION), array.strides[0])
            if name in Region._fields
            else (name, address(array), array.strides[0])
            for name, array in zip(names, arrays, strict=True)
        ]
        self._begins.append(("memory", address(region.clean), region.clean.strides[0]))

    def turn_to(self, channel: int, gains: F64, limit: float) -> None:
        """Take up a channel; ``gains`` and ``limit`` are those of the band above the music."""
        it = self._it
        for name, begins, step in self._begins:
            setattr(it, name, begins + channel * step)
        it.gains, it.limit = address(gains), limit

    def use(self, predictor: F64) -> None:
        """Measure with a predictor, of :meth:`fit`."""
        at = address(predictor)
        for name, offset in _PREDICTOR_AT.items():
            setattr(self._it, name, at + offset)

    def fit(self) -> F64:
        """Fit a predictor to the channel's memory, and measure with it.

        Returns it and what follows from it, one after the other as ``_PREDICTOR`` says.
        """
        new = np.empty(sum(_PREDICTOR.values()))
        self.use(new)
        _fit(self._at)
        return new

    def look(self) -> float:
        """Survey the channel as restored so far; returns the highest suspicion, 1 suffices."""
        return float(_look(self._at))

    def begin(self) -> None:
        """Begin a repair: note what is open."""
        _begin(self._at)

    def take_stock(self) -> None:
        """Note what is open."""
        _take_stock(self._at)

    @property
    def n_open(self) -> int:
        """Samples under repair."""
        return int(self._it.n_open)

    def is_any_open_in_hop(self) -> bool:
        """Whether anything that is under repair reaches into the leaving hop."""
        return bool(_in_hop(self._at))

    @property
    def is_fresh(self) -> bool:
        """Whether nothing was changed since the last look."""
        return bool(self._it.is_fresh)

    def has_suspects(self) -> bool:
        """Whether anything stands out that is not under repair yet."""
        return bool(_has_suspects(self._at))

    def open_suspects(self) -> bool:
        """Open what stands out, strongest first; say whether anything was added."""
        return bool(_open(self._at))

    def rebuild(self) -> None:
        """Rebuild all open samples together."""
        _rebuild(self._at)

    def narrow(self) -> None:
        """Cut each suspect down to its true edges."""
        _narrow(self._at)

    def weigh(self) -> None:
        """Let the next rebuilding trust the input the more, the smaller the damage."""
        _weigh(self._at)

    def judge(self) -> list[Judged]:
        """Judge what begins in the leaving hop, and take back what is no click."""
        starts, ends = np.empty((2, END), np.int64)
        likely = np.empty(END)
        n = _judge(self._at, address(starts), address(ends), address(likely))
        told = (starts[:n].tolist(), ends[:n].tolist(), likely[:n].tolist())
        return [Judged(*one) for one in zip(*told, strict=True)]

    def refine(self) -> None:
        """Where the transfer ends early, rebuild by a predictor that knows its end."""
        _refine(self._at)

    def settle(self, start: int, end: int) -> float:
        """Keep a repair for good; returns the height of what it removed."""
        return float(_settle(self._at, start, end))

    def tell_evidence(self, evidence: NDArray[np.float32]) -> None:
        """Write the soft decision on each sample of the leaving hop, float32 ``[last - first]``."""
        _evidence(self._at, address(evidence))


assert _size() == ctypes.sizeof(_Desk), "desk_t and _Desk differ"
