"""What is written into a sound file about itself, whatever its container. Plain data, no thread."""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from model.groove.record import STANDARD_RPM, RecordSettings
from realtime.soundfiles.carried_tags import CarriedTags


@dataclass(frozen=True, slots=True)
class Description:
    """One sound file, described.

    Attributes
    ----------
    record : RecordSettings
    role : str
        "raw transfer" or "restored".
    started : datetime
        When its first sample was taken, or the file restored.
    sample_rate, bits, channels : int
    source : str
        The device, or the file that it was made from.
    originator : str
        Program and version.
    track : int
        Within the side; 0 for the whole side.
    carried : CarriedTags
        What the source's own tags say; what is known of the record comes on top.
    """

    record: RecordSettings
    role: str
    started: datetime
    sample_rate: int
    bits: int
    channels: int
    source: str
    originator: str
    track: int = 0
    carried: CarriedTags = field(default_factory=CarriedTags)

    @property
    def summary(self) -> str:
        """One line: who, what, label, number, side."""
        r = self.record
        named = " - ".join(filter(None, (r.performer, r.title)))
        number = " ".join(filter(None, (r.label, r.catalogue)))
        side = f"side {r.side}" if r.side else ""
        return "; ".join(filter(None, (named, number, r.matrix, side, self.role)))

    @property
    def reference(self) -> str:
        """What tells this file from others of the same record."""
        number = self.record.catalogue or self.record.matrix
        return " ".join(filter(None, (number, f"{self.started:%Y%m%d%H%M%S}")))

    @property
    def samples_since_midnight(self) -> int:
        """Bwf's time reference."""
        since = self.started.replace(hour=0, minute=0, second=0, microsecond=0)
        return round((self.started - since).total_seconds() * self.sample_rate)

    @property
    def coding_history(self) -> list[str]:
        """How it came to be, one step a line (EBU R 98)."""
        r, mode = self.record, "mono" if self.channels == 1 else "stereo"
        gear = (("stylus", r.stylus), ("cartridge", r.cartridge), ("preamplifier", r.preamplifier))
        played = [f"disc at {r.played_rpm:g} rpm", *(f"{k} {v}" for k, v in gear if v)]
        made = [r.converter, self.source, self.originator, self.role, self._treated()]
        pcm = f"A=PCM,F={self.sample_rate},W={self.bits},M={mode}"
        return [f"A=ANALOGUE,M={mode},T={_free_text(played)}", f"{pcm},T={_free_text(made)}"]

    def tags(self) -> dict[str, str]:
        """Return what is known, by the names of Vorbis comments in lower case."""
        r = self.record
        known = {
            "title": r.title,
            "artist": r.performer,
            "label": r.label,
            "catalognumber": r.catalogue,
            "matrixnumber": r.matrix,
            "tracknumber": str(self.track) if self.track else "",
            "discsubtitle": f"side {r.side}" if r.side else "",
            "date": str(r.year) if r.year else "",
            "comment": "; ".join(filter(None, (r.notes, self.role, self._treated()))),
            "source": self.source,
            "stylus": r.stylus,
            "cartridge": r.cartridge,
            "preamplifier": r.preamplifier,
            "converter": r.converter,
            "operator": r.operator,
            "encoder": self.originator,
        }
        return {name: value for name, value in known.items() if value}

    def all_tags(self) -> dict[str, list[str]]:
        """Return :meth:`tags` on top of what was carried over; the source's comments stay."""
        ours = {name: [value] for name, value in self.tags().items()}
        theirs = {name: list(values) for name, values in self.carried.texts.items()}
        comments = [*theirs.get("comment", ()), *ours.get("comment", ())]
        return {**theirs, **ours, **({"comment": comments} if comments else {})}

    def _treated(self) -> str:
        return treatment(self.record) if self.role == "restored" else ""


def _free_text(parts: list[str]) -> str:
    """Return what may stand behind ``T=``, where a comma would begin another field."""
    return "; ".join(part.replace(", ", "; ").replace(",", ";") for part in parts if part)


def treatment(record: RecordSettings) -> str:
    """Return what is done to the groove's sound, apart from repairs, in a few words."""
    r = record
    words = [
        "RIAA undone" if r.undo_riaa else "",
        r.groove.replace("_", " ") if r.groove != "stereo" else "",
        f"walls {r.wall_offset_us:g} us {r.wall_balance_db:+g} dB"
        if r.wall_offset_us or r.wall_balance_db
        else "",
        f"rumble filter {r.rumble_hz:g} Hz" if r.rumble_hz else "",
        f"hum filter {r.hum}" if r.hum != "none" else "",
        f"curve {r.curve.replace('_', ' ')}",
        f"{r.turnover_hz:g} Hz -{r.rolloff_db:g} dB" if r.curve == "custom" else "",
        f"speed {r.true_rpm:g} rpm" if r.speed != 1.0 or r.true_rpm != STANDARD_RPM else "",
    ]
    return ", ".join(filter(None, words))


def as_ascii(text: str, *, keep_lines: bool = False) -> bytes:
    """Return text without accents; what then is no ASCII becomes a question mark."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    if not keep_lines:
        plain = " ".join(plain.split())
    return plain.encode("ascii", "replace")
