"""Autoregressive mathematics: the model, its whitening, least-squares interpolation. Any thread.

A predictor ``a`` (``a[0] == 1``) whitens a signal; with ``A`` its convolution matrix, the energy
``|A x|^2`` tells how well ``x`` is explained. Its gradient ``A'A x`` is a *field* that is cheap to
compute by FFT and that all of detection and repair is built on.
"""

import contextlib
import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy import fft
from numpy.typing import NDArray
from scipy.fft import next_fast_len
from scipy.linalg import LinAlgError, lapack, solve_toeplitz

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]

_LEAST_FLOOR = 1e-9  # of the frame's power: keeps the predictor of a band-limited signal stable
_MOST_FLOOR = 1e-3  # of the frame's power
_FLOOR_SHARE = 0.05  # of the surface noise's level
_LEAST_SHARE = 5e-5  # the same for what is rebuilt: it may know an empty band as it is
_WORTHWHILE = 2.0  # times less must the finer predictor miss
_SILENCE = 1e-12  # frame energy below which there is nothing to predict


class ArModel(NamedTuple):
    """A linear predictor and what follows from it.

    ``coefficients`` are ``a[0..order]`` with ``a[0] == 1``; ``gram`` is their autocorrelation,
    the first row of the Toeplitz matrix ``A'A``.
    """

    coefficients: F64
    gram: F64

    @property
    def order(self) -> int:
        """Number of past samples that the predictor looks at."""
        return len(self.coefficients) - 1

    @property
    def field_gain(self) -> float:
        """Root of ``gram[0]``: dividing the field by it gives it the innovation's scale."""
        return float(np.sqrt(self.gram[0]))


class Finer(NamedTuple):
    """A predictor that misses less than another; ``share`` is the power that it still misses."""

    model: ArModel
    share: float


@functools.cache
def _window(n: int) -> F64:
    window = np.hanning(n + 1)[:n]
    window.setflags(write=False)
    return window


def windowed(frames: F64) -> F64:
    """Frames ``[..., N]`` under the window that predictors are fitted under (periodic Hann)."""
    return frames * _window(frames.shape[-1])


def estimate_ar(
    frames: F64, order: int, floor_band: tuple[float, float] | None = None
) -> list[ArModel]:
    """Fit a predictor to each windowed frame by the autocorrelation method.

    Parameters
    ----------
    frames : float64 [C, N]
        One frame per channel, already multiplied by its window.
    order : int
        Predictor order, well below N.
    floor_band : (low, high), optional
        Shares of half the sample rate; where the surface noise is looked for.

    Returns
    -------
    list of ArModel, one per channel
        Silence gets the predictor that predicts nothing: its field is the signal itself.

    Notes
    -----
    Levinson-Durbin on the Yule-Walker equations (Makhoul 1975).
    """
    correlation, noise = _moments(frames, order, floor_band)
    return [_predictor(*moments, _FLOOR_SHARE) for moments in zip(correlation, noise, strict=True)]


def finer_ar(frame: F64, model: ArModel, floor_band: tuple[float, float]) -> Finer | None:
    """Fit a predictor that knows where the transfer ends, for what is rebuilt.

    A suspect is judged by ``model``, which takes an empty band for a quiet one. What is rebuilt
    by it would sound on into that band, where the least trace stands out of nothing.

    Parameters
    ----------
    frame : float64 [N]
        The frame that ``model`` was fitted to, or one like it.

    Returns
    -------
    Finer or None
        None where it would miss hardly less than ``model``: no band is empty.
    """
    correlation, noise = _moments(frame[None], model.order, floor_band)
    fine = _predictor(correlation[0], float(noise[0]), _LEAST_SHARE)
    missed, was = (_missed(correlation[0], one) for one in (fine, model))
    return Finer(fine, missed / was) if _WORTHWHILE * missed < was else None


def _missed(correlation: F64, model: ArModel) -> float:
    """Energy of the prediction error in a frame of this correlation."""
    error = float(2.0 * (correlation @ model.gram) - correlation[0] * model.gram[0])
    return max(error, 0.0)  # what is foreseen to the last bit may come out below


