"""Puts real and synthetic records side by side, in words and tables. Any thread."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from training.analysis.distances import COMPARED, collection_distances
from training.analysis.report import mean_of
from training.analysis.statistics import Measured


class Comparison(NamedTuple):
    """``distances`` per statistic: 0 is equal, 1 a factor of two, 6 dB or a quarter."""

    real: Measured
    synthetic: Measured
    distances: dict[str, float]

    @property
    def total(self) -> float:
        """Mean of the distances that could be measured."""
        return mean_of(list(self.distances.values()))


# by record; for each set of dirt, one comparison for each throw of the dice
Rows = Mapping[str, Sequence[Sequence[Comparison]]]


def describe_comparison(result: Comparison) -> str:
    """Return real against synthetic as lines for a terminal."""
    lines = ["COMPARISON: real against synthetic", "=" * 68]
    lines.append(f"{'statistic':28}{'real':>12}{'synthetic':>12}{'distance':>12}")
    real, synthetic = result.real.statistics, result.synthetic.statistics
    labels = labelled(result.distances)
    for (name, distance), label in zip(result.distances.items(), labels, strict=True):
        values = [getattr(s, name, math.nan) for s in (real, synthetic)]
        shown = "".join(f"{value:12.4g}" if value == value else f"{'-':>12}" for value in values)
        lines.append(f"{label:28}{shown}{distance:12.2f}")
    lines.append(f"{'mean distance':28}{'':24}{result.total:12.2f}")
    return "\n".join(lines)


def distance_table(sets: Sequence[str], rows: Rows) -> str:
    """Return a Markdown table of mean distances: a recording per row, then all of them together.

    Every figure is the mean over the throws of the dice.
    """
    shown = {
        name: [mean_of([result.total for result in throws]) for throws in columns]
        for name, columns in rows.items()
    }
    if len(rows) > 1:
        shown["**mean of the rows**"] = [
            mean_of(list(column)) for column in zip(*shown.values(), strict=True)
        ]
        shown["**as a collection**"] = [mean_of(list(far.values())) for far in _collections(rows)]
    return _markdown("mean distance to", sets, shown)


def statistic_table(sets: Sequence[str], rows: Rows) -> str:
    """Return a Markdown table of how far the collections are apart, a statistic per row."""
    columns = [labelled(far) for far in _collections(rows)]
    shown = {name: [far[name] for far in columns] for name in columns[0]}
    return _markdown("as a collection", sets, shown)


def _collections(rows: Rows) -> list[dict[str, float]]:
    """Return for each set of dirt the distances per statistic, means over the throws."""
    result = []
    for columns in zip(*rows.values(), strict=True):
        thrown = [
            collection_distances(
                [one.real.statistics for one in throw],
                [one.synthetic.statistics for one in throw],
            )
            for throw in zip(*columns, strict=True)
        ]
        result.append({name: mean_of([far[name] for far in thrown]) for name in thrown[0]})
    return result


def _markdown(corner: str, heads: Sequence[str], rows: Mapping[str, Sequence[float]]) -> str:
    lines = [f"| {' | '.join([corner, *heads])} |", "| --- |" + " ---: |" * len(heads)]
    for name, values in rows.items():
        lines.append(" | ".join([f"| {name}", *(f"{value:.2f}" for value in values)]) + " |")
    return "\n".join(lines)


def labelled(distances_by_name: Mapping[str, float]) -> dict[str, float]:
    """Return the distances under the names that a person reads."""
    return {
        COMPARED[name][0] if name in COMPARED else name: distance
        for name, distance in distances_by_name.items()
    }
