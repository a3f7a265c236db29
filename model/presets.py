"""Presets: the part of ``Settings`` that describes a restoration, as small YAML files. Any thread.

A preset lists every ``in_preset`` field once, so that reading the file shows all that it does.
"""

import difflib
from dataclasses import Field, fields, replace
from pathlib import Path
from typing import Any

import yaml

from model.errors import RestorationError
from model.flat_yaml import Entry, read_flat_yaml, write_text_atomically
from model.settings import Settings

PRESETS_DIR = Path(__file__).resolve().parent.parent / "presets"
SHIPPED = ("light", "default", "heavy")  # from gentle to strong, the order people see them in


def preset_names() -> list[str]:
    """Names of the presets in ``PRESETS_DIR``: shipped ones from gentle to strong, then others."""
    found = {path.stem for path in PRESETS_DIR.glob("*.yaml")}
    return [name for name in SHIPPED if name in found] + sorted(found.difference(SHIPPED))


def preset_fields() -> list[Field[Any]]:
    """Return the ``Settings`` fields that a preset stores, in the order a file lists them."""
    return [spec for spec in fields(Settings) if spec.metadata["in_preset"]]


def load_preset(name_or_path: str | Path, base: Settings | None = None) -> Settings:
    """Read a preset.

    Parameters
    ----------
    name_or_path : str or Path
        One of :func:`preset_names`, or a YAML file. A name wins over a file called the same;
        a ``Path`` is always a file.
    base : Settings, optional
        Supplies what a preset does not hold (bypass, monitor, monitor gain).

    Raises
    ------
    RestorationError
        Naming the file, and the key and the line where one is at fault.
    """
    path = _find(name_or_path)
    entries = read_flat_yaml(path)
    known = {spec.name: spec for spec in preset_fields()}
    values: dict[str, Any] = {}
    for entry in entries:
        if entry.key not in known:
            raise _fault(path, entry, _unknown(entry.key, list(known)))
        values[entry.key] = _checked(path, known[entry.key], entry)
    missing = ", ".join(f"'{name}'" for name in known if name not in values)
    if missing:
        last_line = entries[-1].line if entries else 1
        raise RestorationError(
            f"{path}, line {last_line}: {missing} must follow here; a preset lists every setting"
        )
    return replace(base or Settings(), **values)


def save_preset(path: str | Path, settings: Settings, name: str = "") -> None:
    """Write every stored field with its explanation; the file appears whole or not at all.

    Parameters
    ----------
    path : str or Path
        Replaced if it exists. Its folder must exist.
    settings : Settings
        Read back by :func:`load_preset` to exactly the same values.
    name : str
        What the person calls it; stands in the first line. The file's stem if empty.

    Raises
    ------
    RestorationError
        If the file cannot be written.
    """
    path = Path(path)
    title = " ".join((name or path.stem).split())
    title = title if title.isprintable() else ascii(title)
    lines = [f"# Shellac preset: {title}\n"]
    lines += [_explained(spec, getattr(settings, spec.name)) for spec in preset_fields()]
    try:
        write_text_atomically(path, "\n".join(lines))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RestorationError(f"cannot write the preset {path}: {reason}") from None


def _find(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if isinstance(name_or_path, Path):
        return path
    names = preset_names()
    if name_or_path in names:
        return PRESETS_DIR / f"{name_or_path}.yaml"
    if path.suffix or len(path.parts) > 1 or path.exists():
        return path
    near = difflib.get_close_matches(name_or_path, names, n=1)
    hint = f"did you mean '{near[0]}'? " if near else ""
    raise RestorationError(
        f"no preset is called {name_or_path!r}; {hint}"
        f"choose {', '.join(names)}, or give a YAML file"
    )


def _checked(path: Path, spec: Field[Any], entry: Entry) -> Any:
    """Return the entry's value as the field wants it, after ``Settings`` has accepted it."""
    if len(entry.text) > 60:
        raise _fault(path, entry, f"the value of '{spec.name}' is far too long")
    value = entry.value
    if isinstance(spec.default, float) and type(value) is int:
        value = float(value)
    try:
        Settings(**{spec.name: value})
    except (ValueError, TypeError) as error:
        raise _fault(path, entry, str(error)) from None
    return value


def _unknown(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"a preset knows {', '.join(known)}"
    return f"unknown key {key[:60]!r}; {hint}"


def _fault(path: Path, entry: Entry, what: str) -> RestorationError:
    return RestorationError(f"{path}, line {entry.line}: {what}")


def _explained(spec: Field[Any], value: Any) -> str:
    """Return the field's help, what it may be, and its value, as the file shows them."""
    limits = spec.metadata
    if "options" in limits:
        allowed = " or ".join(limits["options"])
    elif isinstance(spec.default, bool):
        allowed = "true or false"
    else:
        unit = "" if limits["unit"] == "share" else f" {limits['unit']}"
        allowed = f"{limits['low']:g} to {limits['high']:g}{unit}"
        value = float(value)
    line: str = yaml.safe_dump({spec.name: value})
    return f"# {limits['help']} ({allowed})\n{line}"
