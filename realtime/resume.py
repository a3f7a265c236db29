"""Is a file restored already, just so? On the thread or in the process that would restore it."""

import json
from dataclasses import asdict
from typing import Any

from model.errors import RestorationError
from model.record import RecordSettings
from model.settings import Settings
from realtime.jobs import RestoreJob
from realtime.verify import complaint_about

HINT = "add --overwrite to restore it again"
CORRECTED = ("wall_offset_us", "wall_balance_db")  # what --align-walls finds out for each file


def is_done(job: RestoreJob, settings: Settings) -> bool:
    """Look for a verified result of the same settings; False where there is none to be found.

    Raises
    ------
    RestorationError
        There is a result, but not this one: changed since, or made with other settings. Nobody
        but the person can say which is to be kept.
    """
    if job.sidecar is None or not job.sidecar.exists():
        if job.target.exists():
            raise RestorationError(f"{job.target} exists, but nothing says how it was made; {HINT}")
        return False
    if not job.target.exists():
        return False
    if complaint := complaint_about(job.sidecar):
        raise RestorationError(f"{job.target}: {complaint}; {HINT}")
    content: dict[str, Any] = json.loads(job.sidecar.read_text("utf-8"))
    if not _is_the_same(content, settings, job.record, job.align_walls):
        raise RestorationError(f"{job.target} was restored with other settings; {HINT}")
    return True


def _is_the_same(
    content: dict[str, Any], settings: Settings, record: RecordSettings, align_walls: bool
) -> bool:
    then, now = content["settings"][0], asdict(settings)
    before, wanted = content["record"], asdict(record)
    ignored = CORRECTED if align_walls else ()
    return all(then.get(name) == value for name, value in now.items()) and all(
        before.get(name) == value for name, value in wanted.items() if name not in ignored
    )
