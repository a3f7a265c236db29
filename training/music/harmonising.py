"""Finds plain harmonies for a melody that is written down without any. Any thread."""

import math
from collections.abc import Sequence

from training.music.score import SLACK, Chord, Note

SCALE = (0, 2, 4, 5, 7, 9, 11)  # of the major key that a signature stands for
FAVOUR = {0: 0.35, 7: 0.25, 5: 0.2}  # beats of a bar that tonic, dominant, subdominant are ahead
ON_THE_BEAT = 1.6  # such notes count more


def harmonised(
    melody: Sequence[Note], beats: float, sharps: int, beats_per_bar: float
) -> tuple[Chord, ...]:
    """Return one chord for each bar (two for a bar of four beats) that suit the melody's notes.

    ``sharps`` is the signature, negative for flats. The last chord is the tonic: of the minor key
    if the melody ends on its first note.
    """
    major = 7 * sharps % 12
    minor = (major + 9) % 12
    is_minor = melody[-1].keys[0] % 12 == minor
    tonic = minor if is_minor else major
    triads = _triads(major, tonic, is_minor)
    step = beats_per_bar / 2 if beats_per_bar >= 4 else beats_per_bar
    chords: list[Chord] = []
    for number in range(round(beats / step)):
        start = number * step
        weights = _weights(melody, start, start + step)
        if not weights and chords:
            chords.append(chords[-1]._replace(onset=start, length=step))
            continue
        last = start + step > beats - SLACK
        best = max(triads if not last else triads[:1], key=lambda t: _fit(t, weights, tonic, step))
        chords.append(Chord(start, step, best))
    return tuple(chords)


def _triads(major: int, tonic: int, is_minor: bool) -> list[tuple[int, ...]]:
    """Return the chords to choose from, the tonic first."""
    triads: list[tuple[int, ...]] = []
    for degree in (0, 1, 2, 3, 4, 5):  # the seventh is diminished
        triads.append(
            tuple((major + SCALE[(degree + third) % 7]) % 12 for third in (0, 2, 4)),
        )
    triads[4] = (*triads[4], (major + 5) % 12)  # the dominant seventh
    if is_minor:
        triads.append(tuple((tonic + above) % 12 for above in (7, 11, 2, 5)))
    return sorted(triads, key=lambda triad: triad[0] != tonic)


def _weights(melody: Sequence[Note], start: float, end: float) -> dict[int, float]:
    """Return how long each pitch class sounds there."""
    weights: dict[int, float] = {}
    for note in melody:
        sounding = min(note.onset + note.length, end) - max(note.onset, start)
        if sounding > SLACK:
            strong = ON_THE_BEAT if note.onset % 1 < SLACK else 1.0
            pitch = note.keys[-1] % 12
            weights[pitch] = weights.get(pitch, 0.0) + strong * sounding
    return weights


def _fit(triad: tuple[int, ...], weights: dict[int, float], tonic: int, step: float) -> float:
    inside = sum(weight for pitch, weight in weights.items() if pitch in triad)
    favour: float = FAVOUR.get((triad[0] - tonic) % 12, 0.0) * step / 2
    return inside / math.sqrt(math.sqrt(len(triad))) + favour
