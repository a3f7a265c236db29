"""Where presets are: the shipped ones and the person's own folder. Files only, no widgets."""

import re
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QStandardPaths

from model.errors import RestorationError
from model.presets import PRESETS_DIR, load_preset, preset_names, save_preset
from model.settings import Settings


class Preset(NamedTuple):
    """One preset that can be chosen."""

    name: str
    path: Path
    shipped: bool


class PresetStore:
    """All presets: shipped ones first, then the person's own.

    Parameters
    ----------
    folder : Path, optional
        The person's own; made when the first preset is saved. The desktop's place for
        configuration if not given.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or _own_folder()

    def presets(self) -> list[Preset]:
        """Return every preset there is at this moment."""
        shipped = [Preset(name, PRESETS_DIR / f"{name}.yaml", True) for name in preset_names()]
        own = sorted(self.folder.glob("*.yaml")) if self.folder.is_dir() else []
        return shipped + [Preset(path.stem, path, False) for path in own]

    def find(self, path: Path) -> Preset:
        """The preset kept at that path, which may lie anywhere."""
        here = (preset for preset in self.presets() if preset.path == path)
        return next(here, Preset(path.stem, path, False))

    def load(self, preset: Preset, base: Settings) -> Settings:
        """Read a preset; ``base`` supplies how one listens.

        Raises
        ------
        RestorationError
            Naming file, key and line.
        """
        return load_preset(preset.path, base)

    def save(self, preset: Preset, settings: Settings) -> None:
        """Write over one of the person's own.

        Raises
        ------
        RestorationError
            It is a shipped one, or cannot be written.
        """
        if preset.shipped:
            raise RestorationError(f"{preset.name!r} came with the program; save it as your own")
        save_preset(preset.path, settings, preset.name)

    def has(self, name: str) -> bool:
        """Whether one of the person's own would be written over by saving under this name."""
        return self._namesake(_stem(name)) is not None

    def save_as(self, name: str, settings: Settings) -> Preset:
        """Write another one of the person's own, or over the one of that name.

        Raises
        ------
        RestorationError
            The name is empty or taken by a shipped preset, or the folder cannot be written.
        """
        stem = _stem(name)
        if not stem:
            raise RestorationError("a preset needs a name")
        if stem.casefold() in {shipped.casefold() for shipped in preset_names()}:
            raise RestorationError(f"{stem!r} came with the program; take another name")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or error
            raise RestorationError(f"cannot write into {self.folder}: {reason}") from None
        preset = Preset(stem, self.folder / f"{stem}.yaml", False)
        namesake = self._namesake(stem)
        save_preset(preset.path, settings, name)
        is_other = namesake is not None and namesake.name != preset.path.name
        if is_other and namesake and namesake.exists() and not namesake.samefile(preset.path):
            namesake.unlink()  # the same name in other letters: one of them is enough
        return preset

    def _namesake(self, stem: str) -> Path | None:
        """The preset of one's own with that name, in whatever letters."""
        own = self.folder.glob("*.yaml") if self.folder.is_dir() else ()
        return next((path for path in own if path.stem.casefold() == stem.casefold()), None)


def _stem(name: str) -> str:
    return re.sub(r"[^\w .()+-]", "_", name).strip(" .")


def _own_folder() -> Path:
    place = QStandardPaths.StandardLocation.GenericConfigLocation
    return Path(QStandardPaths.writableLocation(place)) / "shellac" / "presets"
