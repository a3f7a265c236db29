"""A first-in first-out store of samples between steps of different lengths. Has no thread."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


class SampleQueue:
    """Samples along the last axis; whatever is put in comes out in the same order.

    Parameters
    ----------
    shape : tuple of int
        Of everything before the sample axis, such as ``(channels,)``.
    zeros : int
        Samples of silence that wait in it from the beginning: its delay.
    dtype : numpy dtype
    """

    def __init__(self, shape: tuple[int, ...], zeros: int = 0, dtype: Any = np.float32) -> None:
        self._parts: list[NDArray[Any]] = [np.zeros((*shape, zeros), dtype)]
        self.waiting = zeros

    def put(self, samples: NDArray[Any]) -> None:
        """Append ``[..., n]``; the queue keeps the array, so the caller must not change it."""
        self._parts.append(samples)
        self.waiting += samples.shape[-1]

    def take(self, n: int) -> NDArray[Any]:
        """Remove and return the oldest ``n`` samples.

        Raises
        ------
        ValueError
            If fewer than ``n`` are waiting.
        """
        if n > self.waiting:
            raise ValueError(f"{n} samples wanted, {self.waiting} are waiting")
        joined = self._parts[0] if len(self._parts) == 1 else np.concatenate(self._parts, axis=-1)
        self._parts = [joined[..., n:]]
        self.waiting -= n
        return joined[..., :n]
