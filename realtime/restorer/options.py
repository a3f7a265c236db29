"""The restoration on the command line: a preset, single values on top of it, and networks.

Imports nothing heavy before a command runs: the parser is made for ``--help`` as well.
"""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model.settings import Settings


def add_restoration_options(parser: argparse.ArgumentParser) -> None:
    """Add what describes the record, and how it is restored."""
    from model.groove.record_options import add_record_options

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


def settings_from(args: argparse.Namespace) -> "Settings":
    """Return the preset with what the command line says on top.

    Raises
    ------
    RestorationError
        An unknown or faulty preset, or a value out of range.
    """
    from dataclasses import fields, replace

    from model.errors import RestorationError
    from model.presets import load_preset
    from model.settings import Settings

    wanted = {spec.name: getattr(args, spec.name, None) for spec in fields(Settings)}
    try:
        given = {name: value for name, value in wanted.items() if value is not None}
        return replace(load_preset(args.preset), **given)
    except (ValueError, TypeError) as error:
        raise RestorationError(str(error)) from None


def models_from(args: argparse.Namespace) -> tuple[str, ...]:
    """Return the networks that were asked for in place of the shipped ones.

    Raises
    ------
    RestorationError
        One of them cannot be used.
    """
    if not args.model:
        return ()
    from model.checkpoints import load_models
    from realtime.restorer.checkpoint_files import usable_models

    selection = usable_models(args.model)
    load_models(selection)  # what cannot be used is said before anything is opened
    return selection
