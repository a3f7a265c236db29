"""Writes a performance as a MIDI file. Any thread."""

from collections.abc import Sequence
from pathlib import Path

import mido

from training.music.performance import Performance, Player

TICKS_PER_BEAT = 480
TICKS_PER_SECOND = 960  # at MIDI's own 120 beats a minute
DRUM_CHANNEL = 9
CHANNELS = [channel for channel in range(16) if channel != DRUM_CHANNEL]
CONTROL_VOLUME, CONTROL_PAN, CONTROL_REVERB = 7, 10, 91
VOLUME = 100
OFF, SETUP, ON = 0, 1, 2  # of events on one tick, the order


def write_midi(path: Path, performance: Performance) -> None:
    """Write a file of one track, to the millisecond; may raise OSError."""
    events: list[tuple[int, int, mido.Message]] = []
    channels = _channels(performance.players)
    for channel, player in zip(channels, performance.players, strict=True):
        if player.program is not None:
            change = mido.Message("program_change", channel=channel, program=player.program)
            events.append((0, SETUP, change))
        controls = {CONTROL_PAN: player.pan, CONTROL_REVERB: player.reverb, CONTROL_VOLUME: VOLUME}
        for control, value in controls.items():
            message = mido.Message("control_change", channel=channel, control=control, value=value)
            events.append((0, SETUP, message))
    for stroke in performance.strokes:
        place = {"channel": channels[stroke.player], "note": stroke.key}
        on, off = (
            round(TICKS_PER_SECOND * second)
            for second in (stroke.onset_s, stroke.onset_s + stroke.length_s)
        )
        events.append((on, ON, mido.Message("note_on", velocity=stroke.velocity, **place)))
        events.append((max(on + 1, off), OFF, mido.Message("note_off", velocity=64, **place)))
    track, now = mido.MidiTrack(), 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    mido.MidiFile(type=0, ticks_per_beat=TICKS_PER_BEAT, tracks=[track]).save(path)


def _channels(players: Sequence[Player]) -> list[int]:
    free = iter(CHANNELS)
    return [DRUM_CHANNEL if player.program is None else next(free) for player in players]
