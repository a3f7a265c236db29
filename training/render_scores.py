"""Renders public-domain scores with FluidSynth: clean music of rare instruments. Main thread.

python -m training.render_scores -o FOLDER [--minutes 60] [--seed 1] [--genres organ choir]

The folder is a cache: a piece that lies there already is not rendered again, so that a longer
run with the same seed only adds to it.
"""

import argparse
import csv
import hashlib
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile as sf
from numpy.typing import NDArray
from tqdm import tqdm

from model.errors import RestorationError
from training.command import run_command
from training.music.arrangement import arrange
from training.music.ensembles import ENSEMBLES, Ensemble
from training.music.midi_file import write_midi
from training.music.performance import Performance, perform
from training.music.score import Score, load_repertoire
from training.music.synthesizer import find_font, find_synthesizer, synthesize

F32 = NDArray[np.float32]

SAMPLE_RATE = 44100
GENRES = tuple(ensemble.genre for ensemble in ENSEMBLES)
PIECE_S = (35.0, 90.0)
TEMPO_SHARE = (0.82, 1.18)
PEAK_DBFS = (-18.0, -1.0)
ROOM_TONE_DBFS = (-84.0, -72.0)  # no hall is digitally silent
SILENCE = 1e-4  # of the peak: what fades below is cut off
FADE_S = 0.05
VERSION = 1  # of the sound: a piece rendered by another one is rendered again


