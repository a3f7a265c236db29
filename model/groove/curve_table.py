"""The named playback curves, and which of them to try for a label and a year. Any thread.

Both tables are data files beside this one, with their sources. Every start of the program reads the
curves, so they are JSON, which is read in no time.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from model.groove.time_constants import TimeConstants

CURVES_FILE = Path(__file__).parent / "curves.json"
LABELS_FILE = Path(__file__).parent / "curve_labels.yaml"
LABELS_SOURCE = "Leister, table 2 (audacity-support)"
CUSTOM = "custom"  # the curve whose corners the person sets


@dataclass(frozen=True, slots=True)
class NamedCurve:
    """One line of the table; ``years`` and ``source`` are words for the person."""

    name: str
    title: str
    years: str
    source: str
    constants: TimeConstants


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A curve worth trying first, and why."""

    curve: str
    label: str  # empty: a rule for any label of the region
    region: str
    years: tuple[int, int] | None
    mark: str  # what to look for around the matrix number
    source: str


@lru_cache
def named_curves() -> dict[str, NamedCurve]:
    """Return all curves by name, in the order of the table; the first is flat."""
    table: dict[str, dict[str, Any]] = json.loads(CURVES_FILE.read_text("utf-8"))["curves"]
    return {name: _curve(name, line) for name, line in table.items()}


def curve_names() -> tuple[str, ...]:
    """Return what a record's ``curve`` may be."""
    return (*named_curves(), CUSTOM)


def suggested_curves(label: str, year: int | None = None, region: str = "") -> list[Suggestion]:
    """Return what to try for a label, best guess first; never empty-handed where a year is known.

    Parameters
    ----------
    label : str
        As printed on the record; upper and lower case do not matter. May be empty.
    year : int, optional
        Of the recording. None takes every line of the label.
    region : str
        "us", "uk", "europe", or empty for all of them.
    """
    wanted = " ".join(label.casefold().split())
    fitting = [
        line
        for line in _suggestions()
        if (not region or line.region in ("", region))
        and (year is None or line.years is None or line.years[0] <= year <= line.years[1])
    ]
    named = [line for line in fitting if line.label and _is_same_label(wanted, line.label)]
    general = [line for line in fitting if not line.label and year is not None]
    # Where a mark decides, the line without one is the better first guess.
    return sorted(named, key=lambda line: bool(line.mark)) or general


def _is_same_label(wanted: str, label: str) -> bool:
    known = label.casefold()
    return bool(wanted) and (wanted == known or f" {known} " in f" {wanted} ")


@lru_cache
def _suggestions() -> tuple[Suggestion, ...]:
    import yaml  # heavy: only who looks a label up reads it

    lines: list[dict[str, Any]] = yaml.safe_load(LABELS_FILE.read_text("utf-8"))
    return tuple(
        Suggestion(
            curve=line["curve"],
            label=line["label"],
            region=line.get("region", ""),
            years=tuple(line["years"]) if "years" in line else None,
            mark=line.get("mark", ""),
            source=line.get("source", LABELS_SOURCE),
        )
        for line in lines
    )


def _curve(name: str, line: dict[str, Any]) -> NamedCurve:
    constants = (line[key] * 1e-6 if key in line else None for key in ("t1", "t2", "t3"))
    return NamedCurve(name, line["title"], line["years"], line["source"], TimeConstants(*constants))
