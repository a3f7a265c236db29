"""What one engine did, for the log: devices, settings, xruns, events. A thread of the parent.

It looks once a second at what engine and caller publish anyway, so that neither the worker nor a
slider that is being moved ever waits, and a log of a bad day stays readable.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import asdict

from model.settings import Settings
from realtime.config import StreamConfig
from realtime.logbook import log as program_log
from realtime.telemetry import EngineEvent, Telemetry

log = program_log.getChild("engine")

LOOK_EVERY_S = 1.0
COUNTS = ("xruns_in", "xruns_out", "lost_samples", "output_skips", "clipped_in", "nonfinite")


class EngineLog:
    """Notes what has changed since the last look.

    Parameters
    ----------
    config : StreamConfig
    settings, telemetry : callable
        Give the latest ones; called once a second.
    """

    def __init__(
        self,
        config: StreamConfig,
        settings: Callable[[], Settings],
        telemetry: Callable[[], Telemetry],
    ) -> None:
        self._settings, self._telemetry = settings, telemetry
        self._noted: Settings | None = None
        self._counts = dict.fromkeys(COUNTS, 0)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine-log", daemon=True)
        log.info("opening: %s", _listed(_not_usual(config)))

    def begin(self) -> None:
        """Sound flows: say through what, then look every second."""
        now = self._telemetry()
        log.info(
            "running: %s to %s, %d Hz, %d channels, latency %.1f ms, detector %s, denoiser %s, "
            "real-time priority %s",
            *(now.input_name, now.output_name, now.sample_rate, now.channels, now.latency_ms),
            *(now.detector_name, now.denoiser_name, "yes" if now.realtime_priority else "no"),
        )
        self.look()
        self._thread.start()

    def note(self, event: EngineEvent) -> None:
        """Write down what the engine told."""
        level = {"error": logging.ERROR, "warning": logging.WARNING}.get(event.kind, logging.INFO)
        log.log(level, "%s at %.1f s: %s", event.kind, event.seconds, event.message)

    def look(self) -> None:
        """Write down settings and counts that are not what they were."""
        settings, now = self._settings(), self._telemetry()
        if settings != self._noted:
            before = asdict(self._noted) if self._noted else {}
            changed = {k: v for k, v in asdict(settings).items() if before.get(k, ...) != v}
            log.info("settings at %.1f s: %s", now.seconds, _listed(changed))
            self._noted = settings
        counts = {name: getattr(now, name) for name in COUNTS}
        more = {name: n - self._counts[name] for name, n in counts.items()}
        if any(more.values()):
            added = ", ".join(f"{name} +{n} to {counts[name]}" for name, n in more.items() if n)
            log.warning("at %.1f s: %s; load %.2f", now.seconds, added, now.load)
            self._counts = counts

    def end(self, last: Telemetry) -> None:
        """Say what there was in all; may be called for an engine that never began."""
        if self._ended.is_set():
            return
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(LOOK_EVERY_S)
            self.look()
        counts = ", ".join(f"{name} {getattr(last, name)}" for name in COUNTS)
        log.info(
            "stopped after %.1f s: %d hops, load %.2f (p50) %.2f (p99) %.2f (highest), %s",
            *(last.seconds, last.hops, last.load_p50, last.load_p99, last.load_max, counts),
        )

    def _run(self) -> None:
        while not self._ended.wait(LOOK_EVERY_S):
            self.look()


def _not_usual(config: StreamConfig) -> dict[str, object]:
    """Return the input, and what was asked for otherwise than by default."""
    asked, usual = asdict(config), asdict(StreamConfig(config.input))
    record = {k: v for k, v in asked.pop("record").items() if v != usual["record"][k]}
    return {"input": config.input, **record} | {
        name: value for name, value in asked.items() if value != usual[name]
    }


def _listed(values: dict[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())
