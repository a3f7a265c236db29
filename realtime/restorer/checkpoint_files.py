"""Turns what a person names as a model into files that the live program can load.

Exported networks are taken as they are; a training checkpoint is exported on the fly, in a
process of its own, because torch may be missing and never belongs into the live program.
"""

import atexit
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from model.checkpoints import NO_MODELS, Selection
from model.errors import RestorationError
from realtime.children import child_environment, module_command
from realtime.restorer.checkpoint_trial import try_out
from realtime.user_paths import expanded

EXPORTED, TRAINED = ".onnx", ".pth"
EXPORT_TIMEOUT_S = 180


def usable_models(names: Sequence[str]) -> Selection:
    """Return a selection of exported networks.

    Parameters
    ----------
    names : sequence of str
        ``.onnx`` files, ``.pth`` training checkpoints (each may hold both networks), or ``none``.

    Raises
    ------
    RestorationError
        In one line: another kind of file, a missing one, no torch, or an export that failed.
    """
    selection: list[str] = []
    for name in names:
        path = expanded(name)
        if name == NO_MODELS:
            selection.append(NO_MODELS)
        elif not path.is_file():
            raise RestorationError(f"there is no model file {name}; give a .onnx or .pth file")
        elif path.suffix.lower() == EXPORTED:
            try_out(path)
            selection.append(str(path.resolve()))
        elif path.suffix.lower() == TRAINED:
            selection += _exported(path.resolve())
        else:
            raise RestorationError(f"{name} is no model; give a .onnx or .pth file, or 'none'")
    return tuple(selection)


def _exported(checkpoint: Path) -> list[str]:
    folder = Path(tempfile.mkdtemp(prefix="shellac-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    target = folder / f"{checkpoint.stem}{EXPORTED}"
    command = module_command("training.export", str(checkpoint), "-o", str(target))
    try:
        result = subprocess.run(
            command,
            env=child_environment(),
            capture_output=True,
            text=True,
            timeout=EXPORT_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RestorationError(
            f"{checkpoint} could not be exported within {EXPORT_TIMEOUT_S} s; "
            "export it with python -m training.export"
        ) from None
    if result.returncode:
        if "No module named" in result.stderr:
            raise RestorationError(
                f"{checkpoint} is a training checkpoint, and torch is not installed to export it; "
                "install it (pip install '.[train]'), or export the file where it is"
            )
        lines = result.stderr.strip().splitlines() or ["no reason given"]
        reason = lines[-1].removeprefix("error: ")
        raise RestorationError(f"{checkpoint} cannot be exported: {reason}")
    return sorted(str(path) for path in folder.glob(f"*{EXPORTED}"))
