"""Sound files to be restored: opened, or refused in one clear line. On the caller's thread."""

import contextlib
import errno
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from model.errors import RestorationError
from realtime.config import LOWEST_RATE_HZ
from realtime.containers.readable_sound import open_readable
from realtime.soundfiles.sample_formats import PCM_BITS
from realtime.stderr import quiet_stderr

HIGHEST_CHANNELS = 2
HIGHEST_RATE_HZ = 800_000
UNKNOWN_LENGTH = 2**40  # samples; libsndfile says more of a file that was never finished
BLOCK = 32_768  # samples read at once
READABLE = "WAV, AIFF, FLAC, OGG or MP3"
LOSSY = ("VORBIS", "OPUS", "MPEG_LAYER_III")  # their length is sometimes only estimated
WAV_CODINGS = {0x11: "ADPCM", 0x50: "MPEG layer 2", 0x55: "MP3", 0xFF: "AAC", 0x161: "WMA"}
PCM_TAGS = {1, 3, 0xFFFE}  # of a WAV file: integers, floats, and those that say more
CONVERT = "make PCM of it first, such as with ffmpeg -i IN OUT.wav"


def open_sound(path: Path | str) -> soundfile.SoundFile:
    """Open a record's side for reading.

    Raises
    ------
    RestorationError
        Missing, not sound, empty, more than two channels, or a rate that no record is kept at.
    """
    path = Path(path)
    try:
        path.exists()
    except OSError as error:  # such as a name that is too long for the file system
        raise RestorationError(f"{path} cannot be read: {error.strerror}") from None
    if path.is_dir():
        raise RestorationError(f"{path} is a folder; name the files in it")
    if not path.exists():
        raise RestorationError(f"{path} does not exist; check the path")
    if not path.is_file():  # a pipe would wait for ever
        raise RestorationError(f"{path} is not a file; name a sound file")
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise RestorationError(f"{path} has a name that is not UTF-8; rename it") from None
    try:
        with quiet_stderr():  # the MP3 decoder thinks aloud
            sound = open_readable(path)
    except (soundfile.LibsndfileError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or _coding_of_wav(path) or f"is it {READABLE}?"
        if not os.access(path, os.R_OK):
            reason = os.strerror(errno.EACCES)
        raise RestorationError(f"{path} cannot be read as sound: {reason}") from None
    complaint = _complaint(sound)
    if complaint:
        sound.close()
        raise RestorationError(f"{path} {complaint}")
    return sound


def _complaint(sound: soundfile.SoundFile) -> str:
    rate, channels = sound.samplerate, sound.channels
    if not sound.seekable() and sound.subtype != "MPEG_LAYER_III":
        return f"holds sound coded as {sound.subtype_info}, which cannot be restored; {CONVERT}"
    if not sound.frames:
        return "holds no samples"
    if channels > HIGHEST_CHANNELS:
        return f"has {channels} channels; a record has 1 or 2, mix it down first"
    if not LOWEST_RATE_HZ <= rate <= HIGHEST_RATE_HZ:
        return f"has a sample rate of {rate} Hz; it must be {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ}"
    return ""


def _coding_of_wav(path: Path) -> str:
    """Return what a WAV file holds that is no PCM; empty if that is not what is wrong with it."""
    with contextlib.suppress(OSError, struct.error), path.open("rb") as file:
        head = file.read(4096)
        if head[:4] in (b"RIFF", b"RF64") and (start := head.find(b"fmt ", 12)) >= 0:
            (tag,) = struct.unpack_from("<H", head, start + 8)
            if tag not in PCM_TAGS:
                coding = WAV_CODINGS.get(tag, f"something else, number {tag:#x}")
                return f"this WAV file does not hold PCM but {coding}; {CONVERT}"
    return ""


def declared_samples(sound: soundfile.SoundFile) -> int:
    """Return how many samples the file says it has; 0 if it does not know."""
    frames = int(sound.frames)
    return frames if frames < UNKNOWN_LENGTH else 0


def blocks_of(sound: soundfile.SoundFile) -> Iterator[NDArray[Any]]:
    """Yield the whole file, ``[channels, n]``, without losing a bit.

    Integers come left-justified as int32, what is stored as DOUBLE as float64, all else as
    float32.

    Raises
    ------
    RestorationError
        The file is damaged, or ends before the length that it declares.
    """
    dtype = exact_dtype(sound)
    total, done = declared_samples(sound), 0
    while True:
        try:
            block = sound.read(BLOCK, dtype, always_2d=True) if done else _first(sound, dtype)
        except (soundfile.LibsndfileError, OSError):
            raise RestorationError(_damaged(sound, done, total)) from None
        if not len(block):
            break
        done += len(block)
        yield np.ascontiguousarray(block.T)
    if done < total and sound.subtype not in LOSSY:
        raise RestorationError(_damaged(sound, done, total))


def _first(sound: soundfile.SoundFile, dtype: str) -> NDArray[Any]:
    with quiet_stderr():
        sound.seek(0)
        return np.asarray(sound.read(BLOCK, dtype, always_2d=True))


def refuse_nonfinite(sound: soundfile.SoundFile) -> None:
    """Look through a float file for NaN and Inf, which no record holds.

    Raises
    ------
    RestorationError
        There are some, with how many and where the first is.
    """
    if exact_dtype(sound) == "int32":
        return
    bad, first, position = 0, 0, 0
    for block in blocks_of(sound):
        wrong = ~np.isfinite(block)
        if wrong.any():
            first = first if bad else position + int(np.argmax(wrong.any(axis=0)))
            bad += int(np.count_nonzero(wrong))
        position += block.shape[1]
    if bad:
        raise RestorationError(
            f"{sound.name} holds {bad} samples that are no number (NaN or Inf), the first at "
            f"sample {first} ({first / sound.samplerate:.3f} s); export it again"
        )


def exact_dtype(sound: soundfile.SoundFile) -> str:
    """Return the numpy type that keeps every bit of the file's samples."""
    if sound.subtype in PCM_BITS:
        return "int32"
    return "float64" if sound.subtype == "DOUBLE" else "float32"


def _damaged(sound: soundfile.SoundFile, done: int, total: int) -> str:
    seconds = done / sound.samplerate
    of_total = f"of {total} samples" if total else "samples, and does not say how many it has"
    return f"{sound.name} is damaged: it ends at {seconds:.1f} s, after {done} {of_total}"
