"""What a restored file's report says, and how it is counted. On the caller's thread."""

import platform
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import soundfile
from numpy.typing import NDArray

from model.chain import Impulse
from model.groove.kinds import JOINT
from model.groove.record import RecordSettings
from model.settings import Settings
from model.walls.wall_kind import WallKind
from realtime.restorer.meters import ImpulseCounter, damaged_samples
from realtime.restorer.pipeline import Restored, StreamRestorer

F64 = NDArray[np.float64]

PACKAGES = ("shellac", "numpy", "scipy", "soundfile", "soxr")
SILENCE_DBFS = -200.0


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """One restored file.

    Attributes
    ----------
    samples : int
        In the target, per channel; ``seconds`` is the same in time. The source has as many, unless
        the record's speed was corrected.
    crackle, clicks, pops : int
        Impulses repaired: up to 0.4 ms, up to 3 ms, longer. Both walls at once count once.
    impulse_rate : float
        Impulses per second over the whole file; ``impulses_each_second`` lists them.
    removed_dbfs, peak_in_dbfs, peak_out_dbfs : float
        RMS of what was taken out; highest sample of source and target.
    clipped : int
        Samples of the target beyond what its format holds.
    latency : int
        Samples by which the chain is late; taken out again.
    elapsed_s, times_real_time : float
        How long it took, and how much faster than playing the record that is.
    groove_found : str
        Why this groove was taken, where the file itself was asked.
    wall_damage : tuple of float
        Share of the time in which the left and the right wall are damaged, where both make one
        sound.
    remarks : tuple of str
        What the person should know of it, one line each.
    """

    source: Path
    target: Path
    target_subtype: str
    sample_rate: int
    channels: int
    samples: int
    seconds: float
    crackle: int
    clicks: int
    pops: int
    impulses: int
    impulse_rate: float
    impulses_each_second: tuple[int, ...]
    removed_dbfs: float
    peak_in_dbfs: float
    peak_out_dbfs: float
    clipped: int
    latency: int
    latency_ms: float
    detector: str
    denoiser: str
    settings: Settings
    record: RecordSettings
    elapsed_s: float
    times_real_time: float
    versions: dict[str, str]
    remarks: tuple[str, ...] = ()
    groove_found: str = ""
    wall_damage: tuple[float, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self) | {"source": str(self.source), "target": str(self.target)}


class RepairsTaker(Protocol):
    """What keeps every repair, see ``realtime.archive.repairs``."""

    def add(self, impulses: Iterable[Impulse]) -> None: ...  # noqa: D102
    def commit(self) -> None: ...  # noqa: D102


class ReportWriter:
    """Counts while a file is restored.

    Attributes
    ----------
    samples : int
        Read from the source so far.
    """

    def __init__(
        self,
        source: Path,
        target: Path,
        sound: soundfile.SoundFile,
        restorer: StreamRestorer,
        settings: Settings,
        record: RecordSettings,
        repairs: RepairsTaker | None = None,
        wall_kind: WallKind | None = None,
    ) -> None:
        self.samples = 0
        self._repairs = repairs
        self._source, self._target, self._settings = source, target, settings
        self._record, self._kind = record, wall_kind
        self._damaged = np.zeros(sound.channels)
        self._restorer, self._rate, self._channels = restorer, sound.samplerate, sound.channels
        self._impulses = ImpulseCounter(sound.samplerate)
        self._each_second: Counter[int] = Counter()
        self._came_out = 0
        self._removed_power = self._peak_in = self._peak_out = 0.0
        self._began = time.perf_counter()

    def add(self, given: int, out: Restored, original: F64, restored: F64) -> None:
        """Take in one step: ``given`` samples read, and the aligned sound that came out."""
        self.samples += given
        self._came_out += out.dry.shape[1]
        if self._repairs is not None:
            self._repairs.add(out.impulses)
            self._repairs.commit()
        for start in self._impulses.add(out.impulses, self._came_out / self._rate):
            self._each_second[start // self._rate] += 1
        self._damaged += damaged_samples(out.mask)
        if original.size:
            self._removed_power += float(np.sum(np.square(original - restored)))
            self._peak_in = max(self._peak_in, float(np.abs(original).max()))
            self._peak_out = max(self._peak_out, float(np.abs(restored).max()))

    def _wall_damage(self) -> tuple[float, ...]:
        if self._record.groove not in JOINT or not self._came_out:
            return ()
        return tuple(round(float(count) / self._came_out, 5) for count in self._damaged)

    def report(self, subtype: str, clipped: int, remarks: tuple[str, ...] = ()) -> RestoreReport:
        """Return the whole, once the last sample has come out."""
        if clipped:
            over_db = max(_db(self._peak_out, 20.0), 0.0)
            remarks += (
                f"{clipped} samples are clipped, the highest by {over_db:.1f} dB: "
                f"--gain {self._record.gain_db - over_db - 0.1:.1f} leaves room for them, "
                "and so does a float WAV as source",
            )
        counts, restorer = self._impulses, self._restorer
        seconds = self.samples / self._rate
        elapsed = time.perf_counter() - self._began
        n_seconds = -(-self.samples // self._rate)
        each_second = [0] * n_seconds
        for second, count in self._each_second.items():
            each_second[min(second, n_seconds - 1)] += count  # some lie where the file just ended
        return RestoreReport(
            source=self._source,
            target=self._target,
            target_subtype=subtype,
            sample_rate=self._rate,
            channels=self._channels,
            samples=self.samples,
            seconds=seconds,
            crackle=counts.crackle,
            clicks=counts.clicks,
            pops=counts.pops,
            impulses=counts.total,
            impulse_rate=counts.total / seconds,
            impulses_each_second=tuple(each_second),
            removed_dbfs=_db(self._removed_power / (self.samples * self._channels), 10.0),
            peak_in_dbfs=_db(self._peak_in, 20.0),
            peak_out_dbfs=_db(self._peak_out, 20.0),
            clipped=clipped,
            latency=restorer.latency,
            latency_ms=restorer.latency_ms,
            detector=restorer.chain.detector_name,
            denoiser=restorer.chain.denoiser_name,
            settings=self._settings,
            record=self._record,
            elapsed_s=elapsed,
            times_real_time=seconds / elapsed,
            versions=versions(),
            remarks=remarks,
            groove_found=_words(self._kind) if self._kind else "",
            wall_damage=self._wall_damage(),
        )


def _words(kind: WallKind) -> str:
    return f"{kind.words} (sure to {100 * kind.confidence:.0f} %)"


def versions() -> dict[str, str]:
    """Return what a maintainer would ask for: our version and those below us."""
    found = {"python": platform.python_version(), "libsndfile": soundfile.__libsndfile_version__}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def _db(value: float, factor: float) -> float:
    if value <= 0.0:
        return SILENCE_DBFS
    return round(max(factor * float(np.log10(value)), SILENCE_DBFS), 2)
