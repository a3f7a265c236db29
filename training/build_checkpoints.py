"""From a folder of music to the two shipped networks, measured: train, export, evaluate, describe.

python -m training.build_checkpoints --music FOLDER -o OUT [--noise FOLDER] [--real FOLDER]

One command for a CPU overnight or a GPU in minutes. Ended before its time, it goes on from the
last checkpoints when it is called again. OUT then holds ``detector_2.onnx`` and
``denoiser_1.onnx`` with a card each, and the figures on the recordings that were held out.
``--quick`` goes the whole way in a minute or two, to see that nothing is missing.
"""

import argparse
import fnmatch
import importlib.util
import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from model.errors import RestorationError
from model.learned import load_learned
from model.networks import KINDS
from training import declick_benchmark, denoise_benchmark
from training.audio_files import find_audio
from training.checkpoint_card import write_card
from training.command import make_folder, run_command
from training.export import export_checkpoint
from training.parameters import load_artifacts
from training.train import train

RECIPES = Path(__file__).resolve().parent / "recipes"
EDITIONS = {"detector": 2, "denoiser": 1}  # of the shipped networks, part of their names
# Whole sources, so that nothing of what is measured was heard in training.
HELD_OUT = (
    "jazz/trumpet_solo* jazz/us_navy* jazz/bebop* classical/us_army* classical/cnso* "
    "classical/orchestra_fragment* piano/minimalism* opera/singing_female* opera/vocadito* "
    "speech/librivox_de* percussion/drums_*"
)
BENCHMARKS = {"detector": declick_benchmark.main, "denoiser": denoise_benchmark.main}
RIVALS_NEED = ("imageio_ffmpeg", "noisereduce")
QUICK = {
    "steps": "4",
    "batch_size": "2",
    "chunk_duration": "0.5",
    "warmup_steps": "1",
    "validation_chunks": "2",
}
QUICK_CLIPS = 2  # to measure on
QUICK_SECONDS = 1.0  # of each


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m training.build_checkpoints``."""
    parser = argparse.ArgumentParser(
        prog="python -m training.build_checkpoints",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--music", type=Path, required=True, help="clean music, a folder per genre")
    add("-o", "--output", type=Path, required=True, help="where everything goes")
    add("--noise", type=Path, help="real surface noise to train with")
    add("--real", type=Path, help="real records to validate on")
    add("--test-noise", type=Path, nargs="*", default=[], help="real noise to measure with")
    add("--held-out", default=HELD_OUT, help="patterns of what is not trained on")
    add("--licences", default="", help="of the music; goes into the files")
    add("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="which networks (both)")
    add("--artifacts", type=Path, help="a fitted YAML file, instead of the recipes' own dirt")
    add("--steps", type=int, help="instead of the recipes' own, for a try")
    add("--quick", action="store_true", help="a few steps, a short measurement: does all work?")
    options = parser.parse_args(arguments)
    return run_command(lambda: build(options))


def build(options: argparse.Namespace) -> None:
    """Do everything; see the module."""
    make_folder(options.output)
    clips = list(_test_clips(options.music, options.held_out))
    if not clips:
        raise RestorationError(f"nothing in {options.music} matches {options.held_out}")
    if options.artifacts:
        load_artifacts(options.artifacts)  # said now what is wrong with it
    for kind in options.kinds:
        config = _write_config(kind, options)
        run = options.output / kind
        train(config, resume=(run / "last.pth").exists())
        (exported,) = export_checkpoint(
            run / "last.pth", options.output / f"{kind}_{EDITIONS[kind]}.onnx"
        )
        if BENCHMARKS[kind](_measurement(kind, exported, clips, options)):
            raise RestorationError(f"{exported} could not be measured")
        print(write_card(exported, load_learned(exported).card, _command(options)))


def _measurement(
    kind: str, exported: Path, clips: list[Path], options: argparse.Namespace
) -> list[str]:
    """Return the arguments of the benchmark."""
    arguments = [*map(str, clips[: QUICK_CLIPS if options.quick else None])]
    arguments += ["--model", str(exported), "--json", str(exported.with_suffix(".json"))]
    arguments += ["--plot", str(exported.with_suffix(".svg"))]
    if kind == "denoiser" and options.test_noise:
        arguments += ["--noise", *map(str, options.test_noise)]
    missing = [name for name in RIVALS_NEED if importlib.util.find_spec(name) is None]
    if missing:
        print(f"{' and '.join(missing)} not installed: measured without other programs")
    if missing or options.quick:
        arguments.append("--alone")
    if options.quick:
        arguments += ["--seconds", str(QUICK_SECONDS)]
        arguments += ["--only", "made"] if kind == "detector" else []
    return arguments


def _write_config(kind: str, options: argparse.Namespace) -> Path:
    """Write the recipe with its folders beside the results."""
    places = {"data_dir": options.music, "noise_dir": options.noise, "real_dir": options.real}
    changes = {key: str(path.resolve()) for key, path in places.items() if path}
    lines = (RECIPES / f"{kind}.yaml").read_text().splitlines()
    recipe = dict(line.split(": ", 1) for line in lines if ": " in line)
    changes["artifacts"] = str((options.artifacts or RECIPES / recipe["artifacts"]).resolve())
    changes["run_dir"] = str((options.output / kind).resolve())
    changes["held_out"] = options.held_out
    if options.licences:
        changes["licences"] = options.licences
    if options.quick:
        changes |= QUICK
    if options.steps:
        changes["steps"] = str(options.steps)
    kept = [line for line in lines if line.partition(":")[0] not in changes]
    # JSON's quotes: a pattern may begin with *, a folder's name may hold what YAML minds
    rows = [
        f"{key}: {value if key in QUICK else json.dumps(value)}" for key, value in changes.items()
    ]
    path: Path = options.output / f"{kind}.yaml"
    path.write_text("\n".join([*kept, "", *rows, ""]))
    return path


def _test_clips(music: Path, patterns: str) -> Iterator[Path]:
    """Yield the first recording of each held-out source."""
    paths = find_audio(music)
    for pattern in patterns.split():
        for path in paths:
            if fnmatch.fnmatch(path.relative_to(music).as_posix(), pattern):
                yield path
                break


def _command(options: argparse.Namespace) -> str:
    """Return the command line as anybody could repeat it: folders by their last name."""
    parts = ["python -m training.build_checkpoints", f"--music {options.music.name}"]
    if options.noise:
        parts.append(f"--noise {options.noise.name}")
    if options.real:
        parts.append(f"--real {options.real.name}")
    if options.artifacts:
        parts.append(f"--artifacts {options.artifacts.name}")
    if options.held_out != HELD_OUT:
        parts.append(f"--held-out {shlex.quote(options.held_out)}")
    if options.steps:
        parts.append(f"--steps {options.steps}")
    if options.quick:
        parts.append("--quick")
    return " ".join([*parts, "-o OUT"])


if __name__ == "__main__":
    sys.exit(main())
