"""Lets FluidSynth play a MIDI file with the General MIDI sound font. Any thread; runs a program."""

import shutil
import subprocess
from pathlib import Path

from model.errors import RestorationError

APT = "sudo apt-get install fluidsynth fluid-soundfont-gm"
FONTS = (
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    Path("/usr/share/sounds/sf2/default-GM.sf2"),
    Path("/usr/share/soundfonts/FluidR3_GM.sf2"),
)
TIMEOUT_S = 600
GAIN = 0.4  # of FluidSynth; leaves room for a big band, the level is set afterwards


def find_synthesizer() -> str:
    """Return the path of FluidSynth; a :class:`RestorationError` says how to get it."""
    program = shutil.which("fluidsynth")
    if program is None:
        raise RestorationError(f"FluidSynth is missing; on Debian or Ubuntu: {APT}")
    return program


def find_font(font: Path | None = None) -> Path:
    """Return the sound font asked for, or the installed one."""
    if font is not None:
        if not font.is_file():
            raise RestorationError(f"there is no sound font {font}")
        return font
    for candidate in FONTS:
        if candidate.is_file():
            return candidate
    raise RestorationError(
        f"the General MIDI sound font is missing; on Debian or Ubuntu: {APT}; or name one: --font"
    )


def synthesize(
    program: str, font: Path, midi: Path, target: Path, sample_rate: int, room: tuple[float, float]
) -> None:
    """Render a MIDI file to a 32-bit float WAV file, stereo.

    Parameters
    ----------
    program, font, midi, target
        FluidSynth, its sound font, what is played and what is written.
    sample_rate : int
        In Hz.
    room : (float, float)
        Size and loudness of the reverberation, 0-1.

    Raises
    ------
    RestorationError
        If FluidSynth fails or writes nothing.
    """
    size, level = room
    options = {
        "synth.reverb.active": "1",
        "synth.reverb.room-size": f"{size:.3f}",
        "synth.reverb.level": f"{level:.3f}",
        "synth.reverb.damp": "0.3",
        "synth.chorus.active": "0",
        "synth.dynamic-sample-loading": "1",  # a packed font (.sf3) is unpacked as far as it plays
    }
    command = [program, "-ni", "-q", "-g", str(GAIN), "-r", str(sample_rate)]
    command += [part for key, value in options.items() for part in ("-o", f"{key}={value}")]
    command += ["-T", "wav", "-O", "float", "-F", str(target), str(font), str(midi)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_S
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise RestorationError(f"FluidSynth cannot be run: {error}") from None
    if done.returncode or not target.is_file():
        lines = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise RestorationError(f"FluidSynth failed: {lines[-1]}")
