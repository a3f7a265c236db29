"""The meter line: readable at any width, plain where nothing can be refreshed."""

import io

import pytest

from realtime.telemetry import Telemetry
from realtime.terminal.meter import Meter, meter_line, summary_lines
from realtime.units import clock, size

PLAYING = Telemetry(
    state="running",
    seconds=194.6,
    sample_rate=44_100,
    channels=2,
    latency_ms=58.1,
    input_name="USB Audio",
    output_name="Headphones",
    detector_name="analytical",
    denoiser_name="none",
    load_p50=0.11,
    load_p99=0.214,
    load_max=0.4,
    xruns_in=1,
    xruns_out=2,
    impulses=4210,
    crackle=4000,
    clicks=200,
    pops=10,
    impulse_rate=21.34,
    peak_in=(-6.25, -7.5),
    peak_out=(-8.0, -6.5),
    recording=True,
    recorded_s=61.0,
    raw_path="transfers/raw.flac",
    restored_path="transfers/restored.flac",
    free_bytes=12_340_000_000,
)


def test_line_shows_what_matters_with_its_unit() -> None:
    line = meter_line(PLAYING)
    for part in (
        *("3:14", "in   -6.2 out   -6.5 dB", "21.3 impulses/s", "crackle 4000 clicks 200 pops 10"),
        *("58 ms", "load  21 %", "xruns 3", "rec 1:01", "12.3 GB free"),
    ):
        assert part in line


@pytest.mark.parametrize("width", [1, 5, 20, 40, 60, 79, 99, 119, 200])
def test_line_never_wraps(width: int) -> None:
    line = meter_line(PLAYING, width)
    assert len(line) <= width
    assert line.startswith("3:14"[:width])


def test_narrow_terminal_keeps_impulses_and_recording() -> None:
    line = meter_line(PLAYING, 40)
    assert "21.3 impulses/s" in line
    assert "rec 1:01" in line
    assert "GB" not in line


def test_line_of_an_engine_that_has_not_begun() -> None:
    line = meter_line(Telemetry())
    assert line.startswith("0:00")
    assert "rec" not in line


def test_summary_counts_per_second_of_sound() -> None:
    text = "\n".join(summary_lines(PLAYING))
    for part in (
        "3:14 from USB Audio to Headphones, 44100 Hz stereo",
        "4210, 21.6 per second: 4000 crackle, 200 clicks, 10 pops",
        "58.1 ms",
        "11.0 % (median), 21.4 % (99 of 100 hops), 40.0 % (highest)",
        "1 in, 2 out; 0 samples lost",
        "transfers/raw.flac",
        "transfers/restored.flac",
    ):
        assert part in text


def test_summary_warns_of_clipping_only_when_there_was_some() -> None:
    assert "full scale" not in "\n".join(summary_lines(PLAYING))
    assert "3 input samples at full scale" in "\n".join(summary_lines(Telemetry(clipped_in=3)))


def test_log_file_gets_plain_lines_now_and_then() -> None:
    stream = io.StringIO()
    with Meter(stream) as meter:
        for _ in range(50):
            meter.show(PLAYING)
        meter.say("recording to [red]raw.flac")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0] == meter_line(PLAYING)
    assert lines[1] == "recording to [red]raw.flac"
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (59.99, "0:59"), (60, "1:00"), (3600, "1:00:00")]
)
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(0, "0 B"), (999, "999 B"), (1500, "2 kB"), (2e9, "2.0 GB"), (3.3e12, "3.3 TB")],
)
def test_size(n_bytes: float, text: str) -> None:
    assert size(n_bytes) == text
