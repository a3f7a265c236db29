"""A playback curve as its makers name it: three time constants, or a preamplifier's knobs.

Beside the filter that is made of it (``playback_curve``), because whoever only names a curve, as
the window and the command line do, need not load what designs filters.
"""

import math
from typing import NamedTuple


class TimeConstants(NamedTuple):
    """A curve in seconds; None where it has no such corner."""

    bass_shelf_s: float | None = None  # t1
    turnover_s: float | None = None  # t2
    rolloff_s: float | None = None  # t3

    @property
    def is_flat(self) -> bool:
        """True when there is nothing to be done."""
        return self.turnover_s is None and self.rolloff_s is None


RIAA = TimeConstants(3180e-6, 318e-6, 75e-6)


def custom_constants(turnover_hz: float, rolloff_db: float, bass_shelf_hz: float) -> TimeConstants:
    """Return the constants of a curve as a preamplifier's knobs name it; 0 means none.

    Parameters
    ----------
    turnover_hz, bass_shelf_hz : float
        Below the first the bass is raised by 6 dB per octave, down to the second.
    rolloff_db : float
        How far 10 kHz lies below the middle, a positive number.

    Raises
    ------
    ValueError
        A bass shelf without a turnover above it.
    """
    if bass_shelf_hz and bass_shelf_hz >= turnover_hz:
        raise ValueError(
            f"bass_shelf_hz is {bass_shelf_hz:g}; it must lie below turnover_hz ({turnover_hz:g})"
        )
    rolloff_hz = 10_000 / math.sqrt(10 ** (rolloff_db / 10) - 1) if rolloff_db else 0.0
    corners = (bass_shelf_hz, turnover_hz, rolloff_hz)
    return TimeConstants(*(1 / (2 * math.pi * hz) if hz else None for hz in corners))


class Knobs(NamedTuple):
    """A curve as a preamplifier names it: Hz, dB at 10 kHz, Hz; 0 where there is none."""

    turnover_hz: float
    rolloff_db: float
    bass_shelf_hz: float


def knobs_of(constants: TimeConstants) -> Knobs:
    """Return what ``custom_constants`` would make these of."""
    shelf, turnover, rolloff = (
        1 / (2 * math.pi * seconds) if seconds else 0.0 for seconds in constants
    )
    rolloff_db = 10 * math.log10(1 + (10_000 / rolloff) ** 2) if rolloff else 0.0
    return Knobs(turnover, rolloff_db, shelf)
