"""What the learned detector's vote is worth to the analytical one: read by the core. Any thread."""

import ctypes

from model.core import NUMBER


class VoteRules(ctypes.Structure):
    """As ``vote_t`` in ``model/c/core.h``."""

    _fields_ = tuple((name, NUMBER) for name in ("most_factor", "certain", "most_above"))


RULES = VoteRules(
    most_factor=2.5,  # by which a certain learned detector raises or lowers a height
    certain=4.0,  # log odds at which it is certain
    most_above=1.9,  # the factor that a vote is worth above the music
)
