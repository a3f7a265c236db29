"""Sets a synthetic record beside a real one, statistic by statistic. Main thread.

python -m training.compare REAL CLEAN [--artifacts heavy] [--seed 1]
python -m training.compare FOLDER_OF_REAL CLEAN --artifacts default fitted.yaml
"""

import argparse
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.errors import RestorationError
from training.artifacts import apply_degradation
from training.audio_files import find_audio, load_audio, resampled
from training.command import run_command, say_skipped
from training.degradation import draw_degradation
from training.distances import COMPARED, collection_distance, distances
from training.parameters import ArtifactParameters, load_artifacts
from training.plots import save_comparison_plot
from training.report import mean_of
from training.statistics import Measured, measure

F32 = NDArray[np.float32]


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
    parser.add_argument("real", type=Path, help="a real recording, or a folder of them")
    parser.add_argument("clean", type=Path, help="clean music to make dirty")
    parser.add_argument(
        "--artifacts", nargs="+", default=["default"], help="light, default, heavy or YAML files"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "-o", "--output", type=Path, help="picture to write, or a folder; beside the real one"
    )
    options = parser.parse_args(arguments)
    return run_command(lambda: _compare_files(options))


def _compare_files(options: argparse.Namespace) -> None:
    clean, sample_rate = load_audio(options.clean)
    sets = {Path(name).stem: load_artifacts(name) for name in options.artifacts}
    files = find_audio(options.real)
    rows: dict[str, list[Comparison]] = {}
    failures: list[str] = []
    for number, path in enumerate(files):
        try:
            real = measure(*load_audio(path))
        except RestorationError as error:
            failures.append(str(error))
            continue
        results = [
            _compared(real, clean, sample_rate, parameters, options.seed + number)
            for parameters in sets.values()
        ]
        for name, result in zip(sets, results, strict=True):
            print(f"\n{path.name} against {name}\n{describe_comparison(result)}")
        print(f"\n{_save_picture(path, options.output, results[-1], len(files) > 1)}")
        rows[path.stem] = results
    say_skipped(failures, len(rows))
    if len(rows) > 1 or len(sets) > 1:
        print(f"\n{distance_table(list(sets), rows)}")


def _save_picture(path: Path, output: Path | None, result: Comparison, several: bool) -> Path:
    name = f"{path.stem}_comparison.png"
    picture = output or path.with_name(name)
    try:
        if output and (several or output.is_dir()):
            output.mkdir(parents=True, exist_ok=True)
            picture = output / name
        save_comparison_plot(picture, result.real, result.synthetic, _labelled(result.distances))
    except (OSError, ValueError) as error:  # ValueError: no kind of picture
        reason = getattr(error, "strerror", None) or error
        raise RestorationError(f"cannot write {picture}: {reason}; choose -o") from None
    return picture


def distance_table(sets: list[str], rows: dict[str, list[Comparison]]) -> str:
    """Return a Markdown table of mean distances: a recording per row, then all as a collection."""
    lines = [" | ".join(["| mean distance to", *sets]) + " |", "| --- |" + " ---: |" * len(sets)]
    shown = {name: [result.total for result in results] for name, results in rows.items()}
    if len(rows) > 1:
        shown["**as a collection**"] = [
            collection_distance(
                [result.real.statistics for result in column],
                [result.synthetic.statistics for result in column],
            )
            for column in zip(*rows.values(), strict=True)
        ]
    for name, values in shown.items():
        lines.append(" | ".join([f"| {name}", *(f"{value:.2f}" for value in values)]) + " |")
    return "\n".join(lines)


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
    result = _compared(real, clean, sample_rate, parameters or ArtifactParameters(), seed)
    if verbose:
        print(describe_comparison(result))
    return result


def _compared(
    real: Measured, clean: F32, sample_rate: int, parameters: ArtifactParameters, seed: int
) -> Comparison:
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


def _labelled(distances_by_name: dict[str, float]) -> dict[str, float]:
    """Return the distances under the names that a person reads."""
    return {
        COMPARED[name][0] if name in COMPARED else name: distance
        for name, distance in distances_by_name.items()
    }


def describe_comparison(result: Comparison) -> str:
    """Return real against synthetic as lines for a terminal."""
    lines = ["COMPARISON: real against synthetic", "=" * 68]
    lines.append(f"{'statistic':28}{'real':>12}{'synthetic':>12}{'distance':>12}")
    real, synthetic = result.real.statistics, result.synthetic.statistics
    labels = _labelled(result.distances)
    for (name, distance), label in zip(result.distances.items(), labels, strict=True):
        values = [getattr(s, name, math.nan) for s in (real, synthetic)]
        shown = "".join(f"{value:12.4g}" if value == value else f"{'-':>12}" for value in values)
        lines.append(f"{label:28}{shown}{distance:12.2f}")
    lines.append(f"{'mean distance':28}{'':24}{result.total:12.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
