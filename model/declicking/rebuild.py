"""What the declicker does: rebuild the samples under repair from all others. Any thread.

Least squares over all open samples of a region together, with the damage weighed against the
predictor, and each suspect narrowed down to its true edges.
"""

import numpy as np
from numpy.typing import NDArray

from model.declicking.ar import F64, ArModel, GapSystem
from model.declicking.evidence import BLOCK

EDGE = 3.0  # forward and backward errors begin and end an impulse at this many sigma
PAD = 2  # samples added on each side of an impulse: its edges drown in the hiss
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


def ridges_of(damage: F64, lengths: NDArray[np.intp], scale: F64) -> F64:
    """Let the next rebuilding of each run trust the input the more, the smaller the damage.

    With the damage modelled as noise of its own local power, the most probable signal is a ridge
    regression whose weight is the innovation's power over the damage's.

    Parameters
    ----------
    damage : float64 [n_open]
        What the last rebuilding took out, of all runs, one after the other.
    lengths : int [runs]
        Samples of each run.
    scale : float64 [runs]
        Local scale around each.
    """
    power, ends = damage**2, np.cumsum(lengths)
    mean = np.add.reduceat(power, ends - lengths) / lengths
    # Silence between them, so that no run counts for its neighbour.
    at = np.arange(len(power)) + np.repeat(np.arange(len(lengths)) * _REACH, lengths)
    apart = np.zeros(len(power) + len(lengths) * _REACH)
    apart[at] = power
    smooth = np.convolve(apart, _SMOOTH)[_REACH + at]
    local = 0.3 * np.repeat(mean, lengths) + 0.7 * smooth
    return np.asarray(np.repeat(_RIDGE * scale**2, lengths) / np.maximum(local, 1e-14))


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


def bounded(clean: F64, raw: F64, start: int, end: int) -> F64:
    """Keep a repair inside the loudness of its surroundings and of what was there."""
    near = slice(max(0, start - 2 * BLOCK), end + 2 * BLOCK)
    limit = float(np.abs(raw[near]).max())
    return np.clip(clean[start:end], -limit, limit)
