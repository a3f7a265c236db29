"""Reads written scores of anybody (MusicXML, kern, ABC, MIDI) through music21. Main thread.

Only this module knows music21, which is loaded when the first score is read. What comes out are
lines of notes in beats from the first bar on, and what is written above them.
"""

import contextlib
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from model.errors import RestorationError
from training.music.score import SLACK, Chord, Note

SUFFIXES = (".mxl", ".musicxml", ".xml", ".krn", ".abc", ".mid", ".midi")  # the best first
PLAIN_TEXT = (".krn", ".abc")
RIGHTS_LINE = re.compile(r"^(?:!!!YE[CMN][^:]*:|Z:|%%\s*copyright)(.*)$", re.M | re.I)
LASTING = re.compile(r"p{1,4}|f{1,4}|m[pf]")  # a sforzato is over with its note
LARGEST_BYTES = 8_000_000  # a symphony has less; more would take minutes to read
KEYS = (12, 115)  # what anybody can play
MOST_RIGHTS = 500  # characters
LONGEST_BEATS = 20_000.0
GRACE_BEATS = 0.12
# What names of parts begin with or hold, in the languages of old prints
WINDS = re.compile(
    r"sax|clarin|klarin|trombon|posaun|horn|tuba|flut|flöt|record|oboe|bassoon", re.I
)
VOICES = re.compile(
    r"voice|voix|vo[cz]|gesang|singstimme|sopran|mezzo|\balto?\b|tenor|bariton|\bbass[eo]?\b|choir"
    r"|chorus|\bchor\b|\bcant[ou]|superius|\bwomen|\bmen\b",
    re.I,
)
KEYBOARDS = re.compile(
    r"piano|klavier|clavier|keyboard|organ|orgel|orgue|harpsichord|cembalo|celesta|accordion"
    r"|harmonium|pedal|manual",
    re.I,
)
BOWED = re.compile(r"viol|cello|fiddle|double bass|[ck]ontrabass|string", re.I)


class Line(NamedTuple):
    """What one player reads; ``kind`` is "voice", "keys", "bowed" or "other"."""

    name: str
    kind: str
    program: int | None  # of General MIDI, where the score names an instrument
    notes: tuple[Note, ...]


class Metre(NamedTuple):
    """What the time signature says, in quarter-note beats: of a bar, and of what is counted."""

    bar: float = 4.0
    pulse: float = 1.0


class Written(NamedTuple):
    """A score as it stands on paper; ``bars`` are the beats on which bars begin."""

    title: str
    composer: str
    rights: str
    lines: tuple[Line, ...]
    chords: tuple[Chord, ...]
    bars: tuple[float, ...]
    metre: Metre
    sharps: int
    tempos: tuple[tuple[float, float], ...]  # beat, quarters per minute
    dynamics: tuple[tuple[float, float], ...] = ()  # beat, loudness 0-1 from there on

    @property
    def beats(self) -> float:
        """When the last note ends."""
        return max(note.onset + note.length for line in self.lines for note in line.notes)


class UnplayableError(Exception):
    """Why a score is left out, in words that suit many."""


def need_music21() -> None:
    """Raise a :class:`RestorationError` that says how to get music21 if it is missing."""
    try:
        with _quiet():
            import music21  # noqa: F401
    except ImportError:
        raise RestorationError(
            "written scores are read by music21, which is missing: pip install music21"
        ) from None


def find_scores(folder: Path) -> list[Path]:
    """Return the scores of a folder in any depth; of one that lies there in two formats, one.

    Raises
    ------
    RestorationError
        If there is none.
    """
    if not folder.is_dir():
        raise RestorationError(f"there is no folder {folder}")
    found: dict[Path, Path] = {}
    for path in sorted(folder.rglob("*"), key=lambda path: (path.suffix.lower(), path)):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in SUFFIXES and not hidden and path.is_file():
            rival = found.setdefault(path.with_suffix(""), path)
            if SUFFIXES.index(path.suffix.lower()) < SUFFIXES.index(rival.suffix.lower()):
                found[path.with_suffix("")] = path
    if not found:
        raise RestorationError(f"no score in {folder}; a score is {', '.join(SUFFIXES)}")
    return sorted(found.values())


