"""Finishes sound files that a killed program left behind: header, length, end. On any thread.

Only files as ``growing_wav`` and ``growing_flac`` write them. No sample that is there is changed;
what is torn at the end goes, what is missing from the restored file comes from the raw one.
"""

import contextlib
import hashlib
import os
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from model.errors import RestorationError
from realtime.containers.flac_frames import whole_frames
from realtime.soundfiles.file_names import part_of
from realtime.soundfiles.growing_flac import FLAC_BITS, FlacHeader
from realtime.soundfiles.growing_wav import ARCHIVE_BITS, FLOAT_BITS, WAV_HEADER_BYTES, wav_header

I32 = NDArray[np.int32]

AT_ONCE = 2**18  # samples
FMT_AT, DATA_AT = 48, 86  # bytes, of the chunks in our own WAV header
CHECKSUM_AT = 26  # byte, of the MD5 in a FLAC header
DESCRIPTION = b"bext"  # what stands behind the samples of a finished WAV file


def is_finished(path: Path) -> bool:
    """True where the header says what the file holds.

    Raises
    ------
    RestorationError
        It is none of our files.
    """
    if path.suffix == ".flac":
        return _is_finished_flac(path)
    declared = _wav_facts(path).declared
    end = WAV_HEADER_BYTES + declared + declared % 2
    with path.open("rb") as file:
        file.seek(end)
        behind = file.read(4)
    return path.stat().st_size == end or behind == DESCRIPTION


def finish(path: Path, *, is_closed: bool) -> int:
    """Let the header of a WAV or FLAC file say what it holds; returns the samples.

    Parameters
    ----------
    path : Path
    is_closed : bool
        The program had come to closing the file: its header is true, and what stands behind the
        samples is no sound.

    Raises
    ------
    RestorationError
        It is none of our files, or nothing of it can be read.
    OSError
        It cannot be written.
    """
    return _finish_flac(path) if path.suffix == ".flac" else _finish_wav(path, is_closed)


def level(raw: Path, restored: Path, samples: int) -> tuple[int, int]:
    """Give the finished restored file the length of the finished raw one.

    Returns
    -------
    start, length : int
        The end of the restored file that now is the raw sound; length 0 where nothing was missing.

    Raises
    ------
    RestorationError, OSError
        It cannot be read or written; it is as it was.
    """
    present = soundfile.info(str(restored)).frames
    if present == samples:
        return samples, 0
    if restored.suffix == ".flac":
        _write_anew(raw, restored, min(present, samples), samples)
    else:
        _change_wav_length(raw, restored, min(present, samples), samples)
    return min(present, samples), max(0, samples - present)


