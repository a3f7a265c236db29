"""Are the files of an archive still what they were, and do they still line up? Caller's thread."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from model.errors import RestorationError, one_line
from realtime.archive.interface_errors import interface_errors, told
from realtime.archive.sidecar import ENDING, RAW, hash_of
from realtime.archive.sidecar_reading import FileFacts, read_pair, read_pictures
from realtime.containers.readable_sound import open_readable

F64 = NDArray[np.float64]

COMPARED_S = 4.0  # of sound, around its loudest moment
COMPARED_PARTS = 24  # among which that is looked for
HIGH_HZ = 800.0  # below, a playback curve moves the phase by whole samples
FARTHEST_S = 0.05  # shift that is looked for
TOLERANCE_S = 0.001  # groove and curve may move the peak of the correlation so far
HEARD = 1e-4  # RMS of the compared stretch below which there is nothing to line up


@dataclass(frozen=True, slots=True)
class CheckedSide:
    """One side of an archive; ``complaint`` is empty when all is as it was."""

    name: str  # its path within the folder
    ok: bool
    complaint: str

    def line(self) -> str:
        """Return it for a terminal."""
        name = one_line(self.name)
        return f"ok       {name}" if self.ok else f"MISMATCH {name}: {one_line(self.complaint)}"


def verify_folder(folder: Path) -> tuple[list[str], int]:
    """Return what :func:`checked_sides` found as lines, and how many sides do not match."""
    sides = list(checked_sides(folder))
    return [side.line() for side in sides], sum(not side.ok for side in sides)


def checked_sides(folder: Path, *, interface: bool = False) -> Iterator[CheckedSide]:
    """Check every sidecar in a folder and those below it, in the order of their names.

    Parameters
    ----------
    folder : Path
    interface : bool
        Whether to look for samples that the interface dropped or repeated as well.

    Raises
    ------
    RestorationError
        There is no such folder, or nothing to be checked in it.
    """
    if not folder.is_dir():
        raise RestorationError(f"{folder} is no folder; name one with recordings in it")
    sidecars = sorted(folder.rglob(f"*{ENDING}"))
    if not sidecars:
        raise RestorationError(f"{folder} holds no archived side (*{ENDING})")
    for path in sidecars:
        complaint = complaint_about(path)
        if interface and not complaint:
            complaint = _spoiled_by_interface(path)
        name = str(path.relative_to(folder)).removesuffix(ENDING)
        yield CheckedSide(name, not complaint, complaint)


def complaint_about(sidecar: Path) -> str:
    """Return what is wrong with one side; empty when all is as it was."""
    try:
        pair = read_pair(sidecar)
        for facts in (pair.original, pair.restored):
            if complaint := _changed(sidecar.parent / facts.name, facts):
                return complaint
        for picture in read_pictures(sidecar):
            if complaint := _changed(sidecar.parent / picture.name, picture):
                return complaint
        original, restored = (
            sidecar.parent / facts.name for facts in (pair.original, pair.restored)
        )
        return _misaligned(original, restored, pair.speed)
    except RestorationError as error:
        return str(error)
    except (soundfile.LibsndfileError, OSError, ValueError) as error:
        return f"{sidecar.name}: its files cannot be compared as sound: {error}"


def _spoiled_by_interface(sidecar: Path) -> str:
    """Return what the interface spoiled in a transfer; nothing of a file that was restored."""
    try:
        raw = sidecar.parent / read_pair(sidecar).original.name
        if not raw.stem.endswith(RAW):
            return ""
        with open_readable(raw) as sound:
            rate = sound.samplerate
        return told(interface_errors(raw), rate)
    except (RestorationError, soundfile.LibsndfileError, OSError) as error:
        return str(error)


def _changed(path: Path, facts: FileFacts) -> str:
    if not path.is_file():
        return f"{path.name} is missing"
    if path.stat().st_size != facts.bytes:
        return f"{path.name} has {path.stat().st_size} bytes instead of {facts.bytes}"
    if hash_of(path) != facts.sha256:
        return f"{path.name} has changed: its SHA-256 is another"
    return ""


def _misaligned(original: Path, restored: Path, speed: float) -> str:
    """Compare length, rate and the sound itself; at another speed the length alone."""
    with open_readable(original) as one, open_readable(restored) as other:
        if one.samplerate != other.samplerate:
            return f"{restored.name} has another sample rate than {original.name}"
        wanted = round(one.frames / speed)
        if other.frames != wanted:
            return f"{restored.name} has {other.frames} samples instead of {wanted}"
        if speed != 1.0:
            return ""
        shift = _shift(one, other)
        if abs(shift) > TOLERANCE_S * one.samplerate:
            return f"{restored.name} is shifted by {shift} samples against {original.name}"
    return ""


def _shift(one: soundfile.SoundFile, other: soundfile.SoundFile) -> int:
    """Return by how many samples the other sounds later; 0 where there is too little to hear."""
    rate = int(one.samplerate)
    n = min(int(COMPARED_S * rate), one.frames)
    if n == 0:
        return 0
    start = max(
        (int(at) for at in np.linspace(0, one.frames - n, COMPARED_PARTS)),
        key=lambda at: _loudness(one, at, min(n, rate // 8)),
    )
    from scipy import signal  # heavy: only who filters pays for it

    a, b = _stretch(one, start, n), _stretch(other, start, n)
    if min(a.std(), b.std()) < HEARD:
        return 0
    farthest = int(FARTHEST_S * rate)
    # Either wall may be missing or turned over in the restored sound: only the shape counts.
    correlation = np.abs(signal.correlate(b, a, "same", "fft"))
    middle = len(correlation) // 2
    near = correlation[max(0, middle - farthest) : middle + farthest + 1]
    return int(near.argmax()) - min(farthest, middle)


def _stretch(sound: soundfile.SoundFile, start: int, n: int) -> F64:
    from scipy import signal  # heavy: only who filters pays for it

    sound.seek(start)
    walls = sound.read(n, "float64", always_2d=True).T
    loudest = walls[int(np.argmax(walls.std(axis=1)))]
    if sound.samplerate > 4 * HIGH_HZ and n > 100:
        high_pass = signal.butter(4, HIGH_HZ, "highpass", fs=sound.samplerate, output="sos")
        loudest = signal.sosfiltfilt(high_pass, loudest)
    # A click is sharper than all music, and it is the very thing that differs between the two.
    limit = 4 * float(np.median(np.abs(loudest))) + 1e-9
    clipped: F64 = np.clip(loudest, -limit, limit)
    return clipped


def _loudness(sound: soundfile.SoundFile, start: int, n: int) -> float:
    sound.seek(start)
    return float(np.median(np.abs(sound.read(n, "float64", always_2d=True))))
