"""What the whole chain takes out of real records: clicks, music, and as much hiss as asked for?

``python -m training.real_benchmark RECORDS [--only clicks|hiss] [--presets P...] [--plot FILE]``.
Nobody knows the truth of a real record, so three things are measured. *Clicks*: how many events
stand out of what a predictor foresees, before and after the presets without hiss reduction and
after other programs; how much the music below 4 kHz changed, and how alike it is to what was
removed. *Where music stands out* (bins far above the record's own floor): how coherent the removed
sound is with the restored one, and how far below it. *Hiss reduction alone*, for each amount: by
how much the level of that music changed, band by band; of all there is from 4 to 10 kHz, where a
78's music ends; and *where it pauses* (quiet frames in which no partial stands out of the hiss): by
how much the hiss was lowered; a record without a pause has no such figure. A short excerpt is
played over and over until the networks know it, as a side of some minutes would be.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion
from scipy.signal import stft

from model.checkpoints import Models, load_models
from model.errors import RestorationError
from model.flat_yaml import write_text_atomically
from model.presets import load_preset
from model.settings import Settings
from training.benchmarks.real_click_table import click_table, measure_record, save_spectrograms
from training.benchmarks.restorers import PRESETS, preset_restorers, rival_restorers
from training.command import make_folder, run_command
from training.signals.audio_files import find_audio, load_audio
from training.signals.find_impulses import run_chain

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]

RATE = 44_100  # Hz; what the networks were trained for
BANDS_HZ = ((100, 300), (300, 1000), (1000, 2000), (2000, 4000), (4000, 8000), (8000, 16000))
ABOVE_HZ = (4000, 10_000)  # where little but hiss plays on a 78
HISS_HZ = (1500, 2200, 3000, 3700, 4500)  # bands that tell a pause: above most music, on any disc
STANDS_OUT_DB = 20.0  # above the floor: music for sure
NOISE_LIKE_DB = -3.2  # flatness of hiss is -2.5 dB; partials and crackle lower it
PAUSE_SPREAD_DB = 4.0  # louder than the quietest hiss by more: a consonant, not a pause
SHORTEST_PAUSE = 3  # frames in all
SILENT_DB = -100.0  # of full scale: an empty band
FADED_S = 0.2  # at either end: excerpts are faded in and out, which no record is
WARM_UP_S = 6.0  # until the networks know the record
N_FFT = 2048


class Reduced(NamedTuple):
    """What hiss reduction alone changed, dB (nan: there is no music, or no pause)."""

    music_db: list[float]  # level of the music that stands out, per band
    above_db: float  # level of all that is in ``ABOVE_HZ``
    pauses_db: float  # by how much the pauses became quieter


class Record(NamedTuple):
    """What was measured on one record, per band: coherence 0..1 and level in dB (nan: no music)."""

    name: str
    impulses_per_s: float
    coherence: list[float]
    removed_db: list[float]
    reduced: dict[float, Reduced]  # by the asked-for amount, dB


def main(argv: Sequence[str] | None = None) -> int:
    """Measure every record and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m training.real_benchmark", description=__doc__)
    parser.add_argument("records", nargs="+", type=Path, help="recordings or folders of them")
    parser.add_argument("--preset", default="default")
    parser.add_argument("--model", action="append", default=[], help=".onnx instead of the shipped")
    parser.add_argument("--reduction", type=float, nargs="+", default=[6.0, 12.0], metavar="DB")
    parser.add_argument("--seconds", type=float, default=20.0, help="taken from each (20)")
    parser.add_argument("--plot", type=Path, help="picture of coherence and level per band")
    parser.add_argument("--only", choices=("clicks", "hiss"), help="one of the two tables")
    parser.add_argument("--table", type=Path, help="file for the table of clicks, Markdown")
    parser.add_argument(
        "--spectrograms", type=Path, help="folder: what was removed, a picture each"
    )
    parser.add_argument("--presets", nargs="+", default=["default", "heavy"], choices=PRESETS)
    parser.add_argument("--alone", action="store_true", help="without other programs beside it")
    parser.add_argument("--grooveclean", type=Path, metavar="PROGRAM", help="if it lies elsewhere")
    options = parser.parse_args(argv)
    return run_command(lambda: _measure_all(options))


