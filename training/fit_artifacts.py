"""Fits the dirt generator to real recordings. Main thread.

    python -m training.fit_artifacts REAL... -o artifacts.yaml [--clean FOLDER]

The automated form of "note the parameters, edit, repeat": what can be read off the recordings is
taken over; the rest is turned until generated records measure the same as the real ones.
"""

import argparse
import dataclasses
import itertools
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model.errors import RestorationError
from training.audio_files import find_audio, load_audio, resampled
from training.click_bank import shipped_bank
from training.command import run_command, say_skipped
from training.compare import measure_synthetic
from training.distances import collection_distance
from training.parameters import ArtifactParameters, Range, save_artifacts
from training.periodicity import CLEAR
from training.report import mean_of
from training.statistics import BAND_SIGMA, BANDS_HZ, RecordStatistics, measure

F32 = NDArray[np.float32]

TRIAL_SECONDS = 4.0  # enough for three turns; many short records say more than few long ones
TRIALS = 9
OTHER_DICE = 900  # seed of the last check
LONGEST_S = 60.0  # of each recording; more tells nothing new
STEPS = (3.0, 1.7, 1.3)  # factors that a knob is turned by, coarse first
TILT_STEP_DB = 2.0  # of the noise's slope, for a factor of two
KNOBS = (
    "impulse_rate",
    "surface_noise_level",
    "impulse_amplitude",
    "crackle_level",
    "impulse_duration_ms",
    "crackle_rate",
    "ring_frequency_hz",
    "scratches",
    "noise_tilt_db",
    "real_click_density",
    "real_click_over_hiss_db",
)
LONGEST_WAY = 3  # turns of one knob in one direction
LEAST_GAIN = 0.005  # less is the luck of the dice
CLICK_STEP_DB = 4.0  # for a factor of two
FEWEST_ABOVE = 1.0  # clicks a second above the music that are worth a disc's own
WIDEST = 30.0  # factor below the usual at which a knob stops


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m training.fit_artifacts``."""
    parser = argparse.ArgumentParser(
        prog="python -m training.fit_artifacts",
        description="Fit the dirt generator's parameters to real recordings.",
    )
    parser.add_argument("real", nargs="+", type=Path, help="real recordings, or folders of them")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the YAML file to write")
    parser.add_argument("--clean", type=Path, help="clean music to try on; made up without it")
    options = parser.parse_args(arguments)
    return run_command(lambda: _fit_files(options.real, options.output, options.clean))


def _fit_files(places: list[Path], output: Path, clean: Path | None) -> None:
    if not output.parent.is_dir():
        raise RestorationError(f"there is no folder {output.parent} to write {output.name} into")
    files = [path for place in places for path in find_audio(place)]
    real, rates, failures = [], [], []
    for path in files:
        try:
            audio, rate = load_audio(path)
        except RestorationError as error:
            failures.append(str(error))
            continue
        real.append(measure(audio[:, : round(LONGEST_S * rate)], rate).statistics)
        rates.append(real[-1].sample_rate)
    say_skipped(failures, len(real))
    rate = int(np.median(rates))
    trials = _music(clean, rate) if clean else [made_up_music(rate, seed) for seed in range(TRIALS)]
    parameters = fit(real, trials, rate)
    usual, fitted = (
        mean_distance(real, p, trials, rate, OTHER_DICE) for p in (ArtifactParameters(), parameters)
    )
    print(f"mean distance to these recordings: default {usual:.2f}, fitted {fitted:.2f}")
    if fitted >= usual:
        raise RestorationError(
            "the default set is as near to these recordings as anything found; "
            "use it, or give more of them"
        )
    save_artifacts(output, parameters, f"Fitted to {len(real)} recordings")
    print(output)


def fit(
    real: Sequence[RecordStatistics],
    trials: Sequence[F32],
    sample_rate: int,
    steps: Sequence[float] = STEPS,
    knobs: Sequence[str] = KNOBS,
) -> ArtifactParameters:
    """Return parameters whose records measure as near to the real ones as could be found.

    Parameters
    ----------
    real : statistics of real recordings
    trials : clean float32 [channels, samples]
        Music to make dirty and measure.
    steps : factors
        How far each knob is turned, one round for each.
    knobs : names of parameters
    """

    def far(parameters: ArtifactParameters) -> float:
        return mean_distance(real, parameters, trials, sample_rate)

    starts = [ArtifactParameters(), _read_off(real), *_like_discs(real)]
    scored = [(far(parameters), parameters) for parameters in starts]
    best, parameters = min(scored, key=lambda pair: pair[0])
    rounds = [(step, name) for step in steps for name in knobs]
    with tqdm(rounds, desc="fit", unit="knob") as bar:
        for step, name in bar:
            bar.set_postfix(distance=f"{best:.2f}")
            for factor in (step, 1 / step):
                for _ in range(LONGEST_WAY):  # keep going while it helps
                    turned = _turned(parameters, name, factor)
                    distance = far(turned)
                    if distance > best - LEAST_GAIN:
                        break
                    best, parameters = distance, turned
    return parameters


def mean_distance(
    real: Sequence[RecordStatistics],
    parameters: ArtifactParameters,
    trials: Sequence[F32],
    sample_rate: int,
    seed: int = 0,
) -> float:
    """Return how far the average record of these parameters is from the average real one."""
    made = [
        measure_synthetic(clean, sample_rate, parameters, seed + n).statistics
        for n, clean in enumerate(trials)
    ]
    return collection_distance(real, made)


def made_up_music(sample_rate: int, seed: int, seconds: float = TRIAL_SECONDS) -> F32:
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


def _music(place: Path, rate: int) -> list[F32]:
    """Take the middle of recordings from all over the folder: its genres lie side by side."""
    paths = find_audio(place)
    chosen = np.unique(np.linspace(0, len(paths) - 1, TRIALS).round().astype(int))
    pieces = []
    for path in (paths[index] for index in chosen):
        audio, own = load_audio(path)
        piece = resampled(audio.mean(axis=0, keepdims=True), rate / own)
        length = round(TRIAL_SECONDS * rate)
        start = max(0, (piece.shape[1] - length) // 2)
        pieces.append(piece[:, start : start + length])
    return (pieces * TRIALS)[:TRIALS]


def _read_off(real: Sequence[RecordStatistics]) -> ArtifactParameters:
    """Take over what needs no trial, each range as wide as the recordings differ."""
    usual = ArtifactParameters()
    upwards = mean_of([s.positive_share for s in real if s.total >= 10])
    swish = [s.swish_depth for s in real if math.isfinite(s.swish_depth)]
    limit = _spread([s.upper_limit_hz for s in real], usual.high_cut_hz, 1000, 20000)
    music = _spread([_music_end(s) for s in real], usual.high_cut_hz, 1000, 20000)
    speeds = [
        s.noise_periodicity.best_rpm for s in real if s.noise_periodicity.best_strength > CLEAR
    ]
    return usual.with_ranges(
        impulse_rate=_spread([s.per_second for s in real], usual.impulse_rate, 0, 300),
        surface_noise_level=_spread(
            [s.noise_level for s in real], usual.surface_noise_level, 1e-5, 0.5
        ),
        positive_share=usual.positive_share if math.isnan(upwards) else upwards,
        swish_depth=_spread(swish, usual.swish_depth, 0, 0.9),
        high_cut_hz=music,
        noise_high_cut_hz=limit,
        noise_tilt_db=min(3.0, max(-14.0, _tilt(real))),
        rpm=_spread(speeds, usual.rpm, 60, 100),
    )


def _music_end(s: RecordStatistics) -> float:
    """Where hiss goes on above the music, the music's own end; else where both end."""
    return s.upper_limit_hz if math.isnan(s.music_end_hz) else s.music_end_hz


