"""One restored side as its archive knows it: both files, how it was made, every repair.

On the caller's thread.
"""

from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from model.errors import RestorationError
from model.groove.record import LEAST_HISS_S, RecordSettings
from model.settings import Settings
from realtime.archive.repairs import Repair, read_repairs, repairs_beside
from realtime.archive.sidecar import (
    ENDING,
    RAW,
    RESTORED,
    SettingsFrom,
    sidecar_of_pair,
    sidecar_of_restored,
)
from realtime.archive.sidecar_reading import read_pair, read_sidecar
from realtime.soundfiles.reading import open_sound


class Side(NamedTuple):
    """What is known of a finished side.

    Attributes
    ----------
    original, restored : Path
    record : RecordSettings
        How it was played at the end.
    has_changes : bool
        Whether it was played differently before.
    settings : tuple of SettingsFrom
        In the order of time, the first from sample 0 on.
    detector, denoiser : str
        Names of the networks that worked on it.
    latency : int
        Of the stream, in samples.
    speed : float
        By which the restored file is shorter than the original.
    repairs : list of Repair
    reverted : list of dict
        What was taken back before.
    """

    original: Path
    restored: Path
    record: RecordSettings
    has_changes: bool
    settings: tuple[SettingsFrom, ...]
    detector: str
    denoiser: str
    latency: int
    speed: float
    repairs: list[Repair]
    reverted: list[dict[str, Any]]

    @property
    def is_sound_alone(self) -> bool:
        """True where a stretch without repairs is the original, bit for bit."""
        quiet = self.denoiser in ("", "none") or all(
            line.settings.hiss_reduction_db == 0 for line in self.settings
        )
        return quiet and self.record.is_plain and not self.has_changes and self.speed == 1.0


def open_side(path: Path) -> Side:
    """Find a side by either of its files, or by its sidecar.

    Raises
    ------
    RestorationError
        There is no sidecar, or it does not tell what is needed.
    """
    sidecar = _sidecar_at(path)
    pair, content = read_pair(sidecar), read_sidecar(sidecar)
    restored = sidecar.parent / pair.restored.name
    if not restored.is_file():
        raise RestorationError(f"{restored} is missing; a side needs both of its files")
    if not (original := sidecar.parent / pair.original.name).is_file():
        raise RestorationError(f"{original} is missing; a side needs both of its files")
    try:
        return Side(
            original=original,
            restored=restored,
            record=RecordSettings(**content["record"]),
            has_changes=bool(content.get("record_changes")),
            settings=_settings(content["settings"]),
            detector=str(content["detector"]),
            denoiser=str(content["denoiser"]),
            latency=int(content["latency"]),
            speed=pair.speed,
            repairs=read_repairs(repairs_beside(restored)),
            reverted=list(content.get("reverted", [])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RestorationError(
            f"{sidecar} does not say how the side was made ({error}); restore it anew"
        ) from None


def hiss_stretch(side: Side) -> str:
    """Return where the hiss was learned while the side was played, as ``RecordSettings.hiss_at``.

    Nothing where it was not, or for too short a time.

    Raises
    ------
    RestorationError
        The original cannot be read.
    """
    with open_sound(side.original) as sound:
        rate = sound.samplerate
    for line, after in pairwise(side.settings):
        start, end = line.sample / rate, after.sample / rate
        if line.settings.learn_hiss and end - start >= LEAST_HISS_S:
            return f"{start:.3f}-{end:.3f}"
    return ""


def numbers_in(text: str, most: int) -> set[int]:
    """Return the numbers in ``3,17,20-25``, each from 1 to ``most``.

    Raises
    ------
    ValueError
        Something else stands there, or there is no such number.
    """
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise ValueError(f"{part.strip()!r} is no number of a repair; write 3,17 or 20-25")
        low, high = int(first), int(last or first)
        if not 1 <= low <= high <= most:
            raise ValueError(f"there is no repair {part.strip()}; they are numbered 1 to {most}")
        found.update(range(low, high + 1))
    return found


def _sidecar_at(path: Path) -> Path:
    if path.name.endswith(ENDING):
        places = [path]
    else:
        places = [sidecar_of_restored(path)]
        if path.stem.endswith((RAW, RESTORED)):
            places.append(sidecar_of_pair(path))
    for place in places:
        if place.is_file():
            return place
    if not path.exists():
        raise RestorationError(f"{path} does not exist; check the path")
    raise RestorationError(
        f"{path} has no sidecar ({places[-1].name}); name a recorded or a restored file"
    )


def _settings(lines: list[dict[str, Any]]) -> tuple[SettingsFrom, ...]:
    names = {spec.name for spec in fields(Settings)}
    found = [
        SettingsFrom(
            int(line["sample"]),
            Settings(**{name: value for name, value in line.items() if name in names}),
        )
        for line in lines
    ]
    if not found:
        raise ValueError("no settings")
    return tuple(sorted(found, key=lambda line: line.sample))
