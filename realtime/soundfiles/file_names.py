"""Names of files from what is known of the record. Any thread."""

import string
from datetime import datetime

from model.errors import RestorationError
from model.record import RecordSettings

DEFAULT = "{date}_{time}"
FIELDS = ("title", "performer", "label", "catalogue", "matrix", "side", "year")
FORBIDDEN = dict.fromkeys(map(ord, '/\\:*?"<>|'), "_")  # on one system or another
LONGEST = 150  # characters, leaving room for what is appended


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
    name = " ".join(name.split()).strip(" .-_")[:LONGEST].strip(" .-_")
    if not name:
        raise RestorationError(
            f"the name template {template!r} gives no name for this record; add {{date}}_{{time}}"
        )
    return name


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
