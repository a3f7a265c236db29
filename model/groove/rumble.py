"""The high-pass against what the turntable's bearing and the record's warp put under the music."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model.groove.iir import Cascade

LOWEST_HZ, HIGHEST_HZ = 15.0, 100.0
SLOPES_DB = (6, 12, 18, 24, 30, 36, 42, 48)  # per octave: one order of the filter each


def rumble_filter(corner_hz: float, slope_db: int, sample_rate: float) -> "Cascade":
    """Return a Butterworth high-pass; -3 dB at its corner, no delay.

    Parameters
    ----------
    corner_hz : float
        ``LOWEST_HZ`` to ``HIGHEST_HZ``.
    slope_db : int
        dB per octave, one of ``SLOPES_DB``.
    sample_rate : float
        Hz.
    """
    from model.groove.iir import high_pass  # heavy: who only names a corner needs no filter

    return high_pass(SLOPES_DB.index(slope_db) + 1, corner_hz, sample_rate)
