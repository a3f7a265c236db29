"""Measure the declicker beside ffmpeg's ``adeclick`` and grooveclean: what is gained, what harmed.

``python -m training.declick_benchmark [CLIPS...] [--clicks BANK] [--only made real harm]``. Three
kinds of tables: made clicks over clean music (6 dB SNR, 20 and 200 a second); with a bank of
``training.harvest_clicks`` real clicks under real hiss, of which only the held-out ones are used;
and harm, on clean clips of what looks like clicks. Without CLIPS, public-domain scores are rendered
and kept in a cache. Other programs are measured if they are installed. It imports no torch.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from model.chain import ANALYTICAL
from model.checkpoints import Models, load_models
from model.errors import RestorationError
from model.settings import Settings
from training.benchmarks.clips import Clip, cache_folder, read_clip, read_clips
from training.benchmarks.harm_benchmark import HarmRow, measure_harm, print_harm
from training.benchmarks.harm_clips import HARM_CLIPS, render_harm_clips
from training.benchmarks.made_click_benchmark import (
    ALONE,
    OURS,
    STRENGTHS,
    MadeRow,
    measure_made,
    plot_made,
    print_made_head,
    print_made_row,
)
from training.benchmarks.real_click_benchmark import (
    ORACLE_ORDERS,
    RealRow,
    measure_oracle,
    measure_real,
    plot_real,
    print_real_head,
    print_real_row,
)
from training.benchmarks.real_click_cases import FAINT_HISS_DB, LOUD_HISS_DB, Case, cases
from training.benchmarks.restorers import (
    ADECLICK,
    PRESETS,
    Restore,
    chain_restorer,
    ffmpeg_restorer,
    preset_restorers,
    rival_restorers,
)
from training.command import run_command
from training.harvest.click_bank import load_bank

TABLES = ("made", "real", "harm")
RENDERED = 8  # clips, where none are named
RENDERED_SEED = 1917


def main(argv: Sequence[str] | None = None) -> int:
    """Measure everything that is asked for and print the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m training.declick_benchmark", description=__doc__
    )
    add = parser.add_argument
    add("clips", nargs="*", type=Path, help="clean audio files or folders of them")
    add("--clicks", type=Path, metavar="BANK", help="real clicks, for the tables of real clicks")
    add("--only", nargs="+", choices=TABLES, help="these tables; else all that are possible")
    add("--seconds", type=float, default=8.0, help="taken from each clip (8)")
    add("--model", action="append", default=[], help=".onnx instead of the shipped")
    add("--plot", type=Path, help="picture of the made clicks; of the real ones without made")
    add("--json", type=Path, help="all figures, per clip")
    add("--presets", nargs="+", choices=PRESETS, default=PRESETS, help="in the last two tables")
    add("--alone", action="store_true", help="without other programs beside it")
    add("--grooveclean", type=Path, metavar="PROGRAM", help="the command, if it lies elsewhere")
    add("--cache", type=Path, default=cache_folder(), help="folder of what is rendered")
    options = parser.parse_args(argv)
    return run_command(lambda: _measure_all(options))


def _measure_all(options: argparse.Namespace) -> None:
    wanted = options.only or [name for name in TABLES if name != "real" or options.clicks]
    if "real" in wanted and not options.clicks:
        raise RestorationError("the table of real clicks needs --clicks BANK")
    models = load_models(options.model)
    bank = load_bank(options.clicks) if "real" in wanted else None
    clips = _clips(options) if set(wanted) - {"harm"} else []
    rivals = {} if options.alone else rival_restorers(options.grooveclean)
    systems = {**preset_restorers(models, options.presets), **rivals}
    report: dict[str, Any] = {"clips": [clip.name for clip in clips]}
    if "made" in wanted:
        rows = _made_table(clips, models, rivals)
        report["rows"] = [row._asdict() for row in rows]
        _draw(options.plot, partial(plot_made, rows))
    if bank is not None:
        tables: dict[str, list[RealRow]] = {}
        for hiss_db in (LOUD_HISS_DB, FAINT_HISS_DB):
            records = cases(clips, bank, hiss_db)
            print_real_head(records, hiss_db)
            title = f"hiss {hiss_db[0]:g} to {hiss_db[-1]:g} dB below the music"
            tables[title] = _real_rows(records, systems)
            report.setdefault("records", {})[title] = [record.name for record in records]
        report["real"] = {title: [row._asdict() for row in rows] for title, rows in tables.items()}
        _draw(None if "made" in wanted else options.plot, partial(plot_real, tables))
    if "harm" in wanted:
        report |= _harm_table(options, systems)
    if options.json:
        _write(options.json, report)