class Piece(NamedTuple):
    """One file to be: everything that decides how it sounds is drawn already."""

    path: Path
    score: Score
    ensemble: Ensemble
    performance: Performance
    room: tuple[float, float]
    peak_dbfs: float
    tone_dbfs: float
    seed: tuple[int, int, int]


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m training.render_scores``."""
    parser = argparse.ArgumentParser(
        prog="python -m training.render_scores",
        description="Render public-domain scores: one folder per genre, FLAC, 44.1 kHz, stereo.",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the music")
    parser.add_argument("--minutes", type=float, default=60.0, help="of music in all; 60")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--genres", nargs="+", choices=GENRES, default=GENRES)
    parser.add_argument("--font", type=Path, help="another General MIDI sound font (.sf2)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="pieces at a time")
    options = parser.parse_args(arguments)
    return run_command(lambda: _render(options))


def _render(options: argparse.Namespace) -> None:
    if options.minutes <= 0 or options.jobs < 1 or options.seed < 0:
        raise RestorationError("--minutes and --jobs must be above 0, --seed not below")
    genres, font = tuple(options.genres), find_font(options.font)
    render_music(options.output, options.minutes, options.seed, genres, font, options.jobs)


def render_music(
    folder: Path, minutes: float, seed: int, genres: tuple[str, ...], font: Path, jobs: int = 1
) -> None:
    """Play scores until they last so many minutes; see the module."""
    program = find_synthesizer()
    pieces = plan(folder, minutes, seed, genres)
    missing = [piece for piece in pieces if not piece.path.exists()]
    try:
        for genre in genres:
            (folder / genre).mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(jobs) as pool:
            rendered = pool.map(lambda piece: render(piece, program, font), missing)
            list(tqdm(rendered, total=len(missing), unit="piece", disable=None))
        _write_manifest(folder, pieces, font)
    except OSError as error:
        raise RestorationError(f"cannot write to {folder}: {error.strerror}") from None
    seconds = sum(sf.info(piece.path).duration for piece in pieces)
    print(
        f"{len(pieces)} pieces, {seconds / 60:.1f} minutes in {folder}; "
        f"{len(missing)} rendered now, {len(pieces) - len(missing)} were there"
    )


def plan(folder: Path, minutes: float, seed: int, genres: tuple[str, ...]) -> list[Piece]:
    """Draw pieces until they last so many minutes, the genre that is shortest next; writes nothing.

    The first pieces of a longer plan are those of a shorter one with the same seed and genres.
    """
    scores = load_repertoire()
    bands = [ensemble for ensemble in ENSEMBLES if ensemble.genre in genres]
    pieces: list[Piece] = []
    seconds = dict.fromkeys(genres, 0.0)
    counts = dict.fromkeys(genres, 0)
    while sum(seconds.values()) < 60 * minutes:
        ensemble = min(bands, key=lambda band: seconds[band.genre])
        suitable = [score for score in scores if ensemble.genre in score.genres]
        # In turn, not drawn: every score is heard before one comes again.
        score = suitable[(seed + counts[ensemble.genre]) % len(suitable)]
        own_seed = (seed, ENSEMBLES.index(ensemble), counts[ensemble.genre])
        pieces.append(_piece(folder, score, ensemble, own_seed))
        seconds[ensemble.genre] += pieces[-1].performance.seconds
        counts[ensemble.genre] += 1
    return pieces


def _piece(folder: Path, score: Score, ensemble: Ensemble, seed: tuple[int, int, int]) -> Piece:
    rng = np.random.default_rng(seed)
    parts = arrange(score, ensemble, rng, float(rng.uniform(*PIECE_S)))
    tempo = score.tempo * float(rng.uniform(*TEMPO_SHARE))
    performance = perform(parts, ensemble, tempo, rng)
    room = (float(rng.uniform(*ensemble.room)), float(rng.uniform(*ensemble.room)))
    peak, tone = float(rng.uniform(*PEAK_DBFS)), float(rng.uniform(*ROOM_TONE_DBFS))
    sound = repr((VERSION, performance, room, peak, tone))
    digest = hashlib.sha256(sound.encode()).hexdigest()[:8]
    path = folder / ensemble.genre / f"{score.name}_{digest}.flac"
    return Piece(path, score, ensemble, performance, room, peak, tone, seed)


def render(piece: Piece, program: str, font: Path) -> None:
    """Render a piece; its file appears whole or not at all."""
    with tempfile.TemporaryDirectory(dir=piece.path.parent, prefix=".rendering-") as folder:
        midi, wave = Path(folder) / "piece.mid", Path(folder) / "piece.wav"
        write_midi(midi, piece.performance)
        synthesize(program, font, midi, wave, SAMPLE_RATE, piece.room)
        music = finished(sf.read(wave, dtype="float32", always_2d=True)[0].T, piece)
        part = Path(folder) / piece.path.name
        sf.write(part, music.T, SAMPLE_RATE, subtype="PCM_16")
        part.replace(piece.path)


def finished(music: F32, piece: Piece) -> F32:
    """Cut the silent tail off, set the level and lay the tone of a quiet room under it."""
    peak = float(np.max(np.abs(music), initial=0.0))
    if peak == 0.0:
        raise RestorationError(f"FluidSynth gave silence for {piece.path.name}; is the font whole?")
    sounding = np.flatnonzero(np.max(np.abs(music), axis=0) > SILENCE * peak)
    music = music[:, : sounding[-1] + 1] * (10 ** (piece.peak_dbfs / 20) / peak)
    n_fade = min(round(FADE_S * SAMPLE_RATE), music.shape[1])
    music[:, -n_fade:] *= np.linspace(1, 0, n_fade)
    rng = np.random.default_rng(piece.seed)
    tone = rng.standard_normal(music.shape) * 10 ** (piece.tone_dbfs / 20)
    return np.asarray(np.clip(music + tone, -1, 1), np.float32)


def _write_manifest(folder: Path, pieces: list[Piece], font: Path) -> None:
    with (folder / "MANIFEST.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "title", "source", "genre", "seed", "sound_font"))
        for piece in pieces:
            writer.writerow(
                (
                    piece.path.relative_to(folder).as_posix(),
                    piece.score.title,
                    f"{piece.score.source}; public domain",
                    piece.ensemble.genre,
                    "/".join(map(str, piece.seed)),
                    font.name,
                )
            )


if __name__ == "__main__":
    raise SystemExit(main())
