"""Decides what of a written score is played, how fast, and by whom. Any thread.

Everything is drawn from one generator. A tune gets a band, a song another singer, a quartet of
strings sometimes brass, saxophones, an organ or a choir: what old records hold, not what stands
on the paper.
"""

import dataclasses
import itertools
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from training.music.arrangement import LONGEST_PASSES, Part, arrange
from training.music.ensembles import (
    JIG_DRUMS,
    JIG_STYLES,
    TUNE_BANDS,
    WALTZ_DRUMS,
    WALTZ_STYLES,
    Ensemble,
)
from training.music.harmonising import harmonised
from training.music.score import SLACK, Chord, Note, Score, transposed
from training.music.written_scores import Line, UnplayableError, Written

SLOWEST, FASTEST = 36.0, 220.0  # quarters per minute
DRAWN_PULSE = (76.0, 116.0)  # beats per minute, where the score says nothing
TEMPO_SHARE = (0.9, 1.1)
MOST_ONSETS = 11.0  # of one player per second; more is nobody's tempo
FEWEST_ONSETS = 0.5  # of all together
SHORTEST_S = 6.0  # of a score: shorter ones are exercises
KEY_SHIFT = 2  # semitones, up or down
BAND_SHARE = 0.7  # of the tunes; the others are played by one alone
TUNE_KEY = 72  # about which a band's melody lies
MEZZO = 0.55  # loudness of what is neither loud nor soft
SHADES = (0.4, 1.35)  # of a part's loudness, softest and loudest; old records hold no more
THREES = (0.75, 1.5, 3.0)  # beats that divide by three, in quarters
ONE_VOICE = 0.9  # share of a line's notes that make it a melody

# Programs of General MIDI. A family is ordered from its highest to its lowest instrument.
PIANOS = (0, 0, 0, 1, 1, 3)
OTHER_KEYS = (19, 20, 6, 21)  # church and reed organ, harpsichord, accordion
SOLOISTS = (40, 56, 71, 73, 21, 0, 42)
SINGERS = (52, 53, 53, 40, 56, 71, 42, 57)
FAMILIES = {
    "strings": (40, 40, 41, 42),
    "brass": (56, 56, 60, 57),
    "saxophones": (64, 65, 66, 67),
    "woodwind": (73, 68, 71, 70),
    "organ": (19, 19, 19, 19),
    "choir": (52, 52, 52, 52),
}
SHARES = {  # which family plays what is written for voices, for strings, for others
    "voice": {"choir": 0.6, "organ": 0.14, "strings": 0.1, "brass": 0.1, "saxophones": 0.06},
    "bowed": {
        "strings": 0.6,
        "brass": 0.1,
        "saxophones": 0.1,
        "woodwind": 0.07,
        "organ": 0.07,
        "choir": 0.06,
    },
    "other": {"woodwind": 0.3, "strings": 0.3, "brass": 0.25, "saxophones": 0.15},
}
RANGES = {  # lowest and highest key that sounds like the instrument
    21: (48, 96),
    40: (55, 98),
    41: (48, 86),
    42: (36, 76),
    43: (28, 62),
    52: (40, 84),
    53: (40, 84),
    56: (52, 86),
    57: (36, 74),
    58: (26, 62),
    60: (38, 79),
    64: (56, 88),
    65: (49, 81),
    66: (44, 76),
    67: (36, 70),
    68: (58, 91),
    70: (34, 74),
    71: (50, 94),
    73: (60, 98),
}


class Cast(NamedTuple):
    """Who plays what, ready for :func:`training.music.performance.perform`."""

    ensemble: Ensemble
    parts: list[Part]
    tempo: float


def _manner(
    genre: str,
    room: tuple[float, float] = (0.05, 0.5),
    staccato: tuple[float, float] = (0.85, 1.0),
) -> Ensemble:
    """Return an ensemble that plays what is written and needs no accompaniment of ours."""
    return Ensemble(genre, (), (), (), (), (), room=room, staccato=staccato)


MANNERS = {
    "solo": _manner("solo"),
    "piano": _manner("piano", room=(0.05, 0.4)),
    "voice_and_piano": _manner("voice_and_piano", staccato=(0.9, 1.0)),
    "solo_and_piano": _manner("solo_and_piano"),
    "strings": _manner("strings"),
    "brass": _manner("brass", staccato=(0.7, 0.97)),
    "saxophones": _manner("saxophones"),
    "woodwind": _manner("woodwind"),
    "organ": _manner("organ", room=(0.4, 0.9)),
    "choir": _manner("choir", room=(0.3, 0.9), staccato=(0.9, 1.0)),
    "mixed": _manner("mixed"),
}


