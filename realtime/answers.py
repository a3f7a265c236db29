"""What a command found out, for another program: one JSON document of one form. No thread."""

import json
import math
from dataclasses import asdict, is_dataclass
from pathlib import PurePath
from typing import Any

SCHEMA = 1  # counted up when a field is renamed, taken away or means something else


def document(version: str, command: str, result: object, error: str = "") -> str:
    """Return the document that ``--json`` prints, in ASCII.

    Parameters
    ----------
    version : str
        Of the program.
    command : str
        Which was asked.
    result : object
        Dataclasses, named tuples, dicts, lists and plain values; None if there is none.
    error : str
        The line that a person would read; empty if all is well.
    """
    content = {
        "program": "shellac",
        "version": version,
        "schema": SCHEMA,
        "command": command,
        "ok": not error,
        "error": error or None,
        "result": _plain(result),
    }
    return json.dumps(content, indent=2, allow_nan=False)


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON knows no such number
    return str(value) if isinstance(value, PurePath) else value
