"""A live session in the terminal: the engine, the meter, a clean end. Runs in the main thread."""

import contextlib
import time
from dataclasses import replace

from model.errors import RestorationError
from model.settings import Settings
from realtime.config import StreamConfig
from realtime.engine.engine import Engine
from realtime.telemetry import EngineEvent, Telemetry
from realtime.terminal.keys import Keys
from realtime.terminal.meter import Meter, summary_lines
from realtime.terminal.stop_signals import ignore_stop_signals, let_stop_signals_interrupt

LOOK_EVERY_S = 0.1
MARKER_KEY, HISS_KEY = "m", "h"
LEARNING_S = 2.0  # of sound, once the key is pressed
GIVE_UP_S = 600.0  # without a sign of life from the input; it is brought back if it returns


def run_session(
    config: StreamConfig, settings: Settings, seconds: float | None = None, quiet: bool = False
) -> None:
    """Restore what comes in until it ends, ``seconds`` of sound have passed, or Ctrl-C.

    ``quiet`` leaves of all that is told what went wrong.

    Raises
    ------
    RestorationError
        The engine could not start, or something went wrong on the way; what was recorded is kept.
    """
    let_stop_signals_interrupt()
    engine = Engine(config, settings)
    troubles: list[str] = []
    try:
        with Meter(quiet=quiet) as meter, Keys() as keys, contextlib.suppress(KeyboardInterrupt):
            engine.start()
            ends_with_side = config.stop_at_run_out and not config.wait_for_needle
            learning = _Learning(engine, settings)
            _watch(engine, meter, keys, seconds, troubles, learning, ends_with_side=ends_with_side)
    finally:
        ignore_stop_signals()
        last = _end(engine, troubles)
    for event in engine.events():  # what was recorded by an engine that died
        if event.kind == "error":
            troubles.append(event.message)
    if not quiet:
        print("\n".join(summary_lines(last)))
    if troubles:
        raise RestorationError(troubles[-1])


def _watch(
    engine: Engine,
    meter: Meter,
    keys: Keys,
    seconds: float | None,
    troubles: list[str],
    learning: "_Learning",
    *,
    ends_with_side: bool = False,
) -> None:
    is_over = False
    while True:
        telemetry = engine.telemetry()
        pressed = keys.pressed().lower()
        if said := learning.at(telemetry.seconds, is_asked=HISS_KEY in pressed):
            meter.say(said)
        if MARKER_KEY in pressed:
            try:
                engine.mark()
            except RestorationError as error:
                meter.say(str(error), is_trouble=True)
        for event in engine.events():
            meter.say(_sentence(event), is_trouble=event.kind in ("error", "warning"))
            if event.kind == "error":
                troubles.append(event.message)
            is_over = is_over or (ends_with_side and event.kind == "recording_stopped")
        if is_over:
            return
        meter.show(telemetry)
        if telemetry.state in ("finished", "stopped", "failed"):
            return
        if seconds is not None and telemetry.seconds >= seconds:
            return
        if telemetry.input_age_s > GIVE_UP_S:
            troubles.append(f"input {telemetry.input_name!r} has delivered nothing for 10 minutes")
            return
        time.sleep(LOOK_EVERY_S)


class _Learning:
    """Lets the engine learn the hiss for a moment after a key."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine, self._settings = engine, settings
        self._until_s: float | None = None

    def at(self, seconds: float, *, is_asked: bool) -> str:
        """Begin or end at a time of the sound; returns what is to be said of it."""
        if is_asked and self._until_s is None:
            self._until_s = seconds + LEARNING_S
            self._engine.post(replace(self._settings, learn_hiss=True))
            return "learning the hiss: let nothing but the groove play for two seconds"
        if self._until_s is not None and seconds >= self._until_s:
            self._until_s = None
            self._engine.post(self._settings)
            return "this record's hiss is known now, until the needle is lifted"
        return ""


def _sentence(event: EngineEvent) -> str:
    """What is said of an event; here a groove is changed by starting again."""
    how = f" (stop and start again with --groove {event.groove})" if event.groove else ""
    return event.message + how


def _end(engine: Engine, troubles: list[str]) -> Telemetry:
    """Finish the recording, stop the engine; returns the last figures there are."""
    last = engine.telemetry()
    if last.recording and last.state == "running":
        try:
            engine.stop_recording()
        except RestorationError as error:
            troubles.append(str(error))
    last = engine.telemetry()
    engine.stop()
    return last
