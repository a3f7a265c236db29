"""Writes an evaluation as Markdown, CSV and a picture. Any thread."""

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from model.errors import RestorationError
from model.flat_yaml import write_text_atomically
from training.analysis.report import mean_of

Key = tuple[str, str, str]  # system, genre, severity
Row = tuple[Key, str, dict[str, float]]  # key, clip, values
ALL = "all"


def save_report(folder: Path, rows: Sequence[Row]) -> str:
    """Write ``evaluation.md``, ``.csv`` (per clip) and ``.png``; return the Markdown."""
    columns = list(dict.fromkeys(name for _, _, values in rows for name in values))
    text = markdown(rows, columns)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_text_atomically(folder / "evaluation.md", text + "\n")
        write_text_atomically(folder / "evaluation.csv", _csv(rows, columns))
        _save_picture(folder / "evaluation.png", rows)
    except OSError as error:
        raise RestorationError(f"cannot write into {folder}: {error.strerror}") from None
    return text


def markdown(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """Return one line per system, genre and severity, with the averages over all first."""
    averages = _averages(rows, columns)
    lines = ["| " + " | ".join(("system", "genre", "severity", *columns)) + " |"]
    lines.append("|" + " --- |" * 3 + " ---: |" * len(columns))
    for key, values in averages.items():
        shown = [_shown(name, values[name]) for name in columns]
        lines.append("| " + " | ".join((*key, *shown)) + " |")
    return "\n".join(lines)


def _averages(rows: Sequence[Row], columns: Sequence[str]) -> dict[Key, dict[str, float]]:
    groups: dict[Key, list[dict[str, float]]] = {}
    for (system, genre, severity), _, values in rows:
        for key in ((system, ALL, severity), (system, genre, severity)):
            groups.setdefault(key, []).append(values)
    ordered = sorted(groups, key=lambda key: (key[1] != ALL, key[1], key[2], key[0]))
    return {
        key: {
            name: mean_of([values.get(name, math.nan) for values in groups[key]])
            for name in columns
        }
        for key in ordered
    }


def _shown(name: str, value: float) -> str:
    if math.isnan(value):
        return "-"
    if name in ("precision", "recall", "F1", "attacks", "PESQ", "flatness change"):
        return f"{value:.3f}"
    if name.startswith("removed"):
        return f"{100 * value:.0f} %"
    return f"{value:.1f}"


def _csv(rows: Sequence[Row], columns: Sequence[str]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(("system", "genre", "severity", "clip", *columns))
    for key, clip, values in rows:
        writer.writerow((*key, clip, *(f"{values.get(name, math.nan):.5g}" for name in columns)))
    return buffer.getvalue()


def _save_picture(path: Path, rows: Sequence[Row]) -> None:
    """Draw SNR gain against transparency: one point per system and severity, all clips averaged."""
    averages = _averages(rows, ["SNR gain dB", "transparency dB", "impulse gain dB"])
    figure = Figure(figsize=(11, 5), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    for system in dict.fromkeys(key[0] for key, _, _ in rows):
        mine = {key[2]: v for key, v in averages.items() if key[:2] == (system, ALL)}
        x = [values["transparency dB"] for values in mine.values()]
        for axes, name in ((left, "SNR gain dB"), (right, "impulse gain dB")):
            y = [values[name] for values in mine.values()]
            axes.plot(x, y, "o-", label=system)
            for severity, at in zip(mine, zip(x, y, strict=True), strict=True):
                axes.annotate(severity, at, textcoords="offset points", xytext=(4, 4), fontsize=8)
            axes.margins(0.15)  # room for the words
            axes.set_xlabel("transparency on clean input, dB")
            axes.set_ylabel(name)
    left.legend()
    figure.savefig(path, dpi=110)