def cast(score: Written, seconds: float, rng: np.random.Generator) -> Cast:
    """Return the parts of about ``seconds`` of a score; raises :class:`UnplayableError`."""
    score, tempo = excerpt(score, seconds, rng)
    passes = int(np.clip(round(seconds / (score.beats * 60 / tempo)), 1, LONGEST_PASSES))
    line = score.lines[0]
    if len(score.lines) == 1 and line.kind != "keys" and is_melody(line.notes):
        if score.metre.bar / score.metre.pulse in (2, 3, 4) and rng.random() < BAND_SHARE:
            return _band(score, tempo, seconds, rng)
        program = int(rng.choice(SOLOISTS))
        parts, genre = [Part(program, list(line.notes), rng.uniform(0.6, 1.0))], "solo"
    else:
        parts, genre = _players(score.lines, rng)
    key = int(rng.integers(-KEY_SHIFT, KEY_SHIFT, endpoint=True))
    bar = score.metre.bar
    whole = bar * np.ceil(score.beats / bar - SLACK)
    played = [
        part._replace(notes=_moved(part.notes, number * whole), number=1000 * number + part.number)
        for number in range(passes)
        for part in _shaded([part._replace(notes=_fitting(part, key)) for part in parts], score)
    ]
    return Cast(MANNERS[genre], played, tempo)


