"""Presets, records, sidecars and ``verify`` under fire: whatever comes in, one line comes out.

``SHELLAC_FUZZ_INPUTS`` sets how many inputs each target gets (``tools/fuzz`` asks for many);
the last line of the run says how many there were.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from model.errors import RestorationError
from model.groove.record import RecordSettings
from model.groove.record_file import load_record
from model.presets import PRESETS_DIR, load_preset, preset_fields
from model.settings import Settings
from realtime.archive.sidecar import ENDING, known_record
from realtime.archive.sidecar_reading import SidePair, read_pair
from realtime.archive.verify import verify_folder

INPUTS = int(os.environ.get("SHELLAC_FUZZ_INPUTS", "150"))
LIGHT = (PRESETS_DIR / "light.yaml").read_text()
Told = Callable[[str, object], None]

under_fire = settings(
    max_examples=INPUTS,
    deadline=None,
    derandomize="SHELLAC_FUZZ_INPUTS" not in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def count(record_property: Told) -> Any:
    """Counts the inputs of one test; the run's last line adds them up."""
    tried = [0]
    yield tried
    record_property("inputs tried", tried[0])
    assert tried[0] >= INPUTS


def loads_or_tells(load: Callable[[Path], object], path: Path) -> object:
    """Return what was loaded, or nothing where it was refused in one line that names the file."""
    try:
        return load(path)
    except RestorationError as error:
        message = str(error)
        assert "\n" not in message and str(path) in message and len(message) < 1000
        return None


# What a stranger may write into a YAML file: plausible keys, odd values, odd structure

KEYS = [spec.name for spec in preset_fields()] + list(RecordSettings.__dataclass_fields__)
ODD = [
    *("", "~", "null", "yes", "on", ".nan", "-.inf", "1e999", "0x" + "f" * 5000, "0o17", "1:30:00"),
    *("9" * 5000, "-0", "1_000", "0.5", "1.0e+400", "2001-99-99", "2026-01-01 00:00:00 +99:99"),
    *("&a 1", "*a", "!!python/object:os.system x", "!!binary x", "!!float x", "[1", "{a: 1}"),
    *("'unclosed", '"\\ud800"', '"\\x00"', "|", ">-", "? x", "- 1", "%YAML 9.9", "---", "..."),
    *("=", "<<", "true: true", "\t", "\u2028", "\ufeff", "\x85", "@", "`", "#", ": :", ",", "!"),
]
VALUES = st.one_of(
    st.sampled_from(ODD),
    st.floats().map(str),
    st.integers().map(str),
    st.text(max_size=30),
)
LINES = st.lists(
    st.tuples(st.sampled_from([*KEYS, "", "<<", "a" * 100]), VALUES).map(
        lambda pair: f"{pair[0]}: {pair[1]}"
    ),
    max_size=12,
)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A shipped preset with some bytes of it replaced, a line lost, or one put in."""
    content = LIGHT.encode()
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 20)))
        new = draw(
            st.one_of(st.binary(max_size=20), VALUES.map(lambda t: t.encode("utf-8", "replace")))
        )
        content = content[:start] + new + content[end:]
    return content


YAML = st.one_of(LINES.map(lambda lines: "\n".join(lines).encode("utf-8", "replace")), spoilt())


@under_fire
@given(content=YAML)
def test_any_preset_loads_or_is_refused_in_one_line(
    tmp_path: Path, count: list[int], content: bytes
) -> None:
    count[0] += 1
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    loaded = loads_or_tells(load_preset, path)
    assert loaded is None or isinstance(loaded, Settings)


@under_fire
@given(content=YAML)
def test_any_record_loads_or_is_refused_in_one_line(
    tmp_path: Path, count: list[int], content: bytes
) -> None:
    count[0] += 1
    path = tmp_path / "side.yaml"
    path.write_bytes(content)
    loaded = loads_or_tells(load_record, path)
    assert loaded is None or isinstance(loaded, RecordSettings)


# Sidecars: any JSON, and good ones with a field or a few bytes changed

GOOD: dict[str, Any] = {
    "schema": 1,
    "kind": "restoration",
    "files": {
        "source": {"name": "side.wav", "bytes": 40, "sha256": "0" * 64},
        "restored": {"name": "out.wav", "bytes": 40, "sha256": "0" * 64},
    },
    "record": {"title": "x", "year": 1908},
    "speed": 1.0,
    "settings": [{}],
    "markers": [{"sample": 4, "text": ""}],
}
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from([10**400, "/dev/zero", "..", "a\0b", "\ud800", "0" * 64, 2**63, -1]),
)
NAMES = st.sampled_from(
    [*GOOD, "source", "restored", "name", "bytes", "sha256", "year", "title", ""]
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=12,
)


@st.composite
def changed(draw: st.DrawFn) -> str:
    """A good sidecar in which one place holds something else, or whose text was hit."""
    content = json.loads(json.dumps(GOOD))
    places = [(content, key) for key in GOOD]
    places += [(content["files"], key) for key in content["files"]]
    places += [(facts, key) for facts in content["files"].values() for key in facts]
    places += [(content["record"], key) for key in ("title", "year", "hum", "true_rpm")]
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(places))
        holder[key] = draw(JSON)
    text = json.dumps(content)
    if draw(st.booleans()):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.text(max_size=4)) + text[at + draw(st.integers(0, 4)) :]
    return text


SIDECARS = st.one_of(
    JSON.map(lambda value: json.dumps(value).encode()),
    changed().map(lambda text: text.encode("utf-8", "replace")),
    st.binary(max_size=60),
)


@under_fire
@given(content=SIDECARS)
@example(content=json.dumps(GOOD).encode())
def test_any_sidecar_is_read_or_refused_in_one_line(
    tmp_path: Path, count: list[int], content: bytes
) -> None:
    count[0] += 1
    path = tmp_path / f"out.wav{ENDING}"
    path.write_bytes(content)
    loaded = loads_or_tells(read_pair, path)
    assert loaded is None or isinstance(loaded, SidePair)
    assert isinstance(known_record(tmp_path / "out.wav"), RecordSettings)


@under_fire
@given(content=SIDECARS, sound=st.binary(max_size=60))
def test_verify_gives_one_line_for_any_sidecar_and_any_sound(
    tmp_path: Path, count: list[int], content: bytes, sound: bytes
) -> None:
    count[0] += 1
    (tmp_path / f"out.wav{ENDING}").write_bytes(content)
    (tmp_path / "out.wav").write_bytes(sound)
    (tmp_path / "side.wav").write_bytes(sound)
    (line,), mismatches = verify_folder(tmp_path)
    assert mismatches == 1  # no random hash is ever true
    assert line.startswith("MISMATCH out.wav: ") and line.isprintable()
