"""Writes raw and restored sound to disk, aligned to the sample. Has a thread of its own.

The worker hands blocks over and never waits; the recorder's thread drains its buffers into both
files and makes them playable about once a second. Errors end the recording, never the sound.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.recording.file_pair import WRITE_ERRORS, create_pair, write_reason
from realtime.recording.sound_ring import SoundRing
from realtime.soundfiles.growing import GrowingFile

F32 = NDArray[np.float32]

BUFFER_S = 12.0
POLL_S = 0.1  # between two looks into the buffers
COMMIT_S = 0.75  # with a poll and a FLAC block, a killed recording loses less than a second
PIECE_S = 0.25  # written at once, to each file in turn
STOP_S = 18.0  # a disk that takes longer for the rest is given up


@dataclass(frozen=True, slots=True)
class RecordingReport:
    """What a recording left behind.

    Attributes
    ----------
    samples : int
        In each of the two files; after an error one of them may hold a little more.
    gaps : tuple of (start, length)
        Where the raw file holds silence because the disk was too slow, in samples.
    lost_samples, lost_restored : int
        Samples replaced by silence in the raw and in the restored file.
    clipped : int
        Samples of both files beyond what 24 bits can hold (not of float32).
    rounded : int
        Samples of the raw file that were finer than 24 bits (not of float32).
    error : str
        One line; empty if all went well.
    sidecar : Path or None
        What an archive must know of both files; None if it could not be written.
    """

    raw_path: Path
    restored_path: Path
    sample_rate: int
    channels: int
    samples: int
    gaps: tuple[tuple[int, int], ...] = ()
    lost_samples: int = 0
    lost_restored: int = 0
    clipped: int = 0
    rounded: int = 0
    error: str = ""
    sidecar: Path | None = None

    @property
    def seconds(self) -> float:
        """Length of each file."""
        return self.samples / self.sample_rate


class Recorder:
    """Two files that begin at the same sample and end at the same sample.

    Parameters
    ----------
    folder : Path
        Must exist.
    sample_rate, channels : int
    latency : int
        By how many samples the restored sound comes later than the raw sound.
    file_format : "wav", "bwf" or "flac"
        Float32 as delivered; WAV or FLAC of 24 bits.
    name : str, optional
        What both files are called in front of ``_raw`` and ``_restored``; date and time if None.

    Attributes
    ----------
    raw_path, restored_path : Path
        Nothing that existed is ever overwritten.
    error : str
        One line as soon as the recording has failed; the recorder's thread writes, others read.
    also_commit : callable or None
        Called whenever both files have been brought to the disk; control thread sets it once.

    Raises
    ------
    RestorationError
        The folder is missing or cannot be written to.
    """

    def __init__(
        self,
        folder: Path | str,
        sample_rate: int,
        channels: int,
        latency: int,
        *,
        file_format: str = "wav",
        name: str | None = None,
    ) -> None:
        self.sample_rate, self.channels = sample_rate, channels
        self.file_format = file_format
        self.error = ""
        self.also_commit: Callable[[], None] | None = None
        raw, restored = create_pair(Path(folder), sample_rate, channels, file_format, name)
        self.raw_path, self.restored_path = raw.path, restored.path
        capacity = int(BUFFER_S * sample_rate)
        self._raw = _Track(raw, SoundRing(capacity, channels))
        self._restored = _Track(restored, SoundRing(capacity, channels))
        self._early = latency  # restored samples older than the first raw one; worker only
        self._taken = 0  # raw samples handed over; worker writes
        self._stopping = threading.Event()
        self._report: RecordingReport | None = None
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """Where the raw file holds silence because the disk was too slow, in samples."""
        return list(self._raw.gaps)

    @property
    def seconds(self) -> float:
        """Raw sound handed over so far."""
        return self._taken / self.sample_rate

    @property
    def rounded(self) -> int:
        """Samples so far that came finer than the raw file's steps."""
        return self._raw.file.rounded

    @property
    def waiting(self) -> int:
        """Raw samples handed over that are not in the file yet."""
        return self._taken - self._raw.file.samples

    def write_raw(self, block: F32) -> None:
        """Take float32 ``[n, channels]`` as the device gave it; never waits, never fails."""
        if self.error:
            return
        self._raw.ring.write(block)
        self._taken += len(block)

    def write_restored(self, block: F32) -> None:
        """Take float32 ``[n, channels]``, ``latency`` samples late; never waits, never fails."""
        if self.error:
            return
        early = min(self._early, len(block))
        self._early -= early
        if early < len(block):
            self._restored.ring.write(block[early:])

    def stop(self) -> RecordingReport:
        """Write what is buffered and finish both files at the last raw sample.

        Call it when nothing more is handed over: after raw had ended, ``latency`` samples of
        restored sound belong to it still. What is missing of them becomes silence.
        """
        self._stopping.set()
        self._thread.join(STOP_S)
        if self._report is None:
            self.error = f"{self.raw_path}: the disk does not answer; what it has is kept"
            return self._summary()
        self.also_commit = None  # a circle: whoever commits knows this recorder
        return self._report

    def _run(self) -> None:
        commit_at = time.monotonic() + COMMIT_S
        try:
            while not self._stopping.wait(POLL_S):
                self._drain()
                if time.monotonic() >= commit_at:
                    self._commit()
                    commit_at = time.monotonic() + COMMIT_S
            for track in (self._raw, self._restored):
                track.ring.announce_gap()  # nobody else uses it any more
            self._drain()
            self._level_ends()
            self._commit()
        except Exception as error:  # whatever it was, close what there is and tell the person
            self.error = write_reason(error, self.raw_path)
        self._report = self._close()

    def _drain(self) -> None:
        """Empty both buffers; the restored file never gets ahead of the raw one."""
        piece = int(PIECE_S * self.sample_rate)
        raw, restored = self._raw, self._restored
        more = True
        while more:
            more = raw.drain(piece)
            behind = raw.file.samples - restored.file.samples
            more |= behind > 0 and restored.drain(min(piece, behind))

    def _level_ends(self) -> None:
        """Give the restored file the length of the raw one: silence for a tail that never came."""
        missing = self._raw.file.samples - self._restored.file.samples
        piece = int(PIECE_S * self.sample_rate)
        for start in range(0, missing, piece):
            self._restored.append_silence(min(piece, missing - start))

    def _commit(self) -> None:
        self._raw.file.commit()
        self._restored.file.commit()
        if self.also_commit is not None:
            self.also_commit()

    def _close(self) -> RecordingReport:
        files = (self._raw.file, self._restored.file)
        failed = bool(self.error)
        for file in files:
            try:
                file.close(failed=failed)
            except WRITE_ERRORS as error:
                self.error = self.error or write_reason(error, file.path)
        return self._summary()

    def _summary(self) -> RecordingReport:
        raw, restored = self._raw, self._restored
        return RecordingReport(
            raw.file.path,
            restored.file.path,
            self.sample_rate,
            self.channels,
            min(raw.file.samples, restored.file.samples),
            gaps=tuple(raw.gaps),
            lost_samples=raw.lost,
            lost_restored=restored.lost,
            clipped=raw.file.clipped + restored.file.clipped,
            rounded=raw.file.rounded,
            error=self.error,
        )


class _Track:
    """One of the two files and the buffer in front of it."""

    def __init__(self, file: GrowingFile, ring: SoundRing) -> None:
        self.file, self.ring = file, ring
        self.gaps: list[tuple[int, int]] = []
        self.lost = 0

    def drain(self, limit: int) -> bool:
        """Write up to ``limit`` samples; False when there were none."""
        samples, is_gap = self.ring.read(limit)
        if is_gap:
            self.append_silence(len(samples))
        elif len(samples):
            self.file.write(samples)
        return bool(len(samples))

    def append_silence(self, n: int) -> None:
        """Keep the time of what follows a loss."""
        start = self.file.samples
        if self.gaps and sum(self.gaps[-1]) == start:
            start = self.gaps.pop()[0]
        self.gaps.append((start, self.file.samples + n - start))
        self.lost += n
        self.file.write(np.zeros((n, self.ring.channels), np.float32))
