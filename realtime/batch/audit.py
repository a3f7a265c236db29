"""The doubtful or the largest repairs of a side, to be heard one by one: before, after, a table.

On the caller's thread.
"""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from model.errors import RestorationError
from realtime.archive.repairs import WALLS, Repair
from realtime.batch.side import Side
from realtime.batch.stretch import read_stretch
from realtime.containers.readable_sound import open_readable
from realtime.units import clock

F64 = NDArray[np.float64]

Order = Literal["doubt", "size", "time"]
AROUND_S = 0.4  # heard before and after a repair
FADE_S = 0.02
COLUMNS = ("number", "time", "wall", "length_ms", "height_dbfs", "certainty_percent")


def chosen_repairs(side: Side, order: Order, most: int) -> list[tuple[int, Repair]]:
    """Return the repairs that deserve an ear, with their numbers, the most telling first."""
    ranks: dict[Order, Callable[[Repair], float]] = {
        "doubt": lambda repair: repair.certainty - 1e-3 * repair.height,
        "size": lambda repair: -repair.height * repair.length,
        "time": lambda repair: repair.start,
    }
    numbered = list(enumerate(side.repairs, 1))
    return sorted(numbered, key=lambda item: ranks[order](item[1]))[:most]


def table_of(repairs: Sequence[tuple[int, Repair]], sample_rate: int) -> list[str]:
    """Return a line for each repair, for a terminal, below a line of captions."""
    lines = [
        f"{'no.':>7}  {'time':>10}  {'wall':<5}  {'length':>9}  {'height':>9}  {'certainty':>9}"
    ]
    for row in _rows(repairs, sample_rate):
        number, time, wall, length, height, certainty = row
        lines.append(
            f"{number:>7}  {time:>10}  {wall:<5}  {f'{length} ms':>9}  {f'{height} dB':>9}  "
            f"{f'{certainty} %':>9}"
        )
    return lines


def cut_excerpts(side: Side, repairs: Sequence[tuple[int, Repair]], folder: Path) -> list[Path]:
    """Write each repair as it was and as it is, level with each other, and the table.

    Raises
    ------
    RestorationError
        A file of the side cannot be read, or the folder not written to.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open_readable(side.original) as original, open_readable(side.restored) as restored:
            rate = restored.samplerate
            for number, repair in repairs:
                around = round(AROUND_S * rate)
                first, last = repair.start - around, repair.end + around
                after = read_stretch(restored, first, last)
                before = read_stretch(original, round(first * side.speed), round(last * side.speed))
                before *= _level(before, after, around)
                for role, sound in (("before", before), ("after", after)):
                    path = folder / f"{number:05d}_{role}.wav"
                    soundfile.write(path, np.clip(_faded(sound, rate), -1, 1), rate, "PCM_24")
                    written.append(path)
        with (folder / "repairs.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *_rows(repairs, rate)])
    except (OSError, soundfile.LibsndfileError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RestorationError(f"{folder}: the excerpts cannot be written: {reason}") from None
    return written


def row_of(number: int, repair: Repair, sample_rate: int) -> tuple[str, ...]:
    """Return what a person reads of one repair, in the order of the columns."""
    milliseconds = round(1000 * repair.start / sample_rate)
    return (
        str(number),
        f"{clock(milliseconds // 1000)}.{milliseconds % 1000:03d}",
        WALLS[repair.wall],
        f"{1000 * repair.length / sample_rate:.2f}",
        f"{20 * np.log10(max(repair.height, 1e-6)):.1f}",
        f"{100 * repair.certainty:.0f}",
    )


def _rows(repairs: Sequence[tuple[int, Repair]], rate: int) -> list[tuple[str, ...]]:
    return [row_of(number, repair, rate) for number, repair in repairs]


def _level(before: F64, after: F64, around: int) -> float:
    """Return what brings the sound beside a repair to the same level: a curve changes it."""
    beside = [np.concatenate([sound[:around], sound[-around:]]) for sound in (before, after)]
    was, is_now = (float(np.sqrt(np.mean(np.square(sound)))) for sound in beside)
    return is_now / was if was > 1e-6 and is_now > 1e-6 else 1.0


def _faded(sound: F64, rate: int) -> F64:
    n = min(round(FADE_S * rate), len(sound) // 2)
    ramp = np.linspace(0, 1, n)[:, None]
    sound[:n] *= ramp
    sound[len(sound) - n :] *= ramp[::-1]
    return sound
