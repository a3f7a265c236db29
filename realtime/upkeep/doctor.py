"""What a maintainer would ask, asked and judged: each answer with the remedy if it is a bad one.

On the caller's thread. Nothing here changes anything on the machine.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

from model.checkpoints import CHECKPOINTS_DIR, load_models, shipped_checkpoints
from model.errors import RestorationError
from model.presets import load_preset, preset_names
from realtime.devices.listing import list_devices
from realtime.logbook import PACKAGES, log_path, version_of, versions_line
from realtime.upkeep.portaudio import list_host_apis
from realtime.upkeep.self_test import SelfTest, run_self_test

State = Literal["ok", "note", "WRONG"]

HASHES = "SHA256SUMS"
INSTALL = "run 'make install', or 'pip install --editable .' in the program's environment"
LEAST_FREE = 1_000_000_000  # bytes: about a side at 96 kHz, both files
SIDE_BYTES_PER_MINUTE = 2 * 2 * 4 * 44_100 * 60  # two files, two channels, float
BUSY, TOO_BUSY = 0.5, 0.8  # load of a hop
LAST_ERRORS = 3


class Finding(NamedTuple):
    """One answer, in the order of asking."""

    what: str
    state: State
    told: str
    remedy: str = ""

    def lines(self) -> list[str]:
        """Return it for a terminal."""
        first = f"{self.state:<6} {self.what:<12} {self.told}"
        return [first, f"{'':19} -> {self.remedy}"] if self.remedy else [first]


def examine(log_file: str | None = None) -> Iterator[Finding]:
    """Yield every finding as soon as it is known; the self-test, which takes seconds, last."""
    checks = (_versions, _sound_system, _devices, _disk, _presets, _networks)
    for check in (*checks, partial(_log, log_file), partial(_engine, run_self_test)):
        try:
            yield from check()
        except OSError as error:  # one bad answer must not cost the others
            where = f"{error.filename}: " if error.filename else ""
            yield Finding("system", "WRONG", f"{where}{error.strerror}", "make it usable again")


def _versions() -> Iterator[Finding]:
    missing = [name for name in PACKAGES if not version_of(name) and name != "shellac"]
    told = versions_line()
    if missing:
        yield Finding("versions", "WRONG", f"{told}; missing: {', '.join(missing)}", INSTALL)
    else:
        yield Finding("versions", "ok", told)


def _sound_system() -> Iterator[Finding]:
    try:
        version, devices = list_host_apis()
    except RestorationError as error:
        told, _, remedy = str(error).partition("; ")
        yield Finding("PortAudio", "WRONG", told, remedy)
        return
    apis = ", ".join(f"{name} ({n} devices)" for name, n in devices.items())
    state: State = "ok" if devices else "WRONG"
    remedy = "" if devices else "install PortAudio anew; it was built without any sound system"
    yield Finding("PortAudio", state, f"{version.split(',')[0]}; {apis or 'no host API'}", remedy)


def _devices() -> Iterator[Finding]:
    try:
        found = list_devices()
    except RestorationError as error:
        yield Finding("devices", "WRONG", str(error), "see PortAudio")
        return
    for device in found:
        marks = ("in" if device.is_default_input else "", "out" if device.is_default_output else "")
        default = "/".join(filter(None, marks))
        yield Finding(
            "device",
            "ok",
            f"{device.name}, {device.host_api}: {device.inputs} in, {device.outputs} out, "
            f"{device.default_rate} Hz{f', default {default}' if default else ''}",
        )
    for kind, whose in (("input", "the turntable's interface"), ("output", "headphones")):
        if not any(d.inputs if kind == "input" else d.outputs for d in found):
            yield Finding(
                "devices",
                "WRONG",
                f"there is no sound {kind} device",
                f"connect {whose}, and check that the sound server runs; files can be restored "
                "without",
            )


def _disk() -> Iterator[Finding]:
    for what, folder in (("this folder", Path.cwd()), ("temporary", Path(tempfile.gettempdir()))):
        free = shutil.disk_usage(folder).free
        enough = free >= LEAST_FREE
        minutes = free / SIDE_BYTES_PER_MINUTE
        yield Finding(
            "disk",
            "ok" if enough else "WRONG",
            f"{free / 1e9:.1f} GB free in {what}, {folder}: "
            f"{minutes:.0f} min of recording in WAV at 44.1 kHz",
            "" if enough else "make room there before recording, or record into another folder",
        )


def _presets() -> Iterator[Finding]:
    for name in preset_names():
        try:
            load_preset(name)
        except RestorationError as error:
            yield Finding("preset", "WRONG", str(error), f"restore presets/{name}.yaml, or fix it")
            return
    yield Finding("presets", "ok", ", ".join(preset_names()))


def _networks(folder: Path = CHECKPOINTS_DIR) -> Iterator[Finding]:
    again = "take the program's files anew; until then use '--model none'"
    try:
        lines = (folder / HASHES).read_text("utf-8").splitlines()
        hashes = {name.lstrip("*"): digest for digest, name in map(str.split, lines)}
    except (OSError, ValueError):
        yield Finding("networks", "WRONG", f"{folder / HASHES} cannot be read", again)
        return
    there = {path.name: path for path in shipped_checkpoints(folder)}
    for name in sorted({*hashes, *there}):
        digest = hashlib.sha256(there[name].read_bytes()).hexdigest() if name in there else ""
        if not digest:
            yield Finding("network", "WRONG", f"{name} is missing", again)
        elif digest != hashes.get(name):
            yield Finding("network", "WRONG", f"{name} is not what was shipped: {digest}", again)
        else:
            yield Finding("network", "ok", f"{name}: SHA-256 {digest}")
    try:
        load_models()
    except RestorationError as error:
        yield Finding("networks", "WRONG", str(error), again)


def _log(wanted: str | None) -> Iterator[Finding]:
    path = log_path(wanted)
    if path is None:
        yield Finding("log", "note", "none is kept (--log none, or SHELLAC_LOG)")
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8"):
            told = path.read_text("utf-8", errors="replace")
    except OSError as error:
        yield Finding(
            "log",
            "WRONG",
            f"{path} cannot be written: {error.strerror}",
            "make its folder writable, or name another file with --log or SHELLAC_LOG",
        )
        return
    yield Finding("log", "ok", f"{path}, {len(told) / 1000:.0f} kB; older parts beside it")
    errors = [line for line in told.splitlines() if " ERROR " in line]
    for line in errors[-LAST_ERRORS:]:
        yield Finding("last error", "note", line)


def _engine(run: Callable[[], SelfTest]) -> Iterator[Finding]:
    try:
        tested = run()
    except RestorationError as error:
        yield Finding("engine", "WRONG", str(error), "see above and the log; then report it")
        return
    yield from judge(tested)


def judge(tested: SelfTest) -> Iterator[Finding]:
    """Yield what a self-test means."""
    now = tested.telemetry
    report_it = "report it, with all that stands here and the log"
    proven = tested.shift == 0
    told = f"the restored impulse is {tested.shift} samples late"
    if tested.shift is None:
        told = "the impulse did not come through as it went in"
    told = "proven by an impulse" if proven else told
    yield Finding(
        "latency",
        "ok" if proven else "WRONG",
        f"{now.latency_ms:.1f} ms in the chain, {told}",
        "" if proven else report_it,
    )
    whole = not tested.lost and tested.finite and not tested.errors
    faults = [f"{tested.lost} samples lost or changed"] if tested.lost else []
    faults += [] if tested.finite else ["something restored is no number"]
    yield Finding(
        "engine",
        "ok" if whole else "WRONG",
        f"{now.seconds:.1f} s of the demo record; "
        f"{'; '.join([*faults, *tested.errors]) or 'every sample recorded'}; "
        f"detector {now.detector_name}, denoiser {now.denoiser_name}",
        "" if whole else report_it,
    )
    xruns = now.xruns_in + now.xruns_out
    busy = now.load_p50 > TOO_BUSY or xruns
    state: State = "WRONG" if busy else "note" if now.load_p99 > BUSY else "ok"
    yield Finding(
        "load",
        state,
        f"{now.load_p50:.0%} (median), {now.load_p99:.0%} (99 of 100 hops), {xruns} xruns",
        ""
        if state == "ok"
        else "close other programs, use '--model none', or record now and restore the file later",
    )
    yield Finding(
        "priority",
        "ok" if now.realtime_priority else "note",
        "real-time" if now.realtime_priority else "ordinary: a busy computer may interrupt sound",
        "" if now.realtime_priority else "allow it, see 'ulimit -r' in docs/manual.md",
    )
