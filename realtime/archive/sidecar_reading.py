"""Reads a sidecar that somebody else may have written: a size limit and a schema. Any thread.

What is checked is what the program relies on: which two files belong together, what they were,
and at what speed. The rest is for people and stays as it is.
"""

import json
import re
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, NoReturn

from model.errors import RestorationError

MAX_BYTES = 32 * 2**20  # a day of recording with a turned control each second
SLOWEST, FASTEST = 0.05, 20.0  # what two speeds of 10 to 200 rpm can make of each other
LONGEST_NAME = 4096  # characters
_SHA256 = re.compile(r"[0-9a-f]{64}")


class FileFacts(NamedTuple):
    """What a sound file was when the sidecar was written; ``name`` counts from its folder."""

    name: str
    bytes: int
    sha256: str


class SidePair(NamedTuple):
    """The two files that a sidecar vouches for."""

    original: FileFacts
    restored: FileFacts
    speed: float


def read_sidecar(path: Path) -> dict[str, Any]:
    """Return what stands in a sidecar, as far as JSON goes.

    Raises
    ------
    RestorationError
        In one line, naming the file: unreadable, far too large, or not JSON.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe would wait for ever
            raise _BrokenError("it is not a file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise _BrokenError(f"it is larger than {MAX_BYTES >> 20} MiB")
        root = json.loads(content.decode("utf-8"), parse_constant=_refuse_constant)
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from None
    except RecursionError:
        raise _unusable(path, "it is nested too deeply") from None
    except ValueError as error:
        raise _unusable(path, str(error)) from None
    if not isinstance(root, dict):
        raise _unusable(path, "it holds no fields")
    return root


def read_pair(path: Path) -> SidePair:
    """Return the two files that a sidecar vouches for.

    Raises
    ------
    RestorationError
        In one line, naming the file and the field at fault.
    """
    content = read_sidecar(path)
    try:
        files = content.get("files")
        if not isinstance(files, dict) or len(files) != 2:
            raise _BrokenError("'files' does not name two of them")
        original, restored = (_facts(role, facts) for role, facts in files.items())
        return SidePair(original, restored, _speed(content.get("speed")))
    except _BrokenError as reason:
        raise _unusable(path, str(reason)) from None


def read_pictures(path: Path) -> list[FileFacts]:
    """Return the pictures that a sidecar vouches for; none where it knows of none.

    Raises
    ------
    RestorationError
        In one line, naming the file and the field at fault.
    """
    pictures = read_sidecar(path).get("pictures", [])
    try:
        if not isinstance(pictures, list):
            raise _BrokenError("'pictures' is no list")
        return [_facts("pictures", facts) for facts in pictures]
    except _BrokenError as reason:
        raise _unusable(path, str(reason)) from None


class _BrokenError(ValueError):
    """What is wrong with a sidecar's content."""


def _facts(role: str, facts: Any) -> FileFacts:
    if not isinstance(facts, dict):
        raise _BrokenError(f"'{role[:20]}' is no list of facts")
    name, size, digest = (facts.get(key) for key in ("name", "bytes", "sha256"))
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or "\0" in name:
        raise _BrokenError(f"'{role[:20]}' has no usable 'name'")
    if PurePosixPath(name).is_absolute():
        raise _BrokenError(f"'{role[:20]}' has an absolute 'name'; it must count from the sidecar")
    if type(size) is not int or not 0 <= size < 2**63:
        raise _BrokenError(f"'{role[:20]}' has no usable 'bytes'")
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        raise _BrokenError(f"'{role[:20]}' has no usable 'sha256'")
    return FileFacts(name, size, digest)


def _speed(value: Any) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not SLOWEST <= value <= FASTEST:
        raise _BrokenError(f"'speed' must be a number from {SLOWEST:g} to {FASTEST:g}")
    return float(value)


def _refuse_constant(name: str) -> NoReturn:
    raise _BrokenError(f"{name} is no number")


def _unusable(path: Path, reason: str) -> RestorationError:
    return RestorationError(
        f"{path} cannot be read as a sidecar: {reason[:160]}; restore it from a copy"
    )
