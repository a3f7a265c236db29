"""How far two records are apart, statistic by statistic, in steps that add up. Any thread."""

import math
from collections.abc import Callable, Sequence

from training.report import mean_of
from training.statistics import BANDS_HZ, RecordStatistics

DECIBELS = 6.0  # so far apart, levels are clearly different
SHARE = 0.25  # so are shares
FEW = 5  # impulses: too few to say what they are like
FAR = 4.0  # a distance beyond that is no worse
RARE = 0.1  # impulses per second: fewer are as good as none

BAND = "noise spectrum"
Step = Callable[[float], float]


def _octaves(least: float, above: float = 0.0) -> Step:
    """Octaves; what is below ``least`` counts as that."""
    return lambda value: math.log2(max(value + above, least))


def _quarters(value: float) -> float:
    return value / SHARE


COMPARED: dict[str, tuple[str, Step]] = {
    "per_second": ("impulses per second", _octaves(RARE)),
    "mean_amplitude_share": ("mean amplitude, share", _octaves(1e-4)),
    "max_amplitude_share": ("max amplitude, share", _octaves(1e-4)),
    "mean_interval": ("mean interval, s", _octaves(1e-3)),
    "interval_spread": ("spread of the intervals", _octaves(0.05)),
    "high_emphasis": ("emphasis above 2 kHz", _octaves(0.01)),
    "mid_emphasis": ("emphasis 0.5-2 kHz", _octaves(0.01)),
    "positive_share": ("pointing upwards", _quarters),
    "median_duration_ms": ("median length, ms", _octaves(0.02)),
    "long_duration_ms": ("long ones, ms", _octaves(0.02)),
    "noise_level": ("noise, share of peak", _octaves(1e-5)),
    "noise_kurtosis": ("crackle (kurtosis)", _octaves(0.1, above=1.0)),
    "swish_depth": ("swish", _quarters),
    "upper_limit_hz": ("upper limit, Hz", _octaves(100)),
    "music_end_hz": ("music ends, Hz", _octaves(500)),
    "band_clicks_per_s": ("clicks above the music per s", _octaves(RARE)),
    "band_kurtosis": ("crackle above the music", _octaves(0.1, above=1.0)),
}
OF_IMPULSES = list(COMPARED)[1:10]


def distances(real: RecordStatistics, synthetic: RecordStatistics) -> dict[str, float]:
    """Return how far apart two records are, per statistic; nan where one has none.

    What impulses are like needs a few of them on both sides; how many there are always counts.
    """
    return distances_of(in_steps(real), in_steps(synthetic))


def in_steps(statistics: RecordStatistics) -> dict[str, float]:
    """Return every statistic on a scale on which one step is a clear difference.

    Averages of several records may be taken on it.
    """
    s = statistics
    steps = {}
    for name, (_, step) in COMPARED.items():
        value = getattr(s, name)
        known = math.isfinite(value) and (s.total >= FEW or name not in OF_IMPULSES)
        steps[name] = step(value) if known else math.nan
    for high, level in zip(BANDS_HZ[1:], s.noise_bands_db, strict=True):
        steps[f"{BAND} {high}"] = level / DECIBELS
    turns = s.noise_periodicity.best_strength
    steps["revolutions"] = math.log2(max(turns, 1.0)) if math.isfinite(turns) else math.nan
    return steps


def distances_of(real: dict[str, float], synthetic: dict[str, float]) -> dict[str, float]:
    """Return the distances of two records, or averages of records, that are in steps."""
    result = {name: abs(value - synthetic[name]) for name, value in real.items()}
    bands = [result.pop(name) ** 2 for name in list(result) if name.startswith(BAND)]
    result[BAND] = math.sqrt(mean_of(bands))
    return result


def collection_distance(
    real: Sequence[RecordStatistics], made: Sequence[RecordStatistics]
) -> float:
    """Return the mean of :func:`collection_distances`."""
    return mean_of(list(collection_distances(real, made).values()))


def collection_distances(
    real: Sequence[RecordStatistics], made: Sequence[RecordStatistics]
) -> dict[str, float]:
    """Return how far the average made record is from the average real one, per statistic.

    Single records differ among themselves more than collections do. What the real ones have and
    the made ones lack counts as far off.
    """
    wanted, got = (_average_in_steps(several) for several in (real, made))
    return {
        name: min(distance, FAR) if math.isfinite(distance) else FAR
        for name, distance in distances_of(wanted, got).items()
        if math.isfinite(wanted.get(name, 0.0))
    }


def _average_in_steps(several: Sequence[RecordStatistics]) -> dict[str, float]:
    scales = [in_steps(statistics) for statistics in several]
    return {name: mean_of([scale[name] for scale in scales]) for name in scales[0]}
