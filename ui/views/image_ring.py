"""A picture that scrolls: new columns are written into a ring, which is drawn in two pieces.

Colours are looked up when a column is written, once, so that drawing a frame only copies. GUI
thread.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter


class ImageRing:
    """Pixels of which column k stands at ``k % width``.

    Parameters
    ----------
    width, height : int
        Device pixels.
    colours : sequence of int
        What the indices mean, as Qt's ``0xffrrggbb``; the first one fills the empty picture.
    """

    def __init__(self, width: int, height: int, colours: Sequence[int]) -> None:
        self.width, self.height = width, height
        self._colours = np.array(colours, np.uint32)
        self._pixels = np.full((height, width), self._colours[0], np.uint32)
        stride = 4 * width
        self._image = QImage(self._pixels.data, width, height, stride, QImage.Format.Format_RGB32)

    def put(self, first: int, indices: NDArray[np.uint8], top: int = 0) -> None:
        """Write columns from ``first`` on: ``[rows, n]`` colour indices, from row ``top`` down."""
        rows, n = indices.shape
        at = np.arange(first, first + n) % self.width
        self._pixels[top : top + rows, at] = self._colours[indices]

    def indices(self, end: int) -> NDArray[np.uint8]:
        """The picture as colour indices, oldest column first, when ``end`` comes next."""
        order = np.arange(end, end + self.width) % self.width
        same = self._pixels[:, order, None] == self._colours
        return np.asarray(np.argmax(same, axis=2), np.uint8)

    def paint(self, painter: QPainter, left: float, top: float, end: int, ratio: float) -> None:
        """Draw with the column before ``end`` at the right; ``ratio`` pixels make one of layout."""
        seam = end % self.width
        for start, n, at in ((seam, self.width - seam, 0), (0, seam, self.width - seam)):
            if n:
                target = QRectF(left + at / ratio, top, n / ratio, self.height / ratio)
                painter.drawImage(target, self._image, QRectF(start, 0, n, self.height))
