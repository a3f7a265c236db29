"""What the fit can turn on the dirt, and what it reads off the records at once. Any thread."""

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from training.distances import BAND
from training.parameters import ArtifactParameters, Range
from training.periodicity import CLEAR
from training.report import mean_of
from training.statistics import BANDS_HZ, RecordStatistics

Ranges = dict[str, tuple[float, float]]


class Knob(NamedTuple):
    """Parameters that turn together, and the statistic that says first whether it was right."""

    names: tuple[str, ...]
    statistic: str


KNOBS = {
    "impulse_rate": Knob(("impulse_rate", "pop_rate", "thump_rate"), "per_second"),
    "crackle_rate": Knob(("crackle_rate",), "per_second"),
    "crackle_level": Knob(("crackle_level",), "per_second"),
    "impulse_amplitude": Knob(("impulse_amplitude",), "mean_amplitude_share"),
    "impulse_duration_ms": Knob(("impulse_duration_ms",), "median_duration_ms"),
    "ring_frequency_hz": Knob(("ring_frequency_hz",), "high_emphasis"),
    "surface_noise_level": Knob(("surface_noise_level",), "noise_level"),
    "noise_tilt_db": Knob(("noise_tilt_db",), BAND),
    "noise_high_cut_hz": Knob(("noise_high_cut_hz",), BAND),
    "high_cut_hz": Knob(("high_cut_hz",), "upper_limit_hz"),
    "noise_grain": Knob(("noise_grain",), "noise_kurtosis"),
}
SHIFTED = {"noise_tilt_db": 2.0}  # turned by so much for a factor of two
WIDEST = 30.0  # factor below the usual at which a knob stops
TILTS_DB = (-14.0, 3.0)


def turned(p: ArtifactParameters, knob: str, factor: float) -> ArtifactParameters:
    """Turn one knob; what belongs together turns together, and a range keeps its width."""
    limits = {spec.name: spec.metadata for spec in dataclasses.fields(p)}
    ranges: Ranges = {}
    for name in KNOBS[knob].names:
        low, high = getattr(p, name)
        least, most = limits[name]["least"], limits[name]["most"]
        if name in SHIFTED:
            shift = SHIFTED[name] * math.log2(factor)
            low, high = low + shift, high + shift
        else:
            usual = getattr(ArtifactParameters(), name)
            least = max(least, usual.low / WIDEST)  # what hardly ever comes can be as it likes
            low, high = low * factor, high * factor
        ranges[name] = (min(max(low, least), most), min(max(high, least), most))
    return p.with_ranges(**ranges)


def at_their_speeds(real: Sequence[RecordStatistics]) -> ArtifactParameters:
    """Return the usual dirt, turning as fast as those records that show it, up to the usual."""
    usual = ArtifactParameters()
    speeds = [
        s.noise_periodicity.best_rpm for s in real if s.noise_periodicity.best_strength > CLEAR
    ]
    return usual.with_ranges(rpm=(min([*speeds, usual.rpm.low]), max([*speeds, usual.rpm.high])))


def read_off(real: Sequence[RecordStatistics]) -> list[tuple[str, Ranges]]:
    """Return what the records themselves say, with the statistic that each is about.

    Ranges are as wide as the records differ. Every entry is to be judged on its own: what is
    measured on a worn record is not only its dirt, as music is taken for impulses and impulses
    hide in noise. Swish is not read off: on a side of a few turns most of it is chance.
    """
    usual = ArtifactParameters()
    upwards = [s.positive_share for s in real if s.total >= 10]
    limit = _spread([s.upper_limit_hz for s in real], usual.high_cut_hz, 1000, 20000)
    tilt = min(TILTS_DB[1], max(TILTS_DB[0], _tilt(real)))
    levels = [s.noise_level for s in real]
    ranges: Ranges = {
        "impulse_rate": _spread([s.per_second for s in real], usual.impulse_rate, 0, 300),
        "surface_noise_level": _spread(levels, usual.surface_noise_level, 1e-5, 0.5),
        "noise_tilt_db": (tilt, tilt),
        "noise_high_cut_hz": limit,
        "high_cut_hz": limit,
    }
    own = [(KNOBS[name].statistic, {name: each}) for name, each in ranges.items()]
    return [
        *own,
        ("positive_share", {"positive_share": _spread(upwards, usual.positive_share, 0, 1)}),
    ]


def _spread(values: Sequence[float], usual: Range, least: float, most: float) -> Range:
    """Return the middle eight tenths of the values, or the usual range if there are none."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return usual
    low, high = np.clip(np.quantile(finite, (0.1, 0.9)), least, most)
    return Range(float(low), float(high))


def _tilt(real: Sequence[RecordStatistics]) -> float:
    """Slope of the noise density in dB per octave over the bands that are there."""
    slopes = []
    centres = [math.sqrt(low * high) for low, high in itertools.pairwise(BANDS_HZ)]
    widths = np.diff(BANDS_HZ)
    for statistics in real:
        density = np.array(statistics.noise_bands_db) - 10 * np.log10(widths)
        good = np.isfinite(density)
        if np.sum(good) >= 2:
            slopes.append(float(np.polyfit(np.log2(centres)[good], density[good], 1)[0]))
    return mean_of(slopes) if slopes else 0.0
