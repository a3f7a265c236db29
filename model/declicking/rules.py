"""What was tuned of the declicker and is no setting: read by the compiled core. Any thread."""

import ctypes
from typing import Any

import numpy as np

from model.core import COUNT, NUMBER


class Rules(ctypes.Structure):
    """As ``rules_t`` in ``model/c/core.h``."""

    _fields_ = (
        *((name, NUMBER) for name in ("low", "grow", "strong", "plain", "concerted")),
        *((name, NUMBER) for name in ("edge", "edge_share", "above", "ridge")),
        *((name, NUMBER) for name in ("upper_share", "explained", "louder", "most_louder")),
        *((name, COUNT) for name in ("bridge", "most_open", "pad")),
        *((name, COUNT) for name in ("near", "far", "edge_reach", "silent", "clear")),
    )


_FOUND: dict[str, Any] = {
    "low": 2.5,  # a suspect's samples stand out by this many sigma, its peak by the threshold
    "grow": 5.0,  # what is still left beside a suspect joins it above this many sigma
    "strong": 1.5,  # what is this many times above the threshold is rebuilt before its turn
    "bridge": 10,  # samples; nearer suspects are one
    "most_open": 700,  # samples rebuilt together; bounds the time a hop can take
    "pad": 2,  # samples added on each side of an impulse: its edges drown in the hiss
}
_REBUILT: dict[str, Any] = {
    "edge": 3.0,  # forward and backward errors begin and end an impulse at this many sigma
    "edge_share": 0.005,  # of its own height: chance peaks of the hiss beside a loud click
    "plain": 20.0,  # sigmas above the music: plain in the whole band as well
    "ridge": 3.0,  # weight of the predictor against the damage (1: the Wiener estimate)
    "above": 1.25,  # times what lies around: a wave may have its crest under a click
}
_JUDGED: dict[str, Any] = {
    "concerted": 4.0,  # times a single sample's height above the music that a click may reach
    "upper_share": 0.55,  # of the threshold that opened it: the part taken out is smaller
    "explained": 3.0,  # sigmas per sample that a repair explains; drums reach 4, clicks 7 and more
    "louder": 2.0,  # times the whitened level before: music that begins, if it goes on so
    "most_louder": 2.5,  # by which it raises what is asked for; a click may precede a drum
    "near": 64,  # samples after a suspect in which the sound goes on ...
    "far": 200,  # ... and in which it still does
    "clear": 8,  # samples beside a suspect that its whitening still reaches
    "edge_reach": 128,  # samples looked at beside it for digital silence ...
    "silent": 32,  # ... of so many zeros
}
RULES = Rules(**_FOUND, **_REBUILT, **_JUDGED)
SMOOTH = np.hanning(17)[1:-1] / np.hanning(17).sum()  # neighbourhood that sizes the damage
