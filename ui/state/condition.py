"""How each part of the machine stands: a lamp each, lit by figures and events. No widgets.

A trouble is put out by its own good news alone: that the computer keeps up again says nothing of
an input that is away.
"""

from typing import Literal, NamedTuple

from realtime.telemetry import About, EngineEvent, EventKind, Telemetry
from realtime.units import clock
from ui.widgets.language import later, tr

Part = Literal["input", "output", "recording", "needle", "computer", "disk"]
Role = Literal["good", "warn", "bad", "faint"]
PARTS: tuple[Part, ...] = ("input", "output", "computer", "needle", "disk", "recording")
NAMES: dict[Part, str] = {
    "input": later("Input"),
    "output": later("Output"),
    "computer": later("Computer"),
    "needle": later("Needle"),
    "disk": later("Disk"),
    "recording": later("Recording"),
}
TROUBLES: dict[About, tuple[EventKind, ...]] = {
    "computer": ("error", "warning"),
    "disk": ("error", "warning"),
}
STILL_S = 1.0  # without a sign of life; the engine says so with a sentence of its own
HIGH_LOAD = 0.75  # share of a hop's time, of 99 in 100 hops: little is to spare


class Lamp(NamedTuple):
    """How one part stands: the colour, a word or two, and a sentence for the tooltip."""

    role: Role
    text: str
    tip: str = ""


class Conditions:
    """Listens to events and looks at figures; one stream after the other."""

    def __init__(self) -> None:
        self._troubles: dict[About, str] = {}  # what is wrong with a part, until it is right again
        self._needle: Literal["off", "waiting", "down"] = "off"

    def restart(self) -> None:
        """Another stream begins; what is known of a recording stays."""
        for part in ("input", "output", "needle", "computer"):
            self._troubles.pop(part, None)
        self._needle = "off"

    def hear(self, event: EngineEvent) -> None:
        """Take in what happened."""
        if event.about and event.kind in TROUBLES.get(event.about, ("error",)):
            self._troubles[event.about] = event.message
        elif event.kind == "back":
            self._troubles.pop(event.about, None)
        elif event.kind == "waiting":
            self._needle = "waiting"
        elif event.kind == "recording_started":
            self._troubles.pop("recording", None)
            self._troubles.pop("disk", None)
            self._needle = "down" if self._needle == "waiting" else "off"
        elif event.kind == "recording_stopped":
            self._needle = "off"
            if event.report is not None and event.report.error:
                self._troubles["recording"] = event.report.error

    @property
    def waits_for_needle(self) -> bool:
        """True until the needle comes down."""
        return self._needle == "waiting"

    def needle_is_off(self) -> None:
        """The person has cancelled the wait."""
        self._needle = "off"

    def lamps(self, telemetry: Telemetry, disk: tuple[str, bool]) -> dict[Part, Lamp]:
        """Return every lamp; ``disk`` is what is left there, and whether that is little."""
        t = telemetry
        return {
            "input": self._end("input", t, t.input_age_s),
            "output": self._output(t),
            "computer": self._computer(t),
            "needle": self._needle_lamp(t),
            "disk": self._disk(*disk),
            "recording": self._recording(t),
        }

    def _end(self, part: Part, t: Telemetry, age_s: float) -> Lamp:
        if t.state == "new":
            return Lamp("faint", tr("not open"))
        if t.state == "starting":
            return Lamp("warn", tr("starting"))
        if t.state == "failed":
            return Lamp("bad", tr("failed"), self._troubles.get(part, ""))
        if t.state in (tr("stopped"), "finished"):
            return Lamp("faint", tr("ended"))
        if said := self._troubles.get(part):
            return Lamp("bad", tr("away"), said)
        if age_s > STILL_S:
            return Lamp("bad", tr("no sound"), tr("nothing has come for {s:.0f} s", s=age_s))
        return Lamp("good", "", t.input_name if part == "input" else t.output_name)

    def _output(self, t: Telemetry) -> Lamp:
        lamp = self._end("output", t, t.output_age_s)
        if lamp.role == "good" and t.output_name == "none":
            return Lamp(
                "warn", tr("silent"), tr("there is no output; the sound is restored and recorded")
            )
        return lamp

    def _computer(self, t: Telemetry) -> Lamp:
        if t.state != "running":
            return Lamp("faint", "")
        if t.overloaded:
            return Lamp("bad", tr("too busy"), self._troubles.get("computer", ""))
        text = f"{100 * t.load_p50:.0f} %"
        if said := self._troubles.get("computer"):
            return Lamp("warn", text, said)
        late = t.xruns_in + t.xruns_out
        if t.lost_samples:
            return Lamp(
                "warn",
                text,
                tr(
                    "{n:,} samples were lost; see Diagnostics",
                    n=t.lost_samples,
                ),
            )
        if late or t.load_p99 > HIGH_LOAD:
            return Lamp(
                "warn", text, tr("little to spare; sound came too late {n:,} times", n=late)
            )
        return Lamp("good", text, tr("how much of its time the restoration takes"))

    def _needle_lamp(self, t: Telemetry) -> Lamp:
        if self._needle == "waiting":
            return Lamp("warn", tr("waiting"), tr("recording begins when the needle comes down"))
        if self._needle == "down" and t.recording:
            return Lamp("good", tr("down"), tr("recording ends when the needle is lifted"))
        return Lamp("faint", tr("off"), tr("recordings begin and end by the button"))

    def _disk(self, left: str, is_little: bool) -> Lamp:
        if said := self._troubles.get("disk"):
            return Lamp("bad", left, said)
        return Lamp(
            "warn" if is_little else "good", left, tr("what the recordings' disk has room for")
        )

    def _recording(self, t: Telemetry) -> Lamp:
        if t.recording:
            return Lamp("good", clock(t.recorded_s), t.raw_path)
        if said := self._troubles.get("recording"):
            return Lamp("bad", tr("stopped"), said)
        return Lamp("faint", tr("off"))