def read_scores(path: Path) -> list[Written]:
    """Return the scores of a file: one, or the tunes of a book. Raises :class:`UnplayableError`."""
    if path.stat().st_size > LARGEST_BYTES:
        raise UnplayableError("the file is too large to be a score")
    rights = ""
    if path.suffix.lower() in PLAIN_TEXT:
        text = path.read_text(encoding="utf-8", errors="replace")
        said = dict.fromkeys(match.strip() for match in RIGHTS_LINE.findall(text))
        rights = " ".join(said)[:MOST_RIGHTS]
    try:
        with _quiet():
            from music21 import converter, stream

            parsed = converter.parse(path, forceSource=True, storePickle=False)
            tunes = list(parsed.scores) if isinstance(parsed, stream.Opus) else [parsed]
            written = [_written(tune, rights, path.stem) for tune in tunes]
    except Exception as error:  # whatever a stranger's file does to a stranger's reader
        words = " ".join(str(error).split())[:80]
        raise UnplayableError(f"music21 cannot read it ({type(error).__name__}: {words})") from None
    written = [score for score in written if score.lines]
    if not written:
        raise UnplayableError("there are no notes in it")
    for score in written:
        keys = [key for line in score.lines for note in line.notes for key in note.keys]
        if min(keys) < KEYS[0] or max(keys) > KEYS[1] or score.beats > LONGEST_BEATS:
            raise UnplayableError("its notes are beyond what anybody plays")
    return written


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what music21 tells of a score from the terminal."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        with contextlib.redirect_stdout(io.StringIO()):
            yield


def _written(score: Any, rights: str, stem: str) -> Written:
    """Take from music21's score what is needed of it."""
    parts = list(score.parts) or [score]
    about = score.metadata
    title, composer, said = "", "", ""
    if about is not None:
        names = [about.title, about.movementName]
        title = ": ".join(dict.fromkeys(str(name) for name in names if name and stem not in name))
        composer, said = about.composer or "", about.copyright or ""
    lines = [line for part in parts if (line := _line(part)) is not None]
    return Written(
        title=title or stem,
        composer=str(composer),
        rights=f"{said} {rights}".strip(),
        lines=tuple(_keyboards_joined(lines)),
        chords=_chords(parts),
        bars=_bars(parts[0]),
        metre=_metre(parts[0]),
        sharps=next(
            (int(key.sharps) for key in parts[0].recurse().getElementsByClass("KeySignature")), 0
        ),
        tempos=tuple(_tempos(score)),
        dynamics=_dynamics(parts),
    )


def _line(part: Any) -> Line | None:
    """Return the notes of a part; None if it has none that have a pitch."""
    instruments = list(part.recurse().getElementsByClass("Instrument"))
    instrument = instruments[0] if instruments else None
    if instrument is not None and "Percussion" in instrument.classes:
        return None
    transposition = getattr(instrument, "transposition", None)
    shift = int(transposition.semitones) if transposition is not None else 0
    written = [note for note in part.flatten().notes if "ChordSymbol" not in note.classes]
    notes = _notes(written, shift)
    if not notes:
        return None
    labels = (part.partName, getattr(instrument, "instrumentName", None))
    name = " ".join(dict.fromkeys(str(label) for label in labels if label))
    has_words = sum(bool(note.lyrics) for note in written) > len(written) / 8
    program = getattr(instrument, "midiProgram", None)
    return Line(name, _kind(name, has_words), program, tuple(notes))


def _kind(name: str, has_words: bool) -> str:
    if KEYBOARDS.search(name):
        return "keys"
    if BOWED.search(name) and not has_words:
        return "bowed"
    return "voice" if has_words or (VOICES.search(name) and not WINDS.search(name)) else "other"


