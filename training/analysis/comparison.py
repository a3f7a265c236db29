"""Clean music made dirty beside a real record, and how far they are apart. Any thread."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.analysis.comparison_report import (
    Comparison,
    describe_comparison,
)
from training.analysis.distances import distances
from training.analysis.statistics import Measured, measure
from training.dirt.artifacts import apply_degradation
from training.dirt.degradation import draw_degradation
from training.dirt.parameters import ArtifactParameters
from training.signals.audio_files import load_audio, resampled

F32 = NDArray[np.float32]


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
    real = measure(*load_audio(Path(real_audio_path)))
    clean = np.atleast_2d(np.asarray(clean_audio, np.float32))
    result = compared(real, clean, sample_rate, parameters or ArtifactParameters(), seed)
    if verbose:
        print(describe_comparison(result))
    return result


def compared(
    real: Measured, clean: F32, sample_rate: int, parameters: ArtifactParameters, seed: int
) -> Comparison:
    """Make as much of ``clean [channels, samples]`` dirty as there is of a real record."""
    rate, n_samples = real.found.sample_rate, real.found.restored.shape[1]
    matched = resampled(clean, rate / sample_rate)[:, :n_samples]
    synthetic = measure_synthetic(matched, rate, parameters, seed)
    return Comparison(real, synthetic, distances(real.statistics, synthetic.statistics))


def measure_synthetic(
    clean: F32, sample_rate: int, parameters: ArtifactParameters, seed: int
) -> Measured:
    """Degrade ``clean [channels, samples]`` and measure it as if it were real."""
    record = draw_degradation(parameters, clean.shape[1] / sample_rate, seed)
    return measure(apply_degradation(clean, sample_rate, record)[0], sample_rate)
