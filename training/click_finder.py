"""Finds the clicks of a record in the band above its music, and takes them out of it. Any thread.

What stands far above the hiss of that band is a click. Prediction errors, forwards and backwards,
tell how far each one reaches over the full band; least-squares interpolation over that span leaves
the music, and the difference is the click. It counts if it is larger than what the same
interpolation leaves on clean spans of that length.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from scipy.signal import lfilter

from training.click_band import ClickBand, band_signal
from training.interpolation import FRAME, Solved, Span, frame_starts, interpolated, owned

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

ORDER = 100
THRESHOLD = 5.5  # robust sigma of the band; hiss alone gets there twice in ten minutes
EDGE_SIGMA = 2.5  # of the same band, how far a span reaches at first
BRIDGE_S = 0.0001  # quiet samples within one click
SCALE_S = 0.25  # over which the hiss of the band is measured
ERROR_SIGMA = 4.0  # of the prediction error: the edge of the damage
SEARCH_S = 0.003  # a span may grow so far at either end, per round
ROUNDS = 3
LONGEST_S = 0.012
MARGINS_S = (0.00005, 0.00012)  # before and behind: the softest edges of a click are in the hiss
CLEAN_SPANS = 24  # per frame, the yardstick of what interpolation leaves
APART = 64  # least distance of clean spans to anything else, samples
CLEAN_PERCENTILE = 99.0


@dataclass(frozen=True)
class FoundClicks:
    """The clicks of one record, by time.

    ``starts`` and ``waves`` at the rate searched at; ``heights`` in sigma of the band's hiss;
    ``excess`` is the RMS of a click against what clean spans of its length leave (above 1).
    ``cleaned`` is the record with every *candidate* interpolated, ``mask`` says where.
    """

    starts: NDArray[np.int64]
    waves: list[F64]
    heights: F64
    excess: F64
    n_candidates: int
    cleaned: F64
    mask: Mask
    band_before: F64
    band_after: F64


class _Frame(NamedTuple):
    """One frame while it is worked on: where it begins, and what is found in it."""

    start: int
    raw: F64
    spans: list[Span]


class _Residual(NamedTuple):
    """What interpolation left of a span: its length and its RMS in sigma of the innovation."""

    length: int
    rms: float


def find_clicks(
    audio: F64, sample_rate: int, band: ClickBand, threshold: float = THRESHOLD, seed: int = 0
) -> FoundClicks:
    """Find and extract the clicks of mono ``[T]``; ``threshold`` in robust sigma of the band."""
    before = band_signal(audio, sample_rate, band)
    height = np.abs(before) / running_sigma(before, sample_rate)
    candidates = _first_spans(height, threshold, sample_rate)
    rng = np.random.default_rng(seed)
    cleaned, mask = audio.copy(), np.zeros(len(audio), bool)
    kept: list[tuple[int, F64, float, _Residual]] = []
    clean: list[_Residual] = []
    for frame_start in frame_starts(len(audio)):
        own = owned(frame_start, len(audio), 4 * ORDER)
        frame = _frame(audio, frame_start, candidates)
        spans, solved = _grown(frame, sample_rate)
        clean += _clean_residuals(solved, spans, rng)
        for low, high in spans:
            start, end = frame_start + low, frame_start + high
            if not own[0] <= start < own[1]:
                continue
            cleaned[start:end] = solved.signal[low:high]
            mask[start:end] = True
            wave = frame.raw[low:high] - solved.signal[low:high]
            rms = float(np.sqrt(np.mean(wave**2))) / solved.sigma
            around = slice(max(0, start - 2), end + 2)
            residual = _Residual(high - low, rms)
            kept.append((start, wave, float(np.max(height[around])), residual))
    limit = _clean_limit(clean)
    excess = np.array([item[3].rms / limit(item[3].length) for item in kept])
    good = np.flatnonzero(excess > 1.0) if len(kept) else np.zeros(0, int)
    return FoundClicks(
        np.array([kept[i][0] for i in good], np.int64),
        [kept[i][1] for i in good],
        np.array([kept[i][2] for i in good]),
        excess[good],
        len(kept),
        cleaned,
        mask,
        before,
        band_signal(cleaned, sample_rate, band),
    )


def running_sigma(signal: F64, sample_rate: int) -> F64:
    """Robust level around every sample: the median of the absolute value, as a sigma."""
    step = 8
    size = max(3, round(SCALE_S * sample_rate / step) | 1)
    middle = median_filter(np.abs(signal)[::step], size, mode="reflect") / 0.6745
    at = np.arange(len(signal)) / step
    return np.asarray(np.interp(at, np.arange(len(middle)), middle)) + 1e-12


def _first_spans(height: F64, threshold: float, sample_rate: int) -> list[Span]:
    """Runs above the edge level that hold at least one sample above the threshold."""
    bridge = max(2, round(BRIDGE_S * sample_rate))
    places = np.flatnonzero(height > EDGE_SIGMA)
    if not len(places):
        return []
    cuts = np.flatnonzero(np.diff(places) > bridge) + 1
    return [
        (int(run[0]), int(run[-1]) + 1)
        for run in np.split(places, cuts)
        if np.max(height[run]) > threshold
    ]


def _frame(audio: F64, start: int, candidates: list[Span]) -> _Frame:
    raw = audio[start : start + FRAME]
    spans = [
        (max(low - start, ORDER), min(high - start, len(raw) - ORDER))
        for low, high in candidates
        if low - start < len(raw) - ORDER and high - start > ORDER
    ]
    return _Frame(start, raw, spans)


def _grown(frame: _Frame, sample_rate: int) -> tuple[list[Span], Solved]:
    """Interpolate, move each edge to where the damage ends, and again until none moves."""
    before, behind = (max(1, round(margin * sample_rate)) for margin in MARGINS_S)
    longest = round(LONGEST_S * sample_rate)
    spans = _merged([(low - 1, high + 1) for low, high in frame.spans], 0)
    for _ in range(ROUNDS):
        solved = interpolated(frame.raw, spans, ORDER)
        moved = [_edges(frame.raw, span, solved, sample_rate) for span in spans]
        moved = [(low - before, high + behind) for low, high in moved]
        inside = [(max(low, ORDER), min(high, len(frame.raw) - ORDER)) for low, high in moved]
        following = _merged([span for span in inside if 0 < span[1] - span[0] <= longest], 1)
        if following == spans:
            break
        spans = following
    return spans, interpolated(frame.raw, spans, ORDER)


def _merged(spans: list[Span], gap: int) -> list[Span]:
    merged: list[Span] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1] + gap:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def _edges(raw: F64, span: Span, solved: Solved, sample_rate: int) -> Span:
    """Where the damage begins (forward errors) and ends (backward errors), others taken out.

    A forward error stands up at the first wrong sample but lingers for the predictor's order
    behind the last one; run backwards, the predictor tells the end as sharply.
    """
    low, high = span
    signal = solved.signal.copy()
    signal[low:high] = raw[low:high]
    reach = round(SEARCH_S * sample_rate)
    a, limit = solved.model.coefficients, ERROR_SIGMA * solved.sigma
    bridge = max(2, round(BRIDGE_S * sample_rate))
    first = _outermost(signal, a, limit, low, high, min(reach, low - ORDER), bridge)
    n = len(signal)
    last = _outermost(
        signal[::-1], a, limit, n - high, n - low, min(reach, n - high - ORDER), bridge
    )
    return (first, n - last) if first < n - last else span


def _outermost(
    signal: F64, a: F64, limit: float, low: int, high: int, reach: int, bridge: int
) -> int:
    """The earliest sample whose error is too large and that is joined to the span."""
    begin = max(0, low - max(reach, 0) - ORDER)
    error = lfilter(a, [1.0], signal[begin:high])[ORDER:]
    large = np.flatnonzero(np.abs(error) > limit) + begin + ORDER
    if not len(large):
        return low
    inside = large[large >= low]
    first = int(inside[0]) if len(inside) else low
    for place in large[large < first][::-1]:
        if first - place > bridge:
            break
        first = int(place)
    return first


def _clean_residuals(
    solved: Solved, spans: list[Span], rng: np.random.Generator
) -> list[_Residual]:
    """Interpolate random clean spans, as long as clicks are, and see what is left."""
    n = len(solved.signal)
    lengths = [high - low for low, high in spans] or [8]
    taken = np.zeros(n, bool)
    taken[: 4 * ORDER] = taken[n - 4 * ORDER :] = True
    for low, high in spans:
        taken[max(0, low - APART) : high + APART] = True
    chosen: list[Span] = []
    for _ in range(CLEAN_SPANS):
        length = int(rng.choice(lengths))
        start = int(rng.integers(4 * ORDER, n - 4 * ORDER - length))
        if not taken[start : start + length].any():
            taken[max(0, start - APART) : start + length + APART] = True
            chosen.append((start, start + length))
    left = interpolated(solved.signal, sorted(chosen), ORDER).signal if chosen else solved.signal
    return [
        _Residual(
            high - low,
            float(np.sqrt(np.mean((solved.signal[low:high] - left[low:high]) ** 2))) / solved.sigma,
        )
        for low, high in chosen
    ]


def _clean_limit(clean: list[_Residual]) -> Callable[[int], float]:
    """Return a function of the length: nearly all clean spans leave less."""
    if not clean:
        return lambda _: float("inf")
    lengths = np.array([item.length for item in clean])
    values = np.array([item.rms for item in clean])
    order = np.argsort(lengths, kind="stable")
    groups = np.array_split(order, max(1, min(12, len(order) // 150)))
    centres = np.array([np.mean(np.log(lengths[group])) for group in groups])
    limits = np.array([np.percentile(values[group], CLEAN_PERCENTILE) for group in groups])
    return lambda length: float(np.interp(np.log(length), centres, limits))


def share_explained(found: FoundClicks) -> float:
    """How much of the band's energy beyond that of its hiss the candidates account for."""
    hiss = float(np.median(found.band_after**2)) / 0.4549  # chi-square of one degree
    before = float(np.mean(found.band_before**2)) - hiss
    after = float(np.mean(found.band_after**2)) - hiss
    return (before - after) / before if before > 0 else float("nan")
