"""Presets: what a person saves comes back, and what a stranger wrote cannot do harm."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.errors import RestorationError
from model.presets import PRESETS_DIR, load_preset, preset_fields, preset_names, save_preset
from model.settings import Settings

LIGHT = (PRESETS_DIR / "light.yaml").read_text()


def refused(tmp_path: Path, text: str | bytes) -> str:
    """Return the one line that loading ``text`` gives."""
    path = tmp_path / "mine.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RestorationError) as error:
        load_preset(path)
    message = str(error.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def test_presets_go_from_gentle_to_strong() -> None:
    assert preset_names()[:3] == ["light", "default", "heavy"]
    light, default, heavy = (load_preset(name) for name in preset_names()[:3])
    assert (light.depth, default.depth, heavy.depth) == (0.8, 0.9, 0.95)
    assert light.sensitivity < default.sensitivity < heavy.sensitivity
    longest = [preset.longest_click_ms for preset in (light, default, heavy)]
    assert longest == [3.0, 10.0, 20.0]


def test_default_preset_is_the_tuned_point_with_hiss_reduction_on_top() -> None:
    assert load_preset("default") == Settings(hiss_reduction_db=8.0)


@pytest.mark.parametrize("name", ["light", "default", "heavy"])
def test_shipped_preset_explains_every_setting(name: str, tmp_path: Path) -> None:
    shipped = (PRESETS_DIR / f"{name}.yaml").read_text()
    title = shipped.splitlines()[0].removeprefix("# Shellac preset: ")
    save_preset(tmp_path / "again.yaml", load_preset(name), title)
    assert (tmp_path / "again.yaml").read_text() == shipped
    lines = shipped.splitlines()
    for spec in preset_fields():
        at = next(n for n, line in enumerate(lines) if line.startswith(f"{spec.name}:"))
        assert lines[at - 1].startswith(f"# {spec.metadata['help']}")


def test_preset_leaves_listening_alone() -> None:
    base = Settings(bypass=True, monitor="removed", monitor_gain_db=-6.0)
    loaded = load_preset("heavy", base)
    assert (loaded.bypass, loaded.monitor, loaded.monitor_gain_db) == (True, "removed", -6.0)
    assert loaded.depth == 0.95


def numbers(name: str) -> st.SearchStrategy[float]:
    limits = Settings.__dataclass_fields__[name].metadata
    return st.floats(limits["low"], limits["high"])


ANY_SETTINGS = st.builds(
    Settings,
    declick=st.booleans(),
    repair=st.sampled_from(["interpolate", "attenuate"]),
    **{
        spec.name: numbers(spec.name) for spec in preset_fields() if isinstance(spec.default, float)
    },
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ANY_SETTINGS, st.text())
def test_saved_preset_comes_back_exactly(tmp_path: Path, wanted: Settings, name: str) -> None:
    save_preset(tmp_path / "mine.yaml", wanted, name)
    assert load_preset(tmp_path / "mine.yaml") == wanted
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]


def test_whole_numbers_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(LIGHT.replace("longest_click_ms: 3.0", "longest_click_ms: 3"))
    assert load_preset(path) == load_preset("light")


def test_unknown_preset_key_names_the_file(tmp_path: Path) -> None:
    line = LIGHT.splitlines().index("depth: 0.8") + 1
    message = refused(tmp_path, LIGHT.replace("depth: 0.8", "dept: 0.8"))
    assert f"mine.yaml, line {line}: unknown key 'dept'; did you mean 'depth'?" in message


def test_missing_key_names_the_file_the_key_and_the_line(tmp_path: Path) -> None:
    message = refused(tmp_path, LIGHT.replace("depth: 0.8", ""))
    line = len(LIGHT.splitlines())
    assert f"line {line}: 'depth' must follow" in message


def test_empty_preset_lists_what_it_lacks(tmp_path: Path) -> None:
    message = refused(tmp_path, "# nothing here\n")
    for spec in preset_fields():
        assert f"'{spec.name}'" in message


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("1.5", "0..1"),
        ("-0.1", "0..1"),
        (".nan", "0..1"),
        (".inf", "0..1"),
        ("1e400", "must be a number"),  # YAML 1.1 wants a dot in a float: this is text
        ("1.0e+400", "0..1"),
        ("9" * 40, "0..1"),
        ("9" * 400, "far too long"),
        ("9" * 20_000, "cannot read the value"),
        ("true", "must be a number"),
        ("much", "must be a number"),
        ("", "must be a number"),
        ("2001-01-01", "must be a number"),
        ("2001-99-99", "cannot read the value"),
        ("[0.5]", "flat"),
        ("{a: 1}", "flat"),
    ],
)
def test_impossible_depth_names_the_line_and_the_range(
    tmp_path: Path, value: str, reason: str
) -> None:
    line = LIGHT.splitlines().index("depth: 0.8") + 1
    message = refused(tmp_path, LIGHT.replace("depth: 0.8", f"depth: {value}"))
    assert f"line {line}: " in message
    assert reason in message
    assert len(message) < 400


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("declick: true", "declick: 1", "true or false"),
        ("repair: interpolate", "repair: erase", "interpolate, attenuate"),
        ("declick: true", "declick: true\ndeclick: false", "twice"),
        ("declick: true", "declick: &a true", "anchors"),
        ("declick: true", "declick: *a", "anchors"),
        ("declick: true", "declick: !!python/object/apply:os.system ['true']", "tags"),
        ("declick: true", "declick: !!bool true", "tags"),
        ("declick: true", "declick: true\n<<: {depth: 1}", "flat"),
        ("declick: true", "declick: true\n<<: 1", "unknown key '<<'"),
        ("declick: true", "declick: true\n---\nx: 1", "flat"),
        ("declick: true", "declick: true: true", "not valid YAML"),
        ("declick: true", "declick: true\n\tdepth", "not valid YAML"),
        ("declick: true", "? [declick]\n: true", "flat"),
        ("declick: true", "bypass: true\ndeclick: true", "unknown key 'bypass'"),
    ],
)
def test_odd_yaml_is_refused_with_its_reason(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    assert reason in refused(tmp_path, LIGHT.replace(old, new))


@pytest.mark.parametrize(
    "content",
    [
        b"\0" * 1000,
        b"\xff\xfe\x00",
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        b"just text",
        b"- 1\n- 2\n",
        b"[" * 60_000,
        b"{" * 60_000,
        b"- " * 30_000,
        b"? " * 30_000,
        b"a: " * 20_000,
        b"#" * 70_000,
        b"x: |\n" + b" y\n" * 20_000,
    ],
    ids=lambda content: repr(content[:8]),
)
def test_file_that_is_no_preset_is_refused(tmp_path: Path, content: bytes) -> None:
    refused(tmp_path, content)


def test_yaml_bomb_is_refused_before_it_grows(tmp_path: Path) -> None:
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    lines += [f"{b}: &{b} [{','.join(['*' + a] * 9)}]" for a, b in pairwise("abcdefghi")]
    assert "anchors" in refused(tmp_path, "\n".join(lines))


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=300), st.integers(0, len(LIGHT)))
def test_any_bytes_load_or_are_refused_in_one_line(
    tmp_path: Path, noise: bytes, position: int
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(LIGHT[:position].encode() + noise + LIGHT[position:].encode())
    try:
        loaded = load_preset(path)
    except RestorationError as error:
        assert "\n" not in str(error)
    else:
        assert replace(loaded) == loaded  # every value passed its check


def test_unknown_preset_name_offers_the_near_one() -> None:
    with pytest.raises(RestorationError, match=r"'hevy'; did you mean 'heavy'\? choose light, def"):
        load_preset("hevy")


def test_missing_preset_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RestorationError, match=r"gone\.yaml: No such file"):
        load_preset(str(tmp_path / "gone.yaml"))


def test_folder_is_no_preset(tmp_path: Path) -> None:
    with pytest.raises(RestorationError, match="is not a file"):
        load_preset(tmp_path)


def test_preset_into_a_missing_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(RestorationError, match="cannot write the preset"):
        save_preset(tmp_path / "nowhere" / "mine.yaml", Settings())


def test_failed_save_keeps_the_old_preset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.yaml"
    save_preset(path, Settings(depth=0.3))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(RestorationError, match="No space left"):
        save_preset(path, Settings(depth=0.7))
    assert load_preset(path).depth == 0.3
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.yaml"]
