"""Shellac's front door: reads the command line and opens the one room that is needed.

Every command is a module that has its options and what it does (``add_arguments``, ``run``). It is
imported when it is chosen, and imports what is heavy when it runs; an error becomes one line here.
"""

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from model.errors import RestorationError, one_line, system_error

VERSION = "0.2.0"
FAILED, INTERRUPTED = 2, 130  # exit codes
# The chain's small matrices gain nothing from helper threads, and they would take a second core.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

WINDOW = "ui.window_command"  # what opens without a command
COMMANDS = {
    "live": (
        "realtime.terminal.live_command",
        "Restore what an input delivers, let it be heard, record it.",
    ),
    "restore": (
        "realtime.batch.restore_command",
        "Restore files with the chain that restores live sound.",
    ),
    "devices": (
        "realtime.devices.devices_command",
        "List inputs and outputs, and which are used when none is named.",
    ),
    "doctor": (
        "realtime.upkeep.doctor_command",
        "Check this installation, and tell what a maintainer would ask for.",
    ),
    "curves": (
        "model.groove.curves_command",
        "List the playback curves, or those that a label and a year suggest.",
    ),
    "walls": (
        "realtime.soundfiles.walls_command",
        "Estimate how the two walls of a transfer stand to each other.",
    ),
    "tracks": (
        "realtime.batch.tracks_command",
        "Cut a side into its tracks, at markers or in pauses.",
    ),
    "verify": (
        "realtime.archive.verify_command",
        "Check that archived sides are what they were and still line up.",
    ),
    "audit": (
        "realtime.batch.audit_command",
        "Show the repairs of a side that deserve an ear, before and after.",
    ),
    "revert": (
        "realtime.batch.revert_command",
        "Give stretches of a side their untouched sound back, or repair them harder.",
    ),
    "recover": (
        "realtime.recording.recover_command",
        "Finish recordings that a killed program left behind.",
    ),
}

FOR_PROGRAMS = {"devices", "doctor", "curves", "walls", "tracks", "verify"}  # know --json

LOG_HELP = "keep the log there, or none (also: SHELLAC_LOG)"
QUIET_HELP = "tell only what went wrong, and what was asked for"
JSON_HELP = "tell it as one JSON document, for another program"

DESCRIPTION = "Restores 78 rpm records while they play: turntable in, restored sound out."
EPILOG = """\
Without a command the window opens; --demo opens it on the bundled worn record.

examples:
  shellac live --input demo                        hear the bundled record restored
  shellac live --input USB --record transfers      restore and record a turntable
  shellac restore side.wav --output restored.flac  restore a file
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns 0, 2 after an error that the person was told, or 130."""
    from realtime.standard_streams import mend_standard_streams, trouble_with_output

    _begin_again_in_utf8()
    arguments = sys.argv[1:] if arguments is None else arguments
    args = _parser(arguments).parse_args(arguments)
    mend_standard_streams()
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that knows no umlaut is no error
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        _begin(args)
        if args.print_completion:
            _print_completion(args.print_completion)
        else:
            with _logging(args, arguments):
                _run(args)
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


def _begin(args: argparse.Namespace) -> None:
    """Let the room begin with what takes long, before all else."""
    begin = getattr(import_module(args.room), "begin", None)
    if begin is not None:
        begin(args)


def _begin_again_in_utf8() -> None:
    """Start this process anew where names of files are not read as UTF-8, which they are.

    So it is under ``LC_ALL=C`` when Python was told not to mind, and in the locales of old. The
    terminal keeps its own letters.
    """
    is_bundle = getattr(sys, "frozen", False)
    if sys.getfilesystemencoding() == "utf-8" or os.environ.get("PYTHONUTF8") == "1" or is_bundle:
        return
    os.environ["PYTHONUTF8"] = "1"
    if sys.stdout is not None:
        os.environ.setdefault("PYTHONIOENCODING", f"{sys.stdout.encoding}:backslashreplace")
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _run(args: argparse.Namespace) -> None:
    """Open the room; what it found out is told as JSON if a program asks, also beside an error."""
    if not args.json:
        import_module(args.room).run(args)
        return
    from realtime.answers import document

    try:
        found = import_module(args.room).run(args)
    except RestorationError as error:
        print(document(VERSION, args.command, error.result, one_line(error)))
        raise
    print(document(VERSION, args.command, found))


def _print_completion(shell: str) -> None:
    from realtime.completion import completion

    print(completion(whole_parser(), shell))


def _logging(
    args: argparse.Namespace, arguments: Sequence[str]
) -> contextlib.AbstractContextManager[Path | None]:
    from realtime.logbook import logging_to

    return logging_to(args.log, arguments)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the command line in one line, as every other error does.

    Takes what all commands know before a command or behind it.
    """

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        unsaid = argparse.SUPPRESS
        self.add_argument("--log", metavar="FILE|none", default=unsaid, help=LOG_HELP)
        self.add_argument("--quiet", action="store_true", default=unsaid, help=QUIET_HELP)

    def error(self, message: str) -> NoReturn:
        self.exit(FAILED, f"shellac: {message}; see '{self.prog} --help'\n")


def whole_parser() -> argparse.ArgumentParser:
    """Return the parser with the options of all commands: for completion and the man page."""
    return _parser(tuple(COMMANDS))


def _parser(arguments: Sequence[str]) -> _Parser:
    """Make the parser, with the options of no other command than the one that is named."""
    from realtime.arguments import named_path
    from realtime.completion import SHELLS

    parser = _Parser(
        prog="shellac",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"shellac {VERSION}")
    parser.add_argument("--demo", action="store_true", help="open the window on the demo record")
    parser.add_argument(
        "--record", type=named_path, metavar="DIR", help="record what the window opens on"
    )
    parser.add_argument(
        "--open", type=named_path, nargs="?", metavar="FILE", help="open the window on a sound file"
    )
    parser.add_argument(
        "--print-completion",
        choices=SHELLS,
        metavar="SHELL",
        help=f"print what lets a shell complete this command line: {', '.join(SHELLS)}",
    )
    parser.set_defaults(room=WINDOW, command="", log=None, quiet=False, json=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)
    for name, (module, purpose) in COMMANDS.items():
        command = commands.add_parser(name, help=purpose, description=purpose)
        command.set_defaults(room=module, command=name)
        if name in FOR_PROGRAMS:
            command.add_argument("--json", action="store_true", help=JSON_HELP)
        if name in arguments:
            import_module(module).add_arguments(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
