"""Sets a synthetic record beside a real one, statistic by statistic. Main thread.

python -m training.compare REAL CLEAN [--artifacts heavy] [--seed 1]
"""

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.errors import RestorationError
from training.artifacts import apply_degradation
from training.audio_files import load_audio, resampled
from training.command import run_command
from training.degradation import draw_degradation
from training.parameters import ArtifactParameters, load_artifacts
from training.plots import save_comparison_plot
from training.report import mean_of
from training.statistics import BANDS_HZ, Measured, RecordStatistics, measure

F32 = NDArray[np.float32]

DECIBELS = 6.0  # so far apart, levels are clearly different
SHARE = 0.25  # so are shares
FEW = 5  # impulses: too few to say what they are like
RARE = 0.1  # impulses per second: fewer are as good as none

BAND = "noise spectrum"
Step = Callable[[float], float]


class Comparison(NamedTuple):
    """``distances`` per statistic: 0 is equal, 1 a factor of two, 6 dB or a quarter."""

    real: Measured
    synthetic: Measured
    distances: dict[str, float]

    @property
    def total(self) -> float:
        """Mean of the distances that could be measured."""
        return mean_of(list(self.distances.values()))


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m training.compare``."""
    parser = argparse.ArgumentParser(
        prog="python -m training.compare",
        description="Compare a real record with clean music made dirty; saves a picture.",
    )
    parser.add_argument("real", type=Path, help="a real recording")
    parser.add_argument("clean", type=Path, help="clean music to make dirty")
    parser.add_argument("--artifacts", default="default", help="light, default, heavy or a YAML")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, help="picture to write; beside the real one")
    options = parser.parse_args(arguments)
    return run_command(lambda: _compare_files(options))


def _compare_files(options: argparse.Namespace) -> None:
    clean, sample_rate = load_audio(options.clean)
    parameters = load_artifacts(options.artifacts)
    result = compare_synthetic_vs_real(
        options.real, clean, sample_rate, parameters=parameters, seed=options.seed
    )
    picture = options.output or options.real.with_name(f"{options.real.stem}_comparison.png")
    try:
        save_comparison_plot(picture, result.real, result.synthetic, result.distances)
    except OSError as error:
        raise RestorationError(f"cannot write {picture}: {error.strerror}; choose -o") from None
    print(f"\n{picture}")


def compare_synthetic_vs_real(
    real_audio_path: str | Path,
    clean_audio: Any,
    sample_rate: int,
    *,
    parameters: ArtifactParameters | None = None,
    seed: int = 0,
    verbose: bool = True,
) -> Comparison:
    """Make ``clean_audio`` dirty and print how far it is from a real record.

    Parameters
    ----------
    real_audio_path : path
    clean_audio : array or tensor, [samples] or [channels, samples]
    sample_rate : int
        Of the clean audio; it is brought to the rate of the real recording.
    parameters : ArtifactParameters, optional
        The dirt; the usual one by default.
    """
    real, real_rate = load_audio(Path(real_audio_path))
    clean = np.atleast_2d(np.asarray(clean_audio, np.float32))
    matched = resampled(clean, real_rate / sample_rate)[:, : real.shape[1]]
    synthetic = measure_synthetic(matched, real_rate, parameters or ArtifactParameters(), seed)
    measured = measure(real, real_rate)
    result = Comparison(measured, synthetic, distances(measured.statistics, synthetic.statistics))
    if verbose:
        print(describe_comparison(result))
    return result


def measure_synthetic(
    clean: F32, sample_rate: int, parameters: ArtifactParameters, seed: int
) -> Measured:
    """Degrade ``clean [channels, samples]`` and measure it as if it were real."""
    record = draw_degradation(parameters, clean.shape[1] / sample_rate, seed)
    return measure(apply_degradation(clean, sample_rate, record)[0], sample_rate)


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


def describe_comparison(result: Comparison) -> str:
    """Return real against synthetic as lines for a terminal."""
    lines = ["COMPARISON: real against synthetic", "=" * 68]
    lines.append(f"{'statistic':28}{'real':>12}{'synthetic':>12}{'distance':>12}")
    real, synthetic = result.real.statistics, result.synthetic.statistics
    for name, distance in result.distances.items():
        label = COMPARED[name][0] if name in COMPARED else name
        values = [getattr(s, name, math.nan) for s in (real, synthetic)]
        shown = "".join(f"{value:12.4g}" if value == value else f"{'-':>12}" for value in values)
        lines.append(f"{label:28}{shown}{distance:12.2f}")
    lines.append(f"{'mean distance':28}{'':24}{result.total:12.2f}")
    return "\n".join(lines)


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
}
OF_IMPULSES = list(COMPARED)[1:10]


if __name__ == "__main__":
    raise SystemExit(main())
