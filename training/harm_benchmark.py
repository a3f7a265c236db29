"""The table of harm: what each system does to clean clips of what looks like clicks."""

import string
from collections.abc import Sequence
from typing import NamedTuple

from training.clips import Clip, snr_db
from training.metrics import stretches
from training.restorers import Restore

NAME_WIDTH, CELL_WIDTH = 24, 15


class HarmRow(NamedTuple):
    """One system: SNR of its output against each clean clip in dB, and repairs a second."""

    name: str
    transparency: list[float]
    repairs: list[float]


def measure_harm(name: str, restore: Restore, clips: Sequence[Clip]) -> HarmRow:
    """Figures of one system over all clips."""
    row = HarmRow(name, [], [])
    for clip in clips:
        restored, found = restore(clip.signal, clip.sample_rate)
        row.transparency.append(snr_db(clip.signal, restored))
        if found is not None:
            row.repairs.append(len(stretches(found)) * clip.sample_rate / len(clip.signal))
    return row


def print_harm(rows: Sequence[HarmRow], clips: Sequence[Clip]) -> None:
    """Clips downwards, systems across; the worst last."""
    print("\nHarm on what looks like clicks: SNR of output against clean input in dB, repairs/s")
    letters = string.ascii_uppercase[: len(rows)]
    for letter, row in zip(letters, rows, strict=True):
        print(f"  {letter}  {row.name}")
    print(" " * NAME_WIDTH + "".join(f"{letter:>{CELL_WIDTH}}" for letter in letters))
    lines = [
        (clip.name, [_cell(row.transparency[n], row.repairs[n : n + 1]) for row in rows])
        for n, clip in enumerate(clips)
    ]
    lines.append(
        (
            "worst",
            [_cell(min(row.transparency), row.repairs and [max(row.repairs)]) for row in rows],
        )
    )
    for name, cells in lines:
        print(
            f"{name:{NAME_WIDTH}}" + "".join(f"{cell:>{CELL_WIDTH}}" for cell in cells), flush=True
        )


def _cell(transparency: float, repairs: list[float]) -> str:
    return f"{transparency:.1f}" + (f" {repairs[0]:6.2f}" if repairs else "")
