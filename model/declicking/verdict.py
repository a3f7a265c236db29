"""What the declicker decides: is a stretch that stands out damage or music? Any thread.

Functions of values: a suspect's height, its surroundings, what its repair would take out. In the
whole band brass, drums and consonants stand out as clicks do and are told apart by what they
bring along: neighbours of the same height, a soft edge, a sound that goes on. Above the music
nothing plays, so there a suspect need only be higher than hiss and short.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.declicking.ar import F64, ArModel
from model.declicking.evidence import BLOCK, derivative_measure, neighbour_peak
from model.declicking.survey import Survey
from model.declicking.thresholds import Thresholds

_UPPER_SHARE = 0.55  # of the threshold that opened it: the part that is taken out is smaller
_EXPLAINED = 3.0  # sigmas per sample that a repair must explain; drums reach 4, clicks 7 and more
_LOUDER = 2.0  # times the whitened level before: music that begins, if it goes on so
_MOST_LOUDER = 2.5  # by which it raises what is asked for; a click may precede a drum
_NEAR, _FAR = 64, 200  # samples after a suspect in which the sound goes on
_EDGE_REACH, _SILENT = 2 * BLOCK, 32  # samples looked at, and of zeros that are silence
_CLEAR = 8  # samples beside a suspect that its whitening still reaches


def upper_demand(length: NDArray[np.intp] | int, thresholds: Thresholds) -> F64:
    """How many times the threshold a suspect above the music must reach for its samples."""
    return np.asarray(np.maximum(length / thresholds.long_upper, 1.0))


def upper_likeness(
    highest: F64, most: F64, length: NDArray[np.intp], limit: float, thresholds: Thresholds
) -> F64:
    """How far what repairs take out above the music is a click's; 1 suffices.

    ``highest`` is the height there of all that is taken out, in sigmas; ``most`` what each repair
    can have to do with it; ``length`` its samples; ``limit`` the threshold.
    """
    demanded = _UPPER_SHARE * limit * upper_demand(length, thresholds)
    return np.minimum(highest, most) / demanded


class Likeness(NamedTuple):
    """How far a suspect is a click; 1 suffices in each.

    A vote may join ``standing``, how far it stands out of its surroundings. None changes what is
    a matter of fact: how sharp it is, and how far its repair explains the sound.
    """

    standing: float
    sharpness: float
    explained: float

    def with_vote(self, standing: float) -> float:
        """The weakest, with the voted height."""
        return min(standing, self.sharpness, self.explained)


def plausibility(view: Survey, raw: F64, span: tuple[int, int], thresholds: Thresholds) -> Likeness:
    """How far a suspect of the whole band is worth a repair.

    The cheap parts of :func:`click_likeness`, taken before anything is rebuilt.
    """
    start, end = span
    height = float(view.height[start:end].max()) * view.scale_at(start, end)
    pulses = neighbour_peak(view.peak, start // BLOCK, (end - 1) // BLOCK, 0.4)
    sharpness = derivative_measure(raw, start, end - start)
    return Likeness(height / (thresholds.guard * pulses), sharpness / thresholds.sharpness, np.inf)


def click_likeness(
    model: ArModel,
    view: Survey,
    raw: F64,
    clean: F64,
    span: tuple[int, int],
    *,
    raw_peak: F64,
    level: F64,
    thresholds: Thresholds,
) -> Likeness:
    """How far a suspect of the whole band is a click, from the repair that was tried.

    ``standing`` is the weaker of the removed part's heights above the local scale and above the
    neighbouring pulses, ``sharpness`` the derivative measure, ``explained`` the energy that the
    repair takes out of the prediction error.

    Parameters
    ----------
    model : ArModel
    view : Survey
        Of one channel, with the suspects under repair.
    raw, clean : float64 [n]
        The region as it came and with the suspects rebuilt.
    span : (start, end)
    raw_peak : float64 [blocks]
        Each block's largest magnitude of the raw sound's field: a fast series (brass) fills most
        blocks even though each of its pulses may be a suspect itself.
    level : float64 [n]
        Magnitude of the rebuilt sound, whitened once.
    thresholds : Thresholds
    """
    start, end = span
    damage = raw[start:end] - clean[start:end]
    kernel = np.concatenate([model.gram[:0:-1], model.gram])
    spread = np.convolve(damage, kernel)[model.order : model.order + len(damage)]
    height = float(np.abs(spread).max()) / model.field_gain
    scale = view.scale_at(start, end)
    explained = float(damage @ spread) / (len(damage) * scale**2)
    first, last = start // BLOCK, min((end - 1) // BLOCK, len(view.scale) - 1)
    pulses = max(
        neighbour_peak(view.peak, first, last, 0.8), neighbour_peak(raw_peak, first, last, 0.4)
    )
    attack = attack_likeness(clean, start, end, thresholds)
    standing = min(
        height / (scale * thresholds.sigma * attack), height / (pulses * thresholds.guard)
    ) / going_on(level, start, end)
    sharpness = derivative_measure(raw, start, end - start) / thresholds.sharpness
    return Likeness(standing, sharpness, max(explained, 0.0) ** 0.5 / _EXPLAINED)


def probability(ratio: float) -> float:
    """A likeness as a probability: 0.5 at 1."""
    return float(1.0 / (1.0 + max(ratio, 1e-6) ** -4))


def holds_silence(raw: F64) -> bool:
    """Whether there may be digital silence at all: the cheap part of the next question."""
    return int(np.count_nonzero(raw)) <= len(raw) - _SILENT


def is_edge_of_silence(raw: F64, start: int, end: int) -> bool:
    """Whether digital silence lies on just one side: a beginning or an end, no impulse."""
    before = raw[max(0, start - _EDGE_REACH) : start]
    after = raw[end : end + _EDGE_REACH]
    return _holds_silence(before[::-1]) != _holds_silence(after)


def _holds_silence(side: F64) -> bool:
    """Whether a stretch of digital silence lies in one side, counted from the suspect."""
    blocks = side[: len(side) // _SILENT * _SILENT].reshape(-1, _SILENT)
    return bool((~blocks.any(axis=1)).any())


def attack_likeness(clean: F64, start: int, end: int, thresholds: Thresholds) -> float:
    """How much higher a suspect must stand for its length and the rise of level after it.

    A drum or a plosive is long and leaves the sound louder than before; a click of the same
    height is short and leaves it as it was.
    """
    reach = 4 * BLOCK
    before, after = clean[max(0, start - reach) : start], clean[end : end + reach]
    rise = float(after @ after) / max(float(before @ before), 1e-9)
    length = (end - start) / thresholds.attack
    return float((1.0 + length) * max(1.0, rise) ** thresholds.rise)


def going_on(level: F64, start: int, end: int) -> float:
    """How much higher a suspect must stand because its sound goes on after it.

    Measured in the whitened sound, where a castanet or a drum goes on for milliseconds, high
    above what was before, and a click has left nothing. By medians: the next click is none.
    """
    before = _median(level[max(0, start - _FAR) : max(1, start - _CLEAR)])
    near = _median(level[end + _CLEAR : end + _CLEAR + _NEAR])
    far = _median(level[end + _CLEAR : end + _FAR])
    louder = min(near, far) / (before + 1e-12) / _LOUDER
    return min(max(1.0, louder) ** 2, _MOST_LOUDER)


def _median(values: F64) -> float:
    """As NumPy's, without the long way to it."""
    low, high = (len(values) - 1) // 2, len(values) // 2
    ordered = np.partition(values, (low, high))
    return float(0.5 * (ordered[low] + ordered[high]))
