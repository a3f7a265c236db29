"""What a person wants to know when a side is finished: counted from its two files and its sidecar.

Reads both files once. On the caller's thread.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from realtime.archive.sidecar import sidecar_content
from realtime.soundfiles.reading import blocks_of, open_sound

F64 = NDArray[np.float64]

BLOCK_S, STEP_S = 0.4, 0.1  # of the loudness gate, ITU-R BS.1770-4
ABSOLUTE_LUFS, RELATIVE_LU = -70.0, -10.0
FULL_SCALE = 1.0 - 2.0**-15  # what a converter gives when it is overdriven, at 16 bits or more
UNKNOWN = float("nan")


class SideFacts(NamedTuple):
    """One finished side.

    Attributes
    ----------
    seconds : float
    gaps : int
        Stretches of silence that stand for sound that is missing; ``gap_s`` is their length.
    dry_s : float
        Of the restored file that is untouched, because the computer was too busy.
    clipped : int
        Samples of the raw file at full scale.
    impulses : int
    loudness_lufs : float
        Of the restored file, integrated and gated; NaN where all is silence.
    """

    seconds: float
    gaps: int
    gap_s: float
    dry_s: float
    clipped: int
    impulses: int
    loudness_lufs: float


def side_facts(raw: Path, restored: Path) -> SideFacts:
    """Look at a finished side.

    Raises
    ------
    RestorationError
        One of its files cannot be read.
    """
    content = sidecar_content(raw)
    clipped = samples = 0
    with open_sound(raw) as sound:
        rate = sound.samplerate
        for block in blocks_of(sound):
            scale = 2.0**31 if block.dtype == np.int32 else 1.0
            clipped += int(np.count_nonzero(np.abs(block / scale) >= FULL_SCALE))
            samples += block.shape[1]
    gaps = _stretches(content.get("gaps"))
    counted = content.get("impulses")
    impulses = counted.get("total", 0) if isinstance(counted, dict) else 0
    return SideFacts(
        seconds=samples / rate,
        gaps=len(gaps),
        gap_s=sum(gaps) / rate,
        dry_s=sum(_stretches(content.get("dry"))) / rate,
        clipped=clipped,
        impulses=impulses if isinstance(impulses, int) else 0,
        loudness_lufs=loudness_of(restored),
    )


def loudness_of(path: Path) -> float:
    """Return the integrated loudness of a file, LUFS; NaN where all of it is silence.

    Notes
    -----
    ITU-R BS.1770-4, with the weighting filters designed anew for the file's rate.
    """
    with open_sound(path) as sound:
        rate = sound.samplerate
        sections = _weighting(rate)
        state = np.zeros((len(sections), sound.channels, 2))
        step = round(STEP_S * rate)
        powers: list[float] = []
        left = np.zeros((sound.channels, 0))
        for block in blocks_of(sound):
            scale = 2.0**31 if block.dtype == np.int32 else 1.0
            weighted, state = signal.sosfilt(sections, block / scale, axis=1, zi=state)
            left = np.concatenate([left, weighted], axis=1)
            whole = left.shape[1] // step * step
            parts = left[:, :whole].reshape(left.shape[0], -1, step)
            powers += np.mean(np.square(parts), axis=2).sum(axis=0).tolist()
            left = left[:, whole:]
    n = round(BLOCK_S / STEP_S)
    if len(powers) < n:
        return UNKNOWN
    blocks = np.convolve(powers, np.full(n, 1.0 / n), "valid")
    return _gated(blocks)


def _gated(powers: F64) -> float:
    """Return the loudness of blocks, without those that are silence or far below the rest."""
    heard = powers[powers > 10.0 ** ((ABSOLUTE_LUFS + 0.691) / 10.0)]
    if not len(heard):
        return UNKNOWN
    heard = heard[heard > np.mean(heard) * 10.0 ** (RELATIVE_LU / 10.0)]
    return float(-0.691 + 10.0 * np.log10(np.mean(heard)))


def _weighting(rate: int) -> F64:
    """Return the K-weighting of BS.1770 as two second-order sections: a shelf and a high-pass."""
    shelf_hz, shelf_db, shelf_q = 1681.97, 4.0, 0.7072
    k, gain = np.tan(np.pi * min(shelf_hz / rate, 0.49)), 10.0 ** (shelf_db / 20.0)
    middle = gain**0.4996667741545416
    shelf = np.array(
        [
            gain + middle * k / shelf_q + k * k,
            2.0 * (k * k - gain),
            gain - middle * k / shelf_q + k * k,
            1.0 + k / shelf_q + k * k,
            2.0 * (k * k - 1.0),
            1.0 - k / shelf_q + k * k,
        ]
    )
    low_hz, low_q = 38.135, 0.5003
    k = np.tan(np.pi * low_hz / rate)
    high = np.array(
        [1.0, -2.0, 1.0, 1.0 + k / low_q + k * k, 2.0 * (k * k - 1.0), 1.0 - k / low_q + k * k]
    )
    high[3:] /= high[3]
    return np.stack([shelf / shelf[3], high])


def _stretches(found: Any) -> list[int]:
    """Return the lengths in a sidecar's list of stretches."""
    if not isinstance(found, list):
        return []
    return [
        line["length"]
        for line in found
        if isinstance(line, dict) and isinstance(line.get("length"), int)
    ]
