"""From full scale +-1 to the integers in a file and back, without losing a bit. Any thread.

libsndfile scales floats by 2^(bits-1) when it reads and by 2^(bits-1) - 1 when it writes, so what
was read as float is not what is written. Here both ways use the same scale, left-justified in
32-bit integers, which libsndfile passes on as they are.
"""

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

FULL_SCALE = 2.0**31
PCM_BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}


def to_pcm(signal: F32 | F64, bits: int) -> I32:
    """Round to ``bits`` per sample; beyond full scale is clipped, what is no number is 0.

    Parameters
    ----------
    signal : float, any shape
        Full scale is +-1.
    bits : int
        8..32.

    Returns
    -------
    int32, same shape
        Left-justified: the lowest ``32 - bits`` bits are 0.
    """
    top = 2.0 ** (bits - 1)
    steps = np.rint(np.nan_to_num(np.asarray(signal, np.float64), posinf=1.0, neginf=-1.0) * top)
    integers = np.clip(steps, -top, top - 1).astype(np.int64) << (32 - bits)
    return integers.astype(np.int32)


def from_pcm(integers: I32) -> F64:
    """Return left-justified integers as float64 of full scale +-1; exact."""
    return integers / FULL_SCALE


def count_clipped(signal: F32, bits: int) -> int:
    """How many samples ``to_pcm`` has to clip."""
    highest = 1.0 - 2.0 ** -(bits - 1)
    beyond = (signal > highest + 2.0**-bits) | (signal < -1.0 - 2.0**-bits)
    return int(np.count_nonzero(beyond))


def count_rounded(signal: F32, bits: int) -> int:
    """How many samples within full scale lie between the steps that ``bits`` have."""
    steps = signal * np.float32(2.0 ** (bits - 1))  # a power of two: exact
    return int(np.count_nonzero((steps != np.rint(steps)) & (np.abs(signal) < 1.0)))
