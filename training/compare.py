"""Sets a synthetic record beside a real one, statistic by statistic. Main thread.

python -m training.compare REAL CLEAN [--artifacts heavy] [--seed 1]
python -m training.compare FOLDER_OF_REAL CLEAN --artifacts default fitted.yaml --seed 100 200

Of a folder of clean music every record gets another piece, and with another seed another one.
"""

import argparse
from pathlib import Path

from model.errors import RestorationError
from training.analysis.comparison import compared
from training.analysis.comparison_report import (
    Comparison,
    describe_comparison,
    distance_table,
    labelled,
    statistic_table,
)
from training.analysis.plots import save_comparison_plot
from training.analysis.statistics import measure
from training.command import run_command, say_skipped
from training.dirt.parameters import load_artifacts
from training.signals.audio_files import find_audio, load_audio


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m training.compare``."""
    parser = argparse.ArgumentParser(
        prog="python -m training.compare",
        description="Compare a real record with clean music made dirty; saves a picture.",
    )
    parser.add_argument("real", type=Path, help="a real recording, or a folder of them")
    parser.add_argument("clean", type=Path, help="clean music to make dirty, a file or a folder")
    parser.add_argument(
        "--artifacts", nargs="+", default=["default"], help="light, default, heavy or YAML files"
    )
    parser.add_argument(
        "--seed", type=int, nargs="+", default=[0], help="of the dice; of several the mean counts"
    )
    parser.add_argument(
        "-o", "--output", type=Path, help="picture to write, or a folder; beside the real one"
    )
    options = parser.parse_args(arguments)
    return run_command(lambda: _compare_files(options))


def _compare_files(options: argparse.Namespace) -> None:
    clean = find_audio(options.clean)
    sets = {Path(name).stem: load_artifacts(name) for name in options.artifacts}
    files = find_audio(options.real)
    rows: dict[str, list[list[Comparison]]] = {}
    failures: list[str] = []
    for number, path in enumerate(files):
        try:
            real = measure(*load_audio(path))
        except RestorationError as error:
            failures.append(str(error))
            continue
        dice = [seed + number for seed in options.seed]
        pieces = [(*load_audio(clean[die % len(clean)]), die) for die in dice]
        results = [
            [compared(real, music, rate, parameters, die) for music, rate, die in pieces]
            for parameters in sets.values()
        ]
        for name, throws in zip(sets, results, strict=True):
            for result in throws:
                print(f"\n{path.name} against {name}\n{describe_comparison(result)}")
        print(f"\n{_save_picture(path, options.output, results[-1][-1], len(files) > 1)}")
        rows[path.stem] = results
    say_skipped(failures, len(rows))
    if len(rows) > 1 or len(sets) > 1:
        print(f"\n{distance_table(list(sets), rows)}")
    if len(rows) > 1:
        print(f"\n{statistic_table(list(sets), rows)}")


def _save_picture(path: Path, output: Path | None, result: Comparison, several: bool) -> Path:
    name = f"{path.stem}_comparison.png"
    picture = output or path.with_name(name)
    try:
        if output and (several or output.is_dir()):
            output.mkdir(parents=True, exist_ok=True)
            picture = output / name
        save_comparison_plot(
            picture, path.name, result.real, result.synthetic, labelled(result.distances)
        )
    except (OSError, ValueError) as error:  # ValueError: no kind of picture
        reason = getattr(error, "strerror", None) or error
        raise RestorationError(f"cannot write {picture}: {reason}; choose -o") from None
    return picture


if __name__ == "__main__":
    raise SystemExit(main())