def _notes(written: Sequence[Any], shift: int) -> list[Note]:
    """Return notes with tied ones joined and grace notes before their beat."""
    struck: list[list[float]] = []  # onset, length, key
    held: dict[int, int] = {}  # by key, the place of what a tie goes on from
    graces: list[Any] = []
    for note in written:
        if note.duration.isGrace:
            graces.append(note)
            continue
        onset, length = float(note.offset), float(note.quarterLength)
        for number, grace in enumerate(graces):
            start = max(0.0, onset - GRACE_BEATS * (len(graces) - number))
            struck += [[start, GRACE_BEATS, pitch.midi + shift] for pitch in grace.pitches]
        graces.clear()
        if length <= SLACK:
            continue
        for single in getattr(note, "notes", (note,)):
            if not hasattr(single, "pitch"):
                continue  # a drum
            key = single.pitch.midi + shift
            tie = single.tie.type if single.tie is not None else ""
            before = struck[held[key]] if key in held and tie in ("stop", "continue") else None
            if before is not None and abs(before[0] + before[1] - onset) < 0.01:
                before[1] += length
            else:
                held[key] = len(struck)
                struck.append([onset, length, key])
    together: dict[tuple[float, float], set[int]] = {}
    for start, length, key in struck:
        together.setdefault((round(start, 6), round(length, 6)), set()).add(int(key))
    return sorted(Note(*when, tuple(sorted(keys))) for when, keys in together.items())


def _keyboards_joined(lines: Sequence[Line]) -> list[Line]:
    """Return the staves of one pianist as one line; two hands are one player."""
    keys = [line for line in lines if line.kind == "keys"]
    if len(keys) < 2:
        return list(lines)
    notes = sorted({note for line in keys for note in line.notes})
    joined = keys[0]._replace(notes=tuple(notes))
    return [line for line in lines if line.kind != "keys"] + [joined]


def _chords(parts: Sequence[Any]) -> tuple[Chord, ...]:
    """Return the harmonies that stand as letters above a tune."""
    symbols = [
        (float(symbol.getOffsetInHierarchy(part)), tuple(p.pitchClass for p in symbol.pitches))
        for part in parts[:1]
        for symbol in part.recurse().getElementsByClass("ChordSymbol")
    ]
    full = sorted((onset, tuple(dict.fromkeys(p))) for onset, p in symbols if len(set(p)) > 2)
    ends = [onset for onset, _ in full[1:]] + [float(parts[0].highestTime)]
    return tuple(
        Chord(onset, end - onset, pitches)
        for (onset, pitches), end in zip(full, ends, strict=bool(full))
        if end - onset > SLACK
    )


def _bars(part: Any) -> tuple[float, ...]:
    starts = sorted({float(bar.offset) for bar in part.getElementsByClass("Measure")})
    return tuple(starts) or (0.0,)


def _metre(part: Any) -> Metre:
    for signature in part.recurse().getElementsByClass("TimeSignature"):
        bar = float(signature.barDuration.quarterLength)
        return Metre(bar, min(bar, float(signature.beatDuration.quarterLength)) or 1.0)
    return Metre()


def _tempos(score: Any) -> Iterator[tuple[float, float]]:
    """Yield the tempos that are written: of several at one beat that with a number, not a word."""
    marks: dict[float, tuple[bool, float]] = {}
    for mark in score.recurse().getElementsByClass("MetronomeMark"):
        pace = mark.getQuarterBPM()
        if not pace:
            continue
        beat = float(mark.getOffsetInHierarchy(score))
        counted = mark.numberSounding is not None or not mark.numberImplicit
        marks[beat] = max(marks.get(beat, (False, 0.0)), (counted, float(pace)))
    yield from ((beat, pace) for beat, (_, pace) in sorted(marks.items()))


def _dynamics(parts: Sequence[Any]) -> tuple[tuple[float, float], ...]:
    """Return how loud all are, from where on: of marks at one beat their mean."""
    marks: dict[float, list[float]] = {}
    for part in parts:
        for mark in part.recurse().getElementsByClass("Dynamic"):
            if LASTING.fullmatch(str(mark.value)):
                beat = float(mark.getOffsetInHierarchy(part))
                marks.setdefault(beat, []).append(float(mark.volumeScalar))
    return tuple((beat, sum(loud) / len(loud)) for beat, loud in sorted(marks.items()))
