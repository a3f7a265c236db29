"""How the walls stand to each other, followed from the music while it plays: time, level, sign.

State as a value; any thread. What cannot be heard from the music is held as it was.
"""

import ctypes
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.declicking.ar import plan_of, window_of
from model.walls.wall_alignment import BAND_HZ, Alignment

F64 = NDArray[np.float64]

TURN_S = 60 / 78.26
FRAME = 2048  # samples of one spectrum up to 50 kHz
MOST = 24  # samples of offset that are followed
FINE = 8  # steps per sample in which an offset is searched for
KNOWN_S = 0.35  # over which the walls' likeness per band is averaged
LEVEL_S = 3.0  # the same for their levels
TONE_S = 0.5  # that what is wrong with a tone's angles lasts
SOUNDS = 1e-10  # power of a spectrum's frame, per sample
FURTHER = 0.75  # samples that a peak must lie away to be another than the one that is followed
# Samples per step that the mean offset moves by, and its swing with the turn of a warped record.
DRIFT = np.array([0.008, 0.006, 0.006])
UNKNOWN = np.array([0.5, 0.25, 0.25])  # samples, standard deviations before anything is known
_RULES = {
    "likest": 0.999,  # coherence beyond which a band would decide alone
    "search_every": 8,  # steps between two looks at all offsets
    "further": FURTHER,
    "higher": 1.15,  # times as high
    "near": round(FURTHER * FINE),
    "like_weight": 32,  # power of a frame's likeness that its balance counts by
    "loudest": 10.0,  # times the averaged power, that a frame counts for
    "settled": 6.0,  # frames after which one of them moves the balance by no more than ...
    "most_db": 1.0,  # ... of its own
}


class _Follower(ctypes.Structure):
    """As ``follower_t`` in ``model/c/walls.h``."""

    _fields_ = (
        *((name, ADDRESS) for name in ("plan", "search_plan", "window")),
        *((name, ADDRESS) for name in ("turns", "drift", "unknown")),
        *((name, NUMBER) for name in ("turn", "known", "level_share", "frames", "sounds")),
        *((name, NUMBER) for name in ("likest", "further", "higher", "tone", "like_weight")),
        *((name, NUMBER) for name in ("loudest", "settled", "most_db", "most_weight")),
        *((name, COUNT) for name in ("hop", "size", "first", "bands", "fine", "most", "near")),
        ("search_every", COUNT),
    )


# Where the numbers of ``standing_t`` lie.
_LEVELS, _BALANCE, _HEARD, _SWING, _SPREAD = slice(3), 3, 6, slice(8, 11), slice(11, 20)
_OFFSET, _FOUND, _NUMBERS = 20, 21, 22

_step = function("follower_step", (*(ADDRESS,) * 2, COUNT, *(ADDRESS,) * 6))
_size = function("follower_size", (), COUNT)
_standing_size = function("standing_size", (), COUNT)


class FollowerState(NamedTuple):
    """What is known: the newest samples, running spectra of the band, and how the walls stand."""

    recent: F64  # [2, FRAME]
    bands: F64  # [4, bands] power of left, right, and the cross-spectrum's parts
    standing: F64  # the numbers of ``standing_t`` in ``model/c/walls.h``

    @property
    def levels(self) -> tuple[float, float, float]:
        """Weighted power of left, of right, and in phase, over a longer time."""
        left, right, together = self.standing[_LEVELS].tolist()
        return left, right, together

    @property
    def balance(self) -> float:
        """By how many dB the right wall is to be raised."""
        return float(self.standing[_BALANCE])

    @property
    def heard(self) -> int:
        """How many frames had sound so far."""
        return int(self.standing[_HEARD])

    @property
    def swing(self) -> tuple[float, float, float]:
        """The offset's mean, and its cosine and sine over a turn; samples."""
        mean, cosine, sine = self.standing[_SWING].tolist()
        return mean, cosine, sine

    @property
    def doubts(self) -> tuple[float, float, float]:
        """Their variances."""
        mean, cosine, sine = self.standing[_SPREAD][::4].tolist()
        return mean, cosine, sine

    @property
    def offset(self) -> float:
        """By how many samples the right wall is late by now."""
        return float(self.standing[_OFFSET])

    @property
    def found(self) -> bool:
        """Whether an offset has been searched for and found."""
        return bool(self.standing[_FOUND])

    def standing_at(self, offset: float, balance_db: float) -> "FollowerState":
        """The same with another offset and balance."""
        standing = self.standing.copy()
        standing[_OFFSET], standing[_BALANCE] = offset, balance_db
        return self._replace(standing=standing)


