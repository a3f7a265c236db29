"""The desk that both walls' hop is worked upon, by the compiled core. Runs wherever the chain runs.

It holds where everything lies: the next state's arrays, the predictor, the room that is worked in.
``model/c/joint.c`` takes it as a whole.
"""

import ctypes
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.declicking.ar import LEAST_FLOOR, plan_of, quick_length, window_of
from model.walls.wall_rules import HISS_ORDER, LONGEST, MUSIC_ORDER, RULES

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

BLOCK = 64  # samples per block of the running levels
LEVELS = 64  # blocks over which the hiss's level is a median: damage of half of it changes nothing
ROWS = ("mean", "sound", "difference", "hiss", "left", "right")
FIGURES = 6  # of a verdict
_ROOM_ORDER = ("calm", "scar", "music", "error", "heard", "told", "height", "belongs", "known")
_GAPS = ("bands", "index", "reach", "starts", "ends", "scratch")
_SIZES = ("total", "memory", "hop", "latency", "before", "levels", "hiss_order", "music_order")


class _Joint(ctypes.Structure):
    """As ``joint_t`` in ``model/c/walls.h``."""

    _fields_ = (
        *((name, ADDRESS) for name in (*ROWS, "settled", "level", "coefficients", "gram", "gain")),
        *((name, ADDRESS) for name in ("window", "hiss_plan", "music_plan", "white_plan", "rules")),
        *((name, ADDRESS) for name in (*_ROOM_ORDER, *_GAPS)),
        ("floor", NUMBER),
        *((name, COUNT) for name in (*_SIZES, "n_runs")),
    )


_step = function("joint_step", (*(ADDRESS,) * 5, COUNT, ADDRESS), COUNT)
_size = function("joint_size", (), COUNT)


class _Place(NamedTuple):
    """Room to work in, the desk that stands there, and room for its verdicts."""

    room: F64
    it: _Joint
    at: int  # the desk's address
    verdicts: F64


class JointDesk:
    """Where hops of one size are worked upon; several threads may, each at a place of its own.

    Parameters
    ----------
    memory, hop, latency, before : int
        Samples: that predictors are fitted to; of a step; waited for after it; looked at again
        before the leaving hop.
    """

    def __init__(self, memory: int, hop: int, latency: int, before: int) -> None:
        self.total = memory + latency + hop
        white = quick_length(before + hop + latency + HISS_ORDER + 1)
        self._bins = white // 2 + 1
        fits = (quick_length(memory + order) for order in (HISS_ORDER, MUSIC_ORDER))
        self._always = {
            "window": address(window_of(memory)),
            **{
                f"{name}_plan": address(plan_of(size))
                for name, size in zip(("hiss", "music", "white"), (*fits, white), strict=True)
            },
            "rules": ctypes.addressof(RULES),
            "floor": LEAST_FLOOR,
            **{"total": self.total, "memory": memory, "hop": hop, "latency": latency},
            **{"before": before, "levels": LEVELS},
            **{"hiss_order": HISS_ORDER, "music_order": MUSIC_ORDER},
        }
        total, most = self.total, hop + latency
        # In numbers of eight bytes.
        self._room = {
            **dict.fromkeys(_ROOM_ORDER, total + MUSIC_ORDER),
            "bands": max(most * (HISS_ORDER + 4), LONGEST * (MUSIC_ORDER + 4)),
            **dict.fromkeys(("index", "reach", "starts", "ends"), total),
            "scratch": 8 * total,
        }
        # Places that nobody works at: to take and to give back one is atomic.
        self._free: list[_Place] = []

    def initial_predictor(self) -> F64:
        """The predictor of silence, which predicts nothing, and how it whitens."""
        predictor = np.zeros(2 * (HISS_ORDER + 1) + self._bins)
        predictor[: HISS_ORDER + 2 : HISS_ORDER + 1] = 1.0
        predictor[2 * (HISS_ORDER + 1) :] = 1.0
        return predictor

    def step(
        self,
        walls: F64,
        before: tuple[F64, Mask, F64, F64],
        after: tuple[F64, Mask, F64, F64],
        is_due: bool,
    ) -> list[list[float]] | None:
        """Take in aligned walls ``[2, hop]``; None if they are one wall twice.

        Parameters
        ----------
        before, after : rows ``[6, total]``, what is settled ``[total]``, levels, predictor
            The state before, and room for the next one. The predictor is written if it is due.
        """
        place = self._free.pop() if self._free else self._place()
        rows, settled, levels, predictor = after
        it, at, gain = place.it, address(predictor), 2 * (HISS_ORDER + 1)
        begins = address(rows)
        for number, name in enumerate(ROWS):
            setattr(it, name, begins + 8 * number * self.total)
        it.settled, it.level = address(settled), address(levels)
        it.coefficients, it.gram, it.gain = at, at + 8 * (HISS_ORDER + 1), at + 8 * gain
        old = address(before[0]), address(before[1]), address(before[2])
        n = _step(place.at, address(walls), *old, is_due, address(place.verdicts))
        told = None if n < 0 else place.verdicts[:n].tolist()
        self._free.append(place)
        return told

    def _place(self) -> _Place:
        room, it = np.empty(sum(self._room.values())), _Joint(**self._always)
        begins = address(room)
        for name, length in self._room.items():
            setattr(it, name, begins)
            begins += 8 * length
        verdicts = np.empty((self.total // 8, FIGURES))
        return _Place(room, it, ctypes.addressof(it), verdicts)


assert _size() == ctypes.sizeof(_Joint), "joint_t and _Joint differ"