def _measure_all(options: argparse.Namespace) -> None:
    models = load_models(options.model)
    paths = [path for place in options.records for path in find_audio(place)]
    if options.only != "hiss":
        _clicks(options, paths, models)
    if options.only != "clicks":
        _hiss(options, paths, models)


def _clicks(options: argparse.Namespace, paths: Sequence[Path], models: Models) -> None:
    systems = preset_restorers(models, options.presets, without=False)
    if not options.alone:
        systems |= rival_restorers(options.grooveclean)
    if options.spectrograms:
        make_folder(options.spectrograms)
    records = []
    for path in paths:
        records.append(measure_record(path, options.seconds, systems))
        if options.spectrograms:
            print(save_spectrograms(options.spectrograms, records[-1]))
    print("Events above 8 sigma a second (kurtosis of the prediction error; 3 is hiss alone);")
    print(
        "after a restoration also the change of the music from 0.1 to 4 kHz and its coherence with"
    )
    print("what was removed. Without hiss reduction.\n")
    text = click_table(records)
    print(text + "\n")
    if options.table:
        try:
            write_text_atomically(options.table, text + "\n")
        except OSError as error:
            raise RestorationError(f"cannot write {options.table}: {error.strerror}") from None


def _hiss(options: argparse.Namespace, paths: Sequence[Path], models: Models) -> None:
    settings = load_preset(options.preset)
    _print_head()
    records = []
    for path in paths:
        records.append(measure(path, options.seconds, settings, models, options.reduction))
        _print_row(records[-1])
    _print_reduced(records)
    if options.plot:
        plot(records, options.plot)


def measure(
    path: Path, seconds: float, settings: Settings, models: Models, reductions: Sequence[float]
) -> Record:
    """Restore the beginning of one record at each amount of hiss reduction."""
    audio, rate = load_audio(path, RATE)
    ends = round(FADED_S * rate)
    record = audio.mean(axis=0)[ends : ends + round(seconds * rate)]
    record = record[: min(len(record), audio.shape[1] - 2 * ends)]
    passes = 1 + int(np.ceil(WARM_UP_S * rate / len(record)))
    played = np.tile(record, passes)[None]
    warm = slice(-len(record), None)  # the last time it is played
    done = run_chain(played, rate, settings, models)
    frequency, before = _spectrum(record, rate)
    after = _spectrum(done.restored[0, warm], rate)[1]
    power = np.abs(before) ** 2
    music = power > np.percentile(power, 10, axis=1, keepdims=True) * 10 ** (STANDS_OUT_DB / 10)
    music &= power > 10 ** (SILENT_DB / 10)
    places = [music & _between(frequency, band)[:, None] for band in BANDS_HZ]
    alike = [_alike((before - after)[there], after[there]) for there in places]
    above, reduced = _between(frequency, ABOVE_HZ), {}
    for amount in reductions:
        only = replace(settings, declick=False, hiss_reduction_db=amount)
        quiet = run_chain(played, rate, only, models).restored[0, warm]
        left = _spectrum(quiet, rate)[1]
        reduced[amount] = Reduced(
            [_change_db(before[there], left[there]) for there in places],
            _change_db(before[above], left[above]),
            pause_change_db(record, quiet, rate),
        )
    last = [i for i in done.impulses if i.start >= (passes - 1) * len(record)]
    coherences, levels = map(list, zip(*alike, strict=True))
    return Record(path.stem, len(last) * rate / len(record), coherences, levels, reduced)


def _between(frequency: F64, band: tuple[int, int]) -> NDArray[np.bool_]:
    return (frequency >= band[0]) & (frequency < band[1])


def _change_db(before: C128, after: C128) -> float:
    """Level of some bins after against before, dB; nan without any."""
    powers = [float(np.sum(np.abs(values) ** 2)) for values in (after, before)]
    return 10 * float(np.log10(powers[0] / powers[1])) if min(powers) > 0 else float("nan")


def pause_change_db(before: F32, after: F32, rate: int) -> float:
    """By how much the hiss of the pauses became lower, dB; nan without a pause."""
    frequency, first = _spectrum(before, rate)
    second = _spectrum(after, rate)[1]
    pauses = _pauses(frequency, np.abs(first) ** 2)
    if np.count_nonzero(pauses) < SHORTEST_PAUSE:
        return float("nan")
    rows = _between(frequency, (HISS_HZ[0], HISS_HZ[-1]))
    return -_change_db(first[rows][:, pauses], second[rows][:, pauses])