def _moments(frames: F64, order: int, band: tuple[float, float] | None) -> tuple[F64, F64]:
    """Autocorrelation ``[C, order + 1]`` of each frame, and its surface noise ``[C]``.

    The noise is a share of the frame's power: its density as read off the quietest tenth of the
    bins in a band where there is always programme, spread over all bins; 0 without such a band.
    """
    n_fft = next_fast_len(frames.shape[-1] + order, real=True)
    spectrum = fft.rfft(frames, n_fft)
    power = spectrum.real**2 + spectrum.imag**2
    correlation = fft.irfft(power, n_fft)[:, : order + 1]
    noise = np.zeros(len(power))
    if band is not None:
        low, high = (int(edge * power.shape[-1]) for edge in band)
        tenth = (high - low) // 10
        noise = np.partition(power[:, low:high], tenth, axis=-1)[:, tenth]
    return correlation, noise / (correlation[:, 0] + _SILENCE)


def _predictor(correlation: F64, noise: float, share: float) -> ArModel:
    """Solve for the predictor, with a share of the surface noise added to the frame.

    Without any an old, band-limited transfer would be judged by its empty upper band, where no
    click of the disc can show.
    """
    coefficients = np.zeros(len(correlation))
    coefficients[0] = 1.0
    if correlation[0] > _SILENCE:
        correlation = correlation.copy()
        correlation[0] *= 1.0 + min(max(share * noise, _LEAST_FLOOR), _MOST_FLOOR)
        # An exactly predictable frame is singular: it keeps the empty predictor.
        with contextlib.suppress(LinAlgError):
            coefficients[1:] = solve_toeplitz(
                correlation[:-1], -correlation[1:], check_finite=False
            )
    gram = np.correlate(coefficients, coefficients, "full")[len(coefficients) - 1 :]
    return ArModel(coefficients, gram)


def spectrum_of(signal: F64) -> C128:
    """Spectrum ``[..., n // 2 + 1]`` of a segment, for :meth:`Whitener.views`."""
    return np.asarray(fft.rfft(signal))


class Whitener:
    """Applies one predictor per channel to segments of one length by FFT.

    Results within ``order`` samples of either end are wrapped and mean nothing. Immutable: what
    follows from a predictor is computed once, however many hops it serves.
    """

    def __init__(self, models: Sequence[ArModel], n: int) -> None:
        self._n = n
        self._forward = fft.rfft(np.stack([model.coefficients for model in models]), n)
        self._energy = self._forward.real**2 + self._forward.imag**2
        self._magnitude = np.sqrt(self._energy)

    def channels(self, part: int | list[int]) -> "Whitener":
        """The whitener of some channels, or of one alone for arrays ``[n]``."""
        return self._made(self._forward[part], self._energy[part], self._magnitude[part])

    def replaced(self, channels: Sequence[int], models: Sequence[ArModel]) -> "Whitener":
        """The same with other predictors for some channels."""
        new = Whitener(models, self._n)
        if len(channels) == len(self._forward):
            return new
        rows = list(channels)
        forward, energy, magnitude = (
            self._forward.copy(),
            self._energy.copy(),
            self._magnitude.copy(),
        )
        forward[rows], energy[rows] = new._forward, new._energy
        magnitude[rows] = new._magnitude
        return self._made(forward, energy, magnitude)

    def _made(self, forward: C128, energy: F64, magnitude: F64) -> "Whitener":
        made = object.__new__(Whitener)
        made._n, made._forward, made._energy, made._magnitude = self._n, forward, energy, magnitude
        return made

    def field(self, signal: F64) -> F64:
        """``A'A x``: half the gradient of the prediction error's energy, same shape as x."""
        return np.asarray(fft.irfft(fft.rfft(signal) * self._energy, self._n))

    def views(self, spectrum: C128, gains: F64) -> F64:
        """The field, and the signal whitened once and without delay in a band: ``[2, ..., n]``.

        ``spectrum`` is the signal's, of :func:`spectrum_of`; ``gains`` are the band's, per bin
        ``[..., n // 2 + 1]``.
        """
        both = np.empty((2, *spectrum.shape), complex)
        np.multiply(spectrum, self._energy, out=both[0])
        np.multiply(spectrum, self._magnitude * gains, out=both[1])
        return np.asarray(fft.irfft(both, self._n))

    def whitened(self, signal: F64, gains: F64 | float = 1.0) -> F64:
        """The signal whitened once and without delay, in a band or as a whole."""
        return self.whitened_from(fft.rfft(signal), gains)

    def whitened_from(self, spectrum: C128, gains: F64 | float = 1.0) -> F64:
        """The same of a signal whose spectrum is known."""
        return np.asarray(fft.irfft(spectrum * (self._magnitude * gains), self._n))

    def centre(self, gains: F64) -> float:
        """What :meth:`whitened` makes of a single sample of height 1, at that sample."""
        return float(np.mean(self._magnitude * gains))

    def residuals(self, signal: F64) -> tuple[F64, F64]:
        """Forward and backward prediction errors, same shape as the signal each."""
        spectrum = fft.rfft(signal)
        both = np.stack([spectrum * self._forward, spectrum * self._forward.conj()])
        forward, backward = fft.irfft(both, self._n)
        return forward, backward


