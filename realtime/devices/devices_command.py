"""``shellac devices``: the list of inputs and outputs."""

import argparse

from model.errors import RestorationError, one_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: everything is listed."""


def run(args: argparse.Namespace) -> object:
    """List inputs and outputs, and which are used when none is named."""
    from realtime.devices.listing import list_devices

    found = list_devices()
    if not found:
        raise RestorationError(
            "there is no sound device; connect one, or check the driver", result=[]
        )
    if args.json:
        return found
    wide = max(len(one_line(device.name)) for device in found)
    print(f"{'':8}{'name':{wide}}  in out   rate  host API")
    for device in found:
        marks = ("in" if device.is_default_input else "", "out" if device.is_default_output else "")
        print(
            f"{'/'.join(filter(None, marks)):8}{one_line(device.name):{wide}}  "
            f"{device.inputs:2} {device.outputs:3} {device.default_rate:6}  "
            f"{one_line(device.host_api)}"
        )
    print("'in' and 'out' at the left mark what is used when no name is given.")
    return found
