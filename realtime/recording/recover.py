"""Finishes recordings that a killed program left behind. On the caller's thread.

Each is known by the journal beside it, or, where that is gone too, by sound files that were never
closed. A recording that has its sidecar is finished and never touched.
"""

import glob
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import soundfile

from model.errors import RestorationError
from model.groove.record import RecordSettings
from model.settings import Settings
from realtime.archive.finished_files import describe_pair
from realtime.archive.sidecar import SettingsFrom, Sidecar, sidecar_of_recording, write_sidecar
from realtime.recording.journal import ENDING, is_being_written, journal_of_recording, read_journal
from realtime.restorer.used_checkpoints import used_checkpoints
from realtime.soundfiles.file_names import cut
from realtime.soundfiles.unfinished_files import finish, is_finished, level
from realtime.units import clock

SUFFIXES = (".flac", ".wav")
FAULTS = (OSError, ValueError, TypeError, KeyError, soundfile.LibsndfileError)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recording; ``name`` is its path within the folder that was searched."""

    name: str
    what: Literal["recovered", "busy", "empty", "failed"]
    sentence: str

    def __str__(self) -> str:
        return f"{self.what:9} {self.name}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Pair:
    """The two files of one recording."""

    raw: Path
    restored: Path

    @property
    def has_sidecar(self) -> bool:
        """True for what is finished."""
        return sidecar_of_recording(self.raw).is_file()


def recover_folder(folder: Path) -> tuple[list[Outcome], int]:
    """Finish what was left behind in a folder and those below it.

    Returns
    -------
    outcomes : list of Outcome
        Of unfinished recordings, in the order of their names.
    finished : int
        Recordings that needed nothing.

    Raises
    ------
    RestorationError
        There is no such folder.
    """
    if not folder.is_dir():
        raise RestorationError(f"{folder} is no folder; name one with recordings in it")
    outcomes, finished = [], 0
    for pair in _pairs(folder):
        name = str(pair.raw.relative_to(folder)).removesuffix(f"_raw{pair.raw.suffix}")
        outcome = recover_pair(pair, name)
        if outcome is None:
            finished += 1
        else:
            outcomes.append(outcome)
    return outcomes, finished


def recover_pair(pair: Pair, name: str) -> Outcome | None:
    """Finish one recording; None if it needed nothing."""
    journal = journal_of_recording(pair.raw)
    try:
        if not journal.exists():
            return None if pair.has_sidecar else _recover_unknown(pair, name)
        with journal.open("r+b") as file:
            if is_being_written(file):
                return Outcome(name, "busy", "it is being recorded at this moment")
            if pair.has_sidecar:  # the program came to its end but for this
                journal.unlink(missing_ok=True)
                return None
            outcome = _recover(pair, name, read_journal(file) or {})
            if outcome.what == "recovered":
                journal.unlink(missing_ok=True)
            return outcome
    except RestorationError as error:
        return Outcome(name, "failed", str(error))
    except FAULTS as error:
        return Outcome(name, "failed", f"{getattr(error, 'strerror', None) or error}")


def recover_of(raw: Path) -> Outcome | None:
    """Finish the recording with this raw file; None if it needed nothing."""
    restored = raw.with_name(f"{raw.stem.removesuffix('_raw')}_restored{raw.suffix}")
    return recover_pair(Pair(raw, restored), raw.stem.removesuffix("_raw"))


def unfinished_in(folder: Path) -> int:
    """Return how many recordings in this very folder wait to be recovered."""
    found = 0
    for journal in folder.glob(f"*{ENDING}"):
        try:
            with journal.open("r+b") as file:
                found += not is_being_written(file)
        except OSError:
            continue
    return found


def _pairs(folder: Path) -> list[Pair]:
    found = []
    for raw in sorted(folder.rglob("*_raw.*")):
        restored = raw.with_name(f"{raw.stem.removesuffix('_raw')}_restored{raw.suffix}")
        if raw.suffix in SUFFIXES and raw.is_file() and restored.is_file():
            found.append(Pair(raw, restored))
    return found


def _recover_unknown(pair: Pair, name: str) -> Outcome | None:
    """Finish files without a journal, if they tell themselves that they are unfinished."""
    try:
        if is_finished(pair.raw) and is_finished(pair.restored):
            return None
    except RestorationError:  # none of our files
        return None
    return _recover(pair, name, {})


def _recover(pair: Pair, name: str, known: dict[str, Any]) -> Outcome:
    is_closed = bool(known.get("closed"))
    last_written = datetime.fromtimestamp(pair.raw.stat().st_mtime).astimezone()
    samples = finish(pair.raw, is_closed=is_closed)
    if not samples:
        return Outcome(name, "empty", "the program ended before there was sound; delete it")
    finish(pair.restored, is_closed=is_closed)
    start, length = level(pair.raw, pair.restored, samples)
    rate = soundfile.info(str(pair.raw)).samplerate
    sidecar = _sidecar(pair, known, last_written - timedelta(seconds=samples / rate))
    if length:
        reason = "the program was killed"
        sidecar.dry.append({"sample": start, "length": length, "reason": reason})
    for sound in (pair.raw, pair.restored):
        _remove_copies(sound)
    trouble = describe_pair(sidecar)
    write_sidecar(sidecar_of_recording(pair.raw), sidecar)
    said = f"{clock(samples / rate)} in both files, checked and described"
    if length:
        said += f"; the last {1000 * length / rate:.0f} ms of the restored one are untouched sound"
    if not known:
        said += "; what was set is not known"
    return Outcome(name, "recovered", f"{said}; {trouble}" if trouble else said)


def _sidecar(pair: Pair, known: dict[str, Any], started: datetime) -> Sidecar:
    """What the journal knows, in the form that a finished recording has."""
    detector, denoiser = str(known.get("detector", "")), str(known.get("denoiser", ""))
    models = tuple(map(str, known.get("models", ())))
    return Sidecar(
        kind="recording",
        original=pair.raw,
        restored=pair.restored,
        started=datetime.fromisoformat(known["started"]) if "started" in known else started,
        device=str(known.get("device", "")),
        record=RecordSettings(**known.get("record", {})),
        settings=tuple(
            SettingsFrom(line["sample"], Settings(**line["settings"]))
            for line in known.get("settings", ())
        ),
        detector=detector,
        denoiser=denoiser,
        impulses=known.get("impulses", {}),
        latency=int(known.get("latency", 0)),
        gaps=known.get("gaps", []),
        xruns=known.get("xruns", []),
        dry=list(known.get("dry", [])),
        markers=known.get("markers", []),
        record_changes=known.get("record_changes", []),
        checkpoints=_checkpoints(models, (detector, denoiser)) if known else (),
    )


def _checkpoints(models: tuple[str, ...], names: tuple[str, str]) -> tuple[Path, ...]:
    try:
        return used_checkpoints(models, names)
    except RestorationError:  # moved away since
        return ()


def _remove_copies(sound: Path) -> None:
    """Remove what was left of writing this file anew."""
    for part in sound.parent.glob(f".{glob.escape(cut(sound.name, 200))}.????????.part"):
        part.unlink(missing_ok=True)
