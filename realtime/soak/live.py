"""The real engine on virtual devices in real time, with somebody at the controls.

On the caller's thread, apart from the engine's own process and the thread that plays the record.
"""

import multiprocessing
import os
import signal
import subprocess
import threading
import time
from contextlib import closing, nullcontext
from pathlib import Path
from typing import get_args

from model.errors import RestorationError
from realtime.bench.endurance import SETTLE_S, probed
from realtime.bench.sound import FORMAT, SCRIPT, busy_core, virtual_devices
from realtime.config import StreamConfig
from realtime.engine.engine import Engine
from realtime.recording.recorder import RecordingReport
from realtime.soak.checks import check_side, found_losses
from realtime.soak.control_changes import ControlChanges
from realtime.soak.endless_record import BLOCK, EndlessRecord
from realtime.soak.plan import FORMATS, SoakPlan
from realtime.soak.progress import Progress
from realtime.soak.report import SoakReport, delete_side
from realtime.soak.resources import Resources
from realtime.telemetry import EventKind, Telemetry

STEP_S = 0.1
LOOK_EVERY_S = 5.0
ANNOUNCED_S = 5.0  # until a lost device must have been told of
BACK = "back"  # the event of an engine that has found its devices again
BACK_S = 15.0


class Player:
    """Plays the endless record into the turntable; a thread of its own fills the pipe."""

    def __init__(self, record: EndlessRecord, block: int) -> None:
        self.block = block  # the next one; the thread writes, others read
        self._record = record
        command = ["pacat", "--device=turntable", *FORMAT]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        self._thread = threading.Thread(target=self._play, name="player", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Fall silent at once."""
        self._process.kill()
        self._process.wait()
        self._thread.join()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _play(self) -> None:
        assert self._process.stdin is not None
        try:
            while True:
                left = memoryview(self._record.samples(self.block * BLOCK, BLOCK).tobytes())
                self.block += 1
                while left:
                    left = left[self._process.stdin.write(left) :]
        except OSError:  # stopped, or the sound server is gone
            return


class LiveSoak:
    """One run; ``stop`` set by anybody ends it after the present side was cut short."""

    def __init__(self, plan: SoakPlan, stop: threading.Event) -> None:
        self._plan, self._stop = plan, stop
        self._record = EndlessRecord(plan.seed, has_silence=False)
        self._controls = ControlChanges(plan.seed, plan.losses_per_hour)
        mode = "real time beside a busy core" if plan.busy else "real time"
        self._report = SoakReport(mode, plan.seed)
        self._progress = Progress(plan.audio_s, self._report)
        self._resources = Resources("caller", os.getpid())
        self._before_s = 0.0  # sound of engines that are gone
        self._played = 0  # where in the record the last side ended

    def run(self) -> SoakReport:
        """Open the engine, lose it and open it again, until there was enough sound."""
        report, began = self._report, time.monotonic()
        self._began = self._looked = began
        beside = busy_core() if self._plan.busy else nullcontext()
        with virtual_devices(), beside, closing(self._progress), probed() as stall:
            while self._before_s < self._plan.audio_s and not self._stop.is_set():
                self._one_engine()
        report.stall_s = stall[0]
        report.audio_s, report.wall_s = self._before_s, time.monotonic() - began
        report.changes = self._controls.counts
        report.growths.append(self._resources.growth())
        report.processor_s = time.process_time()
        report.finish()
        return report

    def _one_engine(self) -> None:
        controls, plan = self._controls, self._plan
        config = StreamConfig("turntable", "headphones", models=plan.models, record=controls.record)
        self._forgiven = (0, 0)
        gone = False
        with Engine(config, controls.settings) as engine:
            self._player = Player(self._record, -(-self._played // BLOCK))
            resources = Resources("engine", _engine_pid())
            time.sleep(SETTLE_S)
            while not (gone or self._is_over(engine)):
                gone = self._one_side(engine, resources)
            self._player.stop()
            self._count(engine.telemetry() if not gone else self._last)
        self._report.growths.append(resources.growth())
        if gone:
            _start_sound_server()

    def _count(self, telemetry: Telemetry) -> None:
        """Take over what an engine has counted when it ends."""
        report, (forgiven_in, forgiven_out) = self._report, self._forgiven
        report.xruns_in += telemetry.xruns_in - forgiven_in
        report.xruns_out += telemetry.xruns_out - forgiven_out
        report.nonfinite += telemetry.nonfinite
        report.load_p99 = max(report.load_p99, telemetry.load_p99)
        report.detector, report.denoiser = telemetry.detector_name, telemetry.denoiser_name
        self._before_s += telemetry.seconds

    def _is_over(self, engine: Engine) -> bool:
        return self._stop.is_set() or self._audio_s(engine) >= self._plan.audio_s

    def _audio_s(self, engine: Engine) -> float:
        return self._before_s + engine.telemetry().seconds

    def _one_side(self, engine: Engine, resources: Resources) -> bool:
        """Record one side and check it; returns whether the engine has lost its devices for good.

        A side goes on over a loss where the engine brings them back.
        """
        record, report = self._controls.record, self._report
        began_s, lost, gone = self._audio_s(engine), False, False
        engine.start_recording(self._plan.folder, FORMATS[report.sides % len(FORMATS)])
        while not gone and self._audio_s(engine) < began_s + self._plan.side_s:
            if self._is_over(engine):
                break
            turned = self._controls.turn(self._audio_s(engine))
            if turned:
                engine.post(self._controls.settings)
            if "record" in turned:
                engine.renew_record(self._controls.record)
            self._refuse_errors(engine)
            self._look(resources, engine.telemetry())
            if "loss" in turned:
                lost, gone = True, not self._lose_devices(engine)
            time.sleep(STEP_S)
        side: RecordingReport = engine.stop_recording()
        found = found_losses(side.raw_path, self._record, self._played, self._player.block * BLOCK)
        if found.first < 0 or (found.gaps and not lost):
            what = f"{found.gaps} gaps" if found.gaps else "nothing of what was played"
            report.complain(f"{side.raw_path.name} holds {what}")
        self._played = found.end
        report.add_side(check_side(side, record, devices_lost=gone), found.lost)
        delete_side(side)
        for one in (resources, self._resources):
            one.count()
        return gone

    def _lose_devices(self, engine: Engine) -> bool:
        """Kill the sound server; the engine must say so. Returns whether it brings them back."""
        self._last = before = engine.telemetry()
        os.kill(_server_pid(), signal.SIGKILL)
        if not self._is_told(engine, "error", ANNOUNCED_S):
            self._report.complain(f"a killed sound server was not told of within {ANNOUNCED_S:g} s")
        if BACK not in get_args(EventKind):  # an engine that cannot: it is opened anew
            return False
        self._player.stop()
        _start_sound_server()
        if not self._is_told(engine, BACK, BACK_S):
            self._report.complain(f"the devices were not back within {BACK_S:g} s")
            return False
        time.sleep(SETTLE_S)
        self._player = Player(self._record, self._player.block)
        time.sleep(2 * SETTLE_S)
        engine.events()
        after = engine.telemetry()
        forgiven_in, forgiven_out = self._forgiven
        self._forgiven = (
            forgiven_in + after.xruns_in - before.xruns_in,
            forgiven_out + after.xruns_out - before.xruns_out,
        )
        return True

    def _is_told(self, engine: Engine, kind: str, within_s: float) -> bool:
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            if any(event.kind == kind for event in engine.events()):
                return True
            time.sleep(STEP_S)
        return False

    def _refuse_errors(self, engine: Engine) -> None:
        for event in engine.events():
            if event.kind == "error":
                self._report.complain(f"at {event.seconds:.1f} s: {event.message}")
        if (state := engine.telemetry().state) != "running":
            raise RestorationError(f"the engine is {state}; the soak cannot go on")

    def _look(self, resources: Resources, telemetry: Telemetry) -> None:
        now, audio_s = time.monotonic(), self._before_s + telemetry.seconds
        counted = telemetry.xruns_in + telemetry.xruns_out - sum(self._forgiven)
        self._progress.show(audio_s, counted + self._report.xruns_in + self._report.xruns_out)
        if now - self._looked >= LOOK_EVERY_S:
            self._looked = now
            for one, sound_s in ((resources, telemetry.seconds), (self._resources, audio_s)):
                one.look(sound_s, now - self._began)


def _engine_pid() -> int:
    for child in multiprocessing.active_children():
        if child.name == "shellac-engine" and child.pid is not None:
            return child.pid
    raise RestorationError("the engine has no process; start the soak again")


def _server_pid() -> int:
    return int((Path(os.environ["VIRTUAL_SOUND_DIR"]) / "pid").read_text())


def _start_sound_server() -> None:
    subprocess.run([SCRIPT, "start"], check=True, capture_output=True)
