"""What the engine is opened with; changing any of it means a new engine. Plain data, no thread."""

from dataclasses import dataclass, field
from pathlib import Path

from model.groove.record import RecordSettings

DEMO_INPUT = "demo"
LATENCY_S = 0.025  # buffer of the output
NULL_OUTPUT = "none"
HIGHEST_CHANNEL = 128  # of an interface
RECORD_FORMATS = ("flac", "bwf", "wav")
ARCHIVE_HZ = 96_000  # at least, of a transfer that is kept (IASA TC-04)
LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 4_000, 192_000


@dataclass(frozen=True, slots=True)
class StreamConfig:
    """Devices, rate, block and recording of one engine run.

    Parameters
    ----------
    input : str
        Name of an input device, path of a sound file (played at real-time pace as if it were the
        turntable), or ``"demo"`` for the bundled worn record. A file of that name wins over a
        device.
    output : str or None
        Name of an output device, ``"none"`` for a null output at real-time pace, or None for the
        system's default output.
    sample_rate : int or None
        Hz, 4000..192000, for both devices. None takes the input's own rate.
    channels : 1 or 2
        An input that has only one channel is captured as mono whatever is asked here.
    first_channel : int
        Of an input with more than two: where the pair, or the one channel, begins. Counted from 1.
    block : int
        Samples per device callback, 32..8192.
    latency_s : float
        What the output device is asked to buffer, seconds, 0.005..2; PortAudio takes it as a
        wish. Longer rides out a computer that is busy with other things, shorter lets the
        headphones follow the record sooner. The input has a long buffer in any case.
    allow_null_output : bool
        Where no default output can be opened: go on with the null output and say so in an event,
        instead of failing.
    record_folder : Path or None
        Record from the very first sample into this folder; see also ``Engine.start_recording``.
    record_format : "flac", "bwf" or "wav"
        Of that recording: FLAC or WAV of 24 bits, or float32 WAV.
    models : tuple of str
        Exported networks in place of the shipped ones, or ``("none",)``; see
        :func:`model.checkpoints.load_models`.
    record : RecordSettings
        How the record is played; its speed only moves the corners of the curve, the sound keeps
        the pace of the turntable.
    wait_for_needle : bool
        Begin a recording in ``record_folder`` with each drop of the needle and end it with its
        lift, instead of recording from the first sample on; what came just before is kept.
    stop_at_run_out : bool
        End a recording by itself once the needle is in the run-out groove.
    record_name : str
        Template of the recorded files' names, see ``realtime.soundfiles.file_names``.

    Raises
    ------
    ValueError
        On creation, naming the field, the value and the allowed range.
    """

    input: str
    output: str | None = None
    sample_rate: int | None = None
    channels: int = 2
    first_channel: int = 1
    block: int = 256
    latency_s: float = LATENCY_S
    allow_null_output: bool = False
    record_folder: Path | None = None
    record_format: str = "flac"
    models: tuple[str, ...] = ()
    record: RecordSettings = field(default_factory=RecordSettings)
    wait_for_needle: bool = False
    stop_at_run_out: bool = False
    record_name: str = ""

    def __post_init__(self) -> None:
        if not self.input:
            raise ValueError("input is empty; give a device name, a file or 'demo'")
        if self.sample_rate is not None:
            _check("sample_rate", self.sample_rate, LOWEST_RATE_HZ, HIGHEST_RATE_HZ, "Hz")
        _check("channels", self.channels, 1, 2, "channels")
        _check("first_channel", self.first_channel, 1, HIGHEST_CHANNEL, "")
        _check("block", self.block, 32, 8192, "samples")
        _check("latency_s", self.latency_s, 0.005, 2.0, "s")
        if self.record_format not in RECORD_FORMATS:
            raise ValueError(
                f"record_format is {self.record_format!r}; choose one of: "
                + ", ".join(RECORD_FORMATS)
            )
        if self.wait_for_needle and self.record_folder is None:
            raise ValueError("wait_for_needle needs a record_folder to record into")


def _check(name: str, value: float, low: float, high: float, unit: str) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} is {value!r}; it must lie in {low:g}..{high:g} {unit}".rstrip())


def block_length(sample_rate: int) -> int:
    """Samples at the device's rate that make one hop of the chain; the worker takes so many."""
    from model.chain import HOP  # heavy: who only says what is to be opened needs no chain

    return HOP * (1 if sample_rate <= 50_000 else 2 if sample_rate <= 100_000 else 4)
