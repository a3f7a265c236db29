"""The ways in which a groove is read, by name: words and numbers alone, nothing heavy."""

from typing import Literal, get_args

Groove = Literal["stereo", "lateral", "vertical", "left", "right", "best", "best_vertical"]
GROOVES: tuple[str, ...] = get_args(Groove)

# What both channels get of the left and the right wall.
SHARES = {
    "left": (1.0, 0.0),
    "right": (0.0, 1.0),
}
POLARITY = {"best": 1, "best_vertical": -1}
# Where both walls are made one sound, and repair each other (:mod:`model.walls.one_sound`).
JOINT = {"lateral": 1, "vertical": -1}
