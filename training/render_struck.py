"""Renders clean music of what is struck and plucked: drums, bells, wood, strings. Main thread.

python -m training.render_struck -o FOLDER [--minutes 12] [--seed 1]

Attacks are what a click detector mistakes for clicks, and free recordings of them are rare. Rhythms
are made up; FluidSynth plays them, nearly dry. What the benchmark of harm plays (claves, wood
blocks, castanets) is left out, so that it stays a test. A piece that lies there is not made again.
"""

import argparse
import hashlib
import tempfile
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from model.errors import RestorationError
from training.command import make_folder, run_command
from training.music.midi_file import write_midi
from training.music.performance import Performance, Player, Stroke
from training.music.synthesizer import find_font, find_synthesizer, synthesize

F32 = NDArray[np.float32]

SAMPLE_RATE = 44_100
PIECE_S = (20.0, 40.0)
ROOM = 0.3  # at most: attacks stay what they are
PEAK_DBFS = (-18.0, -1.0)
TONE_DBFS = (-90.0, -70.0)  # of a quiet room
TIMING_S = 0.005
# Keys of the General MIDI drum kit, programs of its orchestra counted from 0
DRUMS = (*range(35, 39), *range(40, 49), 50, 51, *range(53, 58), 59, *range(60, 75), *range(78, 82))
STRUCK = (6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 45, 46, 47, 105, 106, 107, 108, 112, 113, 114, 117)
PLUCKED = (24, 25, 26, 28, 32, 33, 36, 37)
SCALE = (0, 2, 4, 7, 9)
ROLLS = 0.15  # chance of a roll in a bar


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m training.render_struck``."""
    parser = argparse.ArgumentParser(
        prog="python -m training.render_struck",
        description="Render drums, bells, wood and plucked strings: FLAC, 44.1 kHz, mono.",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the pieces")
    parser.add_argument("--minutes", type=float, default=12.0, help="in all; 12")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--font", type=Path, help="another General MIDI sound font (.sf2)")
    options = parser.parse_args(arguments)
    return run_command(lambda: _render_all(options))


def _render_all(options: argparse.Namespace) -> None:
    if options.minutes <= 0 or options.seed < 0:
        raise RestorationError("--minutes must be above 0, --seed not below")
    program, font = find_synthesizer(), find_font(options.font)
    make_folder(options.output)
    seconds, number = 0.0, 0
    while seconds < 60 * options.minutes:
        rng = np.random.default_rng((options.seed, number))
        performance = improvise(rng)
        digest = hashlib.sha256(repr(performance).encode()).hexdigest()[:8]
        path = options.output / f"struck_{number:02d}_{digest}.flac"
        if not path.is_file():
            _render(path, performance, rng, program, font)
        seconds += sf.info(path).duration
        number += 1
    print(f"{number} pieces, {seconds / 60:.1f} minutes in {options.output}")


def improvise(rng: np.random.Generator) -> Performance:
    """Make up one piece: some drums, or a melody of struck or plucked notes, or both."""
    seconds = float(rng.uniform(*PIECE_S))
    step = float(rng.uniform(0.08, 0.22))
    players, strokes = [Player(None, 64, 0)], []
    melodies = int(rng.choice([0, 1, 2], p=[0.5, 0.35, 0.15]))
    drums = 0 if melodies and rng.random() < 0.4 else int(rng.integers(1, 5))
    for key in rng.choice(DRUMS, drums, replace=False):
        strokes += _rhythm(rng, int(key), seconds, step)
    for player in range(1, melodies + 1):
        program = int(rng.choice(STRUCK if rng.random() < 0.7 else PLUCKED))
        players.append(Player(program, 64, 0))
        strokes += _melody(rng, player, seconds, step * int(rng.integers(1, 4)))
    return Performance(players, sorted(strokes))


def _rhythm(rng: np.random.Generator, key: int, seconds: float, step: float) -> list[Stroke]:
    """A bar again and again, with rolls."""
    steps = int(rng.choice([6, 8, 12, 16]))
    bar = np.where(rng.random(steps) < rng.uniform(0.2, 0.7), rng.uniform(0.4, 1.0, steps), 0.0)
    bar[0] = max(bar[0], 0.6)
    loudest = float(rng.uniform(70, 127))
    strokes = []
    for start in np.arange(0.15, seconds - steps * step, steps * step):
        if rng.random() < ROLLS:
            times = np.arange(start, start + steps * step, 1 / rng.uniform(12, 28))
            swell = np.linspace(rng.uniform(0.3, 1.0), rng.uniform(0.3, 1.0), len(times))
        else:
            times, swell = start + step * np.flatnonzero(bar), bar[bar > 0]
        for time, strength in zip(times, swell, strict=True):
            velocity = int(np.clip(loudest * strength + rng.integers(-8, 9), 15, 127))
            onset = max(0.05, float(time + TIMING_S * rng.standard_normal()))
            strokes.append(Stroke(onset, 0.35, key, velocity, 0))
    return strokes


def _melody(rng: np.random.Generator, player: int, seconds: float, step: float) -> list[Stroke]:
    """A walk through a pentatonic scale; some notes are cut short."""
    lowest, degree = int(rng.integers(36, 72)), 5
    loudest, held = float(rng.uniform(60, 125)), float(rng.uniform(0.2, 1.5))
    strokes = []
    for time in np.arange(0.15, seconds, step):
        degree = int(np.clip(degree + rng.integers(-3, 4), 0, 14))
        if rng.random() < 0.25:
            continue
        key = lowest + 12 * (degree // len(SCALE)) + SCALE[degree % len(SCALE)]
        velocity = int(np.clip(loudest + rng.integers(-25, 10), 15, 127))
        onset = max(0.05, float(time + TIMING_S * rng.standard_normal()))
        strokes.append(Stroke(onset, held * step, min(key, 108), velocity, player))
    return strokes


def _render(
    path: Path, performance: Performance, rng: np.random.Generator, program: str, font: Path
) -> None:
    room = (float(rng.uniform(0, 0.5)), float(rng.uniform(0, ROOM)))
    try:
        with tempfile.TemporaryDirectory() as folder:
            midi, wave = Path(folder) / "piece.mid", Path(folder) / "piece.wav"
            write_midi(midi, performance)
            synthesize(program, font, midi, wave, SAMPLE_RATE, room)
            stereo = sf.read(wave, dtype="float32", always_2d=True)[0]
        part = path.with_suffix(".part.flac")
        sf.write(part, _finished(stereo.mean(axis=1), rng), SAMPLE_RATE, subtype="PCM_16")
        part.replace(path)
    except OSError as error:
        raise RestorationError(f"cannot write {path}: {error.strerror}") from None


def _finished(music: F32, rng: np.random.Generator) -> F32:
    peak = float(np.max(np.abs(music), initial=0.0))
    if peak == 0.0:
        raise RestorationError("FluidSynth gave silence; is the sound font whole?")
    level = 10 ** (float(rng.uniform(*PEAK_DBFS)) / 20)
    tone = rng.standard_normal(len(music)) * 10 ** (float(rng.uniform(*TONE_DBFS)) / 20)
    return np.asarray(np.clip(music * (level / peak) + tone, -1, 1), np.float32)


if __name__ == "__main__":
    raise SystemExit(main())
