"""Names of files from what is known of the record. Any thread."""

import hashlib
import string
import uuid
from datetime import datetime
from pathlib import Path

from model.errors import RestorationError
from model.groove.record import RecordSettings

DEFAULT = "{date}_{time}"
FIELDS = ("title", "performer", "label", "catalogue", "matrix", "side", "year")
FORBIDDEN = dict.fromkeys(map(ord, '/\\:*?"<>|'), "_")  # on one system or another
LONGEST = 150  # bytes, leaving room for what is appended
LONGEST_FILE_NAME = 255  # bytes, on almost every file system


def file_name(template: str, record: RecordSettings, when: datetime, track: int = 0) -> str:
    """Return a name without folder and suffix.

    Parameters
    ----------
    template : str
        With fields in braces: those of ``FIELDS``, ``{date}``, ``{time}``, ``{track}``. What is
        not known becomes nothing, and what then joins nothing is left away.
    record : RecordSettings
    when : datetime
    track : int
        Within the side; 0 for the whole side.

    Raises
    ------
    RestorationError
        An unknown field, or nothing that could be a name.
    """
    known = {name: str(getattr(record, name) or "") for name in FIELDS}
    known |= {
        "date": f"{when:%Y-%m-%d}",
        "time": f"{when:%H-%M-%S}",
        "track": f"{track:02d}" if track else "",
    }
    refuse_unknown_fields(template)
    parts = [
        literal + (known[field] if field else "")
        for literal, field, _, _ in string.Formatter().parse(template)
    ]
    name = "".join(parts).translate(FORBIDDEN)
    name = "".join(c for c in name if c.isprintable())
    name = " ".join(name.split()).strip(" .-_")
    if len(name.encode(errors="surrogateescape")) > LONGEST:  # each track still has its number
        number = f" {track:02d}" if track else ""
        name = cut(name, LONGEST - len(number)).strip(" .-_") + number
    if not name:
        raise RestorationError(
            f"the name template {template!r} gives no name for this record; add {{date}}_{{time}}"
        )
    return name


def cut(text: str, most: int) -> str:
    """Return the beginning of a text that takes at most so many bytes, in whole letters."""
    return text.encode(errors="surrogateescape")[:most].decode(errors="ignore")


def fitted(stem: str, ending: str, most: int = LONGEST_FILE_NAME) -> str:
    """Return both together, the first shortened where a file system would not take the name.

    A shortened one ends with a check value, so that two long names stay two.
    """
    whole = f"{stem}{ending}".encode(errors="surrogateescape")
    if len(whole) <= most:
        return f"{stem}{ending}"
    check = "~" + hashlib.sha256(whole).hexdigest()[:6]
    room = most - len(ending.encode(errors="surrogateescape")) - len(check)
    return f"{cut(stem, room).rstrip(' .')}{check}{ending}"


def part_of(path: Path) -> Path:
    """Return a hidden name beside ``path`` for what is not finished; never the same twice."""
    return path.with_name(f".{cut(path.name, 200)}.{uuid.uuid4().hex[:8]}.part")


def refuse_unknown_fields(template: str) -> None:
    """Raise a RestorationError that names what a template may hold, if it holds something else."""
    known = (*FIELDS, "date", "time", "track")
    try:
        fields = [part[1] for part in string.Formatter().parse(template)]
    except ValueError as error:
        raise RestorationError(f"the name template {template!r} is broken: {error}") from None
    for field in fields:
        if field is not None and field not in known:
            raise RestorationError(
                f"the name template knows no {{{field}}}; choose from "
                f"{', '.join('{' + name + '}' for name in known)}"
            )