class WallFollower:
    """Estimates the walls' offset, balance and polarity, hop by hop.

    Parameters
    ----------
    sample_rate : float
        Hz.
    hop : int
        Samples per step.
    turn_s : float
        How long a turn of the record takes.
    """

    def __init__(self, sample_rate: float, hop: int, turn_s: float = TURN_S) -> None:
        self.hop, self._rate = hop, sample_rate
        self._size = FRAME
        while sample_rate > 50_000 * self._size / FRAME:
            self._size *= 2
        turns = 2 * np.pi * np.arange(self._size // 2 + 1) / self._size
        hz = turns * sample_rate / (2 * np.pi)
        band = np.flatnonzero((hz >= BAND_HZ[0]) & (hz <= min(BAND_HZ[1], 0.45 * sample_rate)))
        self._turns = turns[band]  # outlives the calls
        self._it = _Follower(
            plan=address(plan_of(self._size)),
            search_plan=address(plan_of(FINE * self._size)),
            window=address(window_of(self._size)),
            turns=address(self._turns),
            drift=address(DRIFT),
            unknown=address(UNKNOWN),
            turn=2 * np.pi * hop / (turn_s * sample_rate),
            known=1 - math.exp(-hop / (KNOWN_S * sample_rate)),
            level_share=1 - math.exp(-hop / (LEVEL_S * sample_rate)),
            frames=min(hop / self._size * 1.5, 1.0),  # spectra's worth that one step adds
            sounds=SOUNDS * self._size**2,
            tone=TONE_S * sample_rate / hop,
            most_weight=LEVEL_S * sample_rate / hop,
            hop=hop,
            size=self._size,
            first=int(band[0]),
            bands=len(band),
            fine=FINE,
            most=MOST,
            **_RULES,
        )
        self._at = ctypes.addressof(self._it)
        self._room = 7 * len(band) + 4 * FINE * self._size + 2

    def initial_state(self) -> FollowerState:
        """Nothing has been heard."""
        standing = np.zeros(_NUMBERS)
        standing[_SPREAD] = np.diag(UNKNOWN**2).ravel()
        return FollowerState(np.zeros((2, self._size)), np.zeros((4, len(self._turns))), standing)

    def step(self, walls: F64, state: FollowerState) -> FollowerState:
        """Take in float64 ``[2, hop]``."""
        walls, room = np.ascontiguousarray(walls), np.empty(self._room)
        after = FollowerState(
            np.empty_like(state.recent), np.empty_like(state.bands), state.standing.copy()
        )
        old = address(state.recent), address(state.bands)
        new = (address(part) for part in after)
        _step(self._at, address(walls), walls.shape[1], *old, *new, address(room))
        return after

    def alignment(self, state: FollowerState) -> Alignment:
        """Return what was found, as far as it was."""
        left, right, together = state.levels
        if not (left > 0 and right > 0):
            return Alignment(0.0, 0.0, 0.0)
        return Alignment(
            offset_us=state.offset / self._rate * 1e6,
            balance_db=state.balance,
            correlation=together / math.sqrt(left * right),
        )


assert _size() == ctypes.sizeof(_Follower), "follower_t and _Follower differ"
assert _standing_size() == 8 * _NUMBERS, "standing_t has other numbers"
