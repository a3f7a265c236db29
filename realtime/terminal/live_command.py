"""``shellac live``: its options, and from them to a session in the terminal."""

import argparse

from model.errors import RestorationError
from realtime.arguments import named_path, positive
from realtime.restorer.options import add_restoration_options, models_from, settings_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add devices, recording and restoration."""
    add = parser.add_argument
    add("--input", metavar="NAME|FILE|demo", help="device, sound file, or the bundled record")
    add("--output", metavar="NAME|none", help="device, or 'none' for silence at the same pace")
    add(
        "--record",
        type=named_path,
        metavar="DIR",
        help="write raw and restored sound into this folder",
    )
    add(
        "--format",
        choices=("flac", "bwf", "wav"),
        help="of the recording: FLAC or Broadcast Wave of 24 bits, or float WAV (flac)",
    )
    add("--archive", action="store_true", help="the same as --format bwf --sample-rate 96000")
    add("--wait-for-needle", action="store_true", help="record from each drop to each lift")
    add(
        "--stop-at-run-out",
        action="store_true",
        help="end each recording by itself once the needle is in the run-out groove",
    )
    add("--name", metavar="TEMPLATE", help="of the recorded files ({date}_{time})")
    add("--seconds", type=positive, metavar="S", help="stop after so much sound")
    add("--sample-rate", type=int, metavar="HZ", help="of both devices (the input's own)")
    add("--channels", type=int, choices=(1, 2), default=2, help="mono or stereo (2)")
    add("--first-channel", type=int, metavar="N", default=1, help="of the input, 3 for 3 and 4 (1)")
    add("--block", type=int, metavar="N", help="samples per device block (256)")
    add("--latency", type=float, metavar="S", help="buffer of the output (0.025 s)")
    add("--monitor", choices=("restored", "dry", "removed"), help="what the headphones play")
    add_restoration_options(parser)


def begin(_: argparse.Namespace) -> None:
    """Let the engine's process prepare itself while this one still reads what it is to do."""
    from realtime.engine.child import begin_early

    begin_early()


def run(args: argparse.Namespace) -> None:
    """Restore what an input delivers, let it be heard, record it."""
    from model.groove.record_options import record_from
    from realtime.config import ARCHIVE_HZ, StreamConfig
    from realtime.terminal.live_session import run_session

    settings = settings_from(args)
    if args.stop_at_run_out and args.record is None:
        raise RestorationError("--stop-at-run-out ends a recording; say with --record DIR where to")
    buffers = {"block": args.block, "latency_s": args.latency}
    try:
        config = StreamConfig(
            input=args.input or _default_input(),
            output=args.output,
            sample_rate=args.sample_rate or (ARCHIVE_HZ if args.archive else None),
            channels=args.channels,
            first_channel=args.first_channel,
            allow_null_output=args.output is None,
            record_folder=args.record,
            record_format=args.format or ("bwf" if args.archive else "flac"),
            models=models_from(args),
            record=record_from(args),
            wait_for_needle=args.wait_for_needle,
            stop_at_run_out=args.stop_at_run_out,
            record_name=args.name or "",
            **{name: value for name, value in buffers.items() if value is not None},
        )
    except ValueError as error:
        raise RestorationError(str(error)) from None
    run_session(config, settings, args.seconds, args.quiet)


def _default_input() -> str:
    from realtime.devices.listing import list_devices, pick_device

    device = pick_device(list_devices(), None, "input")
    return f"{device.name}, {device.host_api}"
