"""Measures the impulses and the noise of real recordings. Main thread.

python -m training.analyze_impulses FILE_OR_FOLDER...
"""

import argparse
from pathlib import Path

from model.errors import RestorationError
from training.analysis.comparison import compare_synthetic_vs_real
from training.analysis.plots import save_analysis_plot
from training.analysis.report import as_dict, average_statistics, describe, save_json, table
from training.analysis.statistics import RecordStatistics, measure
from training.command import make_folder, run_command, say_skipped
from training.signals.audio_files import find_audio, load_audio

__all__ = ["analyse", "compare_synthetic_vs_real", "main"]


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m training.analyze_impulses``."""
    parser = argparse.ArgumentParser(
        prog="python -m training.analyze_impulses",
        description="Measure impulses and surface noise; saves a picture and a JSON file for each.",
    )
    parser.add_argument("places", nargs="+", type=Path, help="recordings, or folders of them")
    parser.add_argument("-o", "--output", type=Path, help="folder of the results; beside each file")
    options = parser.parse_args(arguments)
    return run_command(lambda: _analyse_all(options.places, options.output))


def _analyse_all(places: list[Path], output: Path | None) -> None:
    if output:
        make_folder(output)
    files = [path for place in places for path in find_audio(place)]
    results, failures = [], []
    for path in files:
        try:
            statistics = analyse(path, output)
        except RestorationError as error:
            failures.append(str(error))
            continue
        results.append((path.stem, statistics))
        print(f"\n{path}\n{describe(statistics)}")
    if len(results) > 1:
        averages = average_statistics([statistics for _, statistics in results])
        print(f"\n{table(results)}\n\n{averages['per_second']:.2f} impulses/s on average")
    say_skipped(failures, len(results))


def analyse(path: Path, output: Path | None = None) -> RecordStatistics:
    """Measure one recording and save ``<file>_impulse_analysis.png`` and ``.json``.

    Raises
    ------
    RestorationError
        If it cannot be read, or the results cannot be written.
    """
    audio, sample_rate = load_audio(path)
    measured = measure(audio, sample_rate)
    stem = (output or path.parent) / f"{path.stem}_impulse_analysis"
    try:
        save_analysis_plot(stem.with_name(stem.name + ".png"), measured, path.name)
    except OSError as error:
        raise RestorationError(f"cannot write {stem}.png: {error.strerror}; choose -o") from None
    save_json(stem.with_name(stem.name + ".json"), as_dict(measured.statistics))
    return measured.statistics


if __name__ == "__main__":
    raise SystemExit(main())
