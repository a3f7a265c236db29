"""What a soak found: counted side by side, told as lines and as JSON, with the verdict."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from realtime.archive.repairs import repairs_of_recording
from realtime.recording.recorder import RecordingReport
from realtime.soak.checks import SideCheck
from realtime.soak.resources import Growth

MOST_COMPLAINTS = 40
DRIFT_DB = -60.0  # difference to a fresh chain, over what was restored


@dataclass
class SoakReport:
    """One run; whoever runs it adds to it.

    Attributes
    ----------
    mode : str
        "real time", "real time beside a busy core" or "fast".
    audio_s, wall_s, processor_s : float
        Sound, time passed, and time of the processor that the calling process took.
    lost : int
        Samples of the raw files that are not what was played, or missing.
    proven : int
        Samples of restored files proven bit by bit to line up.
    xruns_in, xruns_out : int
        Of the devices; in fast mode there are none.
    stall_s : float
        The longest time the machine itself stood still (real time only).
    drift_db : float or None
        How far the chain at the end differs from a fresh one on the same minute.
    """

    mode: str
    seed: int
    audio_s: float = 0.0
    wall_s: float = 0.0
    processor_s: float = 0.0
    sides: int = 0
    samples: int = 0
    lost: int = 0
    proven: int = 0
    nonfinite: int = 0
    xruns_in: int = 0
    xruns_out: int = 0
    load_p99: float = 0.0
    stall_s: float = 0.0
    drift_db: float | None = None
    detector: str = ""
    denoiser: str = ""
    changes: Counter[str] = field(default_factory=Counter)
    growths: list[Growth] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def complain(self, what: str) -> None:
        """Note a failed check; of very many only the first ones are kept."""
        if len(self.complaints) < MOST_COMPLAINTS:
            self.complaints.append(what)

    def add_side(self, checked: SideCheck, lost: int) -> None:
        """Count one side."""
        self.sides += 1
        self.samples += checked.samples
        self.proven += checked.proven
        self.lost += lost
        for complaint in checked.complaints:
            self.complain(f"side {self.sides}: {complaint}")
        if lost:
            self.complain(f"side {self.sides}: {lost} samples are not what was played")

    def finish(self) -> None:
        """Judge what can only be judged at the end."""
        for growth in self.growths:
            for complaint in growth.complaints():
                self.complain(complaint)
        if self.xruns_in or self.xruns_out:
            self.complain(
                f"{self.xruns_in} overflows, {self.xruns_out} underflows "
                f"(longest stall of the machine itself: {1000 * self.stall_s:.0f} ms)"
            )
        if self.nonfinite:
            self.complain(f"{self.nonfinite} input samples were no number")
        if self.drift_db is not None and self.drift_db > DRIFT_DB:
            self.complain(f"the chain has drifted: {self.drift_db:.1f} dB beside a fresh one")
        if not self.sides:
            self.complain("no side was finished; give it more time")

    def lines(self) -> list[str]:
        """Return the report for a terminal."""
        speed = self.audio_s / max(self.wall_s, 1e-9)
        changes = ", ".join(f"{number} {kind}" for kind, number in sorted(self.changes.items()))
        told = [
            f"{self.mode}: {self.audio_s / 3600:.2f} h of sound in {self.wall_s / 3600:.2f} h "
            f"({speed:.1f} x; {self.processor_s / 3600:.2f} h of the processor), seed {self.seed}",
            f"chain: detector {self.detector}, denoiser {self.denoiser}",
            f"changes: {changes or 'none'}",
            f"recorded: {self.sides} sides, {self.samples} samples, {self.lost} lost or wrong",
            f"lined up: {self.proven} samples of restored sound are those of raw, bit for bit",
            f"xruns: {self.xruns_in} in, {self.xruns_out} out; samples that are no number: "
            f"{self.nonfinite}; load p99 {self.load_p99:.2f}",
        ]
        if self.drift_db is not None:
            told.append(f"beside a fresh chain: {self.drift_db:.1f} dB")
        for one in self.growths:
            told.append(
                f"{one.name}: {one.rss_mb:.0f} MB, {one.mb_per_audio_h:+.3f} MB per hour of sound "
                f"({one.mb_per_wall_h:+.2f} per hour run, {one.grown_mb:+.1f} in all, "
                f"{one.looks} looks), "
                f"descriptors {one.handles[0]} -> {one.handles[1]}, "
                f"threads {one.threads[0]} -> {one.threads[1]}"
            )
        told += [f"FAILED {complaint}" for complaint in self.complaints]
        return [*told, "FAILED" if self.complaints else "passed"]

    def write_json(self, path: Path) -> None:
        """Write all of it."""
        content: dict[str, Any] = dict(vars(self))
        content |= {
            "changes": dict(self.changes),
            "growths": [growth._asdict() for growth in self.growths],
            "passed": not self.complaints,
        }
        path.write_text(json.dumps(content, indent=2) + "\n")


def delete_side(report: RecordingReport) -> None:
    """Make room for the next side."""
    repairs = repairs_of_recording(report.raw_path) if report.raw_path else None
    for path in (report.raw_path, report.restored_path, report.sidecar, repairs):
        if path is not None:
            path.unlink(missing_ok=True)