def _clips(options: argparse.Namespace) -> list[Clip]:
    if options.clips:
        return read_clips(options.clips, options.seconds)
    return [read_clip(path, options.seconds) for path in _rendered(options.cache)]


def _rendered(folder: Path) -> list[Path]:
    """Public-domain scores played through FluidSynth, one of each genre first."""
    from training.music.synthesizer import find_font, find_synthesizer
    from training.render_scores import GENRES, plan, render

    pieces = plan(folder, 30, RENDERED_SEED, GENRES)[:RENDERED]
    missing = [piece for piece in pieces if not piece.path.exists()]
    if missing:
        program, font = find_synthesizer(), find_font()
        print(f"rendering {len(missing)} pieces into {folder}", file=sys.stderr)
        for piece in missing:
            piece.path.parent.mkdir(parents=True, exist_ok=True)
            render(piece, program, font)
    return [piece.path for piece in pieces]


def _made_table(clips: Sequence[Clip], models: Models, rivals: dict[str, Restore]) -> list[MadeRow]:
    systems: list[tuple[str, Restore]] = []
    for mode, networks in (("", models), (ALONE, ANALYTICAL)):
        for sensitivity, protection in STRENGTHS if networks.detector or mode else ():
            settings = Settings(depth=1.0, sensitivity=sensitivity, protection=protection)
            name = f"{OURS}{mode} s={sensitivity:.2f} p={protection:.2f}"
            systems.append((name, chain_restorer(settings, networks)))
    if any(name.startswith("ffmpeg") for name in rivals):
        systems += [(name, ffmpeg_restorer(filters)) for name, filters in ADECLICK.items()]
    systems += [(name, rival) for name, rival in rivals.items() if not name.startswith("ffmpeg")]
    print_made_head(len(clips))
    rows = []
    for name, restore in systems:
        rows.append(measure_made(name, restore, clips))
        print_made_row(rows[-1])
    return rows


def _real_rows(records: Sequence[Case], systems: dict[str, Restore]) -> list[RealRow]:
    rows = []
    for name, restore in systems.items():
        rows.append(measure_real(name, restore, records))
        print_real_row(rows[-1], records)
    for order in ORACLE_ORDERS:
        rows.append(measure_oracle(order, records))
        print_real_row(rows[-1], records)
    return rows


def _harm_table(options: argparse.Namespace, systems: dict[str, Restore]) -> dict[str, Any]:
    try:
        paths = render_harm_clips(options.cache)
    except RestorationError as error:
        if options.only and "harm" in options.only:
            raise
        print(f"left out: harm on what looks like clicks; {error}", file=sys.stderr)
        return {}
    names = [clip.name for clip in HARM_CLIPS]
    clips = [
        read_clip(path, options.seconds)._replace(name=name)
        for name, path in zip(names, paths, strict=True)
    ]
    rows: list[HarmRow] = []
    for name, restore in systems.items():
        rows.append(measure_harm(name, restore, clips))
    print_harm(rows, clips)
    return {"harm_clips": names, "harm": [row._asdict() for row in rows]}


def _draw(path: Path | None, draw: Callable[[Path], None]) -> None:
    if path is None:
        return
    try:
        draw(path)
    except (OSError, ValueError) as error:  # ValueError: no kind of picture
        reason = getattr(error, "strerror", None) or error
        raise RestorationError(f"cannot write {path}: {reason}") from None


def _write(path: Path, report: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(report, indent=1), encoding="utf-8")
    except OSError as error:
        raise RestorationError(f"cannot write {path}: {error.strerror}") from None


if __name__ == "__main__":
    sys.exit(main())
