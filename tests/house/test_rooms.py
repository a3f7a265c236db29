"""The rooms of the house: who may import whom, read from the source, not from a run."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS: dict[str, set[str]] = {
    "model": set(),
    "realtime": {"model"},
    "training": {"model"},
    "ui": {"realtime", "model"},
    "main": {"model", "realtime", "training", "ui"},
}
MAY_USE: dict[str, set[str]] = {
    "model": {"numpy", "scipy", "yaml", "torch", "onnxruntime"},  # the last two only for networks
    "realtime": {
        *("numpy", "scipy", "sounddevice", "soundfile", "soxr", "rtmixer", "rich", "psutil"),
        *("mutagen", "shtab"),
        "imageio_ffmpeg",  # the rival of the benchmark
    },
    "training": {
        *("numpy", "scipy", "torch", "soundfile", "soxr", "tqdm", "matplotlib", "tensorboard"),
        *("onnx", "onnxruntime", "rich", "yaml", "psutil", "imageio_ffmpeg", "pesq", "noisereduce"),
        *("mido", "music21"),
    },
    "ui": {"numpy", "PySide6", "pyqtgraph", "psutil"},
    "main": set(),
}
# The wings of a room, lowest first: each may use those before it. What lies beside the wings is
# named one by one, or "." stands for all of it. docs/architecture.md says what each is for.
WINGS: dict[str, tuple[str, ...]] = {
    "realtime": (
        *(".", "containers", "soundfiles", "restorer", "devices", "archive", "recording"),
        *("engine", "terminal", "batch", "upkeep", "bench", "soak"),
    ),
    "ui": ("widgets", "state", "views", "panels", "dialogs", "conduct", "."),
    "model": (
        *(
            "errors",
            "core",
            "flat_yaml",
            "settings",
            "presets",
            "declicking",
            "hiss",
            "walls",
            "groove",
            "networks",
        ),
        *("checkpoints", "chain"),
    ),
    "training": (
        *("signals", "harvest", "dirt", "music", "analysis", "judging", "learning"),
        *("benchmarks", "."),
    ),
}
FEWEST, MOST = 4, 16  # modules in a wing; a folder of tests may have fewer
NO_THREADS = {"threading", "multiprocessing", "concurrent", "asyncio"}  # of the model
LAZY = {"model.settings", "model.presets", "realtime", "training", "ui"}  # of main


def sources(room: str) -> list[Path]:
    """Return every Python file of a room."""
    return [ROOT / "main.py"] if room == "main" else sorted((ROOT / room).rglob("*.py"))


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield every imported module with its dots, wherever in the file the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import: say which room"
            assert node.module
            yield node.module


def imported_modules(tree: ast.AST) -> Iterator[str]:
    """Yield as :func:`imports` does, and also what ``from model import chain`` means by a name."""
    yield from imports(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in ROOMS:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules(path: Path) -> set[str]:
    """Return the top-level names that a file imports."""
    return {name.split(".")[0] for name in imports(ast.parse(path.read_text()))}


def test_every_room_is_watched() -> None:
    found = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and (path / "__init__.py").exists() and path.name != "tests"
    }
    assert found <= set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_arrows_point_the_right_way(room: str) -> None:
    rooms = set(ROOMS)
    for path in sources(room):
        ours = modules(path) & rooms - {room}
        assert ours <= ROOMS[room], f"{path.relative_to(ROOT)} imports {ours - ROOMS[room]}"


@pytest.mark.parametrize("room", ROOMS)
def test_room_uses_only_its_own_tools(room: str) -> None:
    for path in sources(room):
        others = modules(path) - set(sys.stdlib_module_names) - set(ROOMS)
        assert others <= MAY_USE[room], f"{path.relative_to(ROOT)}: {others - MAY_USE[room]}"


def is_wing(room: str, name: str) -> bool:
    """Whether a name is that of a package, not of a module or of a folder of data."""
    return (ROOT / room / name / "__init__.py").exists() and name != "."


def place_of(room: str, module: str) -> str:
    """Return in which wing a module lies, or its own name where it is named beside the wings."""
    parts = module.split(".")
    known = len(parts) > 1 and (is_wing(room, parts[1]) or parts[1] in WINGS[room])
    return parts[1] if known else "."


@pytest.mark.parametrize("room", WINGS)
def test_every_wing_has_its_place(room: str) -> None:
    found = {path.parent.name for path in (ROOT / room).glob("*/__init__.py")}
    assert found == {name for name in WINGS[room] if is_wing(room, name)}
    beside = {path.stem for path in (ROOT / room).glob("*.py") if path.stem[:2] != "__"}
    assert "." in WINGS[room] or beside == set(WINGS[room]) - found


@pytest.mark.parametrize("room", WINGS)
def test_arrows_between_wings_run_one_way(room: str) -> None:
    order = WINGS[room]
    for path in sources(room):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        own = order.index(place_of(room, module)) if path.stem != "__init__" else len(order)
        tree = ast.parse(path.read_text())
        for name in imported_modules(tree):
            if name.split(".")[0] == room and name != room:
                assert order.index(place_of(room, name)) <= own, f"{module} imports {name}"


@pytest.mark.parametrize("room", WINGS)
def test_a_wing_can_be_overlooked_and_says_what_it_is_for(room: str) -> None:
    for wing in [".", *(name for name in WINGS[room] if is_wing(room, name))]:
        folder = ROOT / room / wing
        modules = [path for path in folder.glob("*.py") if path.stem[:2] != "__"]
        assert len(modules) <= MOST, f"{room}/{wing} has {len(modules)} modules"
        assert len(modules) >= FEWEST, f"{room}/{wing} has {len(modules)} modules: a room, no wing"
        purpose = ast.parse((folder / "__init__.py").read_text())
        assert ast.get_docstring(purpose), f"{room}/{wing} does not say what it is for"
        is_only_that = len(purpose.body) == 1 or not is_wing(room, wing)
        assert is_only_that, f"{room}/{wing}/__init__.py is more than a sentence"


@pytest.mark.parametrize("room", WINGS)
def test_the_page_of_the_house_names_the_wings_in_their_order(room: str) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    table = page.split(f"\n## `{room}`")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.+?`|beside them) \|", table, re.MULTILINE)
    names = [name for row in rows for name in re.findall(r"`(\w+)/?`", row) or ["."]]
    assert tuple(names) == WINGS[room]


def test_a_test_lies_in_the_place_of_what_it_tests_and_each_place_can_be_overlooked() -> None:
    tests = ROOT / "tests"
    for folder in {path.parent for path in tests.rglob("*.py")}:
        place, files = folder.relative_to(tests), list(folder.glob("*.py"))
        known = str(place) == "house" or (ROOT / place / "__init__.py").exists()
        strangers = [path.name for path in files if path.match("test_*") and not known]
        assert not strangers, f"tests/{place} is called like no room and no wing: {strangers}"
        assert len(files) <= MOST, f"tests/{place} has {len(files)} modules"


def test_model_starts_no_threads() -> None:
    for path in sources("model"):
        assert not modules(path) & NO_THREADS, path


def defines_or_loads_a_network(tree: ast.AST) -> bool:
    """Whether a file has a torch module or a function that loads or exports one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base) for base in node.bases}
            if bases & {"nn.Module", "torch.nn.Module", "Module"}:
                return True
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {
            *("torch.load", "torch.jit.load", "torch.export.load", "torch.onnx.export"),
            *("onnxruntime.InferenceSession", "ort.InferenceSession"),
        }:
            return True
    return False


def test_model_needs_torch_only_for_networks() -> None:
    for path in sources("model"):
        tree = ast.parse(path.read_text())
        if modules(path) & {"torch", "onnxruntime"}:
            assert defines_or_loads_a_network(tree), f"{path.relative_to(ROOT)} has no network"


def test_front_door_opens_rooms_only_when_asked() -> None:
    tree = ast.parse((ROOT / "main.py").read_text())
    at_once = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    for name in (name for node in at_once for name in imports(node)):
        assert not any(name == lazy or name.startswith(f"{lazy}.") for lazy in LAZY), name
    assert {name.split(".")[0] for node in at_once for name in imports(node)} <= {
        *sys.stdlib_module_names,
        "model",
    }
