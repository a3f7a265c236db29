"""What can be evaluated: our chain with a preset, with trained models, and peers' commands."""

import shlex
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from model.checkpoints import Models, load_models
from model.errors import RestorationError
from model.networks.learned import LearnedDenoiser, LearnedDetector, load_learned
from model.presets import load_preset, preset_names
from model.settings import Settings
from training.signals.audio_files import load_audio
from training.signals.find_impulses import run_chain

F32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

THRESHOLD = 0.5
USUAL_REDUCTION_DB = 12.0
PEER_TIMEOUT_S = 600


class Restoration(NamedTuple):
    """A restored ``[channels, samples]``, aligned with the input, and where impulses were seen."""

    restored: F32
    found: Mask | None


class System(NamedTuple):
    """Something that restores."""

    name: str
    restore: Callable[[F32, int], Restoration]


def our_system(name: str) -> System:
    """Return our chain: a preset's name, a preset file, or a checkpoint (.pth, .onnx).

    A preset works with the shipped networks. A checkpoint's networks take their places under the
    default preset, with 12 dB of hiss reduction; its detector is judged by what it finds alone.
    """
    path = Path(name)
    if path.suffix in (".pth", ".onnx"):
        return _models_system(path)
    settings = load_preset(name if name in preset_names() else path)
    models = load_models()
    return System(path.stem, lambda audio, rate: _chain(audio, rate, settings, models))


def peer_system(text: str) -> System:
    """Return a peer from ``NAME=COMMAND``; the command holds ``{input}`` and ``{output}``.

    It is run without a shell on 32-bit float WAV files.
    """
    name, _, command = text.partition("=")
    parts = shlex.split(command)
    if not name or not any("{input}" in part for part in parts):
        raise RestorationError(
            f"--peer {text!r}: write NAME=COMMAND with {{input}} and {{output}} in the command"
        )
    return System(name, lambda audio, rate: _run_peer(name, parts, audio, rate))


def _chain(audio: F32, rate: int, settings: Settings, models: Models) -> Restoration:
    found = run_chain(audio, rate, settings, models)
    mask = np.zeros(found.restored.shape, bool)
    for impulse in found.impulses:
        mask[impulse.channel, impulse.start : impulse.start + impulse.length] = True
    return Restoration(found.restored, mask)


def _models_system(path: Path) -> System:
    loaded = _load(path)
    by_kind = {model.card.kind: model for model in loaded}
    detector, denoiser = by_kind.get("detector"), by_kind.get("denoiser")
    assert detector is None or isinstance(detector, LearnedDetector)
    assert denoiser is None or isinstance(denoiser, LearnedDenoiser)
    models = Models(detector, denoiser)
    amount = USUAL_REDUCTION_DB if denoiser else 0.0
    settings = replace(load_preset("default"), hiss_reduction_db=amount)

    def restore(audio: F32, rate: int) -> Restoration:
        restored, found = _chain(audio, rate, settings, models)
        if detector is not None:
            found = run_detector(detector, audio) > THRESHOLD
        return Restoration(restored, found)

    return System(path.stem, restore)


def run_detector(model: LearnedDetector, audio: F32) -> F32:
    """Return the probability of an impulse at each sample of ``[channels, samples]``."""
    state = model.initial_state(audio.shape[0])
    pieces = []
    for hop in _hops(audio, model.hop, model.latency):
        probability, state = model.step(hop, state)
        pieces.append(probability)
    return np.concatenate(pieces, axis=1)[:, model.latency : model.latency + audio.shape[1]]


def _hops(audio: F32, hop: int, latency: int) -> list[F32]:
    padding = latency + (-audio.shape[1] - latency) % hop
    padded = np.pad(audio, ((0, 0), (0, padding)))
    return [padded[:, start : start + hop] for start in range(0, padded.shape[1], hop)]


def _load(path: Path) -> list[LearnedDetector | LearnedDenoiser]:
    if path.suffix == ".onnx":
        return [load_learned(path)]
    from training.learning.onnx_export import export_checkpoint

    with tempfile.TemporaryDirectory() as folder:
        files = export_checkpoint(path, Path(folder) / f"{path.stem}.onnx")
        return [load_learned(file) for file in files]


def _run_peer(name: str, parts: list[str], audio: F32, rate: int) -> Restoration:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.wav", Path(folder) / "out.wav"
        sf.write(source, audio.T, rate, subtype="FLOAT")
        command = [
            p.replace("{input}", str(source)).replace("{output}", str(target)) for p in parts
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=PEER_TIMEOUT_S)
            restored, own_rate = load_audio(target)
        except (OSError, subprocess.SubprocessError, RestorationError) as error:
            raise RestorationError(f"peer {name} failed: {error}") from None
    if own_rate != rate:
        raise RestorationError(f"peer {name} changed the sample rate to {own_rate} Hz")
    missing = max(0, audio.shape[1] - restored.shape[1])
    same = np.pad(restored, ((0, 0), (0, missing)))[:, : audio.shape[1]]
    return Restoration(np.asarray(same), None)
