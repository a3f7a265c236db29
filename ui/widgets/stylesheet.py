"""The Qt style sheet of one theme: colours, borders and spacing of standard widgets."""

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from ui.widgets.theme import Theme, font, mix

_SHEET = """
QMainWindow, QDialog {{ background: {window}; }}
QWidget {{ color: {text}; }}
QDockWidget {{ color: {muted}; }}
QDockWidget::title {{ background: {window}; padding: 6px 12px; }}
QMainWindow::separator {{ background: {window}; width: 2px; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {border}; padding: 5px; }}

QListWidget, QTableWidget {{
    background: {well}; border: 1px solid {border}; border-radius: 6px; outline: none;
}}
QFrame[role="panel"] {{ background: {panel}; border: 1px solid {border}; border-radius: 8px; }}
QLabel, QCheckBox {{ background: transparent; }}
QLabel[role="muted"] {{ color: {muted}; }}
QLabel[role="faint"], QLabel:disabled {{ color: {faint}; }}
QLabel[role="good"] {{ color: {good}; }}
QLabel[role="warn"] {{ color: {warn}; }}
QLabel[role="bad"] {{ color: {bad}; }}

QMenuBar {{ background: {window}; padding: 2px 8px; }}
QMenuBar::item {{ padding: 4px 9px; border-radius: 4px; background: transparent; color: {muted}; }}
QMenuBar::item:selected {{ background: {hover}; color: {text}; }}
QMenu {{ background: {raised}; border: 1px solid {border}; padding: 4px; }}
QMenu::item {{ padding: 5px 26px 5px 24px; border-radius: 4px; }}
QMenu::item:selected {{ background: {hover}; }}
QMenu::item:disabled {{ color: {faint}; }}
QMenu::separator {{ height: 1px; background: {border}; margin: 4px 8px; }}

QPushButton, QToolButton {{
    background: {raised}; border: 1px solid {border}; border-radius: 6px; padding: 4px 11px;
}}
QPushButton:hover, QToolButton:hover {{ background: {hover}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {border}; }}
QPushButton:focus, QToolButton:focus, QComboBox:focus {{ border: 1px solid {after}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {faint}; background: transparent; }}
QPushButton:checked {{ background: {after}; color: {on_accent}; border-color: {after}; }}
QPushButton[role="primary"] {{
    background: {after}; color: {on_accent}; border-color: {after}; font-weight: 600;
}}
QPushButton[role="primary"]:hover {{ background: {after_hover}; }}
QPushButton[role="flat"] {{ background: transparent; border-color: transparent; color: {muted}; }}
QPushButton[role="flat"]:hover {{ color: {text}; background: {hover}; }}
QPushButton[role="flat"]:focus {{ border-color: {after}; }}
QPushButton[role="small"] {{ padding: 2px 8px; }}
QPushButton[role="small"]:disabled {{ border-color: {grid}; }}
QPushButton[role="tiny"] {{ padding: 1px 8px; color: {muted}; }}
QPushButton[role="tiny"]:hover {{ color: {text}; }}
QPushButton[role="tiny"]:checked {{ color: {on_accent}; }}
QPushButton[segment="first"] {{ border-top-right-radius: 0; border-bottom-right-radius: 0; }}
QPushButton[segment="middle"] {{ border-radius: 0; border-left: none; }}
QPushButton[segment="last"] {{
    border-top-left-radius: 0; border-bottom-left-radius: 0; border-left: none;
}}
QPushButton[segment][tone="before"]:checked {{ background: {before}; border-color: {before}; }}
QPushButton[segment][tone="removed"]:checked {{ background: {removed}; border-color: {removed}; }}
QPushButton[segment][quiet="true"] {{ padding: 1px 8px; color: {muted}; }}
QPushButton[segment][quiet="true"]:checked {{
    background: {hover}; color: {text}; border-color: {border};
}}
QPushButton[segment]:focus {{ border: 1px solid {text}; }}

QComboBox {{
    background: {raised}; border: 1px solid {border}; border-radius: 6px; padding: 4px 8px;
}}
QComboBox:hover {{ background: {hover}; }}
QComboBox:disabled {{ color: {faint}; background: transparent; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox[role="flat"] {{ background: transparent; border-color: transparent; padding: 1px 8px; }}
QComboBox[role="flat"]:hover {{ background: {hover}; }}
QComboBox QAbstractItemView {{
    background: {raised}; border: 1px solid {border}; selection-background-color: {hover};
    selection-color: {text}; outline: none; padding: 3px;
}}

QAbstractSpinBox, QLineEdit {{
    background: transparent; border: 1px solid transparent; border-radius: 4px;
    padding: 1px 4px; selection-background-color: {after}; selection-color: {on_accent};
}}
QAbstractSpinBox:hover, QLineEdit:hover {{ background: {raised}; border-color: {border}; }}
QLineEdit[role="field"], QAbstractSpinBox[role="field"] {{
  background: {well}; border-color: {border};
}}
QAbstractSpinBox:focus, QLineEdit:focus {{ background: {well}; border-color: {after}; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:hover, QAbstractSpinBox QLineEdit:focus {{
    background: transparent; border: none; padding: 0 5px;
}}
QAbstractSpinBox:disabled {{ color: {faint}; background: transparent; border-color: transparent; }}

QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 8px; margin: 0; }}
QScrollBar::handle:vertical {{
    background: {faint}; border-radius: 3px; min-height: 24px; margin: 1px;
}}
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical {{ height: 0; }}
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical {{ background: transparent; }}
QPlainTextEdit {{ background: {well}; border: 1px solid {border}; border-radius: 6px; }}

QSlider {{ background: transparent; min-height: 16px; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {hover}; }}
QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {after}; }}
QSlider[tone="before"]::sub-page:horizontal {{ background: {before}; }}
QSlider::sub-page:horizontal:disabled {{ background: {border}; }}
QSlider::handle:horizontal {{
    width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: {knob};
}}
QSlider::handle:horizontal:hover {{ background: {after_hover}; }}
QSlider::handle:horizontal:focus {{
    width: 10px; height: 10px; border: 2px solid {after}; background: {knob};
}}
QSlider::handle:horizontal:disabled {{ background: {faint}; }}

QFrame[role="banner"] {{
    background: {info_ground}; border: 1px solid {after_body}; border-radius: 8px;
}}
QFrame[role="banner"][kind="warning"] {{ background: {warn_ground}; border-color: {before_body}; }}
QFrame[role="banner"][kind="error"] {{ background: {bad_ground}; border-color: {bad}; }}
QFrame[role="line"] {{ background: {border}; border: none; }}
"""


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Give the whole application one theme."""
    app.setStyle("Fusion")
    app.setPalette(_palette(theme))
    app.setFont(font(12))
    app.setStyleSheet(stylesheet(theme))


def stylesheet(theme: Theme) -> str:
    """The style sheet's text."""
    colours = {name: getattr(theme, name) for name in Theme.__slots__ if name != "heat"}
    return _SHEET.format(
        **colours,
        knob="#eef2f6" if theme.name == "dark" else theme.after,
        after_hover=mix(theme.after, "#ffffff", 0.25).name(),
        info_ground=mix(theme.panel, theme.after, 0.12).name(),
        warn_ground=mix(theme.panel, theme.warn, 0.14).name(),
        bad_ground=mix(theme.panel, theme.bad, 0.16).name(),
    )


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.Base: theme.well,
        QPalette.ColorRole.Button: theme.raised,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.BrightText: "#f4f7fa",
        QPalette.ColorRole.Midlight: mix(theme.hover, theme.faint, 0.35).name(),
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.Highlight: theme.after,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.faint))
    return palette
