"""What an input's name stands for: a file, the bundled record, or a device. Loads nothing heavy."""

from pathlib import Path

from model.errors import RestorationError
from realtime.config import DEMO_INPUT
from realtime.user_paths import expanded

DEMO_RECORD = Path(__file__).parents[2] / "presets" / "demo" / "worn_record.flac"


def sound_file(name: str) -> Path | None:
    """Return the file that an input's name stands for; None when it must be a device.

    Raises
    ------
    RestorationError
        It is called like a sound file, and is none.
    """
    if name == DEMO_INPUT:
        return DEMO_RECORD
    path = expanded(name)
    if path.is_file():
        return path
    if path.suffix and _is_sound(path.suffix):
        raise RestorationError(f"input file {name!r} does not exist; check the path")
    return None


def _is_sound(suffix: str) -> bool:
    import soundfile  # heavy: only a name with a dot asks for it

    return suffix.lstrip(".").upper() in {*soundfile.available_formats(), "AIF"}