def excerpt(score: Written, seconds: float, rng: np.random.Generator) -> tuple[Written, float]:
    """Return as much of a score as fills the time, from a drawn bar on, and its tempo.

    The excerpt's first bar begins on beat 0, an upbeat stands at the end of its bar.
    """
    drawn = rng.uniform(*DRAWN_PULSE) * score.metre.pulse
    share, place = rng.uniform(*TEMPO_SHARE), rng.random()
    tempo = _tempo_at(score, 0.0, drawn) * share
    starts = [bar for bar in score.bars if bar <= score.beats - seconds * tempo / 60]
    start = starts[int(place * len(starts))] if starts else score.bars[0]
    tempo = float(np.clip(_tempo_at(score, start, drawn) * share, SLOWEST, FASTEST))
    end = start + seconds * tempo / 60
    bars = [bar - start for bar in score.bars if start <= bar < end]
    upbeat = bars[1] if len(bars) > 1 else score.metre.bar
    rest = score.metre.bar - upbeat if upbeat < score.metre.bar else 0.0
    cut = [(line, _cut(line.notes, start, end)) for line in score.lines]
    if not any(notes for _, notes in cut):
        raise UnplayableError("there are hardly any notes in it")
    first = rest + min(notes[0].onset for _, notes in cut if notes)
    rest -= score.metre.bar * (first // score.metre.bar)  # bars in which all are silent
    lines = tuple(line._replace(notes=tuple(_moved(notes, rest))) for line, notes in cut if notes)
    chords = tuple(
        chord._replace(onset=chord.onset - start + rest)
        for chord in score.chords
        if start <= chord.onset < end - SLACK
    )
    dynamics = tuple((beat - start + rest, loud) for beat, loud in score.dynamics if beat < end)
    bars = [bar + rest for bar in bars]
    score = score._replace(lines=lines, chords=chords, bars=tuple(bars), dynamics=dynamics)
    onsets = [{note.onset for note in line.notes} for line in lines]
    tempo = min(tempo, MOST_ONSETS * 60 * score.beats / max(map(len, onsets)))
    lasting = score.beats * 60 / tempo
    if lasting < SHORTEST_S:
        raise UnplayableError(f"it lasts less than {SHORTEST_S:g} seconds")
    if len(set().union(*onsets)) < FEWEST_ONSETS * lasting:
        raise UnplayableError("there are hardly any notes in it")
    return score, tempo


def is_melody(notes: Sequence[Note]) -> bool:
    """Whether a line is a tune: one note after the other."""
    alone = sum(
        len(note.keys) == 1 and following.onset >= note.onset + note.length - 0.05
        for note, following in itertools.pairwise(notes)
    )
    return alone >= ONE_VOICE * (len(notes) - 1)


def _tempo_at(score: Written, beat: float, drawn: float) -> float:
    at = bisect_right(score.tempos, (beat, np.inf))
    return score.tempos[at - 1][1] if at else drawn


def _cut(notes: Sequence[Note], start: float, end: float) -> list[Note]:
    return [
        Note(note.onset - start, min(note.length, end - note.onset), note.keys)
        for note in notes
        if start - SLACK <= note.onset < end - SLACK
    ]


def _moved(notes: Sequence[Note], beats: float) -> list[Note]:
    return [note._replace(onset=note.onset + beats) for note in notes]


def _fitting(part: Part, key: int) -> list[Note]:
    """Return the notes transposed, and in the octave where the instrument has most of them."""
    low, high = RANGES.get(part.program or 0, (21, 108))
    keys = np.array([note_key + key for note in part.notes for note_key in note.keys])

    def outside(octave: int) -> tuple[int, int]:
        moved = keys + octave
        return int(np.sum((moved < low) | (moved > high))), abs(octave)

    return transposed(part.notes, key + min((0, -12, 12, -24, 24), key=outside))


def _shaded(parts: Sequence[Part], score: Written) -> list[Part]:
    """Return the parts from one written dynamic to the next, each as loud as it says.

    All are parted at once, and a silent one stays too, so that everybody keeps his seat.
    """
    beats = [-np.inf, *(beat for beat, _ in score.dynamics), np.inf]
    loudness = [MEZZO, *(loud for _, loud in score.dynamics)]
    shaded: list[Part] = []
    for number, (loud, (start, end)) in enumerate(
        zip(loudness, itertools.pairwise(beats), strict=True)
    ):
        notes = [
            [note for note in part.notes if start - SLACK <= note.onset < end - SLACK]
            for part in parts
        ]
        if any(notes):
            shaded += [
                part._replace(
                    notes=own,
                    loudness=part.loudness * float(np.clip(loud / MEZZO, *SHADES)),
                    number=number,
                )
                for part, own in zip(parts, notes, strict=True)
            ]
    return shaded


def _band(score: Written, tempo: float, seconds: float, rng: np.random.Generator) -> Cast:
    """Let a band play a tune: with the written harmonies, or with plain ones found for it."""
    band = TUNE_BANDS[int(rng.integers(len(TUNE_BANDS)))]
    pulse = score.metre.pulse
    beats_per_bar = score.metre.bar / pulse
    scale = 1 / pulse  # a band counts in what is beaten: the dotted quarters of a jig
    notes = score.lines[0].notes
    octave = 12 * round((TUNE_KEY - float(np.median([note.keys[-1] for note in notes]))) / 12)
    melody = [
        Note(note.onset * scale, note.length * scale, (note.keys[-1] + octave,)) for note in notes
    ]
    beats = beats_per_bar * np.ceil(score.beats * scale / beats_per_bar - SLACK)
    chords: tuple[Chord, ...] = tuple(
        chord._replace(onset=chord.onset * scale, length=chord.length * scale)
        for chord in score.chords
    ) or harmonised(melody, beats, score.sharps, beats_per_bar)
    if pulse in THREES:
        band = dataclasses.replace(
            band, styles=JIG_STYLES, drums=JIG_DRUMS if band.drums else {}, swing=(0.5, 0.5)
        )
    elif beats_per_bar == 3:
        band = dataclasses.replace(
            band, styles=WALTZ_STYLES, drums=WALTZ_DRUMS if band.drums else {}
        )
    tune = Score(
        name="",
        title=score.title,
        source="",
        genres=(),
        beats_per_bar=beats_per_bar,
        tempo=tempo * scale,
        melody=tuple(melody),
        bass=(),
        chords=chords,
    )
    return Cast(band, arrange(tune, band, rng, seconds), tune.tempo)


def _players(lines: Sequence[Line], rng: np.random.Generator) -> tuple[list[Part], str]:
    """Return who plays the lines of a score, and how that is called."""
    keys = [line for line in lines if line.kind == "keys"]
    others = [line for line in lines if line.kind != "keys"]
    loudness = rng.uniform(0.6, 1.0)
    if not others or (len(lines) == 1 and not is_melody(lines[0].notes)):
        alone = rng.random() < 0.85
        program = int(rng.choice(PIANOS if alone else OTHER_KEYS))
        genre = "organ" if program in (19, 20) else "piano"
        return [Part(program, list(lines[0].notes), loudness)], genre
    parts: list[Part] = []
    if len(others) == 1:
        is_song = others[0].kind == "voice"
        program = int(rng.choice(SINGERS if is_song else SOLOISTS[:-2]))
        genre = "voice_and_piano" if program in (52, 53) else "solo_and_piano"
        genre = genre if keys else "solo"
        parts.append(Part(program, list(others[0].notes), loudness))
    else:
        parts, genre = _family(others, loudness, rng)
    for line in keys:
        beneath = loudness * rng.uniform(0.6, 0.85)
        parts.append(Part(int(rng.choice(PIANOS)), list(line.notes), beneath))
    return parts, genre


def _family(
    lines: Sequence[Line], loudness: float, rng: np.random.Generator
) -> tuple[list[Part], str]:
    """Give the lines to one family, the highest line to its highest instrument."""
    kinds = [line.kind for line in lines]
    shares = SHARES[max(SHARES, key=kinds.count)]
    genre = str(rng.choice(list(shares), p=list(shares.values())))
    named = [line.program for line in lines if line.program is not None]
    if "other" in kinds and len(named) == len(lines) and rng.random() < 0.7:
        written = [Part(line.program, list(line.notes), loudness) for line in lines]
        return written, "mixed"
    if genre == "organ":  # one player has all of it
        notes = sorted({note for line in lines for note in line.notes})
        return [Part(int(rng.choice((19, 19, 20))), notes, loudness)], genre
    heights = [float(np.mean([note.keys[-1] for note in line.notes])) for line in lines]
    ranks = np.argsort(np.argsort([-height for height in heights], kind="stable"))
    family, parts = FAMILIES[genre], []
    for line, rank in zip(lines, ranks, strict=True):
        program = family[round(int(rank) * (len(family) - 1) / (len(lines) - 1))]
        parts.append(Part(program, list(line.notes), loudness * rng.uniform(0.8, 1.0)))
    return parts, genre
