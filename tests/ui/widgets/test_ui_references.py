"""A guard against bindings that lose a reference to ``None`` at each call, and abort in the end."""

import sys

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

CALLS = 500


def test_setting_a_text_leaves_the_references_to_none_alone(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    label.setText("warm")
    before = sys.getrefcount(None)
    for i in range(CALLS):
        label.setText(str(i))
    # A faulty binding loses one per call; other threads may move the count by a few.
    assert abs(sys.getrefcount(None) - before) < CALLS // 10
