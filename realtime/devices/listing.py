"""Which sound devices there are, and which one a name means.

``list_devices`` asks in a short-lived child process: PortAudio freezes its list when it is loaded,
and the caller need not load it. ``query_devices`` asks in this process (engine child only).
"""

import difflib
import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Literal

from model.errors import RestorationError
from realtime.children import child_environment, module_command
from realtime.logbook import log as program_log
from realtime.stderr import quiet_stderr

log = program_log.getChild("devices")

Kind = Literal["input", "output"]

LIST_TIMEOUT_S = 15.0
NO_PORTAUDIO = (
    "PortAudio is missing; install it with 'sudo apt-get install libportaudio2' (Debian, Ubuntu) "
    "or 'brew install portaudio' (macOS)"
)


@dataclass(frozen=True, slots=True)
class Device:
    """One sound device; ``inputs`` and ``outputs`` are channel counts, ``default_rate`` in Hz.

    ``index`` is PortAudio's, valid only in the process that asked.
    """

    name: str
    host_api: str
    inputs: int
    outputs: int
    default_rate: int
    is_default_input: bool
    is_default_output: bool
    index: int = -1

    def channels(self, kind: Kind) -> int:
        """How many channels it has in that direction; 0 means that it cannot be used for it."""
        return self.inputs if kind == "input" else self.outputs


def list_devices() -> list[Device]:
    """Return every input and output device as it is at this moment.

    Raises
    ------
    RestorationError
        PortAudio is missing or does not answer, with the remedy.
    """
    command, environment = module_command("realtime.devices.listing"), child_environment()
    try:
        answer = subprocess.run(
            command, capture_output=True, env=environment, timeout=LIST_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise RestorationError(
            "the sound system does not answer; restart it (pulseaudio -k, or replug the device)"
        ) from None
    try:
        content = json.loads(answer.stdout)
    except ValueError:
        lines = answer.stderr.decode(errors="replace").strip().splitlines()
        detail = lines[-1] if lines else f"exit code {answer.returncode}"
        raise RestorationError(f"the sound devices could not be listed: {detail}") from None
    if "error" in content:
        raise RestorationError(content["error"])
    found = [Device(**device) for device in content["devices"]]
    _note(tuple(found))
    return found


@lru_cache(maxsize=1)  # the same list is told once, however often it is asked for
def _note(found: tuple[Device, ...]) -> None:
    log.info("devices: %s", "; ".join(map(str, found)) or "none")


def query_devices() -> list[Device]:
    """Ask PortAudio in this process, which loads it.

    Raises
    ------
    RestorationError
        PortAudio is missing.
    """
    with quiet_stderr():
        try:
            import sounddevice
        except OSError:
            raise RestorationError(NO_PORTAUDIO) from None
        apis = sounddevice.query_hostapis()
        default_input, default_output = sounddevice.default.device
        return [
            Device(
                name=_shown(found["name"]),
                host_api=apis[found["hostapi"]]["name"],
                inputs=found["max_input_channels"],
                outputs=found["max_output_channels"],
                default_rate=round(found["default_samplerate"]),
                is_default_input=found["index"] == default_input,
                is_default_output=found["index"] == default_output,
                index=found["index"],
            )
            for found in _known_to_portaudio(sounddevice)
        ]


def _known_to_portaudio(sounddevice: Any) -> list[dict[str, Any]]:
    """Return what PortAudio says of each device, also where a name is no text."""
    found = []
    for index in range(sounddevice._lib.Pa_GetDeviceCount()):
        try:
            found.append(sounddevice.query_devices(index))
        except UnicodeDecodeError:
            info = sounddevice._lib.Pa_GetDeviceInfo(index)
            found.append(
                {
                    "name": sounddevice._ffi.string(info.name),
                    "index": index,
                    "hostapi": info.hostApi,
                    "max_input_channels": info.maxInputChannels,
                    "max_output_channels": info.maxOutputChannels,
                    "default_samplerate": info.defaultSampleRate,
                }
            )
    return found


def _shown(name: str | bytes) -> str:
    """Return a device's name as text; what is not UTF-8 in it by its codes."""
    return name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else name


def pick_device(devices: Sequence[Device], name: str | None, kind: Kind) -> Device:
    """Return the one device that ``name`` means; None means the default.

    The exact name wins, then the name without regard to case, then a part that only one device
    has. ``"name, host API"`` tells devices of the same name apart.

    Raises
    ------
    RestorationError
        No such device (near names are listed), several, or none at all.
    """
    usable = [device for device in devices if device.channels(kind)]
    if name is None:
        return _default(usable, kind)
    wanted = name.casefold()
    exact = [device for device in usable if name in (device.name, _full_name(device))]
    lower = [
        device
        for device in usable
        if wanted in (device.name.casefold(), _full_name(device).casefold())
    ]
    part = [device for device in usable if wanted in device.name.casefold()]
    for found in (exact, lower, part):
        # The same device under several host APIs: PortAudio lists its preferred one first.
        if found and len({device.name for device in found}) == 1:
            return found[0]
        if found:
            names = ", ".join(repr(device.name) for device in found[:6])
            raise RestorationError(f"{kind} {name!r} could be any of {names}; give the full name")
    raise RestorationError(_unknown(name, usable, kind))


def _full_name(device: Device) -> str:
    return f"{device.name}, {device.host_api}"


def _default(usable: Sequence[Device], kind: Kind) -> Device:
    for device in usable:
        if device.is_default_input if kind == "input" else device.is_default_output:
            return device
    if usable:
        names = ", ".join(repr(device.name) for device in usable[:6])
        raise RestorationError(f"there is no default {kind} device; name one of {names}")
    raise RestorationError(f"there is no sound {kind} device; connect one, or check the driver")


def _unknown(name: str, usable: Sequence[Device], kind: Kind) -> str:
    if not usable:
        return f"no {kind} device {name!r}: there is no sound {kind} device at all; connect one"
    names = list(dict.fromkeys(device.name for device in usable))
    near = difflib.get_close_matches(name, names, n=4, cutoff=0.4)
    listed = ", ".join(repr(found) for found in near or names[:6])
    return f"no {kind} device {name!r}; {'near names' if near else 'there are'}: {listed}"


def _print_devices() -> None:
    try:
        print(json.dumps({"devices": [asdict(device) for device in query_devices()]}))
    except RestorationError as error:
        print(json.dumps({"error": str(error)}))


if __name__ == "__main__":
    _print_devices()
