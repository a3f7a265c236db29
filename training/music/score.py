"""Reads the scores of the workshop: public-domain pieces as note names in small files. Any thread.

A file of ``training/music/repertoire`` holds up to three lines of music, in quarter-note beats:
``melody`` and ``bass`` with notes (``G4:1 A4:.5 C4+E4:2 R:1``), ``chords`` with symbols
(``G:3 D7:1.5 Em:1.5``). A length holds until another is written, ``~`` ties a note to the
next, ``( ... )*2`` repeats, ``|`` closes a bar, whose length is checked.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from model.errors import RestorationError

REPERTOIRE = Path(__file__).parent / "repertoire"

PITCH_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
CHORD_STEPS = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "o": (0, 3, 6),
}
NOTE = re.compile(r"([A-G])([#b]?)(-?\d)")
CHORD = re.compile(r"([A-G])([#b]?)(m7|m|7|o|)")
GROUP = re.compile(r"\(([^()]*)\)\*(\d+)")
SLACK = 1e-6  # beats


class Note(NamedTuple):
    """One or more keys struck together; MIDI key numbers, times in beats."""

    onset: float
    length: float
    keys: tuple[int, ...]


class Chord(NamedTuple):
    """A harmony: pitch classes 0-11 above ``root``, which is the first of them."""

    onset: float
    length: float
    pitch_classes: tuple[int, ...]

    @property
    def root(self) -> int:
        """Pitch class of the bass."""
        return self.pitch_classes[0]


@dataclass(frozen=True)
class Score:
    """A piece; ``melody`` may be empty (to be improvised), so may ``bass`` and ``chords``."""

    name: str
    title: str
    source: str
    genres: tuple[str, ...]
    beats_per_bar: float
    tempo: float  # beats per minute
    melody: tuple[Note, ...]
    bass: tuple[Note, ...]
    chords: tuple[Chord, ...]

    @property
    def beats(self) -> float:
        """Length of the piece, in whole bars."""
        lines = [line for line in (self.melody, self.bass, self.chords) if line]
        end = max(line[-1].onset + line[-1].length for line in lines)
        bar = self.beats_per_bar
        return bar * math.ceil(end / bar - SLACK) if bar else end


def load_repertoire(folder: Path = REPERTOIRE) -> list[Score]:
    """Read all scores of a folder, in the order of their names.

    Raises
    ------
    RestorationError
        If there is none, or one has a fault; names the file, the line of music and the bar.
    """
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise RestorationError(f"no score in {folder}; a score is a .yaml file")
    return [load_score(path) for path in paths]


def load_score(path: Path) -> Score:
    """Read one score; raises :class:`RestorationError` as :func:`load_repertoire` does."""
    try:
        content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        beats_per_bar = float(content["beats_per_bar"])
        lines = {key: str(content.get(key, "")) for key in ("melody", "bass", "chords")}
        score = Score(
            name=path.stem,
            title=str(content["title"]),
            source=str(content["source"]),
            genres=tuple(content["genres"]),
            beats_per_bar=beats_per_bar,
            tempo=float(content["tempo"]),
            melody=_notes(lines["melody"], beats_per_bar, f"{path}, melody"),
            bass=_notes(lines["bass"], beats_per_bar, f"{path}, bass"),
            chords=_chords(lines["chords"], beats_per_bar, f"{path}, chords"),
        )
    except KeyError as error:
        raise RestorationError(f"{path}: the key {error} is missing") from None
    except (OSError, yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise RestorationError(f"{path} is not a score: {error}") from None
    if not score.melody and not score.chords:
        raise RestorationError(f"{path}: a score needs a melody or chords")
    return score


def _notes(text: str, beats_per_bar: float, where: str) -> tuple[Note, ...]:
    notes: list[Note] = []
    tied = False
    for symbol, onset, length in _timed(text, beats_per_bar, where):
        if tied and notes:
            notes[-1] = notes[-1]._replace(length=notes[-1].length + length)
        elif symbol.rstrip("~") != "R":
            keys = tuple(_key(name, where) for name in symbol.rstrip("~").split("+"))
            notes.append(Note(onset, length, keys))
        tied = symbol.endswith("~")
    return tuple(notes)


def _chords(text: str, beats_per_bar: float, where: str) -> tuple[Chord, ...]:
    timed = _timed(text, beats_per_bar, where)
    return tuple(Chord(onset, length, _harmony(name, where)) for name, onset, length in timed)


def _timed(text: str, beats_per_bar: float, where: str) -> list[tuple[str, float, float]]:
    """Return symbol, onset and length of every token."""
    while GROUP.search(text):
        text = GROUP.sub(lambda match: " ".join([match[1]] * int(match[2])), text)
    timed, bars, now, length, bar_start = [], [], 0.0, 1.0, 0.0
    for token in text.split():
        if token == "|":
            bars.append(now - bar_start)
            bar_start = now
            continue
        symbol, colon, text_length = token.partition(":")
        tie = "~" if text_length.endswith("~") else ""
        length = float(text_length.rstrip("~")) if colon else length
        timed.append((symbol + tie, now, length))
        now += length
    for number, beats in enumerate(bars[1:-1], 1):  # an upbeat, and what it leaves to the end
        if beats_per_bar and abs(beats - beats_per_bar) > SLACK:
            raise RestorationError(f"{where}, bar {number}: {beats:g} beats, not {beats_per_bar:g}")
    upbeat = bars[0] if bars else 0.0
    rest = beats_per_bar - upbeat if 0 < upbeat < beats_per_bar else 0.0  # bars begin on a beat
    return [(symbol, onset + rest, length) for symbol, onset, length in timed]


def _key(name: str, where: str) -> int:
    match = NOTE.fullmatch(name)
    if not match:
        raise RestorationError(f"{where}: {name!r} is not a note such as F#4")
    return 12 * (int(match[3]) + 1) + PITCH_CLASSES[match[1]] + _accidental(match[2])


def _harmony(name: str, where: str) -> tuple[int, ...]:
    match = CHORD.fullmatch(name)
    if not match:
        raise RestorationError(f"{where}: {name!r} is not a chord such as G, Em, D7, Bo")
    root = PITCH_CLASSES[match[1]] + _accidental(match[2])
    return tuple((root + step) % 12 for step in CHORD_STEPS[match[3]])


def _accidental(sign: str) -> int:
    return {"": 0, "#": 1, "b": -1}[sign]


def chord_at(chords: Sequence[Chord], beat: float) -> Chord | None:
    """Return the harmony that sounds at a beat."""
    sounding = [chord for chord in chords if chord.onset <= beat + SLACK]
    return sounding[-1] if sounding else None


def transposed(score_line: Sequence[Note], semitones: int) -> list[Note]:
    """Return the line so many semitones higher."""
    return [note._replace(keys=tuple(key + semitones for key in note.keys)) for note in score_line]
