"""The window speaks German as well: every text, the engine's sentences, and no text is cut off."""

import ast
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from cli_tools import ROOT
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot
from window_tools import CommandedEngine, cut_off, window_on

from model.errors import RestorationError
from realtime.archive.side_facts import SideFacts
from realtime.devices.listing import NO_PORTAUDIO
from realtime.telemetry import EngineEvent, Telemetry
from realtime.upkeep import doctor
from realtime.upkeep.doctor import Finding, judge
from realtime.upkeep.portaudio import HostApis
from realtime.upkeep.self_test import SelfTest
from ui.dialogs.diagnostics_dialog import lines_of
from ui.widgets.language import FOLDER, figure, tr, use_language
from ui.widgets.told import engine_forms, told

# Told in a terminal, before there is a window or without one.
NO_WINDOW = {"app.py", "bench.py", "bench_window.py", "display.py", "window_command.py"}
# What is called so in every language: program, languages, fonts, and classes named in a type.
NAMES = {
    *("Shellac", "English", "Deutsch", "Inter", "Noto Sans", "DejaVu Sans", "History", "Lanes"),
}
# Whose first words are shown: they are looked up as they stand.
SHOWN = {
    *("say", "setText", "setToolTip", "setAccessibleName", "setWindowTitle", "addItem", "Text"),
    *("QPushButton", "setInformativeText", "addButton", "Lamp", "caption", "Legend", "Panel"),
}
# Where a sentence of the engine may be put together of several: at a field, a comma, a choice.
JOINTS = r"\{\w+\}|[;:,.] |\b(?:left|right|next drop|drop)\b| in full|or a wall wired|is it (?=WAV)"
ROLES = {"", "muted", "faint", "good", "warn", "bad"}


