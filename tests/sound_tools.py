"""A small instrument for the engine's tests: a tape for what is recorded."""

import numpy as np
from numpy.typing import NDArray

SOUND_RATE = 44_100  # Hz, of the virtual sound server's sinks


class Tape:
    """Keeps what it is given, as the recorder's files would."""

    def __init__(self) -> None:
        self.raw: list[NDArray[np.float32]] = []
        self.restored: list[NDArray[np.float32]] = []

    def write_raw(self, block: NDArray[np.float32]) -> None:
        self.raw.append(block)

    def write_restored(self, block: NDArray[np.float32]) -> None:
        self.restored.append(block)
