"""What the window opens on: the devices of last time, else the default ones, else the demo record.

``first_config`` asks the sound system and may take a second: it runs on the session's thread.
"""

from pathlib import Path
from typing import NamedTuple

from model.errors import RestorationError
from realtime.config import DEMO_INPUT, StreamConfig
from realtime.devices.listing import Device, list_devices, pick_device

NO_INPUT = "No sound input was found, so this is the demo record; connect one and choose devices"


class Start(NamedTuple):
    """A configuration to open, and what to tell the person about it."""

    config: StreamConfig
    sentence: str = ""


def demo_config(output: str | None = None, record_folder: Path | None = None) -> StreamConfig:
    """The bundled worn record, to be heard where there is an output."""
    return StreamConfig(
        input=DEMO_INPUT, output=output, allow_null_output=True, record_folder=record_folder
    )


def first_config(remembered: StreamConfig | None) -> Start:
    """Choose what to open; never fails."""
    if remembered is not None and is_record(remembered.input):
        return Start(remembered)
    try:
        devices = list_devices()
    except RestorationError as error:
        return Start(demo_config(), f"{error}; until then this is the demo record")
    if remembered is not None:
        try:
            pick_device(devices, remembered.input, "input")
        except RestorationError as error:
            start = _default(devices)
            return Start(
                start.config, f"{error}. {start.sentence or 'The default is open instead'}"
            )
        return Start(remembered)
    return _default(devices)


def is_record(name: str) -> bool:
    """True for what is played as if it were the turntable."""
    return name == DEMO_INPUT or Path(name).is_file()


def full_name(device: Device) -> str:
    """The name that tells a device from its namesake in another host API."""
    return f"{device.name}, {device.host_api}"


def _default(devices: list[Device]) -> Start:
    try:
        device = pick_device(devices, None, "input")
    except RestorationError:
        return Start(demo_config(), NO_INPUT)
    return Start(StreamConfig(input=full_name(device), allow_null_output=True))
