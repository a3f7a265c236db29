"""Prints the man page, made from the parser that reads the command line. The wheel has it too."""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import main as front_door  # noqa: E402

MORE = r"""
.SH EXIT STATUS
0 when all is well; 2 after an error, which is told in one line that says what to do;
130 when interrupted.
.SH ENVIRONMENT
.TP
.B SHELLAC_LOG
The log file, or \fInone\fR.
.SH FILES
.TP
.I ~/.local/state/shellac/shellac.log
What happened, in at most 5 MB. On macOS in \fI~/Library/Logs/Shellac\fR,
on Windows in \fI%LOCALAPPDATA%\\Shellac\fR.
.TP
.I *.shellac.json
Beside each recording and each restored file: what is known of it, and the hashes of both files.
"""


def page() -> str:
    """Return the page as roff."""
    parser = front_door.whole_parser()
    about = (parser.description or "").rstrip(".")
    lines = [
        f'.TH SHELLAC 1 "" "shellac {front_door.VERSION}" "User Commands"',
        ".SH NAME",
        f"shellac \\- {_text(about[0].lower() + about[1:])}",
        ".SH SYNOPSIS",
        ".B shellac",
        r"[\fIOPTION\fR]... [\fICOMMAND\fR [\fIOPTION\fR]...]",
        ".SH DESCRIPTION",
        *_epilog(parser.epilog or ""),
        ".SH OPTIONS",
        *_options(parser),
        ".SH COMMANDS",
    ]
    for name, command in _commands(parser).items():
        lines += [f".SS shellac {name}", _text(command.description or ""), *_options(command)]
    return "\n".join(lines) + MORE


def _epilog(text: str) -> Iterator[str]:
    sentence, _, examples = text.partition("\n\nexamples:\n")
    yield _text(sentence)
    yield from (
        ".SH EXAMPLES",
        ".nf",
        *(_text(line.strip()) for line in examples.splitlines()),
        ".fi",
    )


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (found,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return dict(found.choices)


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
            continue
        yield ".TP"
        yield _signature(action)
        yield _text((action.help or "").replace("%%", "%"))


def _signature(action: argparse.Action) -> str:
    value = action.metavar or ",".join(map(str, action.choices or ())) or action.dest.upper()
    given = rf"\fI{_text(str(value))}\fR"
    names = ", ".join(rf"\fB{_text(name)}\fR" for name in action.option_strings)
    if not names:
        return given + ("..." if action.nargs == "+" else "")
    return names if action.nargs == 0 else f"{names} {given}"


def _text(words: str) -> str:
    r"""Escape what roff would take for its own: ``\``, ``-``, a dot or quote that begins a line."""
    escaped = words.replace("\\", r"\e").replace("-", r"\-")
    return re.sub(r"^([.'])", r"\\&\1", escaped, flags=re.MULTILINE)


if __name__ == "__main__":
    sys.stdout.write(page())
