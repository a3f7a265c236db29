"""Which button stands beside which trouble: from the engine's sentence to the next sensible thing.

Pure decisions, no widgets; the window knows how each is done.
"""

from typing import Literal

from realtime.telemetry import EngineEvent, Telemetry
from ui.widgets.language import later

NextStep = Literal[
    "reopen",  # the same devices again
    "devices",  # choose others
    "archive_rate",  # the same devices at the rate that archives ask for
    "folder",  # record into another folder
    "unrecorded",  # the same again, without the recording that cannot be
    "demo",  # hear that the program works
    "replay",  # play the record again
    "show_files",
    "lateral",  # another groove
    "vertical",
    "left",
    "right",
    "none",
]

GROOVES: tuple[NextStep, ...] = ("lateral", "vertical", "left", "right")

LABELS: dict[NextStep, str] = {
    "reopen": later("Start again"),
    "devices": later("Choose devices…"),
    "archive_rate": later("Open at 96 kHz"),
    "folder": later("Record elsewhere…"),
    "unrecorded": later("Play without recording"),
    "demo": later("Play the demo record"),
    "replay": later("Play it again"),
    "show_files": later("Show the files"),
    "lateral": later("Use both walls"),
    "vertical": later("Use both walls"),
    "left": later("Use the left wall"),
    "right": later("Use the right wall"),
    "none": "",
}

HARMLESS = ("shellac recover", "goes on until it is stopped")
NEEDS_NOTHING = ("back", "waiting", "marked", "started", "recording_started")


def after_event(event: EngineEvent, telemetry: Telemetry) -> NextStep:
    """What to offer when the engine has something to say; nothing where there is nothing to do."""
    if event.kind in NEEDS_NOTHING or any(sign in event.message for sign in HARMLESS):
        return "none"
    if event.kind == "proposal":
        return next((step for step in GROOVES if step == event.groove), "none")
    if event.kind == "finished":
        return "replay"
    if event.about in ("recording", "disk"):
        return "folder" if event.kind == "error" else "none"
    if event.about in ("computer", "needle"):
        return "reopen" if telemetry.state == "failed" else "none"
    if event.kind == "warning":
        return "devices"
    if telemetry.state == "running" and event.about:
        # It is opened again by itself when it is back; a recording goes on meanwhile.
        return "devices" if telemetry.recording else "reopen"
    return "none" if telemetry.recording else "reopen"


def after_failed_recording(message: str) -> NextStep:
    """What to offer when a recording could not begin or end."""
    if "still starting" in message or "already" in message:
        return "none"
    if "choose devices" in message:
        return "devices"
    return "reopen" if "start it again" in message else "folder"


def after_failed_open(message: str, *, is_record: bool) -> NextStep:
    """What to offer when sound could not be opened."""
    if "recording folder" in message:
        return "unrecorded"
    if is_record:
        return "devices"
    return "demo" if "PortAudio" in message or "no input" in message else "devices"