def _pauses(frequency: F64, power: F64) -> NDArray[np.bool_]:
    """Which frames hold nothing but hiss: flat in every band, and hardly louder than the floor."""
    flatness, total = np.zeros(power.shape[1]), np.zeros(power.shape[1])
    for low, high in pairwise(HISS_HZ):
        band = power[_between(frequency, (low, high))] + 1e-30
        mean = band.mean(axis=0)
        flatness += 10 * (np.log10(band).mean(axis=0) - np.log10(mean)) / (len(HISS_HZ) - 1)
        total += mean
    level = 10 * np.log10(total)
    pauses = (flatness > NOISE_LIKE_DB) & (level > SILENT_DB)
    if pauses.any():
        pauses &= level < np.percentile(level[pauses], 10) + PAUSE_SPREAD_DB
    # A frame at the edge holds a little of what comes before or after.
    return np.asarray(binary_erosion(pauses, np.ones(3, np.bool_)))


def _alike(
    removed: NDArray[np.complex128], restored: NDArray[np.complex128]
) -> tuple[float, float]:
    """Coherence of what was removed with what is left, and its level against it in dB."""
    powers = [float(np.sum(np.abs(values) ** 2)) for values in (removed, restored)]
    if len(removed) < 50 or powers[1] == 0:
        return float("nan"), float("nan")
    if powers[0] == 0:
        return 0.0, float("-inf")
    cross = np.abs(np.sum(removed * np.conj(restored))) ** 2
    return float(cross / (powers[0] * powers[1])), float(10 * np.log10(powers[0] / powers[1]))


def _spectrum(signal: F32, rate: int) -> tuple[F64, C128]:
    frequency, _, values = stft(signal.astype(np.float64), rate, nperseg=N_FFT, boundary=None)
    return frequency, values


def _print_head() -> None:
    bands = _band_names()
    print("Where music stands out: coherence of removed with restored; then its level in dB.")
    print(f"{'record':40}{'imp./s':>7}{bands}  |{bands}")


def _band_names() -> str:
    return "".join(f"{f'{low / 1000:g}-{high / 1000:g}k':>9}" for low, high in BANDS_HZ)


def _print_row(record: Record) -> None:
    alike = "".join(f"{value:9.3f}" for value in record.coherence)
    level = "".join(f"{value:9.1f}" for value in record.removed_db)
    print(f"{record.name[:39]:40}{record.impulses_per_s:7.1f}{alike}  |{level}", flush=True)


def _print_reduced(records: Sequence[Record]) -> None:
    """What hiss reduction alone did, a line for each record and amount."""
    low, high = (f / 1000 for f in ABOVE_HZ)
    above = f"{low:g}-{high:g}k"
    print("\nHiss reduction alone, dB: level of the music that stands out, after against before;")
    print(f"of all there is from {above}Hz; and by how much pauses became quieter.")
    print(f"{'record':40}{'asked':>7}{_band_names()}  |{above:>9}{'pauses':>9}")
    for record in records:
        for amount, reduced in record.reduced.items():
            music = "".join(f"{value:9.2f}" for value in reduced.music_db)
            rest = f"{reduced.above_db:9.1f}{reduced.pauses_db:9.1f}"
            print(f"{record.name[:39]:40}{amount:7g}{music}  |{rest}", flush=True)


def plot(records: Sequence[Record], path: Path) -> None:
    """Draw coherence and level of the removed sound per band, a line for each record."""
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    twenty = [colormaps["tab20"](colour) for colour in range(20)]
    for axes in (left, right):
        axes.set_prop_cycle(color=twenty)
    middle = [float(np.sqrt(low * high)) for low, high in BANDS_HZ]
    for record in records:
        left.semilogx(middle, record.coherence, "o-", label=record.name)
        right.semilogx(middle, record.removed_db, "o-")
    left.set(ylim=(0, 1), ylabel="coherence of removed with restored", xlabel="Hz")
    right.set(ylabel="removed against restored, dB", xlabel="Hz")
    for axes in (left, right):
        axes.grid(alpha=0.3)
    figure.legend(*left.get_legend_handles_labels(), loc="outside right upper", fontsize=7)
    figure.suptitle("Where the music stands out of the record's noise")
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    sys.exit(main())
