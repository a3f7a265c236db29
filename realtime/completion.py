"""The lines that let a shell complete the command line, made from the parser itself. No thread."""

import argparse
from collections.abc import Iterator

from realtime.arguments import named_path

SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")


def completion(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script that one of ``SHELLS`` reads, for a parser that has all commands."""
    import shtab

    for action in _actions(parser):
        if action.type is named_path or "FILE" in str(action.metavar):
            is_folder = action.metavar == "DIR"
            kind = shtab.DIRECTORY if is_folder else shtab.FILE
            action.complete = kind  # type: ignore[attr-defined]  # read by shtab
    script: str = shtab.complete(parser, shell)
    return script


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
