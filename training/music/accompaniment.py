"""Accompaniments: what chord players and basses make of a row of harmonies. Any thread."""

from collections.abc import Callable, Sequence

import numpy as np

from training.music.score import Chord, Note

CHORD_REGISTER, BASS_REGISTER = 53, 36  # lowest keys
OCTAVE = 12

Style = Callable[[Sequence[Chord], np.random.Generator], list[Note]]
Rhythm = tuple[tuple[float, float], ...]  # onset and length in two beats


def voicing(chord: Chord, lowest: int = CHORD_REGISTER) -> tuple[int, ...]:
    """Return a chord's keys in close position from ``lowest`` upwards."""
    return tuple(sorted(lowest + (pitch - lowest) % 12 for pitch in chord.pitch_classes))


def block(chords: Sequence[Chord], rng: np.random.Generator) -> list[Note]:
    """Hold every chord."""
    lowest = CHORD_REGISTER + int(rng.integers(-3, 4))
    return [Note(chord.onset, chord.length, voicing(chord, lowest)) for chord in chords]


def hymn(chords: Sequence[Chord], rng: np.random.Generator) -> list[Note]:
    """Strike every chord anew on each beat."""
    lowest = CHORD_REGISTER + int(rng.integers(-3, 4))
    return [
        Note(beat, min(1.0, chord.onset + chord.length - beat), voicing(chord, lowest))
        for chord in chords
        for beat in np.arange(chord.onset, chord.onset + chord.length, 1.0)
    ]


def bass_and_chord(chords: Sequence[Chord], _: np.random.Generator) -> list[Note]:
    """Play chords off the beat, between the notes of the bass."""
    return [
        Note(beat + 0.5, 0.4, voicing(chord))
        for chord in chords
        for beat in np.arange(chord.onset, chord.onset + chord.length - 0.4, 1.0)
    ]


def waltz(chords: Sequence[Chord], _: np.random.Generator) -> list[Note]:
    """Play a chord on the second and third beat of a bar of three."""
    return [
        Note(float(beat), 0.8, voicing(chord))
        for chord in chords
        for beat in np.arange(chord.onset, chord.onset + chord.length - 1e-6, 1.0)
        if beat % 3 >= 1
    ]


def broken(chords: Sequence[Chord], rng: np.random.Generator) -> list[Note]:
    """Play the notes of a chord one by one, up and down."""
    step = float(rng.choice((0.25, 0.5)))
    notes = []
    for chord in chords:
        keys = (*voicing(chord), voicing(chord)[0] + OCTAVE)
        turn = keys + keys[-2:0:-1]
        for number, beat in enumerate(np.arange(chord.onset, chord.onset + chord.length, step)):
            notes.append(Note(float(beat), step, (turn[number % len(turn)],)))
    return notes


def rhythmic(*cells: Rhythm) -> Style:
    """Return a style that repeats one of the rhythms."""

    def style(chords: Sequence[Chord], rng: np.random.Generator) -> list[Note]:
        cell = cells[rng.integers(len(cells))]
        notes = []
        for chord in chords:
            end = chord.onset + chord.length
            for start in np.arange(chord.onset, end, 2.0):
                notes += [
                    Note(float(start + onset), min(length, end - start - onset), voicing(chord))
                    for onset, length in cell
                    if start + onset < end
                ]
        return notes

    return style


STYLES: dict[str, Style] = {
    "block": block,
    "hymn": hymn,
    "bass and chord": bass_and_chord,
    "waltz": waltz,
    "broken": broken,
    "rolled": rhythmic(((0.0, 1.9),), ((0.0, 0.9), (1.0, 0.9))),
    "strum": rhythmic(
        ((0, 0.9), (1, 0.4), (1.5, 0.4)), ((0, 0.5), (0.5, 0.25), (0.75, 0.25), (1, 0.9))
    ),
    "fanfare": rhythmic(
        ((0, 0.4), (0.5, 0.2), (0.75, 0.2), (1, 0.9)), ((0, 0.9), (1, 0.4), (1.5, 0.4))
    ),
    "stabs": rhythmic(((0.0, 0.3), (1.5, 0.3)), ((0.5, 0.3),), ((0, 0.2), (0.5, 0.9))),
    "walking": rhythmic(((0.0, 0.3), (1.5, 0.4)), ((0.5, 0.4), (1.5, 0.3)), ((1.0, 0.3),)),
}


def plain_bass(chords: Sequence[Chord], rng: np.random.Generator) -> list[Note]:
    """Play root and fifth in turn, one or two beats each."""
    step = float(rng.choice((1.0, 2.0)))
    notes = []
    for chord in chords:
        end = chord.onset + chord.length
        for number, beat in enumerate(np.arange(chord.onset, end, step)):
            pitch = chord.pitch_classes[2] if number % 2 else chord.root
            notes.append(Note(float(beat), min(step, end - float(beat)), (_bass_key(pitch),)))
    return notes


def walking_bass(chords: Sequence[Chord], rng: np.random.Generator) -> list[Note]:
    """Walk in quarters over the chord, and into the next root by a half step."""
    notes = []
    for chord, following in zip(chords, [*chords[1:], chords[0]], strict=True):
        beats = np.arange(chord.onset, chord.onset + chord.length - 1e-6, 1.0)
        for number, beat in enumerate(beats):
            key = _bass_key(chord.pitch_classes[number % len(chord.pitch_classes)])
            if number and number == len(beats) - 1:
                key = _bass_key(following.root) + int(rng.choice((-1, 1)))
            notes.append(Note(float(beat), 0.95, (key,)))
    return notes


def _bass_key(pitch_class: int) -> int:
    return BASS_REGISTER + (pitch_class - BASS_REGISTER - 4) % 12 + 4
