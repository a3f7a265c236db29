"""Reads and writes small flat YAML files that strangers may have written. Any thread.

Only one mapping of plain scalars gets through: aliases, anchors, tags, nesting and further
documents are refused from the event stream, before anything is built.
"""

import os
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from model.errors import RestorationError

MAX_BYTES = 64 * 1024


class Entry(NamedTuple):
    """One ``key: value`` line; lines count from 1."""

    key: str
    text: str  # the value as it is written
    value: Any  # a str, int, float, bool, date or None
    line: int


def read_flat_yaml(path: Path) -> list[Entry]:
    """Return the entries of ``path`` in the file's order; a repeated key is an error.

    Raises
    ------
    RestorationError
        Naming the file, and the line where there is one at fault.
    """
    text = _read_text(path)
    try:
        _refuse_structure(path, text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        pairs = root.value if isinstance(root, yaml.MappingNode) else []
        entries = [_entry(path, key, value) for key, value in pairs]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RestorationError(f"{path}, line {line}: not valid YAML: {error.problem}") from None
    except yaml.YAMLError:
        raise RestorationError(f"{path} is not a text file; plain YAML is expected") from None
    _refuse_repeats(path, entries)
    return entries


unfinished_texts: set[Path] = set()  # of this process: hidden files, worth nothing if it ends now


def write_text_atomically(path: Path, text: str) -> None:
    """Write UTF-8 ``text`` so that the file appears whole or stays as it was; may raise OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".shellac-")
    temporary = Path(name)
    unfinished_texts.add(temporary)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)  # mkstemp keeps it private
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        unfinished_texts.discard(temporary)


def _read_text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():  # a pipe would wait for ever
            raise RestorationError(f"{path} is not a file; give a YAML file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise RestorationError(f"cannot read {path}: {reason}") from None
    if len(content) > MAX_BYTES:
        raise RestorationError(
            f"{path} is larger than {MAX_BYTES // 1024} KiB, which no such file needs"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RestorationError(f"{path} is not a text file; UTF-8 YAML is expected") from None


def _refuse_structure(path: Path, text: str) -> None:
    starts = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise RestorationError(f"{path}, line {line}: aliases and anchors are not allowed")
        if tag := getattr(event, "tag", None):
            raise RestorationError(f"{path}, line {line}: tags such as {tag[:60]} are not allowed")
        documents += isinstance(event, yaml.DocumentStartEvent)
        starts += isinstance(event, yaml.CollectionStartEvent)
        nested = starts > 1 or isinstance(event, yaml.SequenceStartEvent)
        bare = starts == 0 and isinstance(event, yaml.ScalarEvent) and event.value
        if nested or bare or documents > 1:
            raise RestorationError(f"{path}, line {line}: only flat 'key: value' lines are allowed")


def _entry(path: Path, key: yaml.ScalarNode, node: yaml.ScalarNode) -> Entry:
    line = key.start_mark.line + 1
    try:
        value = yaml.SafeLoader("").construct_object(node)
    except (yaml.YAMLError, ValueError, OverflowError):
        raise RestorationError(
            f"{path}, line {line}: cannot read the value of '{key.value[:60]}'"
        ) from None
    return Entry(key.value, node.value, value, line)


def _refuse_repeats(path: Path, entries: list[Entry]) -> None:
    first_line: dict[str, int] = {}
    for entry in entries:
        if entry.key in first_line:
            raise RestorationError(
                f"{path}, line {entry.line}: '{entry.key[:60]}' stands there twice, "
                f"first in line {first_line[entry.key]}; keep one"
            )
        first_line[entry.key] = entry.line
