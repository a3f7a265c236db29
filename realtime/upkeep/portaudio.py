"""PortAudio itself: its version and the ways it has to the devices. Asked in a child process.

A process of its own, as in ``realtime.devices.listing``: the caller need not load PortAudio.
"""

import json
import subprocess
from typing import NamedTuple

from model.errors import RestorationError
from realtime.children import child_environment, module_command
from realtime.devices.listing import LIST_TIMEOUT_S, NO_PORTAUDIO
from realtime.stderr import quiet_stderr


class HostApis(NamedTuple):
    """PortAudio's version, and how many devices each host API has."""

    version: str
    devices: dict[str, int]


def list_host_apis() -> HostApis:
    """Return what PortAudio was built with and finds.

    Raises
    ------
    RestorationError
        PortAudio is missing or does not answer, with the remedy.
    """
    command, environment = module_command("realtime.upkeep.portaudio"), child_environment()
    try:
        answer = subprocess.run(
            command, capture_output=True, env=environment, timeout=LIST_TIMEOUT_S, check=False
        )
        version, devices = json.loads(answer.stdout)
    except subprocess.TimeoutExpired:
        raise RestorationError(
            "the sound system does not answer; restart it (pulseaudio -k, or replug the device)"
        ) from None
    except ValueError:
        raise RestorationError(NO_PORTAUDIO) from None
    return HostApis(version, devices)


def _print_host_apis() -> None:
    with quiet_stderr():
        import sounddevice

        apis = sounddevice.query_hostapis()
        version = sounddevice.get_portaudio_version()[1]
    print(json.dumps([version, {api["name"]: len(api["devices"]) for api in apis}]))


if __name__ == "__main__":
    _print_host_apis()
