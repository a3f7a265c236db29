"""Trial records for the fit: music made dirty and measured, little left to luck. Any thread."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.audio_files import find_audio, load_audio, resampled
from training.compare import measure_synthetic
from training.distances import collection_distance
from training.parameters import ArtifactParameters, Range
from training.statistics import RecordStatistics

F32 = NDArray[np.float32]

TRIALS = 12
SECONDS = 4.0  # of a trial: three turns, and enough impulses to say what they are like
PITCHED = ("noise_high_cut_hz", "low_cut_hz", "high_cut_hz")  # drawn in octaves
# drawn for each impulse, or no quantity at all
NOT_OF_A_RECORD = (
    "impulse_amplitude",
    "impulse_duration_ms",
    "ring_frequency_hz",
    "pop_duration_ms",
    "thump_frequency_hz",
    "hum_frequency_hz",
    "horn_gain_db",
    "codec_share",
)


class Trial(NamedTuple):
    """Clean music float32 ``[channels, samples]``, to be made dirty."""

    clean: F32
    sample_rate: int


def trials_like(
    real: Sequence[RecordStatistics], music: Path | None = None, count: int = TRIALS
) -> list[Trial]:
    """Return trials at the rates of the real records, taken in turn.

    A record has only the bands that its rate leaves it, and clicks that it leaves room for.

    Parameters
    ----------
    real : statistics of real recordings
    music : Path, optional
        A folder of clean music; without it the music is made up.
    count : int
        More than there are records, if these are few.
    """
    paths = _all_over(find_audio(music), count) if music else []
    trials = []
    for number in range(count):
        rate = real[number % len(real)].sample_rate
        piece = _middle(paths[number % len(paths)], rate) if paths else made_up_music(rate, number)
        trials.append(Trial(piece, rate))
    return trials


def mean_distance(
    real: Sequence[RecordStatistics],
    parameters: ArtifactParameters,
    trials: Sequence[Trial],
    seed: int = 0,
) -> float:
    """Return how far the average record of these parameters is from the average real one."""
    return collection_distance(real, made_records(parameters, trials, seed))


def made_records(
    parameters: ArtifactParameters, trials: Sequence[Trial], seed: int = 0
) -> list[RecordStatistics]:
    """Make every trial dirty and measure it."""
    return [
        measure_synthetic(
            clean, rate, of_trial(parameters, n, len(trials), seed), seed + n
        ).statistics
        for n, (clean, rate) in enumerate(trials)
    ]


def of_trial(
    parameters: ArtifactParameters, number: int, count: int, seed: int
) -> ArtifactParameters:
    """Fix what is drawn once per record so that the trials together fill every range evenly.

    Notes
    -----
    Latin hypercube sampling (McKay, Beckman, Conover 1979): a dozen trials then have the mean of
    their ranges, whatever the dice, and one knob turned leaves all the others where they were.
    """
    rng = np.random.default_rng((seed, count))
    fixed = {}
    for spec in dataclasses.fields(parameters):
        place = (rng.permutation(count)[number] + rng.random(count)[number]) / count
        if spec.name not in NOT_OF_A_RECORD:
            fixed[spec.name] = _within(getattr(parameters, spec.name), place, spec.name in PITCHED)
    return parameters.with_ranges(**fixed)


def made_up_music(sample_rate: int, seed: int, seconds: float = SECONDS) -> F32:
    """Return decaying chords with overtones, float32 ``[1, samples]``: enough to hide dirt in."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * sample_rate)) / sample_rate
    music = np.zeros(len(t))
    for onset in np.sort(rng.uniform(0, seconds, round(2.5 * seconds))):
        since = np.maximum(t - onset, 0)
        envelope = np.where(t > onset, np.exp(-2.5 * since) * np.minimum(since / 0.01, 1), 0)
        for pitch in 110 * 2 ** (rng.integers(0, 24, 3) / 12):
            for k in range(1, min(12, int(0.45 * sample_rate / pitch))):
                music += envelope * np.sin(2 * np.pi * k * pitch * since) / k**1.5
    return np.asarray(0.5 * music / np.max(np.abs(music)), np.float32)[None]


def _within(limits: Range, place: float, pitched: bool) -> float:
    low, high = limits
    value = low * (high / low) ** place if pitched else low + place * (high - low)
    return float(min(max(value, low), high))


def _all_over(paths: list[Path], count: int) -> list[Path]:
    """Take recordings from all over a sorted folder: its genres lie side by side."""
    chosen = np.unique(np.linspace(0, len(paths) - 1, count).round().astype(int))
    return [paths[index] for index in chosen]


def _middle(path: Path, rate: int) -> F32:
    audio, own = load_audio(path)
    length = round(SECONDS * own)
    start = max(0, (audio.shape[1] - length) // 2)
    piece = audio[:, start : start + length].mean(axis=0, keepdims=True)
    return resampled(piece, rate / own)
