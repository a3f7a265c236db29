"""A sound file in the turntable's place, played as fast as the output takes it.

Reading (and resampling, where the output insists on another rate) happens on a thread of its own,
a few seconds ahead; the worker only takes what is there.
"""

import threading
from collections import deque
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from model.errors import RestorationError
from realtime.config import DEMO_INPUT
from realtime.soundfiles.reading import open_sound
from realtime.user_paths import expanded

F32 = NDArray[np.float32]

DEMO_RECORD = Path(__file__).parents[2] / "presets" / "demo" / "worn_record.flac"
AHEAD_S = 4.0  # read ahead of the worker
READ = 8192  # samples read at once


def sound_file(name: str) -> Path | None:
    """Return the file that an input's name stands for; None when it must be a device."""
    if name == DEMO_INPUT:
        return DEMO_RECORD
    path = expanded(name)
    if path.is_file():
        return path
    if path.suffix.lstrip(".").upper() in {*soundfile.available_formats(), "AIF"}:
        raise RestorationError(f"input file {name!r} does not exist; check the path")
    return None


class FileInput:
    """A file as input, with the same methods as ``DeviceInput``.

    Parameters
    ----------
    path : Path
        Anything libsndfile reads, one or two channels.
    channels : 1 or 2
        Stereo is mixed down for 1; mono stays mono for 2.
    sample_rate : int or None
        Hz; the file is resampled when it has another. None takes the file's own.

    Raises
    ------
    RestorationError
        The file is missing, unreadable, empty or has more than two channels.
    """

    paced_by_output = True
    burst = 0
    xruns = lost_samples = 0

    def __init__(self, path: Path, channels: int, sample_rate: int | None = None) -> None:
        self._file = open_sound(path)
        self.name = path.name
        self.sample_rate = sample_rate or self._file.samplerate
        self.channels = min(channels, self._file.channels)
        self._blocks: deque[F32] = deque()  # reader appends, worker takes from the left
        self._ready = 0  # samples put into _blocks; written by the reader
        self._taken = 0  # samples taken from them; written by the worker
        self._through = False  # reader sets it after the last block
        self._room = threading.Event()  # worker sets it when a block was taken
        self._closing = False
        self._thread = threading.Thread(target=self._read_ahead, name="file-input", daemon=True)
        self._thread.start()

    @property
    def ending(self) -> bool:
        """True once all that is left of the file has been read ahead."""
        return self._through

    def available(self) -> int:
        """Samples read ahead."""
        return self._ready - self._taken

    def read(self, n: int) -> F32:
        """Up to ``n`` samples, float32 ``[samples, channels]``."""
        parts, missing = [], min(n, self.available())
        while missing:
            block = self._blocks.popleft()
            if len(block) > missing:
                self._blocks.appendleft(block[missing:])
                block = block[:missing]
            parts.append(block)
            missing -= len(block)
            self._taken += len(block)
        self._room.set()
        return np.concatenate(parts) if parts else np.empty((0, self.channels), np.float32)

    def age_s(self) -> float:
        """A file has no heartbeat that could stop."""
        return 0.0

    def is_alive(self) -> bool:
        """A file does not go away."""
        return True

    def close(self) -> None:
        """Stop reading ahead and close the file."""
        self._closing = True
        self._room.set()
        self._thread.join(1.0)
        self._file.close()

    def _read_ahead(self) -> None:
        own_rate = self._file.samplerate
        resampler = None
        if own_rate != self.sample_rate:
            resampler = soxr.ResampleStream(own_rate, self.sample_rate, self.channels)
        last = False
        while not (last or self._closing):
            block, last = self._next_block()
            if resampler is not None:
                block = resampler.resample_chunk(block, last=last)
            if len(block):
                self._blocks.append(block)
                self._ready += len(block)
            self._wait_for_room()
        self._through = True

    def _next_block(self) -> tuple[F32, bool]:
        try:
            block = self._file.read(READ, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError:
            block = np.empty((0, self._file.channels), np.float32)  # a damaged end: play up to it
        last = len(block) < READ
        if block.shape[1] > self.channels:
            block = block.mean(axis=1, keepdims=True, dtype=np.float32)
        return np.ascontiguousarray(block), last

    def _wait_for_room(self) -> None:
        while self.available() > AHEAD_S * self.sample_rate and not self._closing:
            self._room.clear()
            self._room.wait(0.5)
