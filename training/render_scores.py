"""Renders written scores with FluidSynth: clean music, also of rare instruments. Main thread.

python -m training.render_scores -o FOLDER [--minutes 60] [--seed 1] [--genres organ choir]
    [--scores FOLDER]

The folder is a cache: a piece that lies there already is not rendered again, so that a longer
run with the same seed only adds to it. ``--scores`` names folders of other written scores: the
minutes are shared evenly by the project's own ones and each of these folders.
"""

import argparse
import csv
import hashlib
import itertools
import os
import re
import tempfile
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile as sf
from numpy.typing import NDArray
from tqdm import tqdm

from model.errors import RestorationError
from training.command import run_command, say_skipped
from training.music.arrangement import arrange
from training.music.casting import cast
from training.music.ensembles import ENSEMBLES, Ensemble
from training.music.licences import folder_licence, forbids_training, is_known, licence_of
from training.music.midi_file import write_midi
from training.music.packing import UNKNOWN
from training.music.performance import Performance, perform
from training.music.score import Score, load_repertoire
from training.music.synthesizer import find_font, find_synthesizer, synthesize
from training.music.written_scores import (
    UnplayableError,
    find_scores,
    need_music21,
    read_scores,
)

F32 = NDArray[np.float32]

SAMPLE_RATE = 44100
GENRES = tuple(ensemble.genre for ensemble in ENSEMBLES)
PIECE_S = (35.0, 90.0)
TEMPO_SHARE = (0.82, 1.18)
PEAK_DBFS = (-18.0, -1.0)
ROOM_TONE_DBFS = (-84.0, -72.0)  # no hall is digitally silent
SILENCE = 1e-4  # of the peak: what fades below is cut off
FADE_S = 0.05
GENRES_HELP = "of the project's scores; none of them: --genres alone, before another option"
SCORES_HELP = "folder of MusicXML, kern, ABC or MIDI to play as well; repeatable"
VERSION = 1  # of the sound: a piece rendered by another one is rendered again
MANIFEST = "MANIFEST.csv"
# ``score`` is the place of a written score in its folder, ``seconds`` are those of its notes
COLUMNS = (
    *("file", "title", "author", "licence", "source", "score", "genre", "seed", "sound_font"),
    "seconds",
)
DECIMALS = 3  # of seconds
BAR = "{l_bar}{bar}| {n:.0f}/{total:.0f} min [{elapsed}<{remaining}]"


class About(NamedTuple):
    """What the manifest says of a piece beside its sound."""

    title: str
    source: str
    author: str = ""
    licence: str = ""
    score: str = ""


