"""What became of many files, as a table for the person. On the caller's thread."""

from collections.abc import Sequence
from typing import NamedTuple

from model.errors import RestorationError
from realtime.archive.restore_report import RestoreReport
from realtime.batch.jobs import RestoreJob
from realtime.units import clock

LONGEST_NAME = 48  # characters; the end of a path tells more than its beginning
HEADINGS = ("", "file", "length", "speed", "impulses", "per s", "removed")


class Skipped(NamedTuple):
    """A file with which nothing is to be done: its result is there, or it is one itself."""

    why: str = ""  # empty: its result was there already and is what it should be


Outcome = RestoreReport | RestorationError | Skipped


def summary_table(outcomes: Sequence[tuple[RestoreJob, Outcome]], elapsed_s: float) -> list[str]:
    """Return one line for each file, in the order of their names, and one for all."""
    rows: list[tuple[str, ...]] = [HEADINGS]
    rows += [_row(job, outcome) for job, outcome in sorted(outcomes, key=lambda o: o[0].source)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ["  ".join(_cells(row, widths)).rstrip() for row in rows]
    return [*lines, _total([outcome for _, outcome in outcomes], elapsed_s)]


def _cells(row: tuple[str, ...], widths: list[int]) -> list[str]:
    return [
        cell.ljust(width) if column < 2 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]


def _row(job: RestoreJob, outcome: Outcome) -> tuple[str, ...]:
    name = str(job.source)
    name = name if len(name) <= LONGEST_NAME else f"...{name[3 - LONGEST_NAME :]}"
    name = name if name.isprintable() else ascii(name)
    if isinstance(outcome, Skipped):
        return ("left out" if outcome.why else "done before", name, "", "", "", "", "")
    if isinstance(outcome, RestorationError):
        return ("FAILED", name, "", "", "", "", "")
    return (
        "restored",
        name,
        clock(outcome.seconds),
        f"{outcome.times_real_time:.1f} x",
        str(outcome.impulses),
        f"{outcome.impulse_rate:.1f}",
        f"{outcome.removed_dbfs:.0f} dBFS",
    )


def _total(outcomes: Sequence[Outcome], elapsed_s: float) -> str:
    reports = [outcome for outcome in outcomes if isinstance(outcome, RestoreReport)]
    left_out = sum(isinstance(outcome, Skipped) and bool(outcome.why) for outcome in outcomes)
    skipped = sum(isinstance(outcome, Skipped) for outcome in outcomes) - left_out
    failed = len(outcomes) - len(reports) - skipped - left_out
    seconds = sum(report.seconds for report in reports)
    parts = [f"{len(reports)} restored"]
    parts += [f"{skipped} done before"] if skipped else []
    parts += [f"{left_out} left out"] if left_out else []
    parts += [f"{failed} failed"] if failed else []
    return f"{', '.join(parts)}: {clock(seconds)} of sound in {clock(elapsed_s)}"
