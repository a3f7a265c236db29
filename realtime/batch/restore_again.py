"""Restores a finished side once more with what is set now: a process of its own, beside the sound.

``python -m realtime.batch.restore_again`` reads one JSON line: ``source``, ``target``,
``settings``, ``record`` and ``models``. It prints ``{"percent": 12}`` as it goes, then
``{"impulses": 345}`` or ``{"error": "..."}``. The end of its input calls it off, and nothing of the
target is left then. What exists is never written over.
"""

import contextlib
import json
import os
import sys
import threading
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from model.chain import Chain
from model.checkpoints import Selection, load_models
from model.errors import RestorationError
from model.groove.record import RecordSettings
from model.settings import Settings
from realtime.archive.sidecar import sidecar_of_restored
from realtime.batch.restore import restore_file
from realtime.batch.side import hiss_stretch, open_side

NICE = 10


class CalledOffError(Exception):
    """Nobody wants the result any more."""


def request_of(
    source: Path, target: Path, settings: Settings, record: RecordSettings, models: Selection
) -> str:
    """Return the line that asks for it."""
    return json.dumps(
        {
            "source": str(source),
            "target": str(target),
            "settings": asdict(settings),
            "record": asdict(record),
            "models": list(models),
        }
    )


def restore_again(order: dict[str, Any], is_called_off: threading.Event) -> int:
    """Do it, tell how far it is, and return how many impulses were repaired.

    Raises
    ------
    RestorationError
        The source cannot be read or the target not be written.
    CalledOffError
    """
    told = -1

    def progress(done: int, all_: int) -> None:
        nonlocal told
        if is_called_off.is_set():
            raise CalledOffError
        percent = 100 * done // max(all_, done, 1)
        if percent != told:
            told = percent
            _say(percent=percent)

    target, models = Path(order["target"]), tuple(order["models"])
    report = restore_file(
        Path(order["source"]),
        target,
        Settings(**order["settings"]),
        record=_with_hiss(Path(order["source"]), RecordSettings(**order["record"])),
        sidecar=sidecar_of_restored(target),
        progress=progress,
        models=models,
        chain_factory=partial(Chain, models=load_models(models)),
    )
    return report.impulses


def _with_hiss(source: Path, record: RecordSettings) -> RecordSettings:
    """Let the hiss be learned where it was while the side was played, unless it is said where."""
    if not record.hiss_at:
        with contextlib.suppress(RestorationError):  # a file that nobody recorded here
            return replace(record, hiss_at=hiss_stretch(open_side(source)))
    return record


def _say(**content: object) -> None:
    print(json.dumps(content), flush=True)


def main() -> None:
    """Read the order, do it beside whatever else runs."""
    with contextlib.suppress(OSError, AttributeError):  # Windows has none of it
        os.nice(NICE)
    order = json.loads(sys.stdin.readline())
    is_called_off = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        is_called_off.set()

    threading.Thread(target=wait, daemon=True).start()
    try:
        _say(impulses=restore_again(order, is_called_off))
    except RestorationError as error:
        _say(error=str(error))
    except CalledOffError:
        pass


if __name__ == "__main__":
    main()
