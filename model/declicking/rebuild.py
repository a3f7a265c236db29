"""What the declicker does: rebuild the samples under repair from all others. Any thread.

Least squares over all open samples of a region together, with the damage weighed against the
predictor, and each suspect narrowed down to its true edges.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.declicking.ar import F64, ArModel, GapSystem
from model.declicking.evidence import BLOCK, Mask

EDGE = 3.0  # forward and backward errors begin and end an impulse at this many sigma
PAD = 2  # samples added on each side of an impulse: its edges drown in the hiss
_ABOVE = 1.25  # times what lies around: a wave may have its crest under a click
_EDGE_SHARE = 0.005  # of its own height: chance peaks of the hiss beside a loud click
_RIDGE = 3.0  # weight of the predictor against the damage (1: the Wiener estimate)
_SMOOTH = np.hanning(17)[1:-1] / np.hanning(17).sum()  # neighbourhood that sizes the damage
_REACH = len(_SMOOTH) // 2

Runs = list[tuple[int, int]]
Places = NDArray[np.intp]


def bounds_of(index: NDArray[np.intp], bridge: int = 1) -> tuple[Places, Places, Places]:
    """Where runs of ascending positions lie, those no farther apart than ``bridge`` joined.

    Returns
    -------
    starts, ends : int [runs]
        The first position of each, and the one behind its last.
    offsets : int [runs]
        Where each begins in ``index``.
    """
    cut = (index[1:] - index[:-1] > bridge).nonzero()[0]
    offsets = np.zeros(len(cut) + (len(index) > 0), np.intp)
    offsets[1:] = cut + 1
    starts = index[offsets]
    ends = np.empty_like(starts)
    ends[:-1], ends[-1:] = index[cut] + 1, index[-1:] + 1
    return starts, ends, offsets


def within(of: np.ufunc, values: NDArray[Any], starts: Places, ends: Places) -> NDArray[Any]:
    """Reduce values over each of some stretches, which are ascending and apart."""
    bounds = np.empty(2 * len(starts), np.intp)
    bounds[::2], bounds[1::2] = starts, ends
    if len(bounds) and bounds[-1] == len(values):
        bounds = bounds[:-1]
    return np.asarray(of.reduceat(values, bounds)[::2])


def spanned(starts: Places, ends: Places, n: int) -> Mask:
    """Mark some stretches, which lie apart, in ``n`` samples."""
    steps = np.zeros(n + 1, np.int8)
    steps[starts], steps[ends] = 1, -1
    return np.add.accumulate(steps[:n], dtype=np.int8).view(bool)


def rebuilt(system: GapSystem, field: F64, ridge: F64, damage: F64) -> tuple[F64, F64]:
    """Least-squares interpolation of all open samples together.

    Parameters
    ----------
    system : GapSystem
        Of the open samples.
    field, ridge, damage : float64 [n_open]
        At the open samples: the field of the restored sound, how strongly each leans on its
        input, and how far it has been moved from it.

    Returns
    -------
    change, field : float64 [n_open]
        To be added to the restored sound; the field afterwards, known without a transform:
        there the ridge's pull balances it.
    """
    change = system.solve(-field - ridge * damage, ridge)
    return change, -ridge * (damage + change)


class Layout(NamedTuple):
    """Where runs of open samples lie when silence is laid between them.

    ``lengths`` int ``[runs]`` and ``starts`` int ``[runs]`` without that silence, ``at`` int
    ``[n_open]`` each sample's place with it, ``n`` all places.
    """

    lengths: Places
    starts: Places
    at: Places
    n: int

    @staticmethod
    def of(lengths: Places) -> "Layout":
        """Lay out runs of so many samples, one after the other."""
        ends = np.add.accumulate(lengths)
        at = np.arange(ends[-1]) + np.repeat(np.arange(len(lengths)) * _REACH, lengths)
        return Layout(lengths, ends - lengths, at, int(ends[-1]) + len(lengths) * _REACH)


def ridges_of(damage: F64, runs: Layout, scale: F64) -> F64:
    """Let the next rebuilding of each run trust the input the more, the smaller the damage.

    With the damage modelled as noise of its own local power, the most probable signal is a ridge
    regression whose weight is the innovation's power over the damage's.

    Parameters
    ----------
    damage : float64 [n_open]
        What the last rebuilding took out, of all runs, one after the other.
    runs : Layout
    scale : float64 [runs]
        Local scale around each.
    """
    power = damage * damage
    mean = np.add.reduceat(power, runs.starts) / runs.lengths
    # Silence between them, so that no run counts for its neighbour.
    apart = np.zeros(runs.n)
    apart[runs.at] = power
    local = np.convolve(apart, _SMOOTH)[_REACH:][runs.at]
    local *= 0.7
    by_run = np.stack([0.3 * mean, _RIDGE * scale**2])
    share, ridge = np.repeat(by_run, runs.lengths, axis=1)
    local += share
    np.maximum(local, 1e-14, out=local)
    return np.asarray(ridge / local)


def true_edges(
    model: ArModel, forward: F64, backward: F64, damage: F64, level: float, longest: int
) -> tuple[int, int] | None:
    """Where forward error begins and backward error ends, counted from the run's start.

    The field spreads an impulse over the predictor's length; the two errors have one sharp edge
    each. ``forward`` and ``backward`` are those of the rebuilt sound on the run. None if nothing
    of it stands out, or if it is longer than ``longest``.
    """
    n, a = len(damage), model.coefficients
    head = np.abs(forward + np.convolve(damage, a)[:n])
    tail = np.abs(backward + np.convolve(damage, a[::-1])[model.order : model.order + n])
    onset = head > max(level, _EDGE_SHARE * float(head.max()))
    offset = tail > max(level, _EDGE_SHARE * float(tail.max()))
    if not (onset.any() and offset.any()):
        return None
    low = max(0, int(onset.argmax()) - PAD)
    high = min(n, n - int(offset[::-1].argmax()) + PAD)
    return (low, high) if low < high <= low + longest else None


def bound(clean: F64, raw: F64, starts: Places, ends: Places) -> None:
    """Keep repairs inside the loudness of their surroundings and of what was there, in place."""
    loudness, peaks = np.abs(raw), within(np.maximum, np.abs(clean), starts, ends)
    for start, end, peak in zip(starts.tolist(), ends.tolist(), peaks.tolist(), strict=True):
        limit = _ABOVE * loudness[max(0, start - 2 * BLOCK) : end + 2 * BLOCK].max()
        if peak > limit:
            np.clip(clean[start:end], -limit, limit, out=clean[start:end])
