"""Shellac's front door: reads the command line and opens the one room that is needed.

Every heavy import waits until its command is chosen; an error becomes one line here.
"""

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from model.errors import RestorationError, one_line, system_error

if TYPE_CHECKING:
    from model.settings import Settings

N = TypeVar("N", int, float)
VERSION = "0.1.0"
FAILED, INTERRUPTED = 2, 130  # exit codes
# The chain's small matrices gain nothing from helper threads, and they would take a second core.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

LOG_HELP = "keep the log there, or none (also: SHELLAC_LOG)"

DESCRIPTION = "Restores 78 rpm records while they play: turntable in, restored sound out."
EPILOG = """\
Without a command the window opens; --demo opens it on the bundled worn record.

examples:
  main.py live --input demo                        hear the bundled record restored
  main.py live --input USB --record transfers      restore and record a turntable
  main.py restore side.wav --output restored.flac  restore a file
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns 0, 2 after an error that the person was told, or 130."""
    args = _parser().parse_args(arguments)
    from realtime.standard_streams import mend_standard_streams, trouble_with_output

    mend_standard_streams()
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that knows no umlaut is no error
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with _logging(args, arguments):
            args.run(args)
        sys.stdout.flush()
        if trouble := trouble_with_output():
            raise RestorationError(f"what was to be told could not be written: {trouble}")
    except RestorationError as error:
        print(f"shellac: {one_line(error)}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("shellac: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output left, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:  # such as a name that no file can have
        print(f"shellac: {one_line(system_error(error))}", file=sys.stderr)
        return FAILED
    return 0


def live(args: argparse.Namespace) -> None:
    """Restore what an input delivers, let it be heard, record it."""
    from model.record_options import record_from
    from realtime.config import StreamConfig
    from realtime.session import run_session

    settings = _settings(args)
    buffers = {"block": args.block, "latency_s": args.latency}
    try:
        config = StreamConfig(
            input=args.input or _default_input(),
            output=args.output,
            sample_rate=args.sample_rate,
            channels=args.channels,
            allow_null_output=args.output is None,
            record_folder=args.record,
            record_format=args.format,
            models=_models(args),
            record=record_from(args),
            wait_for_needle=args.wait_for_needle,
            record_name=args.name or "",
            **{name: value for name, value in buffers.items() if value is not None},
        )
    except ValueError as error:
        raise RestorationError(str(error)) from None
    run_session(config, settings, args.seconds)


def restore(args: argparse.Namespace) -> None:
    """Restore files with the chain that restores live sound."""
    from model.record_options import record_from
    from realtime.batch import run_jobs
    from realtime.jobs import plan_jobs
    from realtime.sidecar import known_record

    jobs = plan_jobs(
        args.inputs,
        args.output,
        file_format=args.format,
        removed=args.removed,
        mask=args.mask,
        report=args.report,
        overwrite=args.overwrite,
        record=lambda source: record_from(args, known_record(source)),
        align_walls=args.align_walls,
        sidecar=not args.no_sidecar,
        resume=args.resume,
    )
    run_jobs(jobs, _settings(args), args.jobs, _models(args))


def devices(args: argparse.Namespace) -> None:  # noqa: ARG001 (every command gets them)
    """List inputs and outputs, and which are used when none is named."""
    from realtime.devices import list_devices

    found = list_devices()
    if not found:
        raise RestorationError("there is no sound device; connect one, or check the driver")
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


def curves(args: argparse.Namespace) -> None:
    """List the playback curves, or those that a label and a year suggest."""
    from model.record_options import list_curves

    list_curves(args.label, args.year, args.region)


def tracks(args: argparse.Namespace) -> None:
    """Cut a side into its tracks, at markers or in pauses."""
    from dataclasses import replace

    from realtime.sidecar import known_record
    from realtime.tracks import DEFAULT_NAME, marked_cuts, silent_cuts, split_at

    cuts = marked_cuts(args.input) if args.by == "markers" else silent_cuts(args.input, args.pause)
    if args.by == "silence" and not cuts:
        print(
            f"{one_line(args.input)}: there is no pause of {args.pause:g} s; the side stays whole"
        )
    record = known_record(args.input)
    if not (record.title or record.performer or args.name):
        record = replace(record, title=args.input.stem)
    for path in split_at(args.input, args.output, cuts, record, args.name or DEFAULT_NAME):
        print(one_line(path))


def verify(args: argparse.Namespace) -> None:
    """Check that archived sides are what they were and still line up."""
    from realtime.verify import verify_folder

    lines, mismatches = verify_folder(args.folder)
    print("\n".join(lines))
    if mismatches:
        raise RestorationError(f"{mismatches} of {len(lines)} sides do not match their archive")


def recover(args: argparse.Namespace) -> None:
    """Finish recordings that a killed program left behind."""
    from realtime.recover import recover_folder

    outcomes, finished = recover_folder(args.folder)
    for outcome in outcomes:
        print(outcome)
    if finished:
        print(f"{finished} finished recordings are as they were")
    if not outcomes:
        print(f"nothing to recover in {args.folder}")
    if failed := sum(outcome.what == "failed" for outcome in outcomes):
        raise RestorationError(f"{failed} recordings could not be recovered")


def walls(args: argparse.Namespace) -> None:
    """Estimate how the two walls of a transfer stand to each other."""
    from realtime.walls import wall_alignment_of

    found = wall_alignment_of(args.input)
    kind = "lateral" if found.correlation > 0 else "vertical"
    print(
        f"--wall-offset {found.offset_us:.2f} --wall-balance {found.balance_db:.2f} "
        f"(correlation {found.correlation:.2f}: {kind})"
    )


def doctor(args: argparse.Namespace) -> None:
    """Check this installation, and tell what a maintainer would ask for."""
    from realtime.doctor import examine

    wrong = 0
    for finding in examine(args.log):
        print("\n".join(finding.lines()), flush=True)
        wrong += finding.state == "WRONG"
    if wrong:
        raise RestorationError(f"{wrong} of these answers are wrong; each says what helps")


def window(args: argparse.Namespace) -> None:
    """Open the window."""
    has_display = any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    )
    if sys.platform.startswith("linux") and not has_display:
        raise RestorationError(
            "there is no display for the window; in a terminal use 'main.py live --input demo', "
            "or see 'main.py --help'"
        )
    try:
        from ui.app import main as open_window
    except ImportError as error:
        raise RestorationError(
            f"the window cannot open: {error}; run 'make install', or use 'main.py live'"
        ) from None
    arguments = ["--demo"] if args.demo else []
    if args.record:
        arguments += ["--record", str(args.record)]
    if code := open_window(arguments):
        raise RestorationError(f"the window ended with code {code}")


