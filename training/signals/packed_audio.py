"""Many recordings in one file, mono, 16 bit, one rate: what a training reads fastest. Any thread.

The file begins with a mark and the place of its index, then come the samples, and last the index:
JSON, a list with one entry per recording.
"""

import json
import struct
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.errors import RestorationError

F32 = NDArray[np.float32]

SUFFIX = ".pack"
MARK = b"shellac pack 1\n\0"
HEAD = struct.Struct("<16sQ")
FULL_SCALE = 32768.0


class PackedAudio(NamedTuple):
    """One recording of a pack; ``path`` is its name there, ``start`` its first sample."""

    path: Path
    sample_rate: int
    channels: int
    frames: int
    pack: Path
    start: int
    licence: str

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate


class Recording(NamedTuple):
    """What goes into a pack: name (with folders), samples ``[T]`` within +-1, and its licence."""

    name: str
    samples: F32
    licence: str


def write_pack(path: Path, recordings: Iterable[Recording], sample_rate: int) -> int:
    """Write a pack, which appears whole or not at all, and return how many recordings it holds.

    Raises
    ------
    RestorationError
        If the file cannot be written.
    """
    index: list[dict[str, Any]] = []
    at = 0
    partial = path.with_name(f"{path.name}.part")
    try:
        with partial.open("wb") as file:
            file.write(HEAD.pack(MARK, 0))
            for name, samples, licence in recordings:
                whole = np.clip(np.rint(samples * FULL_SCALE), -32768, 32767).astype("<i2")
                file.write(whole.tobytes())
                index.append({"name": name, "start": at, "frames": len(whole), "licence": licence})
                at += len(whole)
            content = {"sample_rate": sample_rate, "recordings": index}
            file.write(json.dumps(content).encode())
            file.seek(0)
            file.write(HEAD.pack(MARK, HEAD.size + 2 * at))
        partial.replace(path)
    except OSError as error:
        raise RestorationError(f"cannot write {path}: {error.strerror}") from None
    finally:
        partial.unlink(missing_ok=True)
    return len(index)


@lru_cache(maxsize=4)
def open_pack(path: Path) -> tuple[PackedAudio, ...]:
    """Return the recordings of a pack.

    Raises
    ------
    RestorationError
        If it cannot be read or is no pack.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD.size)
            if len(head) < HEAD.size or not head.startswith(MARK):
                raise ValueError("it begins otherwise")
            _, end = HEAD.unpack(head)
            file.seek(end)
            content = json.loads(file.read())
        rate = int(content["sample_rate"])
        files = tuple(
            PackedAudio(
                Path(entry["name"]),
                rate,
                1,
                int(entry["frames"]),
                path,
                int(entry["start"]),
                str(entry["licence"]),
            )
            for entry in content["recordings"]
        )
        if any(f.frames < 1 or f.start < 0 or 2 * (f.start + f.frames) > end for f in files):
            raise ValueError("its index points outside")
    except OSError as error:
        raise RestorationError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise RestorationError(
            f"{path} is no pack of training.build_checkpoints: {error}"
        ) from None
    return files


def read_packed(file: PackedAudio, start: int = 0, frames: int = -1) -> F32:
    """Read float32 ``[1, samples]``, as :func:`training.signals.audio_files.read_audio` does."""
    end = file.frames if frames < 0 else min(file.frames, start + frames)
    part = _samples(file.pack)[file.start + start : file.start + end]
    return np.asarray(part[None] / np.float32(FULL_SCALE), np.float32)


@lru_cache(maxsize=4)
def _samples(path: Path) -> NDArray[np.int16]:
    with path.open("rb") as file:
        _, end = HEAD.unpack(file.read(HEAD.size))
    return np.memmap(path, "<i2", "r", HEAD.size, ((end - HEAD.size) // 2,))
