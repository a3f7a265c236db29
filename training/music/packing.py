"""All music of a training in one file, mono, with the licence of each piece. Any thread.

What makes the music of a folder fit for a pack, and says whose it is.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from model.errors import RestorationError
from training.signals.audio_files import find_audio, open_audio, read_audio, resampled
from training.signals.packed_audio import Recording, open_pack, write_pack

SAMPLE_RATE = 44100
PEAK = 0.95
LEAST_PEAK = 1e-4  # below it there is nothing to be heard
UNKNOWN = "unknown"


class Source(NamedTuple):
    """A folder of recordings, what its names begin with in the pack, and their licence."""

    folder: Path
    prefix: str
    licence: str


def pack_music(path: Path, sources: Sequence[Source], longest: float) -> list[str]:
    """Pack all recordings, ``longest`` seconds of each at most, and a table of licences beside.

    Returns
    -------
    skipped : list of str
        One line for each recording that cannot be read or is silent.

    Raises
    ------
    RestorationError
        If a folder holds no recording, or the pack cannot be written.
    """
    skipped: list[str] = []
    every = (item for source in sources for item in recordings_of(source, longest, skipped))
    write_pack(path, every, SAMPLE_RATE)
    path.with_suffix(".md").write_text(licence_table(path), encoding="utf-8")
    return skipped


def recordings_of(source: Source, longest: float, skipped: list[str]) -> Iterator[Recording]:
    """Yield what goes into a pack; what cannot be read or is silent goes to ``skipped``."""
    licences = _manifest(source.folder)
    for path in tqdm(find_audio(source.folder), desc=source.folder.name, disable=None):
        try:
            file = open_audio(path)
            audio = read_audio(file, 0, min(file.frames, round(longest * file.sample_rate)))
        except RestorationError as error:
            skipped.append(str(error))
            continue
        mono = resampled(audio.mean(axis=0), SAMPLE_RATE / file.sample_rate)
        peak = float(np.max(np.abs(mono), initial=0.0))
        if peak < LEAST_PEAK:
            skipped.append(f"{path} is silent")
            continue
        name = path.relative_to(source.folder).as_posix() if path != source.folder else path.name
        licence = source.licence or licences.get(name, UNKNOWN)
        yield Recording(source.prefix + name, mono * np.float32(PEAK / peak), licence)


def _manifest(folder: Path) -> dict[str, str]:
    """Return maker and licence of each file, as far as a MANIFEST.csv says them."""
    try:
        with (folder / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
            return {
                row["file"]: "; ".join(
                    row[key]
                    for key in ("author", "licence", "source", "sound_font")
                    if row.get(key)
                )
                for row in csv.DictReader(file)
                if row.get("file")
            }
    except OSError:
        return {}
    except (csv.Error, UnicodeDecodeError) as error:
        raise RestorationError(f"{folder / 'MANIFEST.csv'} cannot be read: {error}") from None


def licence_table(pack: Path) -> str:
    """Return a Markdown table of what a pack holds, pieces of one folder and licence together."""
    groups: dict[tuple[str, str], list[float]] = {}
    for file in open_pack(pack):
        key = (file.path.parent.as_posix(), file.licence)
        groups.setdefault(key, []).append(file.seconds)
    rows = ["| folder | by, licence | pieces | minutes |", "| --- | --- | ---: | ---: |"]
    for (folder, licence), seconds in sorted(groups.items()):
        said = licence.replace("|", "/")
        rows.append(f"| {folder} | {said} | {len(seconds)} | {sum(seconds) / 60:.1f} |")
    return "\n".join([*rows, ""])
