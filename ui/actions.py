"""Menus and shortcuts, as tables: every command of the window stands here once. GUI thread."""

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from ui.widgets.language import tr


class Command(NamedTuple):
    """One entry of a menu.

    ``shown_key`` is only written beside the label: the key itself is handled where it may depend
    on the focus, as the space bar does.
    """

    label: str
    act: Callable[[], object]
    key: str = ""
    shown_key: str = ""


class Alternatives(NamedTuple):
    """Entries of which one is ticked."""

    title: str
    options: tuple[tuple[str, str], ...]  # value, label
    chosen: str
    act: Callable[[str], object]


Entry = Command | Alternatives | QAction | None  # None is a divider


def fill_menu(window: QMainWindow, title: str, entries: list[Entry]) -> dict[str, QAction]:
    """Add one menu; returns its commands by their labels without the ampersand."""
    menu = window.menuBar().addMenu(tr(title))
    menu.setToolTipsVisible(True)
    actions: dict[str, QAction] = {}
    for entry in entries:
        if entry is None:
            menu.addSeparator()
        elif isinstance(entry, QAction):
            menu.addAction(entry)
        elif isinstance(entry, Alternatives):
            _add_alternatives(window, menu, entry)
        else:
            actions[entry.label.replace("&", "")] = _add_command(window, menu, entry)
    return actions


def _add_command(window: QMainWindow, menu: QMenu, command: Command) -> QAction:
    label = tr(command.label)
    label = f"{label}\t{command.shown_key}" if command.shown_key else label
    action = QAction(label, window)
    if command.key:
        action.setShortcut(QKeySequence(command.key))
        action.setAutoRepeat(command.key != "Space")
    action.triggered.connect(lambda _=False: command.act())
    menu.addAction(action)
    return action


def _add_alternatives(window: QMainWindow, menu: QMenu, entry: Alternatives) -> None:
    submenu = menu.addMenu(tr(entry.title))
    group = QActionGroup(window)
    for value, label in entry.options:
        action = QAction(tr(label), window)
        action.setCheckable(True)
        action.setChecked(value == entry.chosen)
        action.triggered.connect(lambda _=False, value=value: entry.act(value))
        group.addAction(action)
        submenu.addAction(action)
