"""Plays an arrangement as people would: never quite together, never twice as loud. Any thread.

Beats become seconds (with a breathing tempo and swing), loudness becomes velocity, and each player
gets a place between the loudspeakers.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.music.arrangement import Part
from training.music.ensembles import Ensemble

MOST_PLAYERS = 15  # MIDI channels beside the drums'

EARLY_OR_LATE_S = 0.009  # standard deviation of a player's onsets
DRUMMER_S = 0.005
SPREAD_S = 0.012  # between the keys of one chord
TEMPO_SWELL = 0.04  # how far the tempo breathes
PHRASE_BEATS = 16.0
START_S = 0.15  # the first note does not stand on the first sample
GAP_S = 0.004  # between two strokes of one key


class Player(NamedTuple):
    """A MIDI channel: ``program`` is None for drums, ``pan`` and ``reverb`` 0-127."""

    program: int | None
    pan: int
    reverb: int


class Stroke(NamedTuple):
    """One key of one player."""

    onset_s: float
    length_s: float
    key: int
    velocity: int
    player: int  # index into the performance's players


class Performance(NamedTuple):
    """All that sounds, in the order of the onsets."""

    players: list[Player]
    strokes: list[Stroke]

    @property
    def seconds(self) -> float:
        """When the last key is let go."""
        return max(stroke.onset_s + stroke.length_s for stroke in self.strokes)


def perform(
    parts: Sequence[Part], ensemble: Ensemble, tempo: float, rng: np.random.Generator
) -> Performance:
    """Return a human performance of the parts, ``tempo`` in beats per minute."""
    players: list[Player] = []
    seats: dict[tuple[int | None, int], int] = {}
    strokes: list[Stroke] = []
    clock = _Clock(parts, tempo, float(rng.uniform(*ensemble.swing)), rng)
    held = float(rng.uniform(*ensemble.staccato))
    for place, part in enumerate(parts):
        beside = [p for p in parts[:place] if p.number == part.number]
        seat = (part.program, sum(p.program == part.program for p in beside))
        if seat not in seats:
            if part.program is not None and len(players) >= MOST_PLAYERS:
                continue  # the stage is full
            seats[seat] = len(players)
            players.append(_player(part.program, ensemble, rng))
        strokes += _strokes(part, seats[seat], clock, held, ensemble, rng)
    return Performance(players, _separated(sorted(strokes)))


def _player(program: int | None, ensemble: Ensemble, rng: np.random.Generator) -> Player:
    pan = int(np.clip(rng.normal(64, 20), 14, 113))
    return Player(program, pan, int(127 * rng.uniform(*ensemble.room)))


class _Clock:
    """Beats to seconds: a tempo that breathes once a phrase and slows into the end, and swing."""

    def __init__(
        self, parts: Sequence[Part], tempo: float, swing: float, rng: np.random.Generator
    ) -> None:
        end = max(note.onset + note.length for part in parts for note in part.notes)
        self._beats = np.arange(0, end + 4, 0.25)
        phase = rng.uniform(0, 2 * np.pi)
        swell = np.sin(2 * np.pi * self._beats / PHRASE_BEATS + phase)
        slowing = 1 - rng.uniform(0, 0.25) * np.clip((self._beats - end + 4) / 4, 0, 1)
        pace = tempo / 60 * slowing * (1 + rng.uniform(0, TEMPO_SWELL) * swell)
        self._seconds: NDArray[np.float64] = START_S + np.concatenate(
            ([0], np.cumsum(0.25 / pace[:-1]))
        )
        self._swing = swing

    def at(self, beat: float) -> float:
        """Return the second of a beat."""
        whole, share = divmod(beat, 1)
        late = (
            share / 0.5 * self._swing
            if share < 0.5
            else (self._swing + (share - 0.5) / 0.5 * (1 - self._swing))
        )
        return float(np.interp(whole + late, self._beats, self._seconds))


def _strokes(
    part: Part,
    player: int,
    clock: _Clock,
    held: float,
    ensemble: Ensemble,
    rng: np.random.Generator,
) -> list[Stroke]:
    drums = part.program is None
    low, high = ensemble.velocity_range
    strokes = []
    for note in part.notes:
        accent = 0.12 if note.onset % 1 < 1e-6 else 0.0
        phrase = 0.12 * np.sin(2 * np.pi * note.onset / PHRASE_BEATS - np.pi / 2)
        loudness = part.loudness * (0.8 + accent + phrase) + rng.normal(0, 0.05)
        if drums and note.length > 0.3:  # a strong stroke
            loudness += 0.2
        velocity = int(np.clip(low + (high - low) * loudness, 8, 127))
        onset = clock.at(note.onset) + rng.normal(0, DRUMMER_S if drums else EARLY_OR_LATE_S)
        length = held * (clock.at(note.onset + note.length) - clock.at(note.onset))
        for number, key in enumerate(sorted(note.keys)):
            late = number * abs(rng.normal(0, SPREAD_S))
            spoken = int(np.clip(velocity + rng.integers(-4, 5), 8, 127))
            strokes.append(Stroke(max(0.0, onset + late), max(0.03, length), key, spoken, player))
    return strokes


def _separated(strokes: list[Stroke]) -> list[Stroke]:
    """Let a key go before the same player strikes it again."""
    following: dict[tuple[int, int], float] = {}
    shortened = []
    for stroke in reversed(strokes):
        seat = (stroke.player, stroke.key)
        until = following.get(seat, np.inf) - GAP_S - stroke.onset_s
        following[seat] = stroke.onset_s
        if until > GAP_S:
            shortened.append(stroke._replace(length_s=min(stroke.length_s, float(until))))
    return shortened[::-1]
