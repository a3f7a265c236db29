"""Brings devices back that went away. Looked after by the control thread; opening has its own.

PortAudio knows only the devices that were there when it was initialised, so a lost input means to
terminate it, to initialise it again and to open both ends by name. A lost output is opened alone,
as it was known: recording goes on, and an input that works is never touched for it.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from model.errors import RestorationError
from realtime.devices.opening import Plan, open_sink, open_source, plan_streams
from realtime.devices.pulse_routes import Routes, RouteWatch
from realtime.devices.steady_sink import SteadySink
from realtime.devices.steady_source import SteadySource
from realtime.priority import CALLBACKS, raise_priority
from realtime.stderr import quiet_stderr
from realtime.telemetry import About

FIRST_S, LONGEST_S = 0.1, 2.0  # between two tries
HUNG_S = 10.0  # without a callback: what stands still so long is opened anew
UNSETTLED_S = 1.0
CLOSE_S = 1.0  # a dead sound server may never return from closing a stream
MOVED_BACK_S = 3.0  # a server that has not moved us back by then is not going to
OUR_FAULTS = (RestorationError, OSError, ValueError)

Tell = Callable[[str, About], None]


class Reconnector:
    """Watches both ends of one stream.

    Parameters
    ----------
    plan : Plan
        As opened.
    source, sink : SteadySource, SteadySink or None
        None for a file and for the null output, which do not go away.
    tell_loss, tell_return : callable
        Take one sentence for the person, and which end it tells of; called on the control thread.
    """

    def __init__(
        self,
        plan: Plan,
        source: SteadySource | None,
        sink: SteadySink | None,
        tell_loss: Tell,
        tell_return: Tell,
    ) -> None:
        self._plan, self._source, self._sink = plan, source, sink
        self._tell_loss, self._tell_return = tell_loss, tell_return
        self._ended = threading.Event()
        self._opening: threading.Thread | None = None
        self._lost_at: dict[About, float] = {}  # of what is away, or not heard yet
        self._opened: set[str] = set()  # of that: what is open again
        self._stuck = self._told_stuck = False
        self._homes: dict[str, str] = {}  # where the server had connected us at first
        self._moved_at: dict[str, float] = {}
        self._back_at: dict[str, float] = {}
        self._heard: dict[str, Routes | None] = {}  # the routes that a removal made untrue
        self._routes = RouteWatch(self._mask_at_once) if source or sink else None

    def look(self, input_age_s: float, output_age_s: float) -> None:
        """See what is lost and what is back; returns at once."""
        self._look_at_routes()
        self._tell_if_stuck()
        if self._opening is not None and self._opening.is_alive():
            return
        self._look_at_what_was_opened()
        if self._ended.is_set():
            return
        if self._is_lost("input", self._source, input_age_s):
            self._begin(self._reopen_both)
        elif self._is_lost("output", self._sink, output_age_s):
            self._begin(self._reopen_output)

    def _is_lost(self, kind: str, end: SteadySource | SteadySink | None, age_s: float) -> bool:
        if end is None:
            return False
        if isinstance(end, SteadySource) and end.is_masked:
            return not end.is_alive()  # its age means nothing: the server feeds us something else
        # One that was opened gets as long for its first sample: its age still is that of the loss.
        is_hung = age_s > HUNG_S and not self._is_lately_back(kind, HUNG_S)
        return is_hung or not end.is_alive()

    def is_unsettled(self, kind: str) -> bool:
        """True while an end is away, or back for so short a time that its silence says nothing."""
        away = kind in self._moved_at or kind in self._lost_at
        return away or self._is_lately_back(kind)

    def is_fetched_back(self, kind: str) -> bool:
        """True while an end that the server had moved is closed to be opened where it belongs."""
        return kind in self._moved_at and kind in self._lost_at

    def _is_lately_back(self, kind: str, within_s: float = UNSETTLED_S) -> bool:
        return time.monotonic() - self._back_at.get(kind, float("-inf")) < within_s

    def end(self) -> None:
        """Try no more."""
        self._ended.set()
        if self._routes is not None:
            self._routes.end()

    def _tell_if_stuck(self) -> None:
        if self._stuck and not self._told_stuck:
            self._tell_loss(
                "the sound system hangs; if it does not wake up, stop and start again", ""
            )
        self._told_stuck = self._stuck

    # Moved by the sound server.

    def _look_at_routes(self) -> None:
        routes = self._routes.now if self._routes else None
        if routes is None:
            return
        ends: dict[About, Any] = {"input": self._source, "output": self._sink}
        for kind, end in ends.items():
            at = routes.of(kind)
            if end is None or end.is_away or not at or self._is_lately_back(kind):
                continue
            home = self._homes.setdefault(kind, at)
            if kind not in self._moved_at and at != home and home in routes.present:
                self._homes[kind] = at  # somebody wanted it so
            elif kind not in self._moved_at and at != home:
                self._moved_at[kind] = time.monotonic()
                self._mask(end, on=True)
                self._tell_loss(moved_sentence(kind, end.name, at), kind)
            elif at == home and kind in self._moved_at:
                away_s = time.monotonic() - self._moved_at.pop(kind)
                self._back_at[kind] = time.monotonic()
                self._mask(end, on=False)
                self._tell_return(back_sentence(kind, end.name, away_s), kind)
            elif kind in self._moved_at and home in routes.present:
                self._fetch_back(kind)
            if end.is_masked and kind not in self._moved_at and routes is not self._heard.get(kind):
                self._mask(end, on=False)  # it was there again before we looked

    def _fetch_back(self, kind: str) -> None:
        """Open an end anew where the server leaves us elsewhere although it is there again."""
        moved_s = time.monotonic() - self._moved_at[kind]
        idle = self._opening is None or not self._opening.is_alive()
        if moved_s > MOVED_BACK_S and idle and kind not in self._lost_at:
            self._begin(self._reopen_both if kind == "input" else self._reopen_output)

    def _mask_at_once(self, kind: str) -> None:
        """On the thread that hears it first: what comes now is not what was asked for."""
        end = self._source if kind == "input" else self._sink
        if end is not None and not end.is_away and self._routes is not None:
            self._heard[kind] = self._routes.now
            self._mask(end, on=True)

    @staticmethod
    def _mask(end: Any, *, on: bool) -> None:
        if isinstance(end, SteadySource):
            end.mask(on)
        else:
            end.is_masked = on

    # Opened anew.

    def _begin(self, job: Callable[[], None]) -> None:
        now = time.monotonic()
        if self._source and job == self._reopen_both:
            self._lost_at.setdefault("input", self._moved_at.get("input", now))
            self._opened.discard("input")
        if self._sink:  # it is closed for either job
            self._lost_at.setdefault("output", self._moved_at.get("output", now))
            self._opened.discard("output")
        self._opening = threading.Thread(target=job, name="reconnect", daemon=True)
        self._opening.start()

    def _look_at_what_was_opened(self) -> None:
        """Take what is open again into use; it is told once it is heard, for many open silently."""
        ends: dict[About, Any] = {"input": self._source, "output": self._sink}
        for kind in list(self._lost_at):
            end = ends[kind]
            if kind not in self._opened and end.is_alive():
                self._opened.add(kind)
                self._back_at[kind] = time.monotonic()
                self._homes.pop(kind, None)
                self._moved_at.pop(kind, None)
                self._mask(end, on=False)
            if kind in self._opened and end.is_sounding:
                away_s = time.monotonic() - self._lost_at.pop(kind)
                self._opened.discard(kind)
                self._back_at[kind] = time.monotonic()
                self._tell_return(back_sentence(kind, end.name, away_s), kind)

    def _reopen_both(self) -> None:
        import sounddevice

        if not self._let_go(self._source, self._sink):
            return
        pause_s = FIRST_S
        while not self._ended.wait(pause_s):
            pause_s = min(2 * pause_s, LONGEST_S)
            with contextlib.suppress(sounddevice.PortAudioError, *OUR_FAULTS):
                with quiet_stderr():
                    sounddevice._terminate()
                    sounddevice._initialize()
                if self._open_both():
                    return

    def _reopen_output(self) -> None:
        """By the number that PortAudio knows it by: an input that runs stays open."""
        import sounddevice

        assert self._sink is not None
        if not self._let_go(self._sink):
            return
        pause_s = FIRST_S
        while not self._ended.wait(pause_s) and not (self._source and not self._source.is_alive()):
            pause_s = min(2 * pause_s, LONGEST_S)
            with contextlib.suppress(sounddevice.PortAudioError, *OUR_FAULTS):
                if self._source is None:  # nothing else is open
                    with quiet_stderr():
                        sounddevice._terminate()
                        sounddevice._initialize()
                    self._plan = self._planned(with_output=True)
                if self._open_output():
                    return

    def _open_both(self) -> bool:
        """Open the input, and the output if it is there; True once the input runs."""
        assert self._source is not None
        try:
            plan = self._planned(with_output=self._sink is not None)
        except RestorationError:
            plan = replace(self._planned(with_output=False), output_device=None)
        if (plan.sample_rate, plan.channels) != (self._plan.sample_rate, self._plan.channels):
            return False
        self._plan = plan
        if plan.output_device is not None:
            with contextlib.suppress(RestorationError):
                self._open_output()
        raise_priority(CALLBACKS)
        device: Any = open_source(plan)
        self._source.attach(device)
        return True

    def _open_output(self) -> bool:
        assert self._sink is not None
        if self._plan.output_device is None:
            return False
        raise_priority(CALLBACKS)
        opened, plan = open_sink(self._plan)
        device: Any = opened
        if plan.sample_rate != self._plan.sample_rate or plan.output_device is None:
            device.close()
            return False
        self._sink.attach(device)
        return True

    def _planned(self, *, with_output: bool) -> Plan:
        """Find the same devices by their names, to be opened at the same rate."""
        before = self._plan
        names: dict[str, Any] = {"sample_rate": before.sample_rate, "channels": before.channels}
        names["output"] = "none"
        if with_output and self._sink is not None:
            names["output"] = self._sink.name
        if self._source is not None:
            names["input"] = self._source.name
        planned = plan_streams(replace(before.config, **names))
        return replace(planned, sample_rate=before.sample_rate)

    def _let_go(self, *ends: SteadySource | SteadySink | None) -> bool:
        """Take the devices from the worker and close them; False when it is too late for that."""
        devices = [end.detach() for end in ends if end is not None and not end.is_away]
        closing = threading.Thread(target=_close, args=devices, daemon=True)
        closing.start()
        closing.join(CLOSE_S)
        self._stuck = closing.is_alive()
        while closing.is_alive() and not self._ended.is_set():  # until the server wakes up
            closing.join(CLOSE_S)
        self._stuck = False
        return not self._ended.is_set()


def moved_sentence(kind: str, name: str, now_at: str) -> str:
    """Say that the sound server has put another device in the place of one that was removed."""
    if kind == "input":
        return (
            f"input {name!r} was removed, and the sound server gives us {now_at!r} instead: "
            "silence is recorded until it is back"
        )
    return (
        f"output {name!r} was removed, and the sound server would play on {now_at!r} instead: "
        "silent until it is back; a recording goes on"
    )


def back_sentence(kind: str, name: str, away_s: float) -> str:
    """Say that a device is back, and what that leaves in a recording."""
    left = "; a recording keeps its time, the gap is silence" if kind == "input" else ""
    return f"{kind} {name!r} is back after {away_s:.1f} s{left}"


def _close(*devices: Any) -> None:
    for device in filter(None, devices):
        with contextlib.suppress(Exception):  # of a dead server: it may say anything
            device.close()
