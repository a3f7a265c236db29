"""The training loop: batches in, checkpoints out; killed and resumed it gives the same numbers.

Nothing in it depends on anything but the configuration, the step and the weights: examples are
numbered, the learning rate is a function of the step, and the networks draw no random numbers.
With small batches the last step's weights jitter; their running average, if it is asked for, is
what is measured, kept and exported, while the learning goes on from the last step's.
"""

import copy
import math
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from model.errors import RestorationError
from model.networks.building import AnyNetwork, build_network
from training.learning.batches import (
    held_out_data,
    moved,
    training_batches,
    training_data,
    validation_batches,
)
from training.learning.checkpoint import load_checkpoint, restore_weights, save_checkpoint
from training.learning.config import TrainingConfig
from training.learning.dataset import Example
from training.learning.distributed import Place, average, distributed
from training.learning.validation import network_loss, validate, validate_on_records

SAVE_EVERY_S = 240.0  # on a busy computer a validation may be far away


class Trainer:
    """One training run in one process of the group."""

    def __init__(self, config: TrainingConfig, place: Place) -> None:
        self.config = config
        self.place = place
        self.run_dir = Path(config.run_dir)
        self.data = training_data(config)
        self.validation_data = held_out_data(config)
        torch.manual_seed(config.seed)
        self.networks: dict[str, AnyNetwork] = {
            kind: build_network(kind, config.shape(kind)).to(place.device) for kind in config.kinds
        }
        if config.start_from:
            self._begin_with(Path(config.start_from))
        # What is measured and exported: the very networks that learn, or their running average.
        self.averaged = copy.deepcopy(self.networks) if config.averaged_over else self.networks
        self._runners = {kind: distributed(n, place) for kind, n in self.networks.items()}
        weights = [p for network in self.networks.values() for p in network.parameters()]
        self._optimiser = torch.optim.AdamW(
            weights, lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.step = 0
        self.best = math.inf
        self.figures: dict[str, float] = {}

    def _begin_with(self, path: Path) -> None:
        """Take over what another training learned; its progress stays there."""
        stored = load_checkpoint(path)["networks"]
        if missing := set(self.networks) - set(stored):
            raise RestorationError(f"{path} holds no {' and no '.join(sorted(missing))}")
        for kind, network in self.networks.items():
            restore_weights(network, stored[kind]["weights"], path)

    def resume(self) -> None:
        """Go on from the last checkpoint of this run."""
        path = self.run_dir / "last.pth"
        content = load_checkpoint(path)
        if set(content["networks"]) != set(self.networks):
            held = ", ".join(content["networks"])
            raise RestorationError(f"{path} holds {held}; the configuration trains others")
        progress = content["progress"]
        last = progress.get("last_step", {})
        for kind, network in self.networks.items():
            kept = content["networks"][kind]["weights"]
            restore_weights(self.averaged[kind], kept, path)
            restore_weights(network, last.get(kind, kept), path)
        self._optimiser.load_state_dict(progress["optimiser"])
        self.step, self.best = progress["step"], progress["best"]

    def run(self) -> dict[str, float]:
        """Train to the end and return the last validation's figures."""
        config = self.config
        log = SummaryWriter(str(self.run_dir / "log")) if self.place.leads else None
        if self.step == 0:
            self._validate(log)
        batches = iter(training_batches(self.data, config, self.place, self.step))
        leads, total = self.place.leads, config.steps
        saved = time.monotonic()
        # Left in whatever way, the bar ends its line: an error then stands on one of its own.
        with tqdm(initial=self.step, total=total, disable=not leads, unit="step") as bar:
            while self.step < total:
                terms = self._learn(next(batches))
                self.step += 1
                bar.update()
                bar.set_postfix(loss=f"{sum(terms.values()):.4f}")
                self._log(log, "train", terms)
                if self.step % config.validate_every == 0 or self.step == total:
                    self._validate(log)
                    saved = time.monotonic()
                elif time.monotonic() - saved > SAVE_EVERY_S:
                    self._save("last.pth")
                    saved = time.monotonic()
                if self.step % config.checkpoint_every == 0:
                    self._save(f"step_{self.step}.pth")
        if log:
            log.close()
        return self.figures

    def _learn(self, batch: Example) -> dict[str, float]:
        """Take one step; stop everything if the loss is not a number any more."""
        example = moved(batch, self.place)
        for group in self._optimiser.param_groups:
            group["lr"] = self._learning_rate()
        self._optimiser.zero_grad(set_to_none=True)
        terms: dict[str, torch.Tensor] = {}
        for kind, network in self.networks.items():
            with self._precision():
                own, _ = network_loss(network, example, self.config.weights, self._runners[kind])
            terms |= {f"{kind} {name}": term for name, term in own.items()}
        loss = torch.stack(list(terms.values())).sum()
        if not torch.isfinite(loss):
            self._stop("loss", float(loss.detach()), batch)
        loss.backward()  # type: ignore[no-untyped-call]
        for network in self.networks.values():  # each for itself: one must not slow the other
            limit = self.config.gradient_limit
            length = torch.nn.utils.clip_grad_norm_(network.parameters(), limit)
            if not torch.isfinite(length):
                self._stop("gradient", float(length), batch)
        self._optimiser.step()
        self._average()
        return {name: float(term.detach()) for name, term in terms.items()}

    @torch.no_grad()
    def _average(self) -> None:
        """Let the average follow; at first it is the mean of all steps so far."""
        if not self.config.averaged_over:
            return
        share = 1 / min(self.step + 1, self.config.averaged_over)
        for kind, network in self.networks.items():
            pairs = zip(self.averaged[kind].parameters(), network.parameters(), strict=True)
            for kept, now in pairs:
                kept.lerp_(now, share)

    def _stop(self, what: str, value: float, batch: Example) -> None:
        last = self.run_dir / "last.pth"
        kept = (
            f"the last good checkpoint is {last}; lower learning_rate and --resume"
            if last.exists()
            else "no checkpoint was due yet; lower learning_rate and start again"
        )
        raise RestorationError(
            f"the {what} is {value} at step {self.step} (batch of {', '.join(batch.source)}); "
            f"stopped, {kept}"
        )

    def _validate(self, log: SummaryWriter | None) -> None:
        """Measure, print, keep the checkpoint; every process takes its share."""
        for network in self.averaged.values():
            network.eval()
        batches = validation_batches(self.validation_data, self.config, self.place)
        figures = validate(self.averaged, batches, self.config.weights, self.config.sample_rate)
        figures = average(figures, self.place)
        if self.config.real_dir and self.place.leads:
            figures |= validate_on_records(
                self.averaged,
                Path(self.config.real_dir),
                self.config.sample_rate,
                self.place.device,
            )
        for network in self.averaged.values():
            network.train()
        self.figures = figures
        self._log(log, "validation", figures)
        if not self.place.leads:
            return
        shown = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
        tqdm.write(f"step {self.step}: {shown}")
        is_best = figures["loss"] < self.best
        if is_best:
            self.best = figures["loss"]
            self._save("best.pth")
        if self.step:
            self._save("last.pth")

    def _save(self, name: str) -> None:
        if not self.place.leads:
            return
        progress: dict[str, Any] = {
            "step": self.step,
            "best": self.best,
            "optimiser": self._optimiser.state_dict(),
            "figures": self.figures,
            "data": self._description(),
        }
        if self.config.averaged_over:
            progress["last_step"] = {kind: net.state_dict() for kind, net in self.networks.items()}
        save_checkpoint(self.run_dir / name, self.averaged, asdict(self.config), progress)

    def _description(self) -> dict[str, Any]:
        """What was trained on, for the card of the exported model."""
        return {
            "recordings": [file.path.name for file in self.data.files],
            "seconds": round(sum(file.seconds for file in self.data.files)),
            "held_out": self.config.held_out,
            "licences": self.config.licences,
        }

    def _learning_rate(self) -> float:
        config = self.config
        rise = min(1.0, (self.step + 1) / max(1, config.warmup_steps))
        fall = 0.5 * (1 + math.cos(math.pi * min(1.0, self.step / config.steps)))
        return config.learning_rate * rise * (0.02 + 0.98 * fall)

    def _precision(self) -> AbstractContextManager[Any]:
        if self.place.device.type != "cuda" or not self.config.mixed_precision:
            return nullcontext()
        return torch.autocast("cuda", torch.bfloat16)  # has float32's range: no loss scaling

    def _log(self, log: SummaryWriter | None, group: str, values: dict[str, float]) -> None:
        if log:
            for name, value in values.items():
                log.add_scalar(f"{group}/{name}", value, self.step)
