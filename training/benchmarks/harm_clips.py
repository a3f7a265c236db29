"""Clean clips of what looks like clicks: castanets, claves, a solo trombone, snare rolls, voices.

Played dry through FluidSynth with its General MIDI sound font, voices made from pulses and noise.
The folder is a cache: what lies there is not made again. Main thread; runs a program.
"""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from model.errors import RestorationError
from training.music.made_voices import two_voices
from training.music.performance import Performance, Player, Stroke
from training.music.synthesizer import find_font, find_synthesizer, synthesize

F32 = NDArray[np.float32]

SAMPLE_RATE = 44_100
SECONDS = 8.0
VERSION = 1  # of the sound: clips of another one are made again
PEAK = 0.7
FADE_S = 0.02
DRY = (0.0, 0.0)  # a hall would hide what the declicker does to an attack
CENTRE = 64
DRUM_LENGTH_S = 0.4  # a drum rings as long as it likes, but an open hi-hat must be let go

# Keys of the General MIDI drum kit, programs of its orchestra counted from 0.
SNARE, HAND_CLAP, CLOSED_HAT, PEDAL_HAT, OPEN_HAT, CRASH = 38, 39, 42, 44, 46, 49
CLAVES, HIGH_BLOCK, LOW_BLOCK, CASTANETS = 75, 76, 77, 85
HARPSICHORD, TRUMPET, TROMBONE, TUBA, APPLAUSE = 6, 56, 57, 58, 126

Hits = list[tuple[float, int, int]]  # seconds, key, velocity


class HarmClip(NamedTuple):
    """One clip to be: its name, and the performance or the function that makes it."""

    name: str
    made: Callable[[], Performance] | Callable[[int, float], NDArray[np.float64]]
    is_played: bool = True


def render_harm_clips(folder: Path) -> list[Path]:
    """Make what is missing in the folder; returns the files in the order of ``HARM_CLIPS``.

    Raises
    ------
    RestorationError
        If FluidSynth, its sound font or the folder cannot be used.
    """
    places = [folder / f"{clip.name}_{_digest(clip)}.flac" for clip in HARM_CLIPS]
    missing = [
        (clip, path) for clip, path in zip(HARM_CLIPS, places, strict=True) if not path.is_file()
    ]
    if not missing:
        return places
    program, font = find_synthesizer(), find_font()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for clip, path in missing:
            sound = _played(clip, program, font) if clip.is_played else _made(clip)
            part = path.with_suffix(".part.flac")
            sf.write(part, _levelled(sound), SAMPLE_RATE, subtype="PCM_24")
            part.replace(path)
    except OSError as error:
        raise RestorationError(f"cannot write to {folder}: {error.strerror}") from None
    return places


def _digest(clip: HarmClip) -> str:
    content = repr(clip.made()) if clip.is_played else clip.name  # type: ignore[call-arg]
    return hashlib.sha256(f"{VERSION} {content}".encode()).hexdigest()[:8]


def _played(clip: HarmClip, program: str, font: Path) -> F32:
    try:
        from training.music.midi_file import write_midi
    except ImportError:
        raise RestorationError("mido is missing; pip install '.[train]'") from None
    with tempfile.TemporaryDirectory() as folder:
        midi, wave = Path(folder) / "clip.mid", Path(folder) / "clip.wav"
        write_midi(midi, clip.made())  # type: ignore[call-arg,arg-type]
        synthesize(program, font, midi, wave, SAMPLE_RATE, DRY)
        stereo = sf.read(wave, dtype="float32", always_2d=True)[0]
    if not np.any(stereo):
        raise RestorationError(f"FluidSynth gave silence for {clip.name}; is the font whole?")
    return np.asarray(stereo.mean(axis=1))


def _made(clip: HarmClip) -> F32:
    return np.asarray(clip.made(SAMPLE_RATE, SECONDS), np.float32)  # type: ignore[call-arg]


def _levelled(sound: F32) -> F32:
    n = round(SECONDS * SAMPLE_RATE)
    sound = np.pad(sound[:n], (0, max(0, n - len(sound))))
    fade = np.minimum(1.0, np.arange(n) / (FADE_S * SAMPLE_RATE))
    return np.asarray(sound * fade * fade[::-1] * (PEAK / np.max(np.abs(sound))), np.float32)


def _drums(hits: Hits) -> Performance:
    strokes = [Stroke(onset, DRUM_LENGTH_S, key, velocity, 0) for onset, key, velocity in hits]
    return Performance([Player(None, CENTRE, 0)], sorted(strokes))


def _pattern(seed: int, key: int, rhythm: str, step_s: float) -> Hits:
    """``X`` strong, ``x`` usual, ``.`` nothing; again and again, never quite in time."""
    rng = np.random.default_rng(seed)
    hits = []
    for number in range(int((SECONDS - 0.5) / step_s)):
        beat = rhythm[number % len(rhythm)]
        if beat != ".":
            velocity = int((118 if beat == "X" else 88) + rng.integers(-8, 9))
            hits.append((0.15 + number * step_s + abs(rng.normal(0, 0.006)), key, velocity))
    return hits


