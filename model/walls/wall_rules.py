"""What was tuned of the two walls' joint repair: read by the compiled core. Any thread."""

import ctypes
from typing import Any

import numpy as np

from model.core import COUNT, NUMBER, function

_VIEWS, _SCAR, _WALL = 4, 7, 9  # as in ``model/c/walls.h``
_PLAIN = ("silent", "leak", "clipped", "median_to_sigma")
_JUDGED = ("least_gain", "freedom", "least_weight", "doubt", "least_damage", "both", "wider")
_COUNTS = ("leak_reach", "bridge", "pad", "past", "side", "window", "longest")


class WallRules(ctypes.Structure):
    """As ``wall_rules_t`` in ``model/c/walls.h``."""

    _fields_ = (
        *((name, NUMBER * _VIEWS) for name in ("sigmas", "belongs")),
        ("scar_shape", NUMBER * _SCAR),
        ("wall_shape", NUMBER * _WALL),
        *((name, NUMBER) for name in (*_PLAIN, *_JUDGED, "least")),
        ("lengths", COUNT * _VIEWS),
        *((name, COUNT) for name in _COUNTS),
    )


def _shape(n: int) -> tuple[float, ...]:
    window = np.hanning(n + 2)
    return tuple((window[1:-1] / window.sum()).tolist())


MUSIC_ORDER, HISS_ORDER = 64, 32
LONGEST = 600  # samples rebuilt together; beyond, the better wall is the better guess

_FOUND: dict[str, Any] = {
    # Lengths that the power is averaged over, how many sigmas stand out of hiss with its grain, and
    # how many beside it belong to the same damage.
    "lengths": (1, 4, 16, 64),
    "sigmas": (5.2, 3.5, 2.6, 2.2),
    "belongs": (2.4, 1.8, 1.55, 1.4),
    "silent": 2e-7,  # full scale, and no less: what lies below is no damage anybody hears
    "clipped": 3.0,  # sigmas; so high a single sample may count for what belongs to it
    "median_to_sigma": 1.0 / 0.6745,
    "bridge": 10,  # samples; nearer stretches are one
    "pad": 3,  # samples on either side, where damage hides in hiss
    # Of the whitened music, that may stay in the difference: pinch effect, what is not aligned; and
    # samples around each in which its power is that of the moment.
    "leak": 0.08,
    "leak_reach": 16,
}
_TAKEN_OUT: dict[str, Any] = {
    "past": 2048,  # samples whose innovation is that of the hiss
    "doubt": 3.0,  # innovations of hiss that a sample of damage may be made of
    "least_damage": 0.02,  # the same that are damage for sure, within a stretch of it
    "scar_shape": _shape(_SCAR),
}
_DECIDED: dict[str, Any] = {
    "side": 256,  # samples in which the music's innovation is measured beside damage
    "window": 64,  # samples over which evidence is gathered in long damage
    "both": 1.4,  # times the innovation's power that the better wall must leave, to look further
    "wider": 1.5,  # times the difference's power: what both walls may hold beside it
    "least": 0.02,  # of the highest power in a stretch, and of the innovation's
    "wall_shape": _shape(_WALL),
    "longest": LONGEST,
    "least_gain": 8.0,  # innovations that the music must be better explained by
    "freedom": 2.0,  # the same for each rebuilt sample, which explains one by chance
    # Of the prediction error, that a difference must be able to explain: at an attack the walls
    # differ by what the pickup makes of the music, which is less.
    "least_weight": 0.035,
}
RULES = WallRules(**_FOUND, **_TAKEN_OUT, **_DECIDED)

_size = function("wall_rules_size", (), COUNT)
assert _size() == ctypes.sizeof(WallRules), "wall_rules_t and WallRules differ"
