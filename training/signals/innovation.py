"""What is new in each sample: short predictors and the level of their errors. Any thread.

Whether a click stands out is no question of its height against the music's but against what in
the music and its hiss cannot be foreseen. Heights are drawn, and labels given, in that measure.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

F64 = NDArray[np.float64]

ORDER = 32
HOP = 1024  # samples that one predictor serves
WINDOW = 2048  # samples that it is fitted to, around them
N_FFT = 2304  # the window and more than ORDER samples, quick to transform
FLOOR = 1e-9  # of the power, against a predictor that believes in emptiness
LEVEL_SPAN = 1025  # samples of the running level
LEAST = 1e-6  # full scale


class Innovation:
    """Predictors of mono ``[T]`` and the running level of their errors.

    Attributes
    ----------
    sigma : float64 [T]
        Root mean square of the prediction error around each sample; never 0.
    """

    def __init__(self, signal: NDArray[np.floating]) -> None:
        x = np.asarray(signal, np.float64)
        self._coefficients = _predictors(x)
        error = self.whitened(x)
        power = uniform_filter1d(error**2, LEVEL_SPAN, mode="nearest") if len(x) else error
        self.sigma: F64 = np.sqrt(np.maximum(power, 0)) + LEAST

    def whitened(self, signal: NDArray[np.floating]) -> F64:
        """Prediction error of ``[T]`` if the predictors are those of this signal."""
        n_frames = len(self._coefficients)
        padded = np.zeros(ORDER + n_frames * HOP)
        padded[ORDER : ORDER + len(signal)] = signal
        windows = np.lib.stride_tricks.sliding_window_view(padded, ORDER + HOP)[::HOP]
        pieces = [
            np.convolve(window, filter, "valid")
            for window, filter in zip(windows, self._coefficients, strict=True)
        ]
        return np.asarray(np.concatenate(pieces)[: len(signal)])

    def peak_of(self, shape: F64, at: int) -> float:
        """Largest prediction error that ``shape``, standing at sample ``at``, causes."""
        frame = min(at // HOP, len(self._coefficients) - 1)
        return float(np.max(np.abs(np.convolve(shape, self._coefficients[frame]))))


def _predictors(x: F64) -> F64:
    """Error filters by frame, ``[frames, ORDER + 1]``, from windowed autocorrelations."""
    n_frames = max(1, -(-len(x) // HOP))
    before = (WINDOW - HOP) // 2
    padded = np.zeros(n_frames * HOP + WINDOW)
    padded[before : before + len(x)] = x
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][:n_frames]
    spectrum = np.fft.rfft(frames * np.hanning(WINDOW), N_FFT, axis=1)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2, N_FFT, axis=1)[:, : ORDER + 1]
    correlation[:, 0] = correlation[:, 0] * (1 + FLOOR) + 1e-12
    lags = np.abs(np.arange(ORDER)[:, None] - np.arange(ORDER))
    solved = np.linalg.solve(correlation[:, lags], -correlation[:, 1:, None])[:, :, 0]
    return np.concatenate([np.ones((n_frames, 1)), solved], axis=1)