class Piece(NamedTuple):
    """One file to be: everything that decides how it sounds is drawn already."""

    path: Path
    about: About
    ensemble: Ensemble
    performance: Performance
    room: tuple[float, float]
    peak_dbfs: float
    tone_dbfs: float
    seed: tuple[int, ...]


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m training.render_scores``."""
    parser = argparse.ArgumentParser(
        prog="python -m training.render_scores",
        description="Render written scores: one folder per genre, FLAC, 44.1 kHz, stereo.",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the music")
    parser.add_argument("--minutes", type=float, default=60.0, help="of music in all; 60")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--genres", nargs="*", choices=GENRES, default=GENRES, help=GENRES_HELP)
    parser.add_argument("--scores", type=Path, action="append", default=[], help=SCORES_HELP)
    parser.add_argument("--font", type=Path, help="another General MIDI sound font (.sf2)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="pieces at a time")
    options = parser.parse_args(arguments)
    return run_command(lambda: _render(options))


def _render(options: argparse.Namespace) -> None:
    if options.minutes <= 0 or options.jobs < 1 or options.seed < 0:
        raise RestorationError("--minutes and --jobs must be above 0, --seed not below")
    if not options.genres and not options.scores:
        raise RestorationError("--genres alone plays nothing of the project: name --scores too")
    genres, font = tuple(options.genres), find_font(options.font)
    minutes, folders = options.minutes, tuple(options.scores)
    render_music(options.output, minutes, options.seed, genres, font, folders, options.jobs)


def render_music(
    folder: Path,
    minutes: float,
    seed: int,
    genres: tuple[str, ...],
    font: Path,
    collections: Sequence[Path] = (),
    jobs: int = 1,
) -> None:
    """Play scores until they last so many minutes; see the module."""
    program = find_synthesizer()
    books = {book.resolve(): find_scores(book) for book in collections}
    if books:
        need_music21()
    share = minutes / (bool(genres) + len(books))
    rows = _still_allowed(_read_manifest(folder), folder, books)
    known = {
        Path(name).stem: row
        for name, row in rows.items()
        if re.fullmatch(r"\d+\.\d+", row["seconds"])
    }
    left_out: dict[Path, str] = {}
    planned: Iterator[Piece | Path] = itertools.chain(
        plan(folder, share, seed, genres) if genres else (),
        *(
            plan_written(folder, book, paths, share, (seed, font.stem), known, left_out)
            for book, paths in books.items()
        ),
    )
    there: list[Path] = []
    rendered: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for piece, is_new in _played(planned, program, font, jobs, minutes):
            path = piece if isinstance(piece, Path) else piece.path
            (rendered if is_new else there).append(path)
            if not isinstance(piece, Path):
                rows[path.relative_to(folder).as_posix()] = _row(piece, font)
    except OSError as error:
        raise RestorationError(f"cannot write to {folder}: {error.strerror}") from None
    finally:  # what is there stays known if this run ends early
        _write_manifest(folder, rows)
    pieces = there + rendered
    seconds = sum(sf.info(path).duration for path in pieces)
    print(
        f"{len(pieces)} pieces, {seconds / 60:.1f} minutes in {folder}; "
        f"{len(rendered)} rendered now, {len(there)} were there"
    )
    told = [rows[path.relative_to(folder).as_posix()] for path in pieces]
    unknown = sum(not is_known(row["licence"]) for row in told)
    if unknown:
        print(
            f"{unknown} of them have no known licence: a LICENSE.txt beside their scores names it"
        )
    if left_out:
        say_skipped(_reasons(left_out), sum(bool(row["score"]) for row in told))


def _played(
    planned: Iterator[Piece | Path], program: str, font: Path, jobs: int, minutes: float
) -> Iterator[tuple[Piece | Path, bool]]:
    """Yield each piece when it is there, and whether it was rendered now.

    The next scores are read while others are rendered; few wait, so that a fault is told at once.
    """
    running: deque[tuple[Piece, Future[None]]] = deque()
    bar = tqdm(total=minutes, unit="min", disable=None, bar_format=BAR)
    with bar, ThreadPoolExecutor(jobs) as pool:
        for piece in itertools.chain(planned, [None]):
            if isinstance(piece, Path):
                bar.update(sf.info(piece).duration / 60)
                yield piece, False
            elif piece is not None and piece.path.exists():
                bar.update(piece.performance.seconds / 60)
                yield piece, False
            elif piece is not None:
                running.append((piece, pool.submit(render, piece, program, font)))
            while running and (piece is None or len(running) > 2 * jobs or running[0][1].done()):
                done, future = running.popleft()
                future.result()
                bar.update(done.performance.seconds / 60)
                yield done, True


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
    about = About(score.title, score.source, licence="public domain")
    piece = _in_a_room(folder, about, ensemble, performance, rng, seed)
    sound = repr((VERSION, performance, piece.room, piece.peak_dbfs, piece.tone_dbfs))
    digest = hashlib.sha256(sound.encode()).hexdigest()[:8]
    return piece._replace(path=piece.path / f"{score.name}_{digest}.flac")


def _in_a_room(
    folder: Path,
    about: About,
    ensemble: Ensemble,
    performance: Performance,
    rng: np.random.Generator,
    seed: tuple[int, ...],
) -> Piece:
    """Return a piece whose path is still the folder of its genre."""
    room = (float(rng.uniform(*ensemble.room)), float(rng.uniform(*ensemble.room)))
    peak, tone = float(rng.uniform(*PEAK_DBFS)), float(rng.uniform(*ROOM_TONE_DBFS))
    return Piece(folder / ensemble.genre, about, ensemble, performance, room, peak, tone, seed)


def plan_written(
    folder: Path,
    book: Path,
    paths: Sequence[Path],
    minutes: float,
    seed: tuple[int, str],
    known: Mapping[str, dict[str, str]],
    left_out: dict[Path, str],
) -> Iterator[Piece | Path]:
    """Draw scores of a folder until they last so many minutes; each is read only when it is drawn.

    Parameters
    ----------
    folder, book, paths :
        Where the pieces go; the folder of scores, and what :func:`find_scores` found in it.
    minutes :
        Of music.
    seed : (int, str)
        A number, and the sound font's name: each font plays other scores and excerpts.
    known : mapping
        By the name that a piece gets, the row of what lies there already; it is yielded as its
        path, unread, and takes a licence that was put beside its score meanwhile.
    left_out : dict
        Gets each score that cannot or must not be played, with the reason.
    """
    number, font = seed
    own = zlib.crc32(f"{book.name}/{font}".encode())
    seconds, turn, heard = 0.0, 0, True
    while heard and seconds < 60 * minutes:
        heard = False
        for place in np.random.default_rng((number, own, turn)).permutation(len(paths)):
            path = paths[place]
            if path in left_out or seconds >= 60 * minutes:
                continue
            own_seed = (number, own, turn, int(place))
            try:
                name = _written_name(path, book, own_seed)
                if name in known:
                    row = known[name]
                    if row["licence"] == UNKNOWN:
                        row["licence"] = folder_licence(path.parent, book) or UNKNOWN
                    seconds += float(row["seconds"])
                    yield folder / row["file"]
                else:
                    piece = _written_piece(folder, path, book, own_seed)
                    seconds += round(piece.performance.seconds, DECIMALS)
                    yield piece._replace(path=piece.path / f"{name}.flac")
                heard = True
            except UnplayableError as error:
                left_out[path] = str(error)
        turn += 1


def _written_name(path: Path, book: Path, seed: tuple[int, ...]) -> str:
    """Return what a piece is called: the same for the same file and seed."""
    digest = hashlib.sha256(repr((VERSION, path.relative_to(book).as_posix(), seed)).encode())
    try:
        digest.update(path.read_bytes())
    except OSError as error:
        raise UnplayableError(f"it cannot be opened ({error.strerror})") from None
    return re.sub(r"[^\w.-]+", "_", path.stem)[:60] + "_" + digest.hexdigest()[:8]


def _written_piece(folder: Path, path: Path, book: Path, seed: tuple[int, ...]) -> Piece:
    rng = np.random.default_rng(seed)
    around = folder_licence(path.parent, book)
    _refuse_forbidden(around)
    scores = read_scores(path)
    score = scores[int(rng.integers(len(scores)))]
    licence = licence_of(score.rights, around)
    _refuse_forbidden(licence)
    try:
        chosen = cast(score, float(rng.uniform(*PIECE_S)), rng)
        performance = perform(chosen.parts, chosen.ensemble, chosen.tempo, rng)
    except UnplayableError:
        raise
    except Exception as error:  # one strange score must not end hours of rendering
        raise UnplayableError(f"it cannot be played ({type(error).__name__}: {error})") from None
    place = path.relative_to(book).as_posix()
    about = About(score.title, book.name, score.composer, licence or UNKNOWN, place)
    return _in_a_room(folder, about, chosen.ensemble, performance, rng, seed)


def _refuse_forbidden(licence: str) -> None:
    if forbids_training(licence):
        raise UnplayableError(f"the licence forbids it ({licence})")


def _reasons(left_out: Mapping[Path, str]) -> list[str]:
    """Return one line for each reason, with the first score of its kind."""
    groups: dict[str, list[Path]] = {}
    for path, reason in left_out.items():
        groups.setdefault(reason.partition(" (")[0], []).append(path)
    return [
        f"{left_out[paths[0]]}: {paths[0]}"
        + (f" and {len(paths) - 1} more" if len(paths) > 1 else "")
        for paths in groups.values()
    ]


def render(piece: Piece, program: str, font: Path) -> None:
    """Render a piece; its file appears whole or not at all."""
    piece.path.parent.mkdir(parents=True, exist_ok=True)
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


def _row(piece: Piece, font: Path) -> dict[str, str]:
    return {
        "file": f"{piece.path.parent.name}/{piece.path.name}",
        **piece.about._asdict(),
        "genre": piece.ensemble.genre,
        "seed": "/".join(map(str, piece.seed)),
        "sound_font": font.name,
        "seconds": f"{piece.performance.seconds:.{DECIMALS}f}",
    }


def _read_manifest(folder: Path) -> dict[str, dict[str, str]]:
    """Return what earlier runs wrote down of the files that still lie there."""
    try:
        with (folder / MANIFEST).open(newline="", encoding="utf-8") as file:
            rows = [{key: row.get(key) or "" for key in COLUMNS} for row in csv.DictReader(file)]
    except OSError:
        return {}
    except (csv.Error, UnicodeDecodeError) as error:
        raise RestorationError(f"{folder / MANIFEST} cannot be read: {error}") from None
    return {row["file"]: row for row in rows if row["file"] and (folder / row["file"]).is_file()}


def _still_allowed(
    rows: Mapping[str, dict[str, str]], folder: Path, books: Iterable[Path]
) -> dict[str, dict[str, str]]:
    """Remove the pieces whose scores have got a licence since that forbids them: all is packed."""
    named = {book.name: book for book in books}
    allowed = {}
    for name, row in rows.items():
        book = named.get(row["source"]) if row["score"] else None
        if book and forbids_training(folder_licence((book / row["score"]).parent, book)):
            (folder / name).unlink(missing_ok=True)
        else:
            allowed[name] = row
    return allowed


def _write_manifest(folder: Path, rows: Mapping[str, dict[str, str]]) -> None:
    if not rows:
        return
    try:
        with (folder / MANIFEST).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows.values())
    except OSError as error:
        raise RestorationError(f"cannot write to {folder}: {error.strerror}") from None


if __name__ == "__main__":
    raise SystemExit(main())
