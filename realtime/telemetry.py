"""What the engine shows to the outside: frozen snapshots, read in the parent. Plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:  # heavy: whoever begins the engine's process needs none of it yet
    import numpy as np
    from numpy.typing import NDArray

State = Literal["new", "starting", "running", "finished", "stopped", "failed"]
EventKind = Literal[
    "started",  # sound is flowing; the message names input, output and rate
    "warning",  # something to know, the sound goes on: null output taken, mono input, xrun
    "error",  # something was lost or stopped: a stream died, the recorder failed, the engine died
    "back",  # a trouble is over: a device has returned, the restoration keeps up again
    "waiting",  # for the needle to come down
    "marked",  # a marker was set
    "proposal",  # another groove suits the record better; nothing is changed unasked
    "recording_started",
    "recording_stopped",  # `report` holds the RecordingReport
    "run_out",  # the needle is in the run-out groove, and the recording ends for it
    "finished",  # the file played as input has ended and its tail is out
]

About = Literal["", "input", "output", "recording", "needle", "computer", "disk"]

SILENCE_DBFS = -120.0  # what levels read for digital silence


@dataclass(frozen=True, slots=True)
class Telemetry:
    """One look at the engine, taken at a hop. Written by the worker, read by anyone.

    Counters count since the engine started. Levels are per channel, dBFS (full scale 0, silence
    -120); peaks are the highest of the last 0.1 s, RMS runs over the last 0.3 s. ``load`` figures
    are processing time over audio time of one hop: 1.0 is the most that can be kept up with.
    """

    state: State = "new"
    seconds: float = 0.0  # audio processed
    sample_rate: int = 0  # Hz, of the devices and of both recorded files
    channels: int = 0
    latency_ms: float = 0.0  # declared, of the chain; the devices' buffers come on top
    input_name: str = ""
    output_name: str = ""
    detector_name: str = ""
    denoiser_name: str = ""
    realtime_priority: bool = False  # the engine's threads run under SCHED_FIFO
    file_s: float = 0.0  # where in the file played as input the sound is that is heard now
    file_length_s: float = 0.0  # of that file; 0 where a device is open
    paused: bool = False  # the file stands still
    finished: bool = False  # the file played as input is through

    hops: int = 0
    load: float = 0.0  # of the last hop
    load_p50: float = 0.0
    load_p99: float = 0.0
    load_max: float = 0.0
    overloaded: bool = False  # the dry sound goes out: the computer is too busy
    xruns_in: int = 0
    xruns_out: int = 0
    lost_samples: int = 0  # input samples that never reached the worker
    input_fill: int = 0  # samples waiting for the worker
    output_fill: int = 0  # samples waiting for the output device
    drift_corrections: int = 0  # single samples slipped because the two devices' clocks differ
    output_skips: int = 0  # samples left out of the headphones to get back to the wanted delay

    impulses: int = 0
    crackle: int = 0  # <= 0.4 ms
    clicks: int = 0  # <= 3 ms
    pops: int = 0  # longer
    impulse_rate: float = 0.0  # per second over the last 3 s
    peak_in: tuple[float, ...] = ()
    peak_out: tuple[float, ...] = ()  # restored, before the monitor gain
    rms_in: tuple[float, ...] = ()
    rms_out: tuple[float, ...] = ()
    clipped_in: int = 0  # samples at or beyond full scale
    clipped_out: int = 0  # samples sent to the headphones at or beyond full scale
    nonfinite: int = 0  # NaN and Inf samples of the input, replaced by silence for processing

    groove: str = "stereo"  # what is taken from the walls
    wall_kind: str = ""  # the groove that the walls speak for; "" as long as nothing is known
    wall_words: str = ""  # why
    wall_confidence: float = 0.0  # 0..1
    # Where both walls make one sound: the share of the last 3 s in which each is damaged, whether
    # each is listened to at all, and how they stand to each other.
    wall_damage: tuple[float, ...] = ()
    walls_heard: tuple[bool, ...] = ()
    wall_offset_us: float = 0.0
    wall_balance_db: float = 0.0

    recording: bool = False
    recorded_s: float = 0.0
    recording_began_s: float = 0.0  # where in the stream its first sample is, seconds
    raw_path: str = ""
    restored_path: str = ""
    free_bytes: int = 0  # left on the recording's disk

    worker_age_s: float = 0.0  # since the worker last gave a sign of life
    input_age_s: float = 0.0  # since the input device last did
    output_age_s: float = 0.0  # since the output device last did

    def __reduce__(self) -> tuple[type[Telemetry], tuple[Any, ...]]:
        """Pickle by the values alone: the worker does it fifty times a second."""
        return Telemetry, _values_of(self)


_values_of: Callable[[Telemetry], tuple[Any, ...]] = attrgetter(
    *(spec.name for spec in fields(Telemetry))
)


@dataclass(frozen=True, slots=True)
class RecorderFigures:
    """How the recording stands; the control thread renews it a few times a second."""

    recording: bool = False
    recorded_s: float = 0.0
    began_s: float = 0.0
    raw_path: str = ""
    restored_path: str = ""
    free_bytes: int = 0


@dataclass(frozen=True, slots=True)
class EngineEvent:
    """Something that happened once; ``message`` is one sentence for the person.

    ``about`` says what part of the machine it tells of: a trouble there is over when a ``"back"``
    about the same part comes, and not before.
    """

    kind: EventKind
    message: str
    seconds: float = 0.0  # audio time
    report: Any = None  # a RecordingReport with kind "recording_stopped"
    about: About = ""
    groove: str = ""  # that a "proposal" is for


@dataclass(frozen=True, slots=True)
class DisplayChunk:
    """What has come out of the chain since an index; time-aligned, float32 ``[channels, n]``.

    ``start`` counts display samples since the stream began. Above 50 kHz the display runs at the
    chain's rate (``sample_rate``), not at the device's.
    """

    start: int
    sample_rate: int
    dry: NDArray[np.float32]
    restored: NDArray[np.float32]
    analytical: NDArray[np.float32]
    learned: NDArray[np.float32]
    mask: NDArray[np.float32]

    @property
    def end(self) -> int:
        """The index to ask for next."""
        return self.start + int(self.dry.shape[1])

    @property
    def removed(self) -> NDArray[np.float32]:
        """What was taken out: dry minus restored."""
        return self.dry - self.restored