def _logging(
    args: argparse.Namespace, arguments: Sequence[str] | None
) -> contextlib.AbstractContextManager[Path | None]:
    from realtime.logbook import logging_to

    return logging_to(args.log, sys.argv[1:] if arguments is None else arguments)


def _settings(args: argparse.Namespace) -> "Settings":
    """Return the preset with what the command line says on top."""
    from dataclasses import fields, replace

    from model.presets import load_preset
    from model.settings import Settings

    wanted = {spec.name: getattr(args, spec.name, None) for spec in fields(Settings)}
    try:
        given = {name: value for name, value in wanted.items() if value is not None}
        return replace(load_preset(args.preset), **given)
    except (ValueError, TypeError) as error:
        raise RestorationError(str(error)) from None


def _models(args: argparse.Namespace) -> tuple[str, ...]:
    """Return the networks that were asked for in place of the shipped ones."""
    if not args.model:
        return ()
    from model.checkpoints import load_models
    from realtime.checkpoint_files import usable_models

    selection = usable_models(args.model)
    load_models(selection)  # what cannot be used is said before anything is opened
    return selection


def _default_input() -> str:
    from realtime.devices import list_devices, pick_device

    device = pick_device(list_devices(), None, "input")
    return f"{device.name}, {device.host_api}"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the command line in one line, as every other error does.

    Takes ``--log`` before a command or behind it.
    """

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.add_argument("--log", metavar="FILE|none", default=argparse.SUPPRESS, help=LOG_HELP)

    def error(self, message: str) -> NoReturn:
        self.exit(FAILED, f"shellac: {message}; see '{self.prog} --help'\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="main.py",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"shellac {VERSION}")
    parser.add_argument("--demo", action="store_true", help="open the window on the demo record")
    parser.add_argument(
        "--record", type=_path, metavar="DIR", help="record what the window opens on"
    )
    parser.set_defaults(run=window, log=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)
    _add_live(commands.add_parser("live", help=live.__doc__, description=live.__doc__))
    _add_restore(commands.add_parser("restore", help=restore.__doc__, description=restore.__doc__))
    listing = commands.add_parser("devices", help=devices.__doc__, description=devices.__doc__)
    listing.set_defaults(run=devices)
    asking = commands.add_parser("doctor", help=doctor.__doc__, description=doctor.__doc__)
    asking.set_defaults(run=doctor)
    _add_curves(commands.add_parser("curves", help=curves.__doc__, description=curves.__doc__))
    looking = commands.add_parser("walls", help=walls.__doc__, description=walls.__doc__)
    looking.add_argument("input", type=_path, metavar="IN", help="a stereo transfer")
    looking.set_defaults(run=walls)
    _add_tracks(commands.add_parser("tracks", help=tracks.__doc__, description=tracks.__doc__))
    checking = commands.add_parser("verify", help=verify.__doc__, description=verify.__doc__)
    checking.add_argument("folder", type=_path, metavar="DIR", help="with recordings or results")
    checking.set_defaults(run=verify)
    mending = commands.add_parser("recover", help=recover.__doc__, description=recover.__doc__)
    mending.add_argument("folder", type=_path, metavar="DIR", help="with recordings in it")
    mending.set_defaults(run=recover)
    return parser


def _add_curves(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=curves)
    parser.add_argument("--label", metavar="TEXT", help="as printed on the record")
    parser.add_argument("--year", type=int, help="of the recording")
    parser.add_argument("--region", choices=("us", "uk", "europe"), help="where it was made")


def _add_tracks(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=tracks)
    add = parser.add_argument
    add("input", type=_path, metavar="SIDE", help="raw or restored")
    add("--output", type=_path, required=True, metavar="DIR", help="folder for the tracks")
    add("--by", choices=("markers", "silence"), default="silence", help="where to cut (silence)")
    add("--pause", type=_positive, default=1.0, metavar="S", help="shortest pause (1 s)")
    add("--name", metavar="TEMPLATE", help="of the files, such as '{performer} - {title} {track}'")


def _add_live(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=live)
    add = parser.add_argument
    add("--input", metavar="NAME|FILE|demo", help="device, sound file, or the bundled record")
    add("--output", metavar="NAME|none", help="device, or 'none' for silence at the same pace")
    add("--record", type=_path, metavar="DIR", help="write raw and restored sound into this folder")
    add("--format", choices=("flac", "wav"), default="flac", help="of the recording (flac)")
    add("--wait-for-needle", action="store_true", help="record from each drop to each lift")
    add("--name", metavar="TEMPLATE", help="of the recorded files ({date}_{time})")
    add("--seconds", type=_positive, metavar="S", help="stop after so much sound")
    add("--sample-rate", type=int, metavar="HZ", help="of both devices (the input's own)")
    add("--channels", type=int, choices=(1, 2), default=2, help="mono or stereo (2)")
    add("--block", type=int, metavar="N", help="samples per device block (256)")
    add("--latency", type=float, metavar="S", help="buffer of the output (0.025 s)")
    add("--monitor", choices=("restored", "dry", "removed"), help="what the headphones play")
    _add_settings(parser)


def _add_restore(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=restore)
    add = parser.add_argument
    add(
        "inputs", nargs="+", type=_path, metavar="IN", help="WAV, AIFF, FLAC, OGG, MP3, or a folder"
    )
    add("--output", type=_path, required=True, metavar="OUT|DIR", help="file, or folder for many")
    add("--format", choices=("wav", "flac"), help="of files in a folder (as the input)")
    add("--removed", type=_path, metavar="FILE|DIR", help="also write what was taken out")
    add("--mask", type=_path, metavar="FILE|DIR", help="also write the impulse mask as audio")
    add("--report", type=_path, metavar="FILE.json|DIR", help="also write counts and timings")
    add("--jobs", type=_count, default=1, metavar="N", help="files at the same time (1)")
    add("--overwrite", action="store_true", help="replace files that are there already")
    add("--resume", action="store_true", help="leave out what is done and verified")
    add("--no-sidecar", action="store_true", help="leave out the archive's JSON file and the tags")
    add("--align-walls", action="store_true", help="estimate offset and balance of the walls")
    _add_settings(parser)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    from model.record_options import add_record_options

    add_record_options(parser)
    group = parser.add_argument_group("restoration")
    add = group.add_argument
    add("--preset", default="default", metavar="light|default|heavy|FILE", help="(default)")
    add("--repair", choices=("interpolate", "attenuate"), help="rebuild, or turn down")
    add("--depth", type=float, metavar="0..1", help="share of a found impulse that is taken out")
    add("--sensitivity", type=float, metavar="0..1", help="how faint an impulse is still caught")
    add("--longest-click-ms", type=float, metavar="MS", help="longest defect that is rebuilt")
    add("--protection", type=float, metavar="0..1", help="holds back on brass, drums, plosives")
    add("--hiss-reduction-db", type=float, metavar="DB", help="how far surface noise is lowered")
    add("--learned-balance", type=float, metavar="0..1", help="0 analytical, 1 learned detector")
    add(
        "--model",
        action="append",
        metavar="FILE|none",
        help="trained network (.onnx, .pth) in place of the shipped one; may be repeated",
    )
    add("--bypass", action="store_true", default=None, help="pass the input through untouched")


def _path(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("'' is no name; name a file or a folder")
    return Path(text)


def _positive(text: str) -> float:
    return _number(text, float, lambda value: 0 < value < float("inf"), "more than 0")


def _count(text: str) -> int:
    return _number(text, int, lambda value: value >= 1, "a whole number, 1 or more")


def _number(text: str, kind: type[N], fits: Callable[[N], bool], wanted: str) -> N:
    with contextlib.suppress(ValueError):
        if fits(value := kind(text)):
            return value
    raise argparse.ArgumentTypeError(f"{text!r} is not possible; it must be {wanted}")


if __name__ == "__main__":
    sys.exit(main())
