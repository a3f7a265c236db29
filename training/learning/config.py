"""The configuration of a training: one flat YAML file, every key explained, none guessed."""

import difflib
import math
from dataclasses import Field, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from model.errors import RestorationError
from model.flat_yaml import Entry, read_flat_yaml
from model.networks.building import KINDS
from training.dirt.parameters import ArtifactParameters, load_artifacts
from training.learning.losses import LossWeights

PLACES = ("data_dir", "real_dir", "noise_dir", "click_bank", "run_dir", "start_from")


def _number(default: float, low: float, high: float, help: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "help": help})


def _text(default: str, help: str, options: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"options": options, "help": help})


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Everything that decides a training; see each field's ``help``."""

    train: str = _text("both", "Which networks.", (*KINDS, "both"))
    data_dir: str = _text("", "Folder of clean music, one sub-folder per genre.")
    held_out: str = _text("", "Recordings kept for validation: patterns, separated by spaces.")
    real_dir: str = _text("", "Folder of real records to validate on; may be empty.")
    noise_dir: str = _text("", "Folder of real surface noise to train with; may be empty.")
    click_bank: str = _text("", "Bank of real clicks (.npz); the shipped one if empty.")
    run_dir: str = _text("runs/new", "Where checkpoints and the log go.")
    start_from: str = _text("", "Checkpoint whose weights to begin with; may be empty.")
    licences: str = _text("", "Licences of the recordings; goes into the exported file.")
    artifacts: str = _text("default", "Dirt: light, default, heavy or a fitted YAML file.")
    sample_rate: int = _number(44100, 8000, 48000, "Hz.")
    chunk_duration: float = _number(2.0, 0.2, 30.0, "Seconds of one example.")
    batch_size: int = _number(8, 1, 1024, "Examples per step and process.")
    steps: int = _number(2000, 1, 10_000_000, "How long.")
    learning_rate: float = _number(1e-3, 0.0, 1.0, "Highest; rises first, then falls (cosine).")
    warmup_steps: int = _number(100, 0, 100_000, "Steps of the rise.")
    gradient_limit: float = _number(1.0, 1e-3, 1e6, "Longest gradient; longer ones are cut.")
    averaged_over: int = _number(0, 0, 100_000, "Steps whose weights are averaged; 0: the last's.")
    weight_decay: float = _number(0.01, 0.0, 1.0, "Of AdamW.")
    seed: int = _number(0, 0, 2**31 - 1, "The same seed trains the same network.")
    workers: int = _number(0, 0, 64, "Processes that prepare examples.")
    threads: int = _number(0, 0, 256, "CPU threads per process; 0 leaves it to torch.")
    device: str = _text("auto", "Where.", ("auto", "cpu", "cuda"))
    mixed_precision: bool = field(default=True, metadata={"help": "On a GPU only."})
    validate_every: int = _number(200, 1, 10_000_000, "Steps between validations.")
    checkpoint_every: int = _number(1000, 1, 10_000_000, "Steps between kept checkpoints.")
    validation_chunks: int = _number(16, 1, 4096, "Examples of one validation.")
    impulse_rate_low: float = _number(5.0, 0.0, 500.0, "Clicks per second, at least.")
    impulse_rate_high: float = _number(20.0, 0.0, 500.0, "Clicks per second, at most.")
    maximal_amplitude_low: float = _number(0.3, 0.0, 4.0, "Highest click of a chunk, at least.")
    maximal_amplitude_high: float = _number(0.8, 0.0, 4.0, "Highest click of a chunk, at most.")
    beyond_share: float = _number(0.25, 0.0, 1.0, "Share of chunks with 0.5 to 300 clicks/s.")
    clean_share: float = _number(0.15, 0.0, 1.0, "Share of chunks that stay clean.")
    real_noise_share: float = _number(0.5, 0.0, 1.0, "Share of chunks with noise of noise_dir.")
    varied_noise_share: float = _number(0.0, 0.0, 1.0, "Share of chunks with noise of any colour.")
    band_end_share: float = _number(0.0, 0.0, 1.0, "Share of chunks that end sharply in pitch.")
    clipped_share: float = _number(0.0, 0.0, 1.0, "Share of chunks that were recorded too loud.")
    raw_level_share: float = _number(0.0, 0.0, 1.0, "Share of chunks as quiet as a raw transfer.")
    augment: bool = field(default=True, metadata={"help": "Vary speed, level, colour, mixture."})
    impulse_loss_weight: float = _number(0.3, 0.01, 0.9, "0.2: gentler; 0.4: removes more.")
    spectral_loss_weight: float = _number(3.0, 0.0, 100.0, "Loudness in time and pitch.")
    waveform_loss_weight: float = _number(0.5, 0.0, 100.0, "Sample by sample.")
    segmental_loss_weight: float = _number(1.0, 0.0, 100.0, "SNR of each 20 ms.")
    clean_loss_weight: float = _number(1.0, 0.0, 100.0, "Do no harm to clean input.")
    preserve_loss_weight: float = _number(0.5, 0.0, 100.0, "What is missing, extra.")
    overlap_loss_weight: float = _number(0.3, 0.0, 100.0, "Impulses as a whole.")
    detector_width: int = _number(32, 4, 128, "Channels of the detector.")
    detector_depth: int = _number(4, 1, 5, "Dilations 1, 3, 9, ... of the detector.")
    detector_rounds: int = _number(1, 1, 4, "How often the detector goes through them.")
    detector_past: int = _number(1, 0, 3, "Its looks that go back only.")
    denoiser_width: int = _number(24, 4, 128, "Channels of the denoiser's looks.")
    denoiser_hidden: int = _number(24, 4, 256, "Size of the memory of each of its bands.")

    def __post_init__(self) -> None:
        for spec in fields(self):
            _check(spec, getattr(self, spec.name))
        for name in ("impulse_rate", "maximal_amplitude"):
            if getattr(self, f"{name}_low") > getattr(self, f"{name}_high"):
                raise ValueError(f"{name}_low is above {name}_high")

    @property
    def kinds(self) -> tuple[str, ...]:
        """The networks to train."""
        return KINDS if self.train == "both" else (self.train,)

    @property
    def weights(self) -> LossWeights:
        """The weights of the loss terms."""
        names = [spec.name for spec in fields(LossWeights)]
        return LossWeights(*(getattr(self, f"{name}_loss_weight") for name in names))

    @property
    def parameters(self) -> ArtifactParameters:
        """The dirt."""
        return load_artifacts(self.artifacts)

    def shape(self, kind: str) -> dict[str, int]:
        """Return the architecture of one network."""
        prefix = f"{kind}_"
        return {k.removeprefix(prefix): v for k, v in asdict(self).items() if k.startswith(prefix)}


