"""What the declicking benchmarks measure: our chain, and other programs. Any thread.

A restorer takes mono float32 ``[T]`` and its rate and gives what came out and, where it tells,
which samples it took for damaged.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from model.chain import ANALYTICAL
from model.checkpoints import Models
from model.errors import RestorationError
from model.presets import load_preset
from model.settings import Settings
from training.signals.find_impulses import run_chain

F32 = NDArray[np.float32]
Mask = NDArray[np.bool_]
Restore = Callable[[F32, int], tuple[F32, Mask | None]]

PRESETS = ("light", "default", "heavy")
ADECLICK = {
    "adeclick t=2 (default)": "adeclick=m=s",
    "adeclick t=3": "adeclick=t=3:m=s",
    "adeclick t=3, three passes": ",".join(["adeclick=t=3:m=s"] * 3),
    "adeclick a=4 b=4, two passes": ",".join(["adeclick=a=4:b=4:m=s"] * 2),
    "adeclick t=6": "adeclick=t=6:m=s",
    "adeclick t=2 overlap-add": "adeclick",
}
PEER_TIMEOUT_S = 600
UNTOUCHED = 1e-6  # of the peak: what a program changes less, it passes through


class CrashedError(RestorationError):
    """Another program was ended by a signal: it made nothing of this sound."""


def chain_restorer(settings: Settings, models: Models = ANALYTICAL) -> Restore:
    """Restore through the chain itself, latency removed, and mark what was found."""

    def restore(signal: F32, sample_rate: int) -> tuple[F32, Mask]:
        done = run_chain(signal[None], sample_rate, settings, models)
        found = np.zeros(len(signal), bool)
        for impulse in done.impulses:
            found[impulse.start : impulse.start + impulse.length] = True
        return done.restored[0], found

    return restore


def preset_restorers(
    models: Models, presets: Sequence[str] = PRESETS, *, without: bool = True
) -> dict[str, Restore]:
    """Presets at full depth without hiss reduction; also ``without`` the detector network."""
    rows: dict[str, Restore] = {}
    for preset in presets:
        settings = replace(load_preset(preset), depth=1.0, hiss_reduction_db=0.0)
        rows[f"shellac {preset}"] = chain_restorer(settings, models._replace(denoiser=None))
        if without and models.detector is not None:
            rows[f"shellac {preset}, no network"] = chain_restorer(settings, ANALYTICAL)
    return rows


def ffmpeg_filter(filters: str) -> Callable[[F32, int], F32]:
    """Pass sound through an ffmpeg filter chain, in 32-bit float files."""
    import imageio_ffmpeg

    program = imageio_ffmpeg.get_ffmpeg_exe()

    def restore(signal: F32, sample_rate: int) -> F32:
        with tempfile.TemporaryDirectory() as folder:
            source, target = _placed(Path(folder), signal, sample_rate)
            command = [program, "-v", "error", "-i", str(source), "-af", filters]
            _run("ffmpeg", [*command, "-c:a", "pcm_f32le", str(target)])
            return _read(target, len(signal))

    return restore


def ffmpeg_restorer(filters: str) -> Restore:
    """Declick with ffmpeg; what it changed is what it found."""
    declick = ffmpeg_filter(filters)

    def restore(signal: F32, sample_rate: int) -> tuple[F32, Mask]:
        restored = declick(signal, sample_rate)
        return restored, changed(signal, restored)

    return restore


def grooveclean_restorer(program: str) -> Restore:
    """Restore with the ``grooveclean`` command at its default; it reports what it repaired."""

    def restore(signal: F32, sample_rate: int) -> tuple[F32, Mask]:
        with tempfile.TemporaryDirectory() as folder:
            source, target = _placed(Path(folder), signal, sample_rate)
            command = [program, "clean", "--device", "cpu", str(source), "-o", str(target)]
            _run("grooveclean", command)
            restored = _read(target, len(signal))
            found = np.zeros(len(signal), bool)
            report = json.loads(target.with_name("out.report.json").read_text(encoding="utf-8"))
        for click in report["clicks"]:
            if click["repair"] != "unrepaired":
                found[click["start_sample"] : click["end_sample"]] = True
        return restored, found

    return restore


def find_grooveclean(named: Path | None = None) -> str | None:
    """Return the command: as named, beside this Python, or in the path; None without one.

    Raises
    ------
    RestorationError
        If the named one is not there.
    """
    if named is not None:
        if not named.is_file():
            raise RestorationError(f"there is no program {named}; --grooveclean names the command")
        return str(named)
    beside = Path(sys.executable).with_name("grooveclean")
    return str(beside) if beside.is_file() else shutil.which("grooveclean")


def rival_restorers(named: Path | None = None) -> dict[str, Restore]:
    """The two rivals at their defaults; what is not installed is told and left out."""
    rows: dict[str, Restore] = {}
    default = "adeclick t=2 (default)"
    try:
        rows[f"ffmpeg {default}"] = ffmpeg_restorer(ADECLICK[default])
    except (ImportError, RuntimeError):
        print("left out: ffmpeg's adeclick; pip install imageio-ffmpeg", file=sys.stderr)
    program = find_grooveclean(named)
    if program:
        rows["grooveclean (default)"] = grooveclean_restorer(program)
    else:
        print(
            "left out: grooveclean; pip install grooveclean, or name it: --grooveclean PROGRAM",
            file=sys.stderr,
        )
    return rows


def changed(signal: F32, restored: F32) -> Mask:
    """Which samples a program changed that does not tell what it found."""
    return np.asarray(np.abs(restored - signal) > UNTOUCHED * np.max(np.abs(signal), initial=1e-9))


def _placed(folder: Path, signal: F32, sample_rate: int) -> tuple[Path, Path]:
    source, target = folder / "in.wav", folder / "out.wav"
    sf.write(source, signal, sample_rate, subtype="FLOAT")
    return source, target


def _read(target: Path, length: int) -> F32:
    restored = sf.read(target, dtype="float32", always_2d=True)[0][:length, 0]
    return np.pad(restored, (0, length - len(restored)))


def _run(name: str, command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=PEER_TIMEOUT_S)
    except subprocess.CalledProcessError as error:
        lines = (error.stderr or "").strip().splitlines() or ["it said nothing"]
        kind = CrashedError if error.returncode < 0 else RestorationError
        raise kind(f"{name} failed: {lines[-1]}") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise RestorationError(f"{name} cannot be run: {error}") from None
