"""A record that never ends and never repeats, and of which every sample can be made again.

Pure functions of seed and position: whoever checks a recording needs no copy of what was played.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import soundfile
from numpy.typing import NDArray

from realtime.devices.input_names import DEMO_RECORD

F32 = NDArray[np.float32]

RATE, CHANNELS = 44_100, 2
BLOCK = 1 << 16  # samples that are made at once
STRETCH = 40  # blocks of one kind of sound: a minute
DITHER = 2e-4  # -74 dBFS: no two stretches of the record are alike
STEPS = 2.0**23  # of 24 bits: FLAC and WAV hold the same samples
LOUD, FAINT = 4.0, 0.01
KINDS = ("record", "loud", "faint", "silence")
SHARES = (0.88, 0.04, 0.04, 0.04)


class EndlessRecord:
    """The demo record over and over, under noise; some minutes clipped, some faint, some silent.

    Parameters
    ----------
    seed : int
    has_silence : bool
        Minutes of digital silence. Without them each sample has a place of its own, so that a
        recording of the record can be located.
    """

    def __init__(self, seed: int, *, has_silence: bool) -> None:
        self._seed, self._has_silence = seed, has_silence
        record, _ = soundfile.read(DEMO_RECORD, dtype="float32", always_2d=True)
        self._record: F32 = record
        self._block: Callable[[int], F32] = lru_cache(maxsize=4)(self._made)

    def samples(self, start: int, n: int) -> F32:
        """Return float32 ``[n, 2]`` from sample ``start`` on."""
        first, last = start // BLOCK, (start + max(n, 1) - 1) // BLOCK
        blocks = [self._block(number) for number in range(first, last + 1)]
        joined: F32 = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
        offset = start - first * BLOCK
        return joined[offset : offset + n]

    def kind(self, number: int) -> str:
        """Return what a block is made of."""
        dice = np.random.default_rng([self._seed, number // STRETCH])
        kind = str(dice.choice(KINDS, p=SHARES)) if number >= STRETCH else "record"
        return "record" if kind == "silence" and not self._has_silence else kind

    def _made(self, number: int) -> F32:
        kind = self.kind(number)
        if kind == "silence":
            return np.zeros((BLOCK, CHANNELS), np.float32)
        places = np.arange(number * BLOCK, (number + 1) * BLOCK) % len(self._record)
        gain = {"loud": LOUD, "faint": FAINT}.get(kind, 0.99)
        dice = np.random.default_rng([self._seed, number, 1])
        noise = dice.uniform(-DITHER, DITHER, (BLOCK, CHANNELS))
        # Clipped below the noise, so that a clipped stretch does not repeat itself either.
        sound = np.clip(gain * self._record[places], -1 + 2 * DITHER, 1 - 2 * DITHER) + noise
        made: F32 = (np.rint(sound * STEPS) / STEPS).astype(np.float32)
        return made
