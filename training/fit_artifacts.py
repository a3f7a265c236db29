"""Fits the dirt generator to real recordings. Main thread.

    python -m training.fit_artifacts REAL... -o artifacts.yaml [--clean FOLDER]

The automated form of "note the parameters, edit, repeat": what can be read off the recordings is
taken over; the rest is turned until generated records measure the same as the real ones.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from model.errors import RestorationError
from training.audio_files import find_audio, load_audio
from training.command import run_command, say_skipped
from training.distances import collection_distances
from training.fit_knobs import KNOBS, at_their_speeds, read_off, turned
from training.fit_trials import Trial, made_records, mean_distance, trials_like
from training.parameters import ArtifactParameters, save_artifacts
from training.report import mean_of
from training.statistics import RecordStatistics, measure

OTHER_DICE = 900  # seed of the last check
LONGEST_S = 60.0  # of each recording; more tells nothing new
STEPS = (3.0, 1.5)  # factors that a knob is turned by, coarse first
LONGEST_WAY = 3  # turns of one knob in one direction
LEAST_GAIN = 0.01  # less is the luck of the dice
HALVES = 40
AGREEMENT = 0.85  # share of the halves in which a change must help


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
    real, failures = [], []
    for path in files:
        try:
            audio, rate = load_audio(path)
        except RestorationError as error:
            failures.append(str(error))
            continue
        real.append(measure(audio[:, : round(LONGEST_S * rate)], rate).statistics)
    say_skipped(failures, len(real))
    trials = trials_like(real, clean)
    parameters = fit(real, trials)
    usual, fitted = (
        mean_distance(real, p, trials, OTHER_DICE) for p in (ArtifactParameters(), parameters)
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
    trials: Sequence[Trial],
    steps: Sequence[float] = STEPS,
    knobs: Sequence[str] = tuple(KNOBS),
) -> ArtifactParameters:
    """Return parameters whose records measure nearer to the real ones than the usual ones do.

    A change is kept only if it helps in nearly all of many random halves of the records: what
    helps with a single odd one would be wrong for the next that comes. And it must bring nearer
    what the knob itself is about: louder hiss would hide crackle that should be turned down.

    Parameters
    ----------
    real : statistics of real recordings
    trials : clean music
        To make dirty and measure.
    steps : factors
        How far each knob is turned, one round for each.
    knobs : names of knobs

    Notes
    -----
    Stability selection (Meinshausen and Buehlmann 2010), used on steps of a coordinate descent.
    """
    halves = [[real[n] for n in half] for half in _halves(len(real))]

    def far(parameters: ArtifactParameters) -> list[dict[str, float]]:
        made = made_records(parameters, trials)
        return [collection_distances(half, made) for half in halves]

    best = at_their_speeds(real)
    distances = far(best)
    taken_over = read_off(real)
    with tqdm(total=len(taken_over) + len(steps) * len(knobs), desc="fit", unit="knob") as bar:

        def keep_if_nearer(changed: ArtifactParameters, statistic: str) -> None:
            nonlocal best, distances
            if changed != best and _is_nearer(found := far(changed), distances, statistic):
                best, distances = changed, found

        def show() -> None:
            bar.set_postfix(distance=f"{mean_of([mean_of([*d.values()]) for d in distances]):.2f}")
            bar.update()

        for statistic, ranges in taken_over:
            keep_if_nearer(best.with_ranges(**ranges), statistic)
            show()
        for step in steps:
            for knob in knobs:
                for factor in (step, 1 / step):
                    before = best
                    for _ in range(LONGEST_WAY):
                        start = best
                        keep_if_nearer(turned(best, knob, factor), KNOBS[knob].statistic)
                        if best == start:
                            break
                    if best != before:
                        break
                show()
    return best


def _is_nearer(
    found: list[dict[str, float]], before: list[dict[str, float]], statistic: str
) -> bool:
    """Judge a change by its distances in every half, all told and in its own statistic."""
    pairs = list(zip(before, found, strict=True))
    gain = np.array([mean_of([*b.values()]) - mean_of([*f.values()]) for b, f in pairs])
    own = mean_of([b.get(statistic, np.nan) - f.get(statistic, np.nan) for b, f in pairs])
    agreed = np.mean(gain > 0) >= AGREEMENT
    return bool(gain.mean() > LEAST_GAIN and agreed and own > 0)


def _halves(count: int) -> list[list[int]]:
    """Draw halves of so many records; of one or two there is only the whole."""
    if count < 3:
        return [list(range(count))]
    rng = np.random.default_rng(0)
    return [rng.permutation(count)[: -(-count // 2)].tolist() for _ in range(HALVES)]


if __name__ == "__main__":
    raise SystemExit(main())
