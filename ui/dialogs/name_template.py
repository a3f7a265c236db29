"""How the files of a side are called: a template to choose or write, and what it gives. GUI thread.

The name follows the label's fields while they are filled in, so that nobody finds out afterwards.
"""

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from model.errors import RestorationError
from model.groove.record import RecordSettings
from realtime.soundfiles.file_names import DEFAULT, file_name
from ui.widgets.controls import Choice
from ui.widgets.language import later, tr
from ui.widgets.panel import Text
from ui.widgets.theme import font
from ui.widgets.told import told

TEMPLATES = (
    DEFAULT,
    "{performer} - {title} ({label} {catalogue}) {side}",
    "{label} {catalogue} {side} {matrix}",
    "{performer} - {title} {date}_{time}",
)
TIP = later(
    "Fields: {title} {performer} {label} {catalogue} {matrix} {side} {year} {date} {time}. "
    "What is not known is left out; a name that exists gets a number."
)


class NameTemplate(QWidget):
    """A list that can be written into, and the name that it gives below.

    Signals
    -------
    chosen : str
        A template that gives a name, or could for another record.
    """

    chosen = Signal(str)

    def __init__(self, template: str) -> None:
        super().__init__()
        self._record = RecordSettings()
        self.choice = Choice()
        self.choice.setEditable(True)
        self.choice.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.choice.addItems(TEMPLATES)
        self.choice.setCurrentText(template or DEFAULT)
        self.choice.setMinimumContentsLength(12)
        self.choice.setAccessibleName(tr("Name of the files"))
        self.choice.setToolTip(tr(TIP))
        self.choice.textActivated.connect(lambda _: self._take())
        line = self.choice.lineEdit()
        assert line is not None
        line.editingFinished.connect(self._take)
        line.editingFinished.connect(lambda: line.setModified(False))
        line.textEdited.connect(lambda _: self._show_name())
        self.preview = Text("", "muted", font(12))
        self.preview.setWordWrap(True)
        self.preview.setAccessibleName(tr("The next recording is called"))
        self.preview.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.preview.setMinimumHeight(3 * self.preview.fontMetrics().lineSpacing())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addWidget(self.choice)
        column.addWidget(self.preview)
        self._told = self.template

    @property
    def template(self) -> str:
        """What stands there; the usual one for nothing."""
        return self.choice.currentText().strip() or DEFAULT

    def show_record(self, record: RecordSettings) -> None:
        """Let the name be that of another record."""
        self._record = record
        self._show_name()

    def show_template(self, template: str) -> None:
        """Show another template without telling anybody."""
        self.choice.setCurrentText(template or DEFAULT)
        self._told = self.template
        self._show_name()

    def _take(self) -> None:
        if self._show_name() and self.template != self._told:
            self._told = self.template
            self.chosen.emit(self.template)

    def _show_name(self) -> bool:
        """Show what the files will be called; False where that cannot be said."""
        try:
            name = file_name(self.template, self._record, datetime.now())
        except RestorationError as error:
            self.preview.say(told(str(error)), "bad")
            # With another label it may give one: date and time stand in until then.
            return "gives no name" in str(error)
        self.preview.say(f"{name}_raw, {name}_restored", "muted")
        return True
