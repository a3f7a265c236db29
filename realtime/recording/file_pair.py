"""The two files of a recording: named, created together, never over anything. On any thread."""

import contextlib
import errno
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path

import soundfile

from model.errors import RestorationError
from realtime.soundfiles.growing import GrowingFile
from realtime.soundfiles.growing_flac import GrowingFlac
from realtime.soundfiles.growing_wav import ARCHIVE_BITS, GrowingWav

FULL_DISK_BYTES = 1_000_000
FORMATS: dict[str, Callable[[Path, int, int], GrowingFile]] = {
    "wav": GrowingWav,
    "bwf": partial(GrowingWav, bits=ARCHIVE_BITS),
    "flac": GrowingFlac,
}
SUFFIXES = {"bwf": "wav"}  # of formats that are not called by theirs
WRITE_ERRORS = (OSError, soundfile.LibsndfileError)


def create_pair(
    folder: Path, sample_rate: int, channels: int, file_format: str, name: str | None
) -> tuple[GrowingFile, GrowingFile]:
    """Create both files under the first name that neither of them has."""
    if file_format not in FORMATS:
        raise ValueError(f"file_format is {file_format!r}; choose one of: {', '.join(FORMATS)}")
    if name is not None and (not name or Path(name).name != name):
        raise ValueError(f"name is {name!r}; it must be a file name without a folder")
    if folder.exists() and not folder.is_dir():
        raise RestorationError(f"the recording folder {folder} is a file; name a folder")
    if not folder.is_dir():
        raise RestorationError(f"the recording folder {folder} does not exist; create it first")
    stem = name or f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    for n in count(1):
        base = folder / (stem if n == 1 else f"{stem}_{n}")
        try:
            return _create_both(base, sample_rate, channels, file_format)
        except FileExistsError:
            continue
        except WRITE_ERRORS as error:
            raise RestorationError(f"cannot record: {write_reason(error, folder)}") from None
    raise AssertionError("an endless count ended")


def _create_both(
    base: Path, sample_rate: int, channels: int, file_format: str
) -> tuple[GrowingFile, GrowingFile]:
    create, suffix = FORMATS[file_format], SUFFIXES.get(file_format, file_format)
    raw = create(Path(f"{base}_raw.{suffix}"), sample_rate, channels)
    try:
        return raw, create(Path(f"{base}_restored.{suffix}"), sample_rate, channels)
    except WRITE_ERRORS:
        with contextlib.suppress(*WRITE_ERRORS):
            raw.close()
        raw.path.unlink(missing_ok=True)
        raise


def write_reason(error: Exception, path: Path) -> str:
    """Return one line for the person: which file, and why it cannot be written."""
    if isinstance(error, soundfile.LibsndfileError):  # it does not say why
        with contextlib.suppress(OSError):
            if shutil.disk_usage(path.parent).free < FULL_DISK_BYTES:
                return f"{path}: {os.strerror(errno.ENOSPC)}"
        return f"{path}: it cannot be written to"
    return f"{path}: {getattr(error, 'strerror', None) or repr(error)}"
