"""The JSON file beside a recording or a restored file: all that an archive must know of it.

On the thread that finished the files. ``realtime.archive.verify`` reads it again.
"""

import contextlib
import glob
import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import soundfile

from model.errors import RestorationError
from model.flat_yaml import write_text_atomically
from model.groove.record import RecordSettings
from model.groove.record_file import is_record_file, load_record
from model.presets import load_preset, preset_fields, preset_names
from model.settings import Settings
from realtime.archive.restore_report import versions
from realtime.archive.sidecar_reading import LONGEST_NAME, read_sidecar
from realtime.containers.readable_sound import open_readable
from realtime.soundfiles.file_names import fitted
from realtime.stderr import quiet_stderr

ENDING = ".shellac.json"
RAW, RESTORED = "_raw", "_restored"  # of a recording's two files
LABEL = "_label"  # of pictures beside a side
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")
SCHEMA = 1
HASHED_AT_ONCE = 2**20  # bytes


@dataclass(frozen=True, slots=True)
class SettingsFrom:
    """What was set from one sample of both files on."""

    sample: int
    settings: Settings


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What is known when two files are finished.

    Attributes
    ----------
    kind : str
        "recording" (raw and restored) or "restoration" (source and restored).
    original, restored : Path
        The untouched file, and what was made of it.
    settings : tuple of SettingsFrom
        In the order of time.
    impulses : dict
        Counts by class.
    gaps, xruns : lists of dicts
        With sample positions: where silence stands for sound that is missing, and why (the disk
        was too slow, the input was away); where the device lost input.
    dry : list of dicts
        Where the restored file holds the untouched sound, and why.
    without : list of dicts
        Where one part of the chain rested, which, and why.
    record : RecordSettings
        As it stood at the end.
    record_changes : list of dict
        ``sample`` and what was changed there.
    reverted : list of dict
        Where a person took a repair back: ``sample``, ``length``, ``wall``.
    kept_pace : bool
        Whether the restored file has the turntable's pace whatever the record's speed is.
    rounded : int
        Samples of the untouched file that came finer than the 24 bits it has.
    walls : dict
        Why this groove was taken, where the file itself was asked, and how damaged each wall is.
    """

    kind: str
    original: Path
    restored: Path
    started: datetime
    device: str
    record: RecordSettings
    settings: tuple[SettingsFrom, ...]
    detector: str
    denoiser: str
    impulses: dict[str, Any]
    latency: int
    gaps: list[dict[str, Any]] = field(default_factory=list)
    xruns: list[dict[str, int]] = field(default_factory=list)
    dry: list[dict[str, Any]] = field(default_factory=list)
    without: list[dict[str, Any]] = field(default_factory=list)
    markers: list[dict[str, Any]] = field(default_factory=list)
    record_changes: list[dict[str, Any]] = field(default_factory=list)
    checkpoints: tuple[Path, ...] = ()
    reverted: list[dict[str, Any]] = field(default_factory=list)
    kept_pace: bool = False
    walls: dict[str, Any] = field(default_factory=dict)
    rounded: int = 0


def sidecar_of_recording(raw: Path) -> Path:
    """Return where the sidecar of a recorded pair stands, from the path of its raw file."""
    return raw.with_name(f"{raw.stem.removesuffix(RAW)}{ENDING}")


def sidecar_of_pair(sound: Path) -> Path:
    """Return where the sidecar of a recorded pair stands, from the path of either file."""
    return sound.with_name(f"{sound.stem.removesuffix(RAW).removesuffix(RESTORED)}{ENDING}")


def sidecar_of_restored(target: Path) -> Path:
    """Return where the sidecar of a restored file stands."""
    return target.with_name(fitted(target.name, ENDING))


def sidecar_content(sound: Path) -> dict[str, Any]:
    """Return what stands in the sidecar of a recorded or restored file; nothing without one."""
    return _beside(sound)[1]


def _beside(sound: Path) -> tuple[Path, dict[str, Any]]:
    """Return the sidecar of a restored file, or of a recorded pair, and what it says."""
    for path in (sidecar_of_restored(sound), sidecar_of_pair(sound)):
        try:
            return path, read_sidecar(path)
        except (RestorationError, OSError):
            continue
    return sound, {}


class Origin(NamedTuple):
    """Where a sound file comes from, as far as its sidecar tells.

    Attributes
    ----------
    is_result : bool
        What its sidecar says was done to it already.
    made_from : Path or None
        The file that it was restored from.
    """

    is_result: bool
    made_from: Path | None


def origin_of(sound: Path) -> Origin:
    """Return whether a sound file is a transfer, or what became of one."""
    path, content = _beside(sound)
    is_transfer = path == sidecar_of_pair(sound) and sound.stem.endswith(RAW)
    if not content or is_transfer:
        return Origin(is_result=False, made_from=None)
    files = content.get("files")
    if isinstance(files, dict):
        for role in ("raw", "source"):
            name = files[role].get("name") if isinstance(files.get(role), dict) else None
            if isinstance(name, str) and 0 < len(name) <= LONGEST_NAME and "\0" not in name:
                return Origin(is_result=True, made_from=path.parent / name)
    return Origin(is_result=True, made_from=None)


def known_record(sound: Path) -> RecordSettings:
    """Return what is known of the record in a file: by a YAML file of its name, or its sidecar.

    Of a file that is a result itself only what describes the record: its groove, curve, speed and
    gain are in its sound already, and would be applied a second time.

    Raises
    ------
    RestorationError
        The YAML file is at fault.
    """
    record = _written_beside(sound)
    return record.only_described() if origin_of(sound).is_result else record


def _written_beside(sound: Path) -> RecordSettings:
    beside = sound.with_suffix(".yaml")
    if os.path.isfile(beside) and is_record_file(beside):  # noqa: PTH113 (no error if too long)
        return load_record(beside)
    try:
        return RecordSettings(**sidecar_content(sound)["record"])
    except (ValueError, KeyError, TypeError):
        return RecordSettings()


def write_sidecar(path: Path, sidecar: Sidecar) -> None:
    """Hash both files and write all down; the file appears whole or not at all.

    Raises
    ------
    RestorationError
        A file is gone, or the sidecar cannot be written.
    """
    first = "raw" if sidecar.kind == "recording" else "source"
    files = {
        first: file_facts(sidecar.original, path.parent),
        "restored": file_facts(sidecar.restored, path.parent),
    }
    rate = files["restored"]["sample_rate"]
    # Read once: sound goes on, and a reader of YAML keeps the worker from the interpreter lock.
    presets = all_presets()
    content = {
        "schema": SCHEMA,
        "kind": sidecar.kind,
        "started": sidecar.started.astimezone().isoformat(timespec="seconds"),
        "device": sidecar.device,
        "files": files,
        "record": asdict(sidecar.record),
        "record_changes": sidecar.record_changes,
        "speed": 1.0 if sidecar.kind == "recording" or sidecar.kept_pace else sidecar.record.speed,
        "settings": [_settings_line(line, rate, presets) for line in sidecar.settings],
        "detector": sidecar.detector,
        "denoiser": sidecar.denoiser,
        "checkpoints": {p.name: hash_of(p) for p in sidecar.checkpoints},
        "impulses": sidecar.impulses,
        "latency": sidecar.latency,
        "walls": sidecar.walls,
        "rounded": sidecar.rounded,
        "gaps": sidecar.gaps,
        "xruns": sidecar.xruns,
        "dry": sidecar.dry,
        "without": sidecar.without,
        "markers": sidecar.markers,
        "reverted": sidecar.reverted,
        "pictures": [picture_facts(path) for path in label_pictures(sidecar.restored)],
        "versions": versions(),
    }
    try:
        write_text_atomically(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        raise RestorationError(f"{path} cannot be written: {error.strerror}") from None


def file_facts(path: Path, folder: Path) -> dict[str, Any]:
    """Return what is to be checked again of one sound file, its name relative to ``folder``.

    Raises
    ------
    RestorationError
        It cannot be read.
    """
    try:
        with quiet_stderr(), open_readable(path) as info:
            frames = info.frames
        name = os.path.relpath(path.resolve(), folder.resolve())
    except (soundfile.LibsndfileError, OSError, ValueError):
        raise RestorationError(f"{path} cannot be read again") from None
    return {
        "name": Path(name).as_posix(),
        "samples": frames,
        "sample_rate": info.samplerate,
        "channels": info.channels,
        "format": info.format,
        "subtype": info.subtype,
        "bytes": path.stat().st_size,
        "sha256": hash_of(path),
    }


def label_pictures(sound: Path) -> list[Path]:
    """Return the pictures of the label that lie beside a side, by the name of either file."""
    stem = sidecar_of_pair(sound).name.removesuffix(ENDING)
    found = sound.parent.glob(f"{glob.escape(stem)}{LABEL}*")
    return sorted(path for path in found if path.suffix.lower() in PICTURES and path.is_file())


def picture_facts(path: Path) -> dict[str, Any]:
    """Return what is to be checked again of a picture beside the sidecar."""
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": hash_of(path)}


def hash_of(path: Path) -> str:
    """Return a file's SHA-256.

    Raises
    ------
    RestorationError
        It cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(HASHED_AT_ONCE):
                digest.update(piece)
    except OSError as error:
        raise RestorationError(f"{path} cannot be read: {error.strerror}") from None
    return digest.hexdigest()


def all_presets() -> dict[str, Settings]:
    """Return what stands in the presets' folder now, without what somebody has spoilt."""
    found = {}
    for name in preset_names():
        with contextlib.suppress(RestorationError):
            found[name] = load_preset(name)
    return found


def preset_name(settings: Settings, presets: dict[str, Settings]) -> str:
    """Return which preset these settings are; empty if they are none as it stands."""
    stored = [spec.name for spec in preset_fields()]
    for name, preset in presets.items():
        if all(getattr(preset, key) == getattr(settings, key) for key in stored):
            return name
    return ""


def _settings_line(
    line: SettingsFrom, sample_rate: int, presets: dict[str, Settings]
) -> dict[str, Any]:
    return {
        "sample": line.sample,
        "seconds": round(line.sample / sample_rate, 6),
        "preset": preset_name(line.settings, presets),
        **asdict(line.settings),
    }