def _like_discs(real: Sequence[RecordStatistics]) -> list[ArtifactParameters]:
    """Start from a real disc's clicks and hiss as well, if some records show clicks above music."""
    rates = [s.band_clicks_per_s for s in real if math.isfinite(s.band_clicks_per_s)]
    if not any(rate > FEWEST_ABOVE for rate in rates):
        return []
    bank = shipped_bank()
    usual = float(np.sum(bank.heights > BAND_SIGMA) / np.sum(bank.seconds))
    shares = [max(rate, FEWEST_ABOVE) / usual for rate in rates]
    density = _spread(shares, ArtifactParameters().real_click_density, 0.001, 10)
    return [
        _read_off(real).with_ranges(
            real_click_share=1, disc_hiss_share=1, real_click_density=density
        )
    ]


def _turned(p: ArtifactParameters, name: str, factor: float) -> ArtifactParameters:
    """Turn one knob; what belongs together turns together."""
    if name == "noise_tilt_db":
        tilt = float(np.clip(p.noise_tilt_db.low + TILT_STEP_DB * math.log2(factor), -15, 6))
        return p.with_ranges(noise_tilt_db=tilt)
    if name == "real_click_over_hiss_db":
        low, high = p.real_click_over_hiss_db
        step = CLICK_STEP_DB * math.log2(factor)
        ends = tuple(float(np.clip(end + step, -30, 60)) for end in (low, high))
        return p.with_ranges(real_click_over_hiss_db=(ends[0], ends[1]))
    names = ("impulse_rate", "pop_rate", "thump_rate") if name == "impulse_rate" else (name,)
    limits = {spec.name: spec.metadata for spec in dataclasses.fields(p)}
    turned = {}
    for each in names:
        low, high = getattr(p, each)
        least, most = limits[each]["least"], limits[each]["most"]
        usual = getattr(ArtifactParameters(), each)
        least = max(least, usual.low / WIDEST)  # what hardly ever comes can be as it likes
        low, high = (min(max(end * factor, least), most) for end in (low, high))
        turned[each] = (low, high)
    return p.with_ranges(**turned)


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


if __name__ == "__main__":
    raise SystemExit(main())