def load_config(path: Path) -> TrainingConfig:
    """Read a configuration; folders in it are relative to the file.

    Raises
    ------
    RestorationError
        Naming the file, the line and the key at fault.
    """
    specs = {spec.name: spec for spec in fields(TrainingConfig)}
    values: dict[str, Any] = {}
    entries = read_flat_yaml(path)
    for entry in entries:
        if entry.key not in specs:
            near = difflib.get_close_matches(entry.key, specs, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(specs)}"
            raise _fault(path, entry, f"unknown key {entry.key[:60]!r}; {hint}")
        values[entry.key] = _converted(path, specs[entry.key], entry)
    if not values.get("data_dir"):
        last = entries[-1].line if entries else 1
        raise RestorationError(f"{path}, line {last}: 'data_dir' must name the folder of music")
    try:
        return TrainingConfig(**values)
    except ValueError as error:
        raise RestorationError(f"{path}: {error}") from None


def _converted(path: Path, spec: Field[Any], entry: Entry) -> Any:
    value = entry.value
    if isinstance(spec.default, float) and type(value) is int:
        value = float(value)
    if isinstance(spec.default, str):
        value = entry.text if value is not None else ""
    try:
        _check(spec, value)
    except (ValueError, TypeError) as error:
        raise _fault(path, entry, str(error)) from None
    is_file = spec.name == "artifacts" and Path(value).suffix
    if value and (spec.name in PLACES or is_file):
        return str((path.parent / Path(value).expanduser()).resolve())
    return value


def _check(spec: Field[Any], value: object) -> None:
    if type(value) is not type(spec.default):
        kind = type(spec.default).__name__
        raise TypeError(f"{spec.name} is {value!r}; it must be of type {kind}")
    if options := spec.metadata.get("options"):
        if value not in options:
            raise ValueError(f"{spec.name} is {value!r}; choose {', '.join(options)}")
    elif "low" in spec.metadata:
        low, high = spec.metadata["low"], spec.metadata["high"]
        assert isinstance(value, int | float)
        if not (math.isfinite(value) and low <= value <= high):
            raise ValueError(f"{spec.name} is {value!r}; it must lie in {low:g}..{high:g}")


def _fault(path: Path, entry: Entry, what: str) -> RestorationError:
    return RestorationError(f"{path}, line {entry.line}: {what}")
