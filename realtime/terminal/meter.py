"""The terminal's view of the engine: one refreshed line, or a plain line now and then.

Runs in the caller's thread; it only formats what ``Engine.telemetry`` gave.
"""

import sys
import time
from types import TracebackType
from typing import TextIO

from realtime.telemetry import Telemetry
from realtime.units import clock, size

PLAIN_EVERY_S = 5.0  # between lines where nothing can be refreshed (a file, a pipe, a log)


def meter_line(telemetry: Telemetry, width: int = 200) -> str:
    """Return the meter in at most ``width`` columns; what matters least is left out first."""
    # The rank says what goes first when the line is too long: the highest.
    parts = [
        (0, clock(telemetry.seconds)),
        (2, f"in {_peak(telemetry.peak_in)} out {_peak(telemetry.peak_out)} dB"),
        (1, f"{telemetry.impulse_rate:5.1f} impulses/s"),
        (6, f"crackle {telemetry.crackle} clicks {telemetry.clicks} pops {telemetry.pops}"),
        (5, f"{telemetry.latency_ms:.0f} ms"),
        (4, f"load {100 * telemetry.load_p99:3.0f} %"),
        (3, f"xruns {telemetry.xruns_in + telemetry.xruns_out}"),
    ]
    if telemetry.wall_damage:
        left, right = (f"{100 * share:.1f}" for share in telemetry.wall_damage)
        parts.append((5, f"walls L {left} R {right} %"))
    if telemetry.overloaded:
        parts.append((1, "TOO BUSY: dry"))
    if telemetry.recording:
        parts.append((1, f"rec {clock(telemetry.recorded_s)}"))
        parts.append((7, f"{size(telemetry.free_bytes)} free"))
    while True:
        line = "  ".join(text for _, text in parts)
        if len(line) <= width or len(parts) == 1:
            return line[:width]
        parts.remove(max(parts))


def summary_lines(telemetry: Telemetry) -> list[str]:
    """Return what a person wants to read when the sound has ended."""
    seconds = max(telemetry.seconds, 1e-9)
    channels = "stereo" if telemetry.channels == 2 else "mono"
    rate = telemetry.impulses / seconds
    lines = [
        f"sound      {clock(telemetry.seconds)} from {telemetry.input_name} to "
        f"{telemetry.output_name}, {telemetry.sample_rate} Hz {channels}",
        f"impulses   {telemetry.impulses}, {rate:.1f} per second: {telemetry.crackle} crackle, "
        f"{telemetry.clicks} clicks, {telemetry.pops} pops",
        f"latency    {telemetry.latency_ms:.1f} ms in the chain",
        f"load       {100 * telemetry.load_p50:.1f} % (median), {100 * telemetry.load_p99:.1f} % "
        f"(99 of 100 hops), {100 * telemetry.load_max:.1f} % (highest)",
        f"xruns      {telemetry.xruns_in} in, {telemetry.xruns_out} out; "
        f"{telemetry.lost_samples} samples lost",
        f"detector   {telemetry.detector_name}; denoiser {telemetry.denoiser_name}",
    ]
    if telemetry.wall_words:
        sure = f"sure to {100 * telemetry.wall_confidence:.0f} %"
        lines.append(f"walls      {telemetry.wall_words} ({sure})")
    if telemetry.raw_path:
        lines.append(f"raw        {telemetry.raw_path}")
        lines.append(f"restored   {telemetry.restored_path}")
    if telemetry.clipped_in:
        lines.append(f"clipped    {telemetry.clipped_in} input samples at full scale; turn it down")
    if telemetry.nonfinite:
        lines.append(f"unreadable {telemetry.nonfinite} samples were not numbers (NaN or Inf)")
    return lines


class Meter:
    """Shows telemetry until the ``with`` block ends; one line that is refreshed on a terminal.

    A quiet one shows nothing but troubles, where errors are told.
    """

    def __init__(self, stream: TextIO | None = None, quiet: bool = False) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        stream = stream or (sys.stderr if quiet else sys.stdout)
        self._console = Console(file=stream, highlight=False)
        self._quiet = quiet
        self._text = Text
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._next_plain = 0.0

    def __enter__(self) -> "Meter":
        if self._console.is_terminal and not self._quiet:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, telemetry: Telemetry) -> None:
        """Refresh the line; without a terminal print one every few seconds."""
        if self._quiet:
            return
        if self._console.is_terminal:
            line = meter_line(telemetry, self._console.width - 1)
            self._live.update(self._text(line, no_wrap=True), refresh=True)
        elif telemetry.seconds > 1.0 and time.monotonic() >= self._next_plain:
            self._next_plain = time.monotonic() + PLAIN_EVERY_S
            self.say(meter_line(telemetry))

    def say(self, message: str, is_trouble: bool = False) -> None:
        """Print a line of its own above the meter."""
        if is_trouble or not self._quiet:
            self._console.print(self._text(message), soft_wrap=True)


def _peak(levels: tuple[float, ...]) -> str:
    return f"{max(levels, default=-120.0):6.1f}"
