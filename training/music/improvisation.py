"""Makes melodies up: free ones over a harmony, and ornaments on a written one. Any thread."""

from collections.abc import Sequence

import numpy as np

from training.music.score import Chord, Note, chord_at

LOWEST, HIGHEST = 60, 84  # of a free melody
CELLS = (  # rhythms of two beats; negative lengths are rests
    (1.0, 1.0),
    (0.5, 0.5, 1.0),
    (1.0, 0.5, 0.5),
    (0.5, 0.5, 0.5, 0.5),
    (1.5, 0.5),
    (0.25, 0.25, 0.5, 1.0),
    (-0.5, 0.5, 0.5, 0.5),
    (1 / 3, 1 / 3, 1 / 3, 1.0),
    (0.25, 0.25, 0.25, 0.25, 0.5, 0.5),
    (2.0,),
    (-1.0, 0.5, 0.5),
)
LEAP = 4.0  # semitones: usual size of a step between strong notes
ORNAMENTED = 0.4  # share of the long notes


def improvised(chords: Sequence[Chord], rng: np.random.Generator) -> list[Note]:
    """Return a free melody: notes of the harmony on the beats, neighbours between them."""
    favourites = rng.permutation(len(CELLS))[:4]
    end = chords[-1].onset + chords[-1].length
    notes: list[Note] = []
    beat, key = chords[0].onset, int(rng.integers(67, 77))
    while beat < end - 1e-6:
        for length in CELLS[rng.choice(favourites)]:
            if beat + abs(length) > end + 1e-6:
                break
            if length > 0:
                strong = beat % 1 < 1e-6 or length >= 1
                key = _next_key(key, chord_at(chords, beat), strong, rng)
                notes.append(Note(beat, length, (key,)))
            beat += abs(length)
        else:
            continue
        break
    return notes or [Note(chords[0].onset, end - chords[0].onset, (key,))]


def _next_key(key: int, chord: Chord | None, strong: bool, rng: np.random.Generator) -> int:
    wanted = key + (rng.normal(0, LEAP) if strong else rng.choice((-2, -1, 1, 2)))
    if chord is None or not strong:
        return int(np.clip(wanted, LOWEST, HIGHEST))
    fitting = [k for k in range(LOWEST, HIGHEST + 1) if k % 12 in chord.pitch_classes]
    return min(fitting, key=lambda k: abs(k - wanted))


def ornamented(melody: Sequence[Note], rng: np.random.Generator) -> list[Note]:
    """Return a melody some of whose long notes turn, repeat or reach down a step and back."""
    notes: list[Note] = []
    for note in melody:
        if note.length < 1 or rng.random() > ORNAMENTED:
            notes.append(note)
            continue
        step = int(rng.choice((-2, -1, 1, 2)))
        shapes = (
            ((0.5, 0), (0.25, step), (0.25, 0)),
            ((0.5, 0), (0.5, 0)),
            ((0.125, step), (0.875, 0)),
        )
        onset = note.onset
        for share, shift in shapes[rng.integers(len(shapes))]:
            keys = tuple(key + shift for key in note.keys)
            notes.append(Note(onset, share * note.length, keys))
            onset += share * note.length
    return notes
