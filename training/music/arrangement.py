"""Turns a score into parts for a band: leads, second voice, accompaniment, bass, drums. Any thread.

Everything is drawn from one generator: the same seed gives the same arrangement. A piece is a few
passes through the score, each with other instruments, another accompaniment or a free melody.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from training.music.accompaniment import STYLES, plain_bass, walking_bass
from training.music.ensembles import Ensemble, Pattern
from training.music.improvisation import improvised, ornamented
from training.music.score import Chord, Note, Score, chord_at, transposed

T = TypeVar("T")

TRANSPOSITIONS = (-5, 7)  # semitones: any key, none far from where it was written
LONGEST_PASSES = 4
DRUM_LENGTH = 0.2  # beats; a drum rings on by itself


class Part(NamedTuple):
    """What one player plays in one pass; ``loudness`` 0-1, ``program`` None for the drum kit."""

    program: int | None
    notes: list[Note]
    loudness: float
    number: int = 0  # of the pass


def arrange(
    score: Score, ensemble: Ensemble, rng: np.random.Generator, seconds: float
) -> list[Part]:
    """Return the parts of a piece of about ``seconds`` at the score's tempo; onsets in beats."""
    one_pass = score.beats * 60 / score.tempo
    passes = int(np.clip(round(seconds / one_pass), 1, LONGEST_PASSES))
    key = int(rng.integers(*TRANSPOSITIONS, endpoint=True))
    parts: list[Part] = []
    for number in range(passes):
        for part in _one_pass(score, ensemble, rng, varied=number > 0):
            shift = 0 if part.program is None else key
            notes = [
                note._replace(onset=note.onset + number * score.beats)
                for note in transposed(part.notes, shift)
            ]
            parts.append(part._replace(notes=notes, number=number))
    return parts


def _one_pass(
    score: Score, ensemble: Ensemble, rng: np.random.Generator, varied: bool
) -> list[Part]:
    melody = _melody(score, rng, varied)
    leads = _one_of(ensemble.leads, rng)
    octave = 12 * int(rng.choice(ensemble.octaves))
    loudness = rng.uniform(0.55, 1.0)
    parts = [Part(program, transposed(melody, octave), loudness) for program in leads]
    if score.bass and not (varied and score.chords and rng.random() < 0.3):
        parts.append(Part(_one_of(ensemble.basses, rng), list(score.bass), 0.85 * loudness))
    elif score.chords:
        parts += _accompaniment(score, ensemble, rng, loudness)
    if score.chords and rng.random() < 0.4:
        second = _second_voice(melody, score.chords)
        parts.append(Part(_one_of(ensemble.seconds, rng), second, 0.8 * loudness))
    patterns = ensemble.drums.get(score.beats_per_bar, ())
    if patterns and rng.random() < ensemble.drum_share:
        drums = _drums(score, patterns, rng)
        parts.append(Part(None, drums, loudness * rng.uniform(0.7, 1.1)))
    return parts


def _melody(score: Score, rng: np.random.Generator, varied: bool) -> list[Note]:
    if not score.melody or (varied and score.chords and rng.random() < 0.35):
        return improvised(score.chords, rng)
    if varied and rng.random() < 0.6:
        return ornamented(score.melody, rng)
    return list(score.melody)


def _accompaniment(
    score: Score, ensemble: Ensemble, rng: np.random.Generator, loudness: float
) -> list[Part]:
    style = _one_of(ensemble.styles, rng)
    chords = Part(
        _one_of(ensemble.chords, rng),
        STYLES[style](score.chords, rng),
        loudness * rng.uniform(0.55, 0.8),
    )
    line = walking_bass(score.chords, rng) if style == "walking" else plain_bass(score.chords, rng)
    return [chords, Part(_one_of(ensemble.basses, rng), line, loudness * rng.uniform(0.7, 0.95))]


def _second_voice(melody: Sequence[Note], chords: Sequence[Chord]) -> list[Note]:
    """Return the nearest note of the harmony at least a third below each melody note."""
    voice = []
    for note in melody:
        chord = chord_at(chords, note.onset)
        if chord is None:
            continue
        below = range(note.keys[0] - 9, note.keys[0] - 2)
        fitting = [key for key in below if key % 12 in chord.pitch_classes]
        if fitting:
            voice.append(note._replace(keys=(fitting[-1],)))
    return voice


def _drums(score: Score, patterns: Sequence[Pattern], rng: np.random.Generator) -> list[Note]:
    notes = []
    pattern = _one_of(patterns, rng)
    for bar in np.arange(0, score.beats - 1e-6, score.beats_per_bar):
        if rng.random() < 0.2:
            pattern = _one_of(patterns, rng)
        for drum, strokes in pattern.items():
            step = score.beats_per_bar / len(strokes)
            notes += [
                Note(
                    bar + number * step, DRUM_LENGTH if stroke == "x" else 2 * DRUM_LENGTH, (drum,)
                )
                for number, stroke in enumerate(strokes)
                if stroke != "."
            ]
    return notes


def _one_of(options: Sequence[T], rng: np.random.Generator) -> T:
    return options[int(rng.integers(len(options)))]