def _roll(start: float, end: float, key: int, per_s: float, swell: tuple[int, int]) -> Hits:
    times = np.arange(start, end, 1 / per_s)
    loudness = np.linspace(*swell, len(times))
    return [(float(t), key, int(v)) for t, v in zip(times, loudness, strict=True)]


def _castanets() -> Performance:
    hits = [hit for hit in _pattern(1, CASTANETS, "X.xxX.x.", 0.09) if hit[0] < 6.2]
    return _drums(hits + _roll(6.3, 7.5, CASTANETS, 16, (60, 120)))


def _claves() -> Performance:
    return _drums(_pattern(2, CLAVES, "X..X..X...X.X...", 0.13))


def _wood_block() -> Performance:
    low = _pattern(3, LOW_BLOCK, "x...x...x.x.x...", 0.12)
    return _drums(_pattern(4, HIGH_BLOCK, "..X.x.X...X..xX.", 0.12) + low)


def _snare() -> Performance:
    return _drums(_pattern(5, SNARE, "X..xX.xxX.x.Xxxx", 0.125))


def _snare_roll() -> Performance:
    hits = _roll(0.2, 3.4, SNARE, 22, (35, 120)) + _roll(4.0, 7.2, SNARE, 26, (100, 40))
    return _drums([*hits, (3.45, CRASH, 120), (3.45, SNARE, 125), (5.6, CRASH, 90)])


def _hi_hat() -> Performance:
    closed = _pattern(6, CLOSED_HAT, "X.xxX.x.X.xxx.x.", 0.12)
    return _drums(closed + _pattern(7, OPEN_HAT, "......X.......X.", 0.12))


def _hand_claps() -> Performance:
    return _drums(_pattern(8, HAND_CLAP, "..X...X.x.X...Xx", 0.14))


def _melody(program: int, notes: str, beat_s: float, held: float, velocity: int) -> Performance:
    """Notes as ``key:beats``; chords as ``key+key:beats``; ``0`` rests."""
    rng = np.random.default_rng(len(notes))
    strokes, now = [], 0.15
    for word in notes.split():
        keys, beats = word.split(":")
        length = float(beats) * beat_s
        for key in keys.split("+"):
            loud = int(np.clip(velocity + rng.integers(-10, 11), 20, 127))
            if key != "0":
                strokes.append(Stroke(now, held * length, int(key), loud, 0))
        now += length
    return Performance([Player(program, CENTRE, 0)], sorted(strokes))


def _trombone() -> Performance:
    low = "46:1 50:.5 53:.5 58:2 57:.5 55:.5 53:1 51:.5 50:.5 48:1 46:2 "
    return _melody(TROMBONE, low + "41:1 46:1 50:1 53:.5 51:.5 50:1 48:1 46:2", 0.42, 0.95, 112)


def _brass() -> Performance:
    chord = "46+58+62+65"
    notes = " ".join(f"{chord if n % 3 else '41+57+60+65'}:.5 0:.25" for n in range(26))
    played = _melody(TRUMPET, notes, 0.4, 0.45, 118)
    players = [Player(program, CENTRE, 0) for program in (TUBA, TROMBONE, TRUMPET, TRUMPET)]
    order = (41, 46)
    strokes = [
        stroke._replace(player=0 if stroke.key in order else 1 if stroke.key < 60 else 2)
        for stroke in played.strokes
    ]
    return Performance(players, strokes)


def _harpsichord() -> Performance:
    up = "48+60:.5 64:.25 67:.25 72:.25 76:.25 79:.25 84:.25 83:.25 79:.25 74:.25 71:.25 "
    down = (
        "55+67:.5 71:.25 74:.25 79:.25 77:.25 76:.25 74:.25 72+64+60:1 43+55+59+65:.5 48+60+64:1 "
    )
    return _melody(HARPSICHORD, 2 * (up + down), 0.4, 0.85, 105)


def _applause() -> Performance:
    strokes = [Stroke(0.1 + 1.9 * n, 2.4, key, 110, 0) for n, key in enumerate((60, 64, 57, 62))]
    return Performance([Player(APPLAUSE, CENTRE, 0)], strokes)


HARM_CLIPS = (
    HarmClip("castanets", _castanets),
    HarmClip("claves", _claves),
    HarmClip("wood_block", _wood_block),
    HarmClip("solo_trombone", _trombone),
    HarmClip("staccato_brass", _brass),
    HarmClip("snare", _snare),
    HarmClip("snare_roll_and_cymbals", _snare_roll),
    HarmClip("hi_hat", _hi_hat),
    HarmClip("hand_claps", _hand_claps),
    HarmClip("harpsichord", _harpsichord),
    HarmClip("applause", _applause),
    HarmClip("two_voices", two_voices, is_played=False),
)
