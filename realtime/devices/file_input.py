"""A sound file in the turntable's place, played as fast as the output takes it.

Reading (and resampling, where the output insists on another rate) happens on a thread of its own,
a few seconds ahead; the worker only takes what is there.
"""

import contextlib
import threading
from collections import deque
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from realtime.soundfiles.reading import open_sound

F32 = NDArray[np.float32]

AHEAD_S = 4.0  # read ahead of the worker
READ = 8192  # samples read at once
FADE_S = 0.01  # of the sound's end and beginning, where it pauses or jumps


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

    Attributes
    ----------
    paused : bool
        Silence takes the place of the sound; control thread sets, worker reads.
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
        self.paused = False
        self._seek_to: int | None = None  # of the file's own samples; control sets, reader takes
        self._jump: tuple[int, int] = (0, 0)  # from this of all samples on it plays from there
        self._sounds = True  # the last that was handed out was no silence; worker only
        self._thread = threading.Thread(target=self._read_ahead, name="file-input", daemon=True)
        self._thread.start()

    @property
    def ending(self) -> bool:
        """True once all that is left of the file has been read ahead."""
        return self._through and not self.paused and self._seek_to is None

    @property
    def length_s(self) -> float:
        """Of the whole file, seconds."""
        return float(self._file.frames / self._file.samplerate)

    @property
    def position_s(self) -> float:
        """Where in the file the sound is that is handed out next."""
        start, base = self._jump
        return (base + max(self._taken - start, 0)) / self.sample_rate

    def seek(self, seconds: float) -> None:
        """Go on somewhere else in the file; called by the control thread."""
        frame = round(seconds * self._file.samplerate)
        self._seek_to = min(max(frame, 0), max(self._file.frames - 1, 0))
        self._room.set()

    def available(self) -> int:
        """Samples read ahead; of silence there is always enough."""
        return READ if self.paused else self._ahead()

    def _ahead(self) -> int:
        """Samples read ahead; what lies before a jump counts no more."""
        return self._ready - max(self._taken, self._jump[0])

    def read(self, n: int) -> F32:
        """Up to ``n`` samples, float32 ``[samples, channels]``."""
        start, _ = self._jump
        if self.paused or self._taken < start:
            if self._sounds:
                self._sounds = False
                return self._fading_out(n)
            while self._taken < start and self._blocks:  # what was read ahead of a jump
                self._taken += len(self._blocks.popleft())
            self._room.set()
        if self.paused:
            return np.zeros((n, self.channels), np.float32)
        sound = self._take(n)
        if not self._sounds and len(sound):
            self._sounds = True
            ramp = self._ramp(len(sound))
            sound = sound.copy()
            sound[: len(ramp)] *= ramp
        return sound

    def _fading_out(self, n: int) -> F32:
        """Return the end of what sounds, and silence behind it."""
        end = self._take(min(n, round(FADE_S * self.sample_rate)))
        silence = np.zeros((n, self.channels), np.float32)
        silence[: len(end)] = end * self._ramp(len(end))[::-1]
        return silence

    def _ramp(self, longest: int) -> F32:
        n = min(longest, round(FADE_S * self.sample_rate))
        return np.linspace(0.0, 1.0, n, dtype=np.float32)[:, None]

    def _take(self, n: int) -> F32:
        parts, missing = [], min(n, self._ready - self._taken)
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
        while not self._closing:
            self._read_on()
            self._through = self._seek_to is None and not self._closing
            while self._seek_to is None and not self._closing:
                self._room.clear()
                self._room.wait(0.5)
            self._through = False  # before the wish is taken: what seems to end goes on
            if self._seek_to is not None:
                frame, self._seek_to = self._seek_to, None
                with contextlib.suppress(soundfile.LibsndfileError):  # damaged there: it goes on
                    frame = self._file.seek(frame)
                base = round(frame * self.sample_rate / self._file.samplerate)
                self._jump = (self._ready, base)

    def _read_on(self) -> None:
        """Read from where the file stands to its end, or until somebody wants another place."""
        own_rate = self._file.samplerate
        resampler = None
        if own_rate != self.sample_rate:
            resampler = soxr.ResampleStream(own_rate, self.sample_rate, self.channels)
        last = False
        while not (last or self._closing or self._seek_to is not None):
            block, last = self._next_block()
            if resampler is not None:
                block = resampler.resample_chunk(block, last=last)
            if len(block):
                self._blocks.append(block)
                self._ready += len(block)
            self._wait_for_room()

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
        while self._ahead() > AHEAD_S * self.sample_rate and not (
            self._closing or self._seek_to is not None
        ):
            self._room.clear()
            self._room.wait(0.5)