def tool() -> ModuleType:
    """Return tools/translations.py."""
    spec = importlib.util.spec_from_file_location("translations", ROOT / "tools/translations.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def german(qtbot: QtBot) -> Iterator[None]:
    """Speak German for one test."""
    use_language("de")
    yield
    use_language("en")


def fields_of(text: str) -> list[str]:
    """Return the fields of a text with their formats, in the order of their names."""
    return sorted(set(re.findall(r"\{(\w+[^}]*)\}", text)))


def test_every_text_of_the_source_is_in_german_and_no_other() -> None:
    translations = tool()
    texts = {(c, text) for c, sources in translations.gathered().items() for text in sources}
    known = translations.known()
    assert set(known) == texts, "python tools/translations.py brings the file up to date"
    assert not [text for text, german in known.items() if not german.strip()]


def test_a_translation_keeps_fields_mnemonics_and_dots() -> None:
    for (_, text), german in tool().known().items():
        assert fields_of(text) == fields_of(german), german
        assert ("&" in text) == ("&" in german), german
        assert text.endswith("…") == german.endswith("…"), german
        assert text.count("\n") == german.count("\n") and (text[0] == " ") == (german[0] == " ")


def test_the_file_that_is_read_is_made_of_the_one_that_is_written(qtbot: QtBot) -> None:
    translator = QTranslator()
    assert translator.load(str(FOLDER / "shellac_de.qm"))
    for (context, text), german in tool().known().items():
        assert translator.translate(context, text) == german, (
            "python tools/translations.py --qm makes it anew"
        )


def literals(room: str) -> Iterator[str]:
    """Yield every text of a room, with ``{}`` for each field."""
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                yield "".join(
                    str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_what_the_engine_says_is_still_said_so() -> None:
    said = " ".join(text for room in ("realtime", "model", "ui") for text in literals(room))
    file = (FOLDER / "engine_sentences.txt").read_text("utf-8")
    forms = [line for line in file.split("# What the operating")[0].splitlines() if line[:1] != "#"]
    assert len(forms) > 100
    for form in forms:
        parts = [part.strip(" ';:?(),.") for part in re.split(JOINTS, form)]
        missing = [part for part in parts if part not in said]
        assert not missing, f"{form!r}: nobody says {missing}"


def shown_untranslated(path: Path) -> Iterator[tuple[int, str]]:
    """Yield where a file shows a text that is not looked up."""
    tree, said = ast.parse(path.read_text("utf-8")), "\n".join(engine_forms())
    above: dict[ast.AST, ast.AST] = {}
    for node in ast.walk(tree):
        above |= dict.fromkeys(ast.iter_child_nodes(node), node)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        chain = [node, *over(node, above)]
        calls = [ast.unparse(n.func).split(".")[-1] for n in chain if isinstance(n, ast.Call)]
        if {"tr", "later", "figure", "RestorationError", "Literal", "translate"} & set(calls):
            continue
        if isinstance(chain[1], ast.Expr | ast.Compare | ast.Subscript):
            continue
        if node.value in NAMES or node.value.strip(";. ") in said:  # told() looks those up
            continue
        in_call = isinstance(chain[1], ast.Call) and calls and calls[0] in SHOWN
        if in_call and node.value in ROLES:
            continue
        if reads_as_text(node.value) or (in_call and re.search(r"[A-Za-z]{2}", node.value)):
            yield node.lineno, node.value


def over(node: ast.AST, above: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    """Yield what a node stands in, innermost first."""
    while node in above:
        node = above[node]
        yield node


def reads_as_text(text: str) -> bool:
    """Whether a literal looks like words for a person, not like a key or a format."""
    if re.fullmatch(r"(Ctrl|Shift|F|Space)[+\w]*|…", text) or "{" in text:
        return False
    is_label = re.match(r"[A-Z&][a-z&]", text) or "…" in text
    return bool(is_label or re.search(r"[a-z,.;:] [a-z(]", text))


def test_no_text_is_shown_without_being_looked_up() -> None:
    for path in sorted((ROOT / "ui").rglob("*.py")):
        if path.name not in NO_WINDOW:
            found = list(shown_untranslated(path))
            assert not found, f"{path.relative_to(ROOT)}: {found}"


def test_sentences_of_the_engine_are_told_in_german(german: None) -> None:
    lost = (
        "input 'USB' has ended: device unplugged or sound server stopped; "
        "silence is recorded until it is back"
    )
    assert told(lost) == (
        "Eingang 'USB' ist ausgefallen: Gerät abgezogen oder Soundserver beendet; "
        "bis zur Rückkehr wird Stille aufgezeichnet"
    )
    both = "cannot record into /x: No space left on device. The default is open instead"
    assert told(both) == (
        "Aufnahme nach /x nicht möglich: auf dem Gerät ist kein Platz mehr. "
        "Stattdessen ist das Standardgerät offen"
    )
    assert told("something that nobody foresaw") == "something that nobody foresaw"


def test_figures_have_a_comma_in_german_and_a_point_in_english(german: None) -> None:
    assert figure("{db:.1f} dB, {n:,}", db=-1.5, n=12_345) == "-1,5 dB, 12.345"
    assert tr("{time} left", time="6 h") == "noch 6 h"
    use_language("en")
    assert figure("{db:.1f} dB, {n:,}", db=-1.5, n=12_345) == "-1.5 dB, 12,345"
    assert told("nothing is being recorded") == "nothing is being recorded"


@pytest.mark.parametrize(("width", "height"), [(960, 560), (1280, 720)])
def test_a_german_window_is_whole(
    qtbot: QtBot, tmp_path: Path, german: None, width: int, height: int
) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.resize(width, height)
        waiting = Telemetry(state="running", sample_rate=44_100, channels=2)
        window._beat(waiting, 0.03)
        QCoreApplication.processEvents()
        assert (window.width(), window.height()) == (width, height)
        assert cut_off(window) == []
        transport = window.desk.transport
        transport.show_ended(245.0, "side")
        transport.card.show_facts(SideFacts(245.0, 12, 31.5, 3.2, 1234, 12_345, -18.25))
        transport.card.show_again(100)
        QCoreApplication.processEvents()
        assert cut_off(window) == []
        menus = [menu for menu in window.menuBar().findChildren(QMenu) if menu.title()]
        for actions in (window.menuBar().actions(), *(menu.actions() for menu in menus)):
            labels = [action.text().split("\t")[0] for action in actions if action.text()]
            letters = [label[label.index("&") + 1].lower() for label in labels if "&" in label]
            assert len(letters) == len(set(letters)), labels
        window.messages.hear(EngineEvent("error", "nothing is being recorded"), waiting)
        assert window.desk.header.banner.sentence.text() == "Es läuft keine Aufnahme."
        assert window.desk.transport.needle.text() == "Auf Nadel warten"


def test_the_language_is_chosen_in_the_window_and_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        assert window.memory.language == "system"
        menus = window.menuBar().findChildren(QMenu)
        german = next(a for menu in menus for a in menu.actions() if a.text() == "Deutsch")
        german.trigger()
        assert window.memory.language == "de"
        assert "next start" in window.desk.header.banner.sentence.text()


def test_the_doctor_reports_in_german(german: None) -> None:
    bad = Finding(
        "disk",
        "WRONG",
        "0.5 GB free in this folder, /music: 12 min of recording in WAV at 44.1 kHz",
        "make room there before recording, or record into another folder",
    )
    assert lines_of(bad) == (
        "✗ Platte: 0,5 GB frei im Ordner /music (dieser Ordner): 12 min Aufnahme in WAV bei "
        "44,1 kHz\n    → dort vor der Aufnahme Platz schaffen oder in einen anderen Ordner "
        "aufnehmen"
    )
    use_language("en")
    assert lines_of(bad).startswith("✗ Disk: 0.5 GB free in this folder, /music")


def test_whatever_the_doctor_may_find_has_german_words(
    german: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> HostApis:
        raise RestorationError(NO_PORTAUDIO)

    telemetry = Telemetry(seconds=5.0, latency_ms=30.5, load_p99=0.6, detector_name="detector_2")
    telemetry = replace(telemetry, denoiser_name="denoiser_1")
    well = SelfTest(telemetry, lost=0, shift=0, finite=True, errors=())
    bad = SelfTest(replace(telemetry, xruns_in=3), lost=7, shift=2, finite=False, errors=())
    monkeypatch.setattr(doctor, "list_host_apis", gone)
    monkeypatch.setattr(doctor, "list_devices", list)
    found = [*doctor._versions(), *doctor._sound_system(), *doctor._devices(), *doctor._disk()]
    found += [*doctor._networks(Path("/nowhere")), *doctor._log("none"), *judge(well), *judge(bad)]
    assert len(found) > 12
    for finding in found:
        texts = (finding.what, finding.told, finding.remedy)
        for text in filter(None, texts):
            is_word = text in ("System", "PortAudio") or text.startswith("Python 3")
            assert is_word or told(text) != text, text
