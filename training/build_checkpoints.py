"""From a folder of music to the two shipped networks, measured: train, export, evaluate, describe.

python -m training.build_checkpoints --music PLACE -o OUT [--noise FOLDER] [--real FOLDER]

One command for a CPU overnight or a GPU in minutes. Ended before its time, it goes on from the
last checkpoints when it is called again. OUT then holds ``detector_2.onnx`` and
``denoiser_2.onnx`` with a card each, and the figures on the recordings that were held out.
``--quick`` goes the whole way in a minute or two, to see that nothing is missing.

More music than lies in the folder: ``--packages`` takes what Debian packages carry, ``--render``
plays the project's scores, with the installed sound font and with each ``--font``, and with
``--scores`` the written scores of a folder as well: each has an even share of the minutes. All of
it is packed into ``OUT/music.pack`` with a table of its licences beside, and read from there; such
a pack is also a PLACE of music, so that another computer needs this one file.
"""

import argparse
import fnmatch
import importlib.util
import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import soundfile as sf

from model.errors import RestorationError
from model.networks.building import KINDS
from model.networks.learned import load_learned
from training import declick_benchmark, denoise_benchmark
from training.command import make_folder, run_command, say_skipped
from training.dirt.parameters import load_artifacts
from training.learning.checkpoint_card import write_card
from training.learning.onnx_export import export_checkpoint
from training.music.free_packages import fetch_package, free_packages
from training.music.packing import Source, pack_music
from training.music.synthesizer import find_font
from training.render_scores import GENRES, SCORES_HELP, render_music
from training.signals.audio_files import find_audio
from training.signals.packed_audio import SUFFIX, open_pack, read_packed
from training.train import train

RECIPES = Path(__file__).resolve().parent / "recipes"
EDITIONS = {"detector": 2, "denoiser": 2}  # part of the names of what is built
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
RENDER_SEED = 23
LONGEST_S = 180.0  # taken of one recording
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
    add("--music", type=Path, required=True, help="clean music, a folder per genre, or a pack")
    add("-o", "--output", type=Path, required=True, help="where everything goes")
    add("--noise", type=Path, help="real surface noise to train with")
    add("--real", type=Path, help="real records to validate on")
    add("--test-noise", type=Path, nargs="*", default=[], help="real noise to measure with")
    add("--held-out", default=HELD_OUT, help="patterns of what is not trained on")
    add("--licences", default="", help="of the music; goes into the files")
    add("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="which networks (both)")
    add("--artifacts", type=Path, help="a fitted YAML file, instead of the recipes' own dirt")
    add("--packages", action="store_true", help="music of Debian packages as well (1.6 GB)")
    add("--render", type=float, default=0.0, help="minutes of scores to play with each sound font")
    add("--font", type=Path, action="append", default=[], help="another sound font; repeatable")
    add("--scores", type=Path, action="append", default=[], help=SCORES_HELP)
    add("--cache", type=Path, default=Path("build/music"), help="of what is fetched and rendered")
    add("--pack-only", action="store_true", help="gather and pack the music, train nothing")
    add("--steps", type=int, help="instead of the recipes' own, for a try")
    add("--quick", action="store_true", help="a few steps, a short measurement: does all work?")
    options = parser.parse_args(arguments)
    return run_command(lambda: build(options))


def build(options: argparse.Namespace) -> None:
    """Do everything; see the module."""
    if options.scores and not options.render:
        raise RestorationError("--scores needs --render MINUTES: how much of them is played")
    make_folder(options.output)
    if options.packages or options.render or options.pack_only:
        options.music = _gathered(options)
        if options.pack_only:
            return
    clips = list(_test_clips(options.music, options.held_out, options.output / "held_out"))
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


def _gathered(options: argparse.Namespace) -> Path:
    """Return the pack of all music, made unless it is there."""
    pack: Path = options.output / f"music{SUFFIX}"
    if not pack.exists():
        sources = [Source(options.music, "", "")]
        for package in free_packages() if options.packages else ():
            licence = f"{package.by}: {package.licence}"
            folder = fetch_package(package, options.cache)
            sources.append(Source(folder, f"{package.folder}/", licence))
        for font in [find_font(), *map(find_font, options.font)] if options.render else ():
            folder = options.cache / f"rendered_{font.stem}"
            render_music(folder, options.render, RENDER_SEED, GENRES, font, options.scores)
            sources.append(Source(folder, f"{font.stem}_", ""))
        skipped = pack_music(pack, sources, LONGEST_S)
        say_skipped(skipped, len(open_pack(pack)))
    minutes = sum(file.seconds for file in open_pack(pack)) / 60
    print(f"{minutes:.1f} minutes of music in {pack}; licences: {pack.with_suffix('.md')}")
    return pack


def _test_clips(music: Path, patterns: str, folder: Path) -> Iterator[Path]:
    """Yield the first recording of each held-out source; out of a pack it is written to a file."""
    packed = {file.path: file for file in open_pack(music)} if music.suffix == SUFFIX else {}
    paths = sorted(packed) or find_audio(music)
    for pattern in patterns.split():
        for path in paths:
            name = path if packed else path.relative_to(music)
            if not fnmatch.fnmatch(name.as_posix(), pattern):
                continue
            if packed:
                make_folder(folder)
                clip = folder / f"{path.stem}.flac"
                sf.write(clip, read_packed(packed[path])[0], packed[path].sample_rate)
                path = clip
            yield path
            break


def _command(options: argparse.Namespace) -> str:
    """Return the command line as anybody could repeat it: folders by their last name."""
    parts = ["python -m training.build_checkpoints", f"--music {options.music.name}"]
    parts += ["--packages"] * options.packages
    if options.render:
        parts += [f"--render {options.render:g}", *(f"--font {f.name}" for f in options.font)]
        parts += [f"--scores {place.resolve().name}" for place in options.scores]
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