class GapSystem:
    """The normal equations of scattered unknown samples, ``(A'A)[index, index]``.

    Samples farther apart than the order do not interact, so the matrix is banded; all gaps of a
    region are solved together (Janssen, Veldhuis, Vries 1986, extended to many gaps).

    Parameters
    ----------
    gram : float64 [order + 1]
        First row of ``A'A``.
    index : int [n]
        Positions of the unknown samples, ascending.
    """

    def __init__(self, gram: F64, index: NDArray[np.intp]) -> None:
        n, order = len(index), len(gram) - 1
        self.index = index
        ahead = index.searchsorted(index + order, side="right")
        ahead -= np.arange(n)
        width = int(ahead.max())
        padded = np.empty(n + width - 1, np.intp)
        padded[:n], padded[n:] = index, index[-1] + order + 1
        step = padded.itemsize
        following: NDArray[np.intp] = np.ndarray((n, width), np.intp, padded, 0, (step, step))
        reach = np.zeros(order + 2)
        reach[:-1] = gram
        # Column after column, as LAPACK wants them: [unknown, how far ahead].
        self._bands = reach.take(following - index[:, None], mode="clip")
        self._bands[:, 0] += 1e-10 * gram[0]

    def solve(self, target: F64, ridge: F64 | float = 0.0) -> F64:
        """Solve ``(A'A + diag(ridge)) x = target``; zeros where it is numerically singular."""
        bands = self._bands.copy()
        bands[:, 0] += ridge
        _, solution, info = lapack.dpbsv(bands.T, target, lower=1, overwrite_ab=1)
        return np.asarray(solution) if info == 0 else np.zeros_like(target)


def interpolate_gap(
    signal: NDArray[np.float32], start: int, length: int, ar_order: int = 100
) -> None:
    """Rebuild the samples under one impulse from their surroundings, in place.

    Parameters
    ----------
    signal : float32 [T]
        Full scale is +-1. Needs at least ``4 * ar_order`` good samples on each side.
    start, length : int
        The damaged stretch, in samples.
    ar_order : int
        Order of the predictor.

    Raises
    ------
    ValueError
        If the gap or its margins leave the signal.

    Notes
    -----
    Least-squares AR interpolation (Janssen, Veldhuis, Vries 1986), one refinement.
    """
    margin = 4 * ar_order
    if length < 1 or start < margin or start + length + margin > len(signal):
        raise ValueError(
            f"gap {start}..{start + length} needs {margin} samples on each side within "
            f"0..{len(signal)}; choose a lower ar_order or give more context"
        )
    reach = max(margin, 2048)
    low, high = max(0, start - reach), min(len(signal), start + length + reach)
    frame = signal[low:high].astype(np.float64)
    index = np.arange(start - low, start - low + length)
    frame[index] = np.linspace(frame[index[0] - 1], frame[index[-1] + 1], length)
    for _ in range(2):
        models = estimate_ar((frame * np.hanning(len(frame)))[None], ar_order)
        model = models[0]
        field = Whitener(models, len(frame)).channels(0).field(frame)
        frame[index] += GapSystem(model.gram, index).solve(-field[index])
    signal[start : start + length] = frame[index]
