"""The suppression controls: what is looked for, and how much of it is taken out. GUI thread."""

from PySide6.QtWidgets import QWidget

from ui.widgets.binder import Binder
from ui.widgets.controls import Option, Segments
from ui.widgets.language import later, tr
from ui.widgets.number_control import NumberControl
from ui.widgets.panel import Panel, breathing_space

REPAIRS = (
    Option(
        "interpolate",
        later("Rebuild"),
        later("Put new sound in the place of a defect, from its surroundings"),
    ),
    Option(
        "attenuate",
        later("Turn down"),
        later("Lower a defect by the depth; what lies under it stays"),
    ),
)
LISTEN = {
    "sensitivity": later(
        "Raise it until faint ticks are gone; too high, and attacks lose their edge. "
        "Listen to Removed (R): no music should be in it."
    ),
    "depth": later(
        "Lower it where repairs are heard as holes; 100 % takes a found impulse out whole."
    ),
    "longest_click_ms": later(
        "Raise it while thumps and pops remain; lower it if drums lose weight."
    ),
    "protection": later(
        "Raise it when brass, plosives or drums soften; lower it if clicks hide there."
    ),
    "learned_balance": later("Which detector has the say where the two disagree."),
    "hiss_reduction_db": later(
        "Raise it until the surface recedes; stop before the room goes with it."
    ),
}
LEARN = later(
    "Press it while the groove plays without music, before the first note or after the last: for "
    "two seconds this record's hiss is learned, and told from the music more surely from then on."
)
NO_DETECTOR = later("No trained detector is loaded: the analytical one works alone.")
NO_DENOISER = later("No trained denoiser is loaded: surface noise stays as it is.")


class SuppressionPanel(Panel):
    """Six numbers, two switches and the kind of repair, each bound to its field."""

    def __init__(self, binder: Binder) -> None:
        super().__init__(tr("Suppression"))
        self.body.setSpacing(2)
        self.declick = binder.switch("declick", tr("Declick"))
        self.header.addWidget(self.declick)
        self.repair = Segments(tr("Repair"), REPAIRS)
        binder.follow("repair", self.repair)
        self.body.addWidget(self.repair)
        self._tips: dict[str, str] = {}
        self.sensitivity = self._add(binder, "sensitivity", tr("Sensitivity"))
        self.how_much = self._add(binder, "depth", tr("Depth"))
        self.longest_click = self._add(binder, "longest_click_ms", tr("Longest click"))
        self.protection = self._add(binder, "protection", tr("Brass and drum protection"))
        self.balance = self._add(binder, "learned_balance", tr("Analytical / learned"))
        self.hiss = self._add(binder, "hiss_reduction_db", tr("Hiss reduction"))
        self.learn = binder.switch("learn_hiss", tr("Learn the hiss"))
        self.learn.setToolTip(tr(LEARN))
        self.body.addWidget(self.learn)
        self.body.addStretch(1)
        self._binder = binder
        binder.changed.connect(lambda _: self._dim())
        self.checkpoints("", "")

    def checkpoints(self, detector_name: str, denoiser_name: str) -> None:
        """Enable what a loaded checkpoint makes possible, and say why the rest is not."""
        learned = detector_name not in ("", "none", "analytical")
        denoises = denoiser_name not in ("", "none")
        self._allow(self.balance, "learned_balance", learned, tr(NO_DETECTOR))
        self._allow(self.hiss, "hiss_reduction_db", denoises, tr(NO_DENOISER))
        self.learn.setEnabled(denoises)
        self.learn.setToolTip(tr(LEARN) if denoises else tr(NO_DENOISER))

    def _add(self, binder: Binder, name: str, label: str) -> NumberControl:
        control = binder.number(name, label)
        self._tips[name] = f"{tr(LISTEN[name])}\n{control.toolTip()}"
        control.explain(self._tips[name])
        self.body.addSpacerItem(breathing_space())
        self.body.addWidget(control)
        return control

    def _allow(self, control: NumberControl, name: str, allowed: bool, reason: str) -> None:
        if control.isEnabled() != allowed or not control.toolTip().startswith(reason):
            control.setEnabled(allowed)
            control.explain(self._tips[name] if allowed else f"{reason}\n{self._tips[name]}")

    def _dim(self) -> None:
        on = self._binder.settings.declick
        declicking: tuple[QWidget, ...] = (
            *(self.repair, self.sensitivity, self.how_much, self.longest_click, self.protection),
        )
        for widget in declicking:
            if widget.isEnabled() != on:
                widget.setEnabled(on)
