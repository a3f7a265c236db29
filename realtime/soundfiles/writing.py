"""Sound files that a restoration leaves behind: there whole, or not at all. Caller's thread."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from model.errors import RestorationError
from model.flat_yaml import unfinished_texts
from realtime.soundfiles.description import Description
from realtime.soundfiles.file_names import part_of
from realtime.soundfiles.sample_formats import PCM_BITS, from_pcm, to_pcm
from realtime.soundfiles.tagging import describe_file

F64 = NDArray[np.float64]

LIMIT_32_BIT = 2**32 - 2**20  # bytes; beyond, sizes in a WAV or AIFF header do not fit
CONTAINERS = {
    ".wav": "WAV",
    ".flac": "FLAC",
    ".aiff": "AIFF",
    ".aif": "AIFF",
    ".ogg": "OGG",
    ".mp3": "MP3",
    ".w64": "W64",
    ".rf64": "RF64",
    ".caf": "CAF",
    ".au": "AU",
}
LOSSY = {"OGG": "VORBIS", "MP3": "MPEG_LAYER_III"}
EXACT_SUBTYPES = ("FLOAT", "DOUBLE", "PCM_32", "PCM_24", "PCM_16", "PCM_S8", "PCM_U8")
SAME_BITS = {"PCM_S8": "PCM_U8", "PCM_U8": "PCM_S8"}


_unfinished: set[Path] = set()  # of this process


def remove_unfinished() -> None:
    """Remove what this process has begun to write, just before it ends by force."""
    for part in (*_unfinished, *unfinished_texts):
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """Let a hidden file be written, which is gone at the end unless it was given its own name."""
    _unfinished.add(path)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        _unfinished.discard(path)


class NewSoundFile:
    """A sound file that appears under its name only once it is complete.

    Parameters
    ----------
    path : Path
        Its suffix chooses the container.
    subtype : str
        What the samples would best be stored as (libsndfile's name); the nearest that the
        container has is taken.
    sample_rate, channels : int
    samples : int
        Expected length, 0 if unknown: beyond 4 GiB a WAV becomes RF64.

    Attributes
    ----------
    subtype : str
        What is really written.
    clipped : int
        Samples that it could not hold.

    Raises
    ------
    RestorationError
        Also from every method: unknown suffix, folder missing or read-only, disk full.
    """

    def __init__(
        self, path: Path, subtype: str, sample_rate: int, channels: int, samples: int = 0
    ) -> None:
        self.path, self.clipped, self._samples = path, 0, 0
        container = container_of(path)
        self.subtype = nearest_subtype(container, subtype)
        sample_bytes = np.dtype(_dtype(self.subtype)).itemsize * channels
        if samples * sample_bytes > LIMIT_32_BIT:
            if container == "AIFF":
                raise RestorationError(f"{path} would pass 4 GiB, too much for AIFF; choose .wav")
            container = "RF64" if container == "WAV" else container
        self._container = container
        self._part = part_of(path)
        _unfinished.add(self._part)
        fd = -1
        try:
            fd = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            self._file = soundfile.SoundFile(
                fd, "w", sample_rate, channels, self.subtype, None, container, False
            )
        except (OSError, soundfile.LibsndfileError, ValueError) as error:
            if fd >= 0:
                os.close(fd)
                self._part.unlink(missing_ok=True)
            raise RestorationError(self._cannot(error)) from None
        self._fd = fd

    def write(self, signal: F64) -> F64:
        """Append float ``[channels, n]``; returns it as it was stored."""
        stored: NDArray[Any]
        if bits := PCM_BITS.get(self.subtype):
            stored = to_pcm(signal, bits)
            exact = from_pcm(stored)
            self.clipped += int(np.count_nonzero(np.abs(exact - signal) > 2.0 ** (1 - bits)))
        else:
            stored = signal.astype(_dtype(self.subtype))
            exact = stored.astype(np.float64)
        try:
            self._file.write(np.ascontiguousarray(stored.T))
        except (OSError, soundfile.LibsndfileError) as error:
            raise RestorationError(self._cannot(error)) from None
        self._samples += signal.shape[1]
        return exact

    def finish(self) -> None:
        """Bring it to the disk, still under its temporary name, and look whether it is whole."""
        try:
            self._file.close()
            os.fsync(self._fd)
            with soundfile.SoundFile(self._part) as written:
                complete = written.frames == self._samples
        except (OSError, soundfile.LibsndfileError) as error:
            raise RestorationError(self._cannot(error)) from None
        if not complete:
            raise RestorationError(self._cannot(None))

    def describe(self, description: Description) -> None:
        """Write into the finished file what it holds, before it gets its name."""
        describe_file(self._part, self._container, description)

    def publish(self, *, overwrite: bool) -> None:
        """Give the finished file its name."""
        try:
            if overwrite:
                self._part.replace(self.path)
            else:
                rename_new(self._part, self.path)
        except OSError as error:
            raise RestorationError(self._cannot(error)) from None

    def discard(self) -> None:
        """Close the file and remove what was not published."""
        with contextlib.suppress(soundfile.LibsndfileError):
            self._file.close()
        with contextlib.suppress(OSError):
            os.close(self._fd)
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)
        _unfinished.discard(self._part)

    def _cannot(self, error: Exception | None) -> str:
        reason = getattr(error, "strerror", None) or f"{error or 'it came out incomplete'}"
        if not isinstance(error, OSError) and _is_full(self.path.parent):
            reason = os.strerror(errno.ENOSPC)
        return f"{self.path} cannot be written: {reason}"


def container_of(path: Path) -> str:
    """Return libsndfile's name of the container that a path's suffix asks for.

    Raises
    ------
    RestorationError
        No such suffix.
    """
    try:
        return CONTAINERS[path.suffix.lower()]
    except KeyError:
        suffixes = ", ".join(CONTAINERS)
        raise RestorationError(f"{path} has no suffix to choose a format by: {suffixes}") from None


def nearest_subtype(container: str, subtype: str) -> str:
    """Return what a container stores ``subtype`` as: itself, else what loses least."""
    if container in LOSSY:
        return LOSSY[container]
    wishes = [subtype, SAME_BITS.get(subtype, "")] if subtype in EXACT_SUBTYPES else []
    # What a decoder computes (OGG, MP3) has no bits of its own: floats keep all of it.
    for wish in (*wishes, "FLOAT", "PCM_24"):
        if wish and soundfile.check_format(container, wish):
            return wish
    raise RestorationError(f"{container} files cannot be written here; choose .wav or .flac")


def rename_new(part: Path, path: Path) -> None:
    """Rename without ever replacing a file that is there."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        part.replace(path)
    else:
        part.unlink()


def _dtype(subtype: str) -> str:
    if subtype in PCM_BITS:
        return "int32"
    return "float64" if subtype == "DOUBLE" else "float32"


def _is_full(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        stat = os.statvfs(folder)
        return stat.f_bavail * stat.f_frsize < 2**20
    return False
