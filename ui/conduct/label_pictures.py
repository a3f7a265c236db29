"""Photographs of labels that are dropped onto the window: to the side they belong to. GUI thread.

That is the side being recorded; else the one recorded last; else the next one.
"""

from collections.abc import Callable
from pathlib import Path

from model.errors import RestorationError
from realtime.archive.label_picture import add_label_picture, refuse_no_picture
from realtime.telemetry import Telemetry
from ui.state.news import Kind
from ui.state.session import Session
from ui.widgets.language import tr

Tell = Callable[[Kind, str], None]


class LabelPictures:
    """Knows which side a picture belongs to."""

    def __init__(self, session: Session, tell: Tell) -> None:
        self._session, self._tell = session, tell
        self._waiting: list[Path] = []  # for the next side
        self._last: Path | None = None  # the side recorded last

    def take(self, picture: Path) -> None:
        """Let a picture belong to a side; the file is looked at first, off this thread."""
        telemetry = self._session.telemetry()
        side = Path(telemetry.raw_path) if telemetry.recording else self._last
        if side is None:
            self._session.look_up(
                lambda: refuse_no_picture(picture), lambda e: self._kept(picture, e)
            )
        else:
            self._add(picture, side)

    def look(self, telemetry: Telemetry) -> None:
        """Give the pictures that waited to the side that has begun; called at every beat."""
        if self._waiting and telemetry.recording and telemetry.raw_path:
            waiting, self._waiting = self._waiting, []
            for picture in waiting:
                self._add(picture, Path(telemetry.raw_path))

    def recording_ended(self, raw: Path) -> None:
        """What is dropped from now on belongs to this side, until another begins."""
        self._last = raw

    def _add(self, picture: Path, side: Path) -> None:
        def said(answer: Path | RestorationError) -> None:
            if isinstance(answer, RestorationError):
                self._tell("error", str(answer))
            else:
                self._tell(
                    "info",
                    tr(
                        "{name} is the label's picture, kept as {copy}",
                        name=picture.name,
                        copy=answer.name,
                    ),
                )

        self._session.look_up(lambda: add_label_picture(picture, side), said)

    def _kept(self, picture: Path, answer: RestorationError | None) -> None:
        if answer is not None:
            self._tell("error", str(answer))
            return
        self._waiting.append(picture)
        self._tell(
            "info", tr("{name} will be the picture of the next side's label", name=picture.name)
        )
