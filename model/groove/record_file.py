"""A record's settings as a small YAML file, explained line by line. Any thread.

Unlike a preset it may leave keys out: what is not known of a record need not be said.
"""

import contextlib
import difflib
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import yaml

from model.errors import RestorationError
from model.flat_yaml import MAX_BYTES, Entry, read_flat_yaml, write_text_atomically
from model.groove.record import RecordSettings

LONGEST_VALUE = 60  # characters of a number or a choice


def load_record(path: Path | str) -> RecordSettings:
    """Read a record; keys that are left out keep their defaults.

    Raises
    ------
    RestorationError
        Naming the file, and the key and the line where one is at fault.
    """
    path = Path(path)
    known = {spec.name: spec for spec in fields(RecordSettings)}
    values: dict[str, Any] = {}
    entries = read_flat_yaml(path)
    for entry in entries:
        if entry.key not in known:
            near = difflib.get_close_matches(entry.key, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"
            raise _fault(path, entry, f"unknown key {entry.key[:60]!r}; {hint}")
        values[entry.key] = _checked(path, known[entry.key], entry)
    try:
        return RecordSettings(**values)
    except (ValueError, TypeError) as error:  # two values that do not go together
        raise RestorationError(f"{path}: {error}") from None


def is_record_file(path: Path) -> bool:
    """Whether a YAML file speaks of a record at all; one that cannot be read may mean to."""
    known = {spec.name for spec in fields(RecordSettings)}
    try:
        keys = {entry.key for entry in read_flat_yaml(path)}
    except RestorationError as error:
        return _mentions(path, known) or "cannot read" in str(error)
    near = any(difflib.get_close_matches(key, known, n=1, cutoff=0.8) for key in keys)
    return not keys or near


def _mentions(path: Path, known: set[str]) -> bool:
    """Whether any line begins with a record's key, in a file that is more than flat YAML."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        lines = file.read(MAX_BYTES).decode("utf-8", "replace").splitlines()
        return any(line.partition(":")[0].strip() in known for line in lines)
    return True


def save_record(path: Path | str, record: RecordSettings) -> None:
    """Write every field with its explanation; the file appears whole or not at all.

    Raises
    ------
    RestorationError
        If the file cannot be written.
    """
    path = Path(path)
    lines = ["# Shellac record: how one side is played, and what is known of it\n"]
    lines += [_explained(spec, getattr(record, spec.name)) for spec in fields(RecordSettings)]
    try:
        write_text_atomically(path, "\n".join(lines))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RestorationError(f"cannot write the record {path}: {reason}") from None


def _checked(path: Path, spec: Field[Any], entry: Entry) -> Any:
    """Return the entry's value as the field wants it, in so far as it can be judged alone."""
    is_text = isinstance(spec.default, str) and "options" not in spec.metadata
    if not is_text and len(entry.text) > LONGEST_VALUE:
        raise _fault(path, entry, f"the value of '{spec.name}' is far too long")
    value = entry.value
    if isinstance(spec.default, float) and type(value) is int:
        value = float(value)
    if is_text:
        # What stands on a label is text, even where it looks like a number or a date.
        value = entry.text if value is not None else ""
    try:
        if spec.name != "bass_shelf_hz":  # it is judged beside its turnover
            RecordSettings(**{spec.name: value})
    except (ValueError, TypeError) as error:
        raise _fault(path, entry, str(error)) from None
    return value


def _fault(path: Path, entry: Entry, what: str) -> RestorationError:
    return RestorationError(f"{path}, line {entry.line}: {what}")


def _explained(spec: Field[Any], value: Any) -> str:
    """Return the field's help, what it may be, and its value, as the file shows them."""
    limits = spec.metadata
    allowed = ""
    if "options" in limits:
        options = " or ".join(str(option) for option in limits["options"] if option != "")
        allowed = f" ({options})"
    elif isinstance(spec.default, bool):
        allowed = " (true or false)"
    elif "low" in limits:
        allowed = f" ({limits['low']:g} to {limits['high']:g} {limits['unit']}".rstrip() + ")"
    line: str = yaml.safe_dump({spec.name: value}, allow_unicode=True, width=1000)
    return f"# {limits['help']}{allowed}\n{line}"
