"""The slow body of a pop: a long, low pulse behind its crack. Any thread.

Rebuilding 20 ms of everything would throw away all that still sounds above the pulse. Instead
the low band alone is rebuilt, at a low sample rate where a predictor of the music's bass is
possible, and only if the pulse decays as a needle's does and dwarfs the bass before it. The
compiled core does it, ``model/c/thump.c``; here stands what it goes by.
"""

import ctypes

import numpy as np

from model.core import COUNT, NUMBER

SHORTEST_S = 0.005  # below it a pop is rebuilt like any click
MARGIN = 6  # low-rate samples at the newest end that the band limit has blurred
_LOW_RATE = 6_000.0  # Hz; the band that is rebuilt reaches half of it


class Rules(ctypes.Structure):
    """As ``pulse_t`` in ``model/c/core.h``."""

    _fields_ = (
        *((name, NUMBER) for name in ("of_body", "crack", "swell", "over")),
        *((name, NUMBER) for name in ("sigma", "ridge", "level", "early")),
        ("fewest_over", COUNT),
    )


RULES = Rules(
    of_body=0.5,  # the crack, of what follows: crackle on a note's attack is no crack of a pop
    crack=0.7,  # the crack's height, of the music's peak before it
    swell=1.15,  # of the bass's power before, where the least pulse adds a quarter and more
    over=2.0,  # the same once the pulse is over: a note stays
    sigma=6.0,  # how far the pulse must stand out of the bass's innovation
    ridge=2.0,
    level=0.7,  # the pulse's level, of the bass before it
    early=0.7,  # share of the pulse's energy in its first half
    fewest_over=16,  # low-rate samples that tell
)


def factor_of(sample_rate: int) -> int:
    """By how much the rate is lower at which the bass is rebuilt, a power of two."""
    return 1 << max(0, round(float(np.log2(sample_rate / _LOW_RATE))))
