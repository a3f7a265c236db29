"""From a ``StreamConfig`` to an open input and output, or one clear line why not. Engine child.

Planned first (which devices, which rate), opened later, so that everything slow can happen between
the two and the input never waits for anything. May be repeated: a plan holds names, not handles.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from model.errors import RestorationError
from realtime.config import LATENCY_S, NULL_OUTPUT, StreamConfig, block_length
from realtime.devices.input_names import sound_file
from realtime.devices.listing import Device, pick_device, query_devices
from realtime.devices.null_output import NullOutput
from realtime.stderr import quiet_stderr

MARGIN_S = 0.02  # by which the worker may be late
UNHEARD_MARGIN_S = 0.2  # the same where nobody waits for the sound
INVALID_CHANNELS, INVALID_RATE, UNAVAILABLE = -9998, -9997, -9985  # PortAudio's error codes


class Source(Protocol):
    """Where the worker takes sound from: a device or a file."""

    name: str
    sample_rate: int
    channels: int
    burst: int  # samples it delivers at once
    xruns: int
    lost_samples: int
    paced_by_output: bool  # a file: read when the output has room, not when a clock ticks

    @property
    def ending(self) -> bool:
        """True when nothing more will become available."""

    def available(self) -> int:
        """Samples that can be read now."""

    def read(self, n: int) -> NDArray[np.float32]:
        """Up to ``n`` samples, float32 ``[samples, channels]``."""

    def age_s(self) -> float:
        """Seconds since it last gave a sign of life."""

    def is_alive(self) -> bool:
        """False once it has ended by itself."""

    def close(self) -> None:
        """Give the device back."""


class Sink(Protocol):
    """Where the worker leaves sound: a device or nowhere."""

    name: str
    latency: int  # samples the device buffers
    burst: int  # samples it takes at once
    least_reserve: int | None  # samples that should wait as a block is taken up; None: whatever
    target: int  # samples that wait for the device when playing starts
    xruns: int
    underflows: int

    def waiting(self) -> int:
        """Samples that wait for the device."""

    def write(self, block: NDArray[np.float32]) -> None:
        """Append float32 ``[channels, samples]``."""

    def is_settled(self) -> bool:
        """False while it is too early to write."""

    def finish(self) -> None:
        """Nothing more will come."""

    def age_s(self) -> float:
        """Seconds since it last gave a sign of life."""

    def is_alive(self) -> bool:
        """False once it has ended by itself."""

    def close(self) -> None:
        """Give the device back."""


class OpenStreams(NamedTuple):
    """Both ends of the sound path, open and running."""

    source: Source
    sink: Sink


@dataclass(frozen=True)
class Plan:
    """What will be opened: ``device`` indices are of this process; ``file`` stands for an input."""

    config: StreamConfig
    sample_rate: int
    channels: int
    file: Path | None
    input_device: Device | None
    output_device: Device | None  # None: the null output
    remarks: tuple[str, ...] = ()  # sentences for the person

    @property
    def input_name(self) -> str:
        """As the person knows it."""
        return self.file.name if self.file else self.input_device.name if self.input_device else ""

    @property
    def output_name(self) -> str:
        """As the person knows it."""
        return self.output_device.name if self.output_device else NULL_OUTPUT


def plan_streams(config: StreamConfig) -> Plan:
    """Find out which devices, rate and channels a configuration means.

    Raises
    ------
    RestorationError
        Unknown or missing device, unreadable file, no PortAudio.
    """
    path = sound_file(config.input)
    if path is None:
        device = pick_device(query_devices(), config.input, "input")
        rate, channels = device.default_rate, _channels_of(device, config)
    else:
        from realtime.devices.file_input import FileInput  # heavy: a device needs none of it

        probe = FileInput(path, config.channels)
        device, rate, channels = None, probe.sample_rate, probe.channels
        probe.close()
    output, remarks = _plan_output(config)
    if channels < config.channels:
        remarks += ("the input has one channel: restoring and recording in mono",)
    return Plan(config, config.sample_rate or rate, channels, path, device, output, remarks)


def _channels_of(device: Device, config: StreamConfig) -> int:
    """Return how many of the wanted channels the input has."""
    there = device.inputs - config.first_channel + 1
    if there < 1:
        raise RestorationError(
            f"input {device.name!r} has {device.inputs} channels and no channel "
            f"{config.first_channel}; choose another pair"
        )
    return min(there, config.channels)


def _plan_output(config: StreamConfig) -> tuple[Device | None, tuple[str, ...]]:
    if config.output == NULL_OUTPUT:
        return None, ()
    try:
        return pick_device(query_devices(), config.output, "output"), ()
    except RestorationError as error:
        if config.output is not None or not config.allow_null_output:
            raise
        return None, (f"{error}; going on without sound",)


def open_streams(plan: Plan) -> tuple[OpenStreams, Plan]:
    """Open both ends; the plan that comes back says what was really opened.

    Raises
    ------
    RestorationError
        A device refuses: rate, channels, or it is in use or gone.
    """
    # The output first: from the moment the input runs, every millisecond becomes delay.
    sink, plan = open_sink(plan)
    try:
        source = open_source(plan)
    except BaseException:
        sink.close()
        raise
    margin_s = UNHEARD_MARGIN_S
    if plan.output_device:  # whoever lets the device buffer more lets the worker be later as well
        margin_s = MARGIN_S + max(plan.config.latency_s - LATENCY_S, 0.0)
    sink.target = wanted_fill(plan.sample_rate, source.burst, sink.burst, margin_s)
    if plan.input_device and plan.output_device:
        sink.least_reserve = sink.target - max(source.burst, block_length(plan.sample_rate))
    return OpenStreams(source, sink), plan


def wanted_fill(sample_rate: int, burst_in: int, burst_out: int, margin_s: float = MARGIN_S) -> int:
    """Samples to have waiting for the output when playing starts.

    The most that may be missing from it just before the next sound comes: one burst out, one
    burst in (a hop at least), a quarter of a hop while the worker works on it, and what it may be
    late.
    """
    hop = block_length(sample_rate)
    return max(burst_in, hop) + burst_out + hop // 4 + round(margin_s * sample_rate)


def open_sink(plan: Plan) -> tuple[Sink, Plan]:
    """Open the output alone; see :func:`open_streams`."""
    device, config = plan.output_device, plan.config
    if device is None:
        return NullOutput(plan.sample_rate, counts_underflows=plan.file is not None), plan
    from realtime.devices.device_streams import DeviceOutput

    try:
        with _clear_errors(device, "output", plan.sample_rate):
            opened = DeviceOutput(
                device.index,
                device.name,
                plan.sample_rate,
                min(max(plan.channels, 2), device.outputs),
                config.block,
                config.latency_s,
                device.host_api,
            )
            return opened, plan
    except RefusedRateError:
        if plan.file is None or plan.sample_rate == device.default_rate:
            raise
        # A file can be resampled for an output that knows one rate only.
        remark = f"{device.name} insists on {device.default_rate} Hz: the file is resampled"
        return open_sink(
            replace(plan, sample_rate=device.default_rate, remarks=(*plan.remarks, remark))
        )
    except RestorationError as error:
        if config.output is not None or not config.allow_null_output:
            raise
        remarks = (*plan.remarks, f"{error}; going on without sound")
        return open_sink(replace(plan, output_device=None, remarks=remarks))


def open_source(plan: Plan) -> Source:
    """Open the input alone; see :func:`open_streams`."""
    if plan.file is not None:
        from realtime.devices.file_input import FileInput  # heavy: a device needs none of it

        return FileInput(plan.file, plan.channels, plan.sample_rate)
    from realtime.devices.device_streams import DeviceInput

    device, config = plan.input_device, plan.config
    assert device is not None
    with _clear_errors(device, "input", plan.sample_rate):
        return DeviceInput(
            device.index,
            device.name,
            plan.sample_rate,
            plan.channels,
            config.block,
            config.latency_s,
            device.host_api,
            config.first_channel,
        )


class RefusedRateError(RestorationError):
    """The device does not take the rate."""


class _clear_errors:  # noqa: N801 (used like a function)
    """Turn what PortAudio raises into one line that names the device and what to do."""

    def __init__(self, device: Device, kind: str, sample_rate: int) -> None:
        self._device, self._kind, self._rate = device, kind, sample_rate
        self._quiet = quiet_stderr()

    def __enter__(self) -> None:
        self._quiet.__enter__()

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        self._quiet.__exit__(None, None, None)
        if error is None:
            return
        import sounddevice

        if not isinstance(error, sounddevice.PortAudioError | ValueError):
            return
        code = error.args[1] if len(error.args) > 1 else None
        name, default = self._device.name, self._device.default_rate
        if code == INVALID_RATE:
            raise RefusedRateError(
                f"{self._kind} {name!r} refuses {self._rate} Hz; its own rate is {default} Hz"
            ) from None
        if code == INVALID_CHANNELS:
            raise RestorationError(
                f"{self._kind} {name!r} refuses this number of channels; try the other of 1 and 2"
            ) from None
        if code == UNAVAILABLE:
            raise RestorationError(
                f"{self._kind} {name!r} is in use by another program, or unplugged"
            ) from None
        raise RestorationError(
            f"{self._kind} {name!r} could not be opened ({error.args[0]}); "
            "check that it is connected and the sound server runs"
        ) from None
