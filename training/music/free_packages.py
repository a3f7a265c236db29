"""Fetches the music that Debian packages carry, into a cache; nothing is installed. Main thread."""

import fnmatch
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import yaml

from model.errors import RestorationError

LIST = Path(__file__).with_name("free_packages.yaml")
TIMEOUT_S = 3600
AUDIO = (".ogg", ".opus", ".flac", ".mp3", ".wav")


class FreePackage(NamedTuple):
    """A package whose tracks may be trained on, as ``free_packages.yaml`` lists it."""

    name: str
    folder: str
    licence: str
    by: str
    tracks: str
    inside: str = ""  # of an archive that ``tracks`` names
    without: str = ""


def free_packages() -> list[FreePackage]:
    """Return all packages of the list."""
    entries = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    return [FreePackage(name, **values) for name, values in entries.items()]


def fetch_package(package: FreePackage, cache: Path) -> Path:
    """Return the folder of a package's tracks below ``cache``; fetched only if it is not there.

    Raises
    ------
    RestorationError
        If apt cannot fetch it, or it holds no such tracks.
    """
    folder = cache / package.folder
    if folder.is_dir():
        return folder
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program) is None:
            raise RestorationError(
                f"{package.name} needs {program}; without Debian or Ubuntu leave --packages out"
            )
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".fetching-") as place:
        work = Path(place)
        _run(["apt-get", "download", package.name], work)
        (archive,) = work.glob("*.deb")
        _run(["dpkg-deb", "-x", archive.name, "content"], work)
        archive.unlink()
        tracks = work / "tracks"
        tracks.mkdir()
        if not take_tracks(package, work / "content", tracks):
            raise RestorationError(f"{package.name} holds no {package.tracks} any more")
        tracks.replace(folder)
    return folder


def take_tracks(package: FreePackage, content: Path, target: Path) -> int:
    """Put the tracks of an unpacked package into ``target``, flat, and return their number."""
    for path in sorted(content.rglob("*")):
        name = path.relative_to(content).as_posix()
        if not path.is_file() or not fnmatch.fnmatch(name, package.tracks):
            continue
        if not package.inside:
            _take(package, name, path.read_bytes(), target)
            continue
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                if fnmatch.fnmatch(member, package.inside):
                    _take(package, member, archive.read(member), target)
    return len(list(target.iterdir()))


def _take(package: FreePackage, name: str, content: bytes, target: Path) -> None:
    left_out = package.without and fnmatch.fnmatch(name, package.without)
    if not left_out and name.lower().endswith(AUDIO):
        (target / Path(name).name).write_bytes(content)


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise RestorationError(f"{' '.join(command)} cannot be run: {error}") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise RestorationError(f"{' '.join(command)} failed: {lines[-1]}")
