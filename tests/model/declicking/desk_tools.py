"""The core's desk, step by step, for tests that look at one of them."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.declicking.desk import (
    END,
    PREDICTOR_AT,
    PREDICTOR_NUMBERS,
    REGION,
    REGION_ARRAYS,
    Place,
)
from model.declicking.thresholds import Thresholds

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]


def _of_desk(name: str, gives: Any = None, *more: Any) -> Any:
    return function(name, (ADDRESS, *more), gives)


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


class Desk:
    """A hop's desk with one channel on it.

    ``votes`` are the learned detector's, in the whole band and above the music, float64
    ``[END - first]``; ``gains`` and ``limit`` those of the band above the music.
    """

    def __init__(
        self,
        region: Region,
        votes: tuple[F64, F64],
        thresholds: Thresholds,
        hop: int,
        gains: F64,
        limit: float,
    ) -> None:
        self.place = Place()
        self.place.tell(thresholds, hop)
        it, self._at = self.place.desk, self.place.at
        self._it, self._held = it, (region, votes, gains)
        for name in REGION_ARRAYS:
            array = getattr(region, "clean" if name == "memory" else name)
            ahead = 0 if name == "memory" else array.shape[1] - REGION
            setattr(it, name, address(array) + array.itemsize * ahead)
        it.vote_whole, it.vote_above = (address(one) for one in votes)
        it.gains, it.limit = address(gains), limit

    def use(self, predictor: F64) -> None:
        """Measure with a predictor, of :meth:`fit`."""
        at = address(predictor)
        for name, offset in PREDICTOR_AT.items():
            setattr(self._it, name, at + offset)

    def fit(self) -> F64:
        """Fit a predictor to the channel's memory, and measure with it.

        Returns it and what follows from it, one after the other as ``_PREDICTOR`` says.
        """
        new = np.empty(PREDICTOR_NUMBERS)
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