def _is_finished_flac(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(FlacHeader.BYTES)
        if len(head) < FlacHeader.BYTES or head[:4] != b"fLaC":
            raise RestorationError(f"{path} is no FLAC file; it is left as it is")
        if any(head[CHECKSUM_AT : CHECKSUM_AT + 16]):
            return True
        header = FlacHeader(file.fileno())
    whole = whole_frames(path, header.block)
    return whole.samples in (0, header.samples) and whole.end == path.stat().st_size


class _WavFacts(NamedTuple):
    """What a header of ours says; ``declared`` are bytes of samples."""

    sample_rate: int
    channels: int
    bits: int
    declared: int

    @property
    def frame(self) -> int:
        """Bytes of one sample of all channels."""
        return self.bits // 8 * self.channels

    def header(self, data_bytes: int) -> bytes:
        """Return the header of the same sound at another length."""
        return wav_header(self.sample_rate, self.channels, data_bytes, self.bits)


def _wav_facts(path: Path) -> _WavFacts:
    with path.open("rb") as file:
        head = file.read(WAV_HEADER_BYTES)
    ours = len(head) == WAV_HEADER_BYTES and head[:4] in (b"RIFF", b"RF64")
    if not ours or head[FMT_AT : FMT_AT + 4] != b"fmt " or head[DATA_AT : DATA_AT + 4] != b"data":
        raise RestorationError(f"{path} was not recorded by this program; it is left as it is")
    channels, rate = struct.unpack_from("<HI", head, FMT_AT + 10)
    (bits,) = struct.unpack_from("<H", head, FMT_AT + 22)
    if bits not in (ARCHIVE_BITS, FLOAT_BITS) or not channels:
        raise RestorationError(f"{path} was not recorded by this program; it is left as it is")
    (declared,) = struct.unpack_from("<I", head, DATA_AT + 4)
    if head[:4] == b"RF64":
        (declared,) = struct.unpack_from("<Q", head, 28)
    return _WavFacts(rate, channels, bits, declared)


def _finish_wav(path: Path, is_closed: bool) -> int:
    facts = _wav_facts(path)
    data_bytes = path.stat().st_size - WAV_HEADER_BYTES
    if is_closed:
        data_bytes = min(facts.declared, data_bytes)
    data_bytes = data_bytes // facts.frame * facts.frame
    with path.open("r+b") as file:
        file.truncate(WAV_HEADER_BYTES + data_bytes)  # then a pad byte, where one is due
        file.truncate(WAV_HEADER_BYTES + data_bytes + data_bytes % 2)
        file.write(facts.header(data_bytes))
        file.flush()
        os.fsync(file.fileno())
    return data_bytes // facts.frame


def _finish_flac(path: Path) -> int:
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        head = os.pread(fd, FlacHeader.BYTES, 0)
        if len(head) < FlacHeader.BYTES or head[:4] != b"fLaC":
            if not head.strip(b"\0"):
                return 0
            raise RestorationError(f"{path} has no FLAC header; it is left as it is")
        if any(head[CHECKSUM_AT : CHECKSUM_AT + 16]):  # the encoder itself came to its end
            return int(soundfile.info(str(path)).frames)
        header = FlacHeader(fd)
        whole = whole_frames(path, header.block)
        if not whole.samples:
            return 0
        os.ftruncate(fd, whole.end)
        header.set_samples(whole.samples)
        os.pwrite(fd, _checksum(path), CHECKSUM_AT)
        os.fsync(fd)
    finally:
        os.close(fd)
    return whole.samples


def _checksum(path: Path) -> bytes:
    """FLAC's MD5: of all samples, interleaved, three bytes each, the lowest first."""
    digest = hashlib.md5(usedforsecurity=False)
    with soundfile.SoundFile(path) as sound:
        while len(block := sound.read(AT_ONCE, "int32", always_2d=True)):
            four_bytes = np.ascontiguousarray(block, "<i4").view(np.uint8).reshape(-1, 4)
            digest.update(np.ascontiguousarray(four_bytes[:, 4 - FLAC_BITS // 8 :]).tobytes())
    return digest.digest()


def _change_wav_length(raw: Path, restored: Path, kept: int, samples: int) -> None:
    facts = _wav_facts(restored)
    frame = facts.frame
    with restored.open("r+b") as file, raw.open("rb") as original:
        file.truncate(WAV_HEADER_BYTES + kept * frame)
        file.seek(WAV_HEADER_BYTES + kept * frame)
        original.seek(WAV_HEADER_BYTES + kept * frame)
        missing = (samples - kept) * frame
        while missing and (piece := original.read(min(missing, AT_ONCE))):
            file.write(piece)
            missing -= len(piece)
        file.truncate(WAV_HEADER_BYTES + samples * frame + samples * frame % 2)
        file.flush()
        file.seek(0)
        file.write(facts.header(samples * frame))
        file.flush()
        os.fsync(file.fileno())


def _write_anew(raw: Path, restored: Path, kept: int, samples: int) -> None:
    """An encoder cannot be taken up again: write the file once more, then exchange it."""
    part = part_of(restored)
    try:
        with soundfile.SoundFile(restored) as old, soundfile.SoundFile(raw) as original:
            sound = (old.samplerate, old.channels, f"PCM_{FLAC_BITS}")
            with soundfile.SoundFile(part, "w", *sound, format="FLAC") as new:
                _copy(old, new, kept)
                original.seek(kept)
                _copy(original, new, samples - kept)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(restored)
    except soundfile.LibsndfileError as error:
        raise RestorationError(f"{restored} cannot be written anew: {error}") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _copy(source: soundfile.SoundFile, target: soundfile.SoundFile, samples: int) -> None:
    while samples and len(block := source.read(min(samples, AT_ONCE), "int32", always_2d=True)):
        target.write(block)
        samples -= len(block)
