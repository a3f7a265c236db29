"""Trains detector and denoiser. Main thread, plus loader processes.

python -m training.train CONFIG.yaml [--resume]
torchrun --nproc-per-node 4 -m training.train CONFIG.yaml
"""

import argparse
from dataclasses import fields
from pathlib import Path

import torch

from model.errors import RestorationError
from training.command import run_command
from training.learning.config import TrainingConfig, load_config
from training.learning.distributed import take_place
from training.learning.trainer import Trainer


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m training.train``."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train",
        description="Train detector and denoiser. One process, or many through torchrun.",
        epilog="keys of the configuration: "
        + "; ".join(f"{spec.name}: {spec.metadata['help']}" for spec in fields(TrainingConfig)),
    )
    parser.add_argument("config", type=Path, help="a YAML file")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    options = parser.parse_args(arguments)
    return run_command(lambda: train(options.config, options.resume))


def train(path: Path, resume: bool = False) -> None:
    """Train as the configuration says.

    Raises
    ------
    RestorationError
        If the configuration, the music or a checkpoint is unusable, or the loss no number.
    """
    config = load_config(path)
    if config.threads:
        torch.set_num_threads(config.threads)
    with take_place(config.device) as place:
        trainer = Trainer(config, place)
        last = trainer.run_dir / "last.pth"
        if resume:
            trainer.resume()
        elif last.exists():
            raise RestorationError(f"{last} exists; --resume it, or choose another run_dir")
        if place.leads:
            _introduce(trainer)
        if trainer.step >= config.steps and place.leads:
            print(f"all {config.steps} steps are done; raise 'steps' in {path} to go on")
        trainer.run()


def _introduce(trainer: Trainer) -> None:
    files, skipped = trainer.data.files, trainer.data.skipped
    minutes = sum(file.seconds for file in files) / 60
    print(f"{len(files)} recordings, {minutes:.1f} minutes; {len(skipped)} skipped")
    for reason in skipped:
        print(f"skipped: {reason}")
    for kind, network in trainer.networks.items():
        print(f"{kind}: {sum(p.numel() for p in network.parameters()):,} parameters")


if __name__ == "__main__":
    raise SystemExit(main())
