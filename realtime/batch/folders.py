"""Which sounds a folder holds that are to be restored. Any thread."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from model.errors import RestorationError

SOUND_SUFFIXES = (".wav", ".flac", ".aiff", ".aif", ".ogg", ".mp3", ".w64", ".rf64", ".caf")
OURS = ("_restored", "_removed", "_mask")  # what we have written ourselves


class FoundSound(NamedTuple):
    """A file, and the folder below the given one in which it was found (``.`` for itself)."""

    path: Path
    below: Path
    named: bool  # by the person, not found in a folder


def found_sounds(inputs: Sequence[Path], output: Path) -> list[FoundSound]:
    """Return named files as they are, and of folders all sounds in and below them.

    What stands in the output folder, what we have made from another file there, and hidden files
    are left out of folders.

    Raises
    ------
    RestorationError
        A folder holds nothing to be restored.
    """
    found: list[FoundSound] = []
    for given in inputs:
        if not _is_folder(given):
            found.append(FoundSound(given, Path(), named=True))
            continue
        inside = [
            path for path in sorted(given.rglob("*")) if _is_wanted(path, given, output.resolve())
        ]
        if not inside:
            raise RestorationError(f"{given} holds no sound files to be restored")
        found += [FoundSound(path, path.parent.relative_to(given), named=False) for path in inside]
    return found


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # such as a name that is too long; whoever opens it says so
        return False


def _is_wanted(path: Path, folder: Path, output: Path) -> bool:
    relative = path.relative_to(folder)
    if path.suffix.lower() not in SOUND_SUFFIXES or not path.is_file():
        return False
    if any(part.startswith(".") for part in relative.parts):
        return False
    if path.stem.endswith(OURS):
        return False
    is_output_below = output != folder.resolve() and output.is_relative_to(folder.resolve())
    return not (is_output_below and path.resolve().is_relative_to(output))
