"""How a restoration is heard, by models of ears and musicians that others trained. Any thread.

Three questions that a signal-to-noise ratio does not ask: how much of a difference does a listener
notice, which mark would listeners give it beside the original, and which notes can still be told.
The models are packages beside the workshop: ``zimtohrli``, ``seabass-2f`` with ``resampy`` and
``numba``, which it computes by, and the network of ``basic-pitch``, which is run here by ONNX
Runtime, so that what else these packages ask for need not be there (``pip install --no-deps``).
"""

from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import RestorationError
from training.judging.metrics import Wave
from training.signals.audio_files import resampled

OPINION_RATE = 48_000  # the only one that zimtohrli and the 2f-model know
FULL_SCALE = 32_768.0  # as the 2f-model counts, whose ear knows how loud that is
NOTE_RATE = 22_050
NOTE_WINDOW = 43_844  # samples that basic-pitch's network takes at once
NOTE_SOUNDS = 0.3  # probability above which basic-pitch takes a frame of a note for sounding
_NOTE_FILE = "saved_models/icassp_2022/nmp.onnx"
_NOTES = "StatefulPartitionedCall:1"  # of its outputs; the others are contours and onsets
_PACKAGES = {  # and the modules that they bring
    "zimtohrli": "zimtohrli",
    "basic-pitch": "basic_pitch",
    "seabass-2f": "seabass",
    "resampy": "resampy",
    "numba": "numba",
    "llvmlite": "llvmlite",
}


def missing_listeners() -> str | None:
    """Return the command that installs what the functions of this module need, if any."""
    wanted = [package for package, module in _PACKAGES.items() if not find_spec(module)]
    return f"pip install --no-deps {' '.join(wanted)}" if wanted else None


def _imported(module: str, package: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        command = missing_listeners() or f"pip install {package}"
        raise RestorationError(f"{package} is not installed: {command} ({error})") from None


def opinion(target: Wave, signal: Wave, sample_rate: int) -> float:
    """Return the opinion score that listeners would give, 1 (bad) to 5 (no difference heard).

    Zimtohrli (Alakuijala et al. 2025): a filter bank like the ear's, compared frame by frame.

    Raises
    ------
    RestorationError
        If the package is missing.
    """
    listener = _imported("zimtohrli", "zimtohrli")
    heard = [resampled(wave, OPINION_RATE / sample_rate) for wave in (target, signal)]
    return float(listener.mos_from_signals(*heard))


def mushra_score(target: Wave, signal: Wave, sample_rate: int) -> float:
    """Return the mean mark of a MUSHRA test that listeners would give, 0 (bad) to 100 (the same).

    The 2f-model (Kastner and Herre 2019): two of PEAQ's measures, of roughness and of detection.
    Its first call of a program takes minutes: numba compiles.

    Raises
    ------
    RestorationError
        If a package is missing.
    """
    model = _imported("seabass.core.models.mms", "seabass-2f")
    true, found = (
        FULL_SCALE * resampled(wave, OPINION_RATE / sample_rate).astype(np.float64)[None]
        for wave in (target, signal)
    )
    return float(model.estimated_mean_mushra_score(found, true, OPINION_RATE))


def note_f1(target: Wave, signal: Wave, sample_rate: int) -> float:
    """Return how well the notes of ``signal`` are those of ``target``, 0..1; nan without any.

    Frames of 12 ms and 88 keys, as the network of basic-pitch hears them (Bittner et al. 2022).

    Raises
    ------
    RestorationError
        If the package is missing.
    """
    true, found = (_notes(resampled(wave, NOTE_RATE / sample_rate)) for wave in (target, signal))
    both = np.count_nonzero(true) + np.count_nonzero(found)
    return 2 * np.count_nonzero(true & found) / both if both else float("nan")


def _notes(wave: Wave) -> NDArray[np.bool_]:
    """Which keys sound when: ``[windows, frames, 88]``."""
    windows = max(1, -(-len(wave) // NOTE_WINDOW))
    filled = np.pad(wave, (0, windows * NOTE_WINDOW - len(wave))).astype(np.float32)
    session = _note_network()
    heard = session.run(
        [_NOTES], {session.get_inputs()[0].name: filled.reshape(windows, NOTE_WINDOW, 1)}
    )
    return np.asarray(heard[0] > NOTE_SOUNDS)


@lru_cache(maxsize=1)
def _note_network() -> Any:
    package = find_spec("basic_pitch")  # found, never imported: it would ask for TensorFlow
    file = Path(package.origin).parent / _NOTE_FILE if package and package.origin else None
    if file is None or not file.is_file():
        raise RestorationError("basic-pitch is not installed: pip install --no-deps basic-pitch")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(file.read_bytes(), options)
