"""What the declicker looks at: how high each sample stands in two views of the sound. Any thread.

One view is the whole whitened band, the other the band above the music, where there is one. In
the whole band a click of few samples stands out most of a *field*, the whitened signal matched to
a single damaged sample. Above the music the signal is whitened once: a real click has the hiss's
own colour, both came through the same pickup, so that a view matched to a bare impulse would
listen where no click of the disc can show.
"""

from typing import NamedTuple, overload

import numpy as np

from model.declicking.ar import C128, F64, ArModel, Whitener
from model.declicking.evidence import BLOCK, Mask, local_scale
from model.declicking.thresholds import Thresholds

_MOST_ABOVE = float(np.log(1.9))  # logarithm of the factor that a vote is worth above the music


class Survey(NamedTuple):
    """The views of a region; ``field`` float64 ``[..., n]``, all else shorter.

    ``height`` and ``upper`` ``[..., end]`` are magnitudes over the running scales ``[..., end //
    BLOCK]``; 0 where samples are under repair. ``peak`` holds each block's largest magnitude in the
    whole band, in the scale's unit.
    """

    field: F64
    scale: F64
    peak: F64
    height: F64
    upper: F64
    upper_scale: F64

    @property
    def end(self) -> int:
        """Samples with a complete view."""
        return int(self.height.shape[-1])

    def channel(self, one: int) -> "Survey":
        """The part of one channel."""
        return Survey(*(values[one] for values in self))

    def scale_at(self, start: int, end: int) -> float:
        """Local scale around a stretch of one channel: the larger of its two ends'."""
        last = len(self.scale) - 1
        return float(
            max(self.scale[min(start // BLOCK, last)], self.scale[min((end - 1) // BLOCK, last)])
        )


def survey(
    whitener: Whitener, gain: F64 | float, spectrum: C128, is_open: Mask, gains: F64
) -> Survey:
    """Measure a region.

    Parameters
    ----------
    whitener : Whitener
        Of the channels' predictors.
    gain : float or float64 [C, 1]
        The predictors' ``field_gain``.
    spectrum : complex128 [..., n // 2 + 1]
        Of the region as restored so far, see :func:`model.declicking.ar.spectrum_of`.
    is_open : bool [..., end]
        What is under repair; ``end``, a multiple of ``BLOCK``, bounds the complete part.
    gains : float64 [..., n // 2 + 1]
        The band above the music, of :func:`model.declicking.upper_band.masks`.
    """
    end = is_open.shape[-1]
    views = whitener.views(spectrum, gains)
    deviation = np.abs(views[..., :end])
    deviation[0] /= gain
    (scale, upper_scale), (peak, _), (height, upper) = _heights(deviation, is_open)
    return Survey(views[0], scale, peak, height, upper, upper_scale)


class Votes(NamedTuple):
    """The learned detector's vote as the factors that it is worth, float64 ``[..., n]``.

    Above the music it sharpens the evidence, and erases none.
    """

    whole: F64
    above: F64


def votes_of(opinion: F64, thresholds: Thresholds) -> Votes:
    """Read votes, which are logarithms of factors."""
    if thresholds.learned == 0.0:
        none = np.ones_like(opinion)
        return Votes(none, none)
    return Votes(
        np.exp(thresholds.learned * opinion),
        np.exp(thresholds.learned * np.minimum(np.maximum(opinion, 0.0), _MOST_ABOVE)),
    )


def suspicion(
    height: F64, upper: F64, votes: Votes, limit: F64 | float, thresholds: Thresholds
) -> F64:
    """Each sample's height over the threshold, in the view where it stands higher; 1 suffices.

    ``limit`` is the threshold above the music.
    """
    ratio = voted(height / thresholds.sigma, votes.whole, thresholds)
    above = voted(upper / limit, votes.above, thresholds)
    return np.maximum(ratio, above, out=ratio)


@overload
def voted(ratio: float, factor: float, thresholds: Thresholds) -> float: ...
@overload
def voted(ratio: F64, factor: F64, thresholds: Thresholds) -> F64: ...
def voted(ratio: F64 | float, factor: F64 | float, thresholds: Thresholds) -> F64 | float:
    """Join the learned detector's vote to analytical ratios.

    Both are votes in the logarithm, so that either detector alone, weighed 1 against 0, decides
    as it would without the other.
    """
    if thresholds.analytical < 1.0:
        ratio = np.maximum(ratio, 1e-6) ** thresholds.analytical
    return ratio * factor


def field_gains(models: list[ArModel]) -> F64:
    """The predictors' field gains, float64 ``[C, 1]``."""
    return np.array([[model.field_gain] for model in models])


def _heights(deviation: F64, is_open: Mask) -> tuple[F64, F64, F64]:
    """Scales, peaks and heights of two views at once, each ``[2, ...]``."""
    scale, peak = local_scale(deviation, is_open)
    height = (deviation.reshape(*scale.shape, BLOCK) / scale[..., None]).reshape(deviation.shape)
    if is_open.any():
        height[:, is_open] = 0.0
    return scale, peak, height
