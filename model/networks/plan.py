"""Lays a network out as steps for the compiled core, over one piece of memory. Any thread.

Channels never meet in a network, so the steps are laid out for one channel and run for each. They
are the operators of the graph, less those that only rename; where each finds and leaves its
numbers is decided here, once, so that running them is nothing but sums.
"""

import ctypes
from collections.abc import Callable, Sequence
from math import inf, prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.networks.graph import Array, Graph, Node

F32 = NDArray[np.float32]

AXES = 4
LANES, ROWS = 8, 4  # of the core's products and convolutions
ALIGNED = 16  # floats, a cache line
MOST_FLOATS = 16_000_000  # that a network may need for one channel: 64 MB

COPY, UNARY, BINARY, PRODUCT, CONVOLUTION, REDUCTION, POOL = range(7)
ONE_INPUT = {
    name: n
    for n, name in enumerate(
        ("Relu", "Sigmoid", "Tanh", "Log", "Exp", "Sqrt", "Abs", "Sign", "Neg", "Clip")
    )
}
TWO_INPUTS = {name: n for n, name in enumerate(("Add", "Sub", "Mul", "Div", "Min", "Max"))}

Axes = ctypes.c_int64 * AXES


class Step(ctypes.Structure):
    """``step_t`` of ``model/c/network.h``."""

    _fields_ = (
        *((name, ctypes.c_int64) for name in ("kind", "function")),
        *((name, ctypes.c_int64) for name in ("out", "first", "second", "third", "scratch")),
        *((name, Axes) for name in ("size", "out_step", "first_step", "second_step")),
        *((name, ctypes.c_float) for name in ("low", "high")),
    )


class Move(ctypes.Structure):
    """``move_t`` of ``model/c/network.h``."""

    _fields_ = tuple((name, ctypes.c_int64) for name in ("to", "source", "n"))


class UnknownError(Exception):
    """The core does not know how to run this graph; ONNX Runtime may."""


class Tensor(NamedTuple):
    """Numbers of one channel, without gaps: where they begin, in which piece of memory.

    ``shape`` and ``two`` are the shapes for one channel and for two: they may differ by a factor
    of two along the first axis, so that it is known which numbers are whose.
    """

    piece: "Piece"
    offset: int
    shape: tuple[int, ...]
    two: tuple[int, ...]


class Piece:
    """A stretch of memory: for how many floats, from which step to which, and where."""

    ALWAYS = 1 << 62  # the last step of what is kept from frame to frame
    END = 1 << 61  # and of what a frame gives

    def __init__(self, n: int, born: int = 0, lasts: bool = False) -> None:
        self.n = n
        self.born, self.last = born, self.ALWAYS if lasts else born
        self.at = -1

    @property
    def lasts(self) -> bool:
        """Whether nothing else may ever take its place."""
        return self.last == self.ALWAYS


class Plan(NamedTuple):
    """What the core runs: memory with the constants in it, steps, and where in and out are."""

    memory: F32
    steps: "ctypes.Array[Step]"
    moves: "ctypes.Array[Move]"
    signal: int
    n_signal: int
    result: int
    n_result: int
    result_shape: tuple[int, ...]  # of one channel
    state: int
    n_state: int


# What a graph that makes no sense may lead to.
_OF_A_STRANGER = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, MemoryError)


def lay_out(graph: Graph) -> Plan:
    """Return the steps of a graph: first input and output the signal, the others the state.

    Raises
    ------
    UnknownError
        If it has operators, or uses them in ways, that the core does not know: above all if
        channels, along the first axis, are not each for itself.
    """
    try:
        return _Layout(graph).plan()
    except _OF_A_STRANGER as error:
        raise UnknownError(f"{type(error).__name__}: {error}") from None


class _Layout:
    """One graph on its way to steps."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._constants = graph.constants
        self._tensors: dict[str, Tensor] = {}
        self._pieces: list[Piece] = []
        self._weights: list[tuple[Piece, F32]] = []
        self._weight_of: dict[tuple[str, str], Tensor] = {}
        self._steps: list[tuple[dict[str, Any], dict[str, Tensor | Piece]]] = []
        self._uses: dict[str, int] = {}
        for node in graph.nodes:
            for name in node.inputs:
                self._uses[name] = self._uses.get(name, 0) + 1
        for value in graph.outputs:
            self._uses[value.name] = self._uses.get(value.name, 0) + 1
        self._taken: set[str] = set()  # outputs that the operator before has given already

    def plan(self) -> Plan:
        inputs, outputs = self._graph.inputs, self._graph.outputs
        for value in inputs:
            shape = tuple(n or 0 for n in value.shape[1:])
            if value.shape[:1] != (None,) or min(shape, default=1) < 1 or not value.is_float:
                raise UnknownError(f"the input {value.name} has the shape {value.shape}")
            piece = self._piece(prod(shape), lasts=True)
            self._tensors[value.name] = Tensor(piece, 0, (1, *shape), (2, *shape))
        borders = [self._tensors[value.name] for value in inputs]
        for node in self._graph.nodes:
            if node.outputs[0] not in self._taken:
                self._lay(node)
        ends = [self._end(value.name) for value in outputs]
        if any(end.shape[0] != 1 for end in ends):
            raise UnknownError("its channels are not in the rows of what it gives")
        for before, after in zip(borders[1:], ends[1:], strict=True):
            if before.shape != after.shape:
                raise UnknownError("a state changes its shape")
        return self._placed(borders, ends)

    def _lay(self, node: Node) -> None:
        if all(name in self._constants for name in node.inputs if name):
            raise UnknownError(f"{node.operator} of constants")
        lay: Callable[[Node], None] | None = getattr(self, f"_{node.operator.lower()}", None)
        if node.operator in ONE_INPUT:
            self._one_input(node)
        elif node.operator in TWO_INPUTS:
            self._two_inputs(node)
        elif lay is not None:
            lay(node)
        else:
            raise UnknownError(node.operator)

    # Operators that the core runs

    def _one_input(self, node: Node) -> None:
        given = self._given(node.inputs[0])
        low, high = -inf, inf
        if node.operator == "Clip":
            bounds = [self._constants[name] if name else None for name in node.inputs[1:]]
            low, high = (
                float(bound.reshape(())) if bound is not None else none
                for bound, none in zip([*bounds, None, None], (low, high), strict=False)
            )
        out = self._new(node.outputs[0], given.shape, given.two)
        size = _padded([prod(given.shape)], 1)
        named = {"function": ONE_INPUT[node.operator], "size": size, "low": low, "high": high}
        self._step(UNARY, named, out=out, first=given)

    def _two_inputs(self, node: Node) -> None:
        names = node.inputs
        if len(names) != 2:
            raise UnknownError(f"{node.operator} of {len(names)}")
        shapes = [np.broadcast_shapes(*(self._shapes(name)[n] for name in names)) for n in (0, 1)]
        shape, two = shapes
        out = self._new(node.outputs[0], shape, two)
        given = [self._any(name) for name in names]
        size, to, *steps = _merged(shape, *(_stretched(tensor.shape, shape) for tensor in given))
        if to[-1] != 1 and size[-1] != 1:
            raise UnknownError(f"{node.operator} to {shape}")
        named = {
            "function": TWO_INPUTS[node.operator],
            **{"size": size, "out_step": to, "first_step": steps[0], "second_step": steps[1]},
        }
        self._step(BINARY, named, out=out, first=given[0], second=given[1])

    def _matmul(self, node: Node) -> None:
        given, matrix = self._given(node.inputs[0]), self._constants[node.inputs[1]]
        k, n = matrix.shape
        if given.shape[-1] != k or len(given.shape) < 2:
            raise UnknownError(f"MatMul of {given.shape} and {matrix.shape}")
        name, bias = self._added_to(node.outputs[0], n)
        out = self._new(name, (*given.shape[:-1], n), (*given.two[:-1], n))
        wide = -(-n // LANES) * LANES
        m = prod(given.shape[:-1])
        weights = self._weight(node.inputs[1], "product", _filled(matrix, (k, wide)))
        biases = self._weight(name, "bias", _filled(bias, (wide,)))
        scratch = self._piece(m * wide if wide != n else 0, len(self._steps))
        named = {"size": [m, n, k, wide]}
        self._step(
            PRODUCT, named, out=out, first=given, second=weights, third=biases, scratch=scratch
        )

    def _added_to(self, name: str, n: int) -> tuple[str, Array]:
        """What is added to a product and nothing else: the sum's name and the row."""
        nothing = np.zeros(n, np.float32)
        if self._uses.get(name) != 1:
            return name, nothing
        for node in self._graph.nodes:
            if name in node.inputs and node.operator == "Add":
                (row,) = (self._constants.get(one) for one in node.inputs if one != name)
                if row is not None and row.shape == (n,):
                    self._taken.add(node.outputs[0])
                    return node.outputs[0], row
        return name, nothing

    def _conv(self, node: Node) -> None:
        given, weights = self._given(node.inputs[0]), self._constants[node.inputs[1]]
        outputs, inputs, taps = weights.shape
        kind = node.attributes
        (apart,), (stride,) = kind.get("dilations", [1]), kind.get("strides", [1])
        before, after = kind.get("pads", [0, 0])
        if (
            kind.get("group", 1) != 1
            or stride != 1
            or min(before, after) < 0
            or min(apart, taps, outputs) < 1
            or kind.get("auto_pad", "NOTSET") != "NOTSET"
            or len(given.shape) != 3
            or given.shape[:2] != (1, inputs)
            or given.two[0] != 2
        ):
            raise UnknownError(f"Conv of {given.shape} by {weights.shape}")
        came = given.shape[2]
        goes = came + before + after - apart * (taps - 1)
        if goes < 1:
            raise UnknownError("Conv that leaves nothing")
        whole = -(-goes // LANES) * LANES
        row = whole + apart * (taps - 1) if before or after or whole != goes else 0
        filled = _filled(weights, (-(-outputs // ROWS) * ROWS, inputs, taps))
        tiled = filled.reshape(-1, ROWS, inputs, taps).transpose(0, 2, 3, 1)
        bias = node.inputs[2:] and self._constants[node.inputs[2]]
        told = np.zeros(outputs, np.float32) if isinstance(bias, tuple) else bias
        out = self._new(node.outputs[0], (1, outputs, goes), (2, outputs, goes))
        scratch = self._piece(inputs * row + ROWS * whole, len(self._steps))
        named = {
            "size": [inputs, outputs, came, goes],
            "out_step": [taps, apart, before, row],
        }
        self._step(
            CONVOLUTION,
            named,
            out=out,
            first=given,
            second=self._weight(node.inputs[1], "convolution", tiled),
            third=self._weight(node.outputs[0], "bias", _filled(told, (len(filled),))),
            scratch=scratch,
        )

    def _reducesum(self, node: Node) -> None:
        self._reduce(node, is_mean=False)

    def _reducemean(self, node: Node) -> None:
        self._reduce(node, is_mean=True)

    def _reduce(self, node: Node, is_mean: bool) -> None:
        given = self._given(node.inputs[0])
        axes = node.attributes.get("axes")
        if axes is None:
            axes = self._constants[node.inputs[1]].tolist()
        (axis,) = axes
        axis = self._own_axis(axis, given)
        n = given.shape[axis]
        kept = (1,) if node.attributes.get("keepdims", 1) else ()
        shape, two = (s[:axis] + kept + s[axis + 1 :] for s in (given.shape, given.two))
        out = self._new(node.outputs[0], shape, two)
        size = [prod(given.shape[:axis]), n, prod(given.shape[axis + 1 :]), 1]
        named = {"size": size, "low": 1.0 / n if is_mean else 1.0}
        self._step(REDUCTION, named, out=out, first=given)

    def _averagepool(self, node: Node) -> None:
        given = self._given(node.inputs[0])
        kind = node.attributes
        (window,), (stride,) = kind["kernel_shape"], kind.get("strides", [1])
        before, after = kind.get("pads", [0, 0])
        came = given.shape[-1]
        goes = came + before + after - window + 1
        if (
            stride != 1
            or kind.get("ceil_mode", 0)
            or kind.get("auto_pad", "NOTSET") != "NOTSET"
            or kind.get("dilations", [1]) != [1]
            or len(given.shape) != 3
            or not 0 <= min(before, after) <= max(before, after) < window
            or goes < 1
        ):
            raise UnknownError("AveragePool")
        out = self._new(node.outputs[0], (*given.shape[:-1], goes), (*given.two[:-1], goes))
        named = {
            "function": kind.get("count_include_pad", 0),
            "size": [prod(given.shape[:-1]), came, goes, window],
            "out_step": [before, 0, 0, 0],
        }
        self._step(POOL, named, out=out, first=given)

    # Operators that choose or order numbers

    def _slice(self, node: Node) -> None:
        given = self._given(node.inputs[0])
        starts, ends, axes, *steps = (self._constants[name].tolist() for name in node.inputs[1:])
        if len(axes) != 1 or any(step != 1 for (step,) in steps):
            raise UnknownError("Slice along several axes, or by steps")
        axis = self._own_axis(axes[0], given)
        first, last, _ = slice(starts[0], ends[0]).indices(given.shape[axis])
        self._cut(node.outputs[0], given, axis, first, last)

    def _split(self, node: Node) -> None:
        given = self._given(node.inputs[0])
        axis = self._own_axis(node.attributes.get("axis", 0), given)
        sizes = node.inputs[1:] and self._constants[node.inputs[1]].tolist()
        first = 0
        for name, size in zip(node.outputs, sizes, strict=True):
            self._cut(name, given, axis, first, first + size)
            first += size

    def _gather(self, node: Node) -> None:
        given, index = self._given(node.inputs[0]), self._constants[node.inputs[1]]
        axis = self._own_axis(node.attributes.get("axis", 0), given)
        if index.shape or not -given.shape[axis] <= index < given.shape[axis]:
            raise UnknownError("Gather of several")
        at = int(index) % given.shape[axis]
        whole = self._cut("", given, axis, at, at + 1)
        shape, two = (s[:axis] + s[axis + 1 :] for s in (whole.shape, whole.two))
        self._tensors[node.outputs[0]] = whole._replace(shape=shape, two=two)

    def _concat(self, node: Node) -> None:
        parts = [self._any(name) for name in node.inputs]
        shapes = [self._shapes(name) for name in node.inputs]
        axis = self._own_axis(node.attributes["axis"], parts[0])
        long, long_two = (sum(shape[n][axis] for shape in shapes) for n in (0, 1))
        shape, two = (
            (*shapes[0][n][:axis], size, *shapes[0][n][axis + 1 :])
            for n, size in ((0, long), (1, long_two))
        )
        out, at = self._new(node.outputs[0], shape, two), 0
        for part in parts:
            if (*part.shape[:axis], long, *part.shape[axis + 1 :]) != shape:
                raise UnknownError(f"Concat of {part.shape} to {shape}")
            begin = at * prod(shape[axis + 1 :])
            self._copy(part, _strides(part.shape), out, begin, _strides(shape))
            at += part.shape[axis]

    def _transpose(self, node: Node) -> None:
        given, order = self._given(node.inputs[0]), node.attributes["perm"]
        if order[0] != 0 or sorted(order) != list(range(len(given.shape))):
            raise UnknownError("Transpose of channels")
        shape, two = (tuple(s[axis] for axis in order) for s in (given.shape, given.two))
        strides = _strides(given.shape)
        ordered = tuple(strides[axis] for axis in order)
        out = self._new(node.outputs[0], shape, two)
        self._copy(given._replace(shape=shape), ordered, out, 0, _strides(shape))

    # Operators that only rename

    def _reshape(self, node: Node) -> None:
        given = self._given(node.inputs[0])
        wanted = self._constants[node.inputs[1]].tolist()
        if node.attributes.get("allowzero", 0) and 0 in wanted:
            raise UnknownError("Reshape to nothing")
        shapes = [_reshaped(s, wanted) for s in (given.shape, given.two)]
        self._renamed(node, *shapes)

    def _flatten(self, node: Node) -> None:
        given, axis = self._given(node.inputs[0]), node.attributes.get("axis", 1)
        shapes = [(prod(s[:axis]), prod(s[axis:])) for s in (given.shape, given.two)]
        self._renamed(node, *shapes)

    def _unsqueeze(self, node: Node) -> None:
        given = self._given(node.inputs[0])
        (axis,) = self._constants[node.inputs[1]].tolist()
        axis = axis + len(given.shape) + 1 if axis < 0 else axis
        self._renamed(node, *((*s[:axis], 1, *s[axis:]) for s in (given.shape, given.two)))

    def _squeeze(self, node: Node) -> None:
        given = self._given(node.inputs[0])
        (axis,) = self._constants[node.inputs[1]].tolist()
        axis = self._own_axis(axis, given)
        self._renamed(node, *(s[:axis] + s[axis + 1 :] for s in (given.shape, given.two)))

    def _identity(self, node: Node) -> None:
        given = self._given(node.inputs[0])
        self._renamed(node, given.shape, given.two)

    def _renamed(self, node: Node, shape: tuple[int, ...], two: tuple[int, ...]) -> None:
        given = self._given(node.inputs[0])
        if prod(shape) != prod(given.shape) or prod(two) != prod(given.two):
            raise UnknownError(f"{node.operator} of {given.shape} to {shape}")
        self._set(node.outputs[0], given._replace(shape=shape, two=two))

    # What they share

    def _set(self, name: str, tensor: Tensor) -> Tensor:
        """Take note of what a name stands for, if the first axis holds channels and no other."""
        first, *rest = tensor.two
        if first != 2 * tensor.shape[0] or tuple(rest) != tensor.shape[1:]:
            raise UnknownError(f"channels meet in {tensor.shape}")
        self._tensors[name] = tensor
        return tensor

    def _new(self, name: str, shape: Sequence[int], two: Sequence[int]) -> Tensor:
        piece = self._piece(prod(shape), len(self._steps))
        return self._set(name, Tensor(piece, 0, tuple(shape), tuple(two)))

    def _piece(self, n: int, born: int = 0, lasts: bool = False) -> Piece:
        piece = Piece(n, born, lasts)
        self._pieces.append(piece)
        if sum(piece.n for piece in self._pieces) > MOST_FLOATS:
            raise UnknownError(f"more than {MOST_FLOATS} numbers")
        return piece

    def _given(self, name: str) -> Tensor:
        if name in self._constants:
            raise UnknownError("a constant in an unusual place")
        return self._tensors[name]

    def _any(self, name: str) -> Tensor:
        if name in self._constants:
            return self._weight(name, "as it is", self._constants[name])
        return self._tensors[name]

    def _shapes(self, name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The shapes for one channel and for two."""
        if name in self._constants:
            return self._constants[name].shape, self._constants[name].shape
        return self._tensors[name].shape, self._tensors[name].two

    def _weight(self, name: str, use: str, values: Array) -> Tensor:
        if values.dtype != np.float32:
            raise UnknownError(f"weights of {values.dtype}")
        if (name, use) not in self._weight_of:
            piece = self._piece(values.size, lasts=True)
            self._weights.append((piece, np.ascontiguousarray(values)))
            self._weight_of[name, use] = Tensor(piece, 0, values.shape, values.shape)
        return self._weight_of[name, use]

    def _own_axis(self, axis: int, given: Tensor) -> int:
        axis = axis + len(given.shape) if axis < 0 else axis
        if not 0 < axis < len(given.shape):
            raise UnknownError("something along the channels' axis")
        return axis

    def _cut(self, name: str, given: Tensor, axis: int, first: int, last: int) -> Tensor:
        """What lies between two places of an axis; where it has no gaps, without copying."""
        if not 0 <= first < last <= given.shape[axis]:
            raise UnknownError("Slice of nothing")
        shape, two = ((*s[:axis], last - first, *s[axis + 1 :]) for s in (given.shape, given.two))
        begin = first * prod(given.shape[axis + 1 :])
        whole = given._replace(offset=given.offset + begin, shape=shape, two=two)
        if prod(given.shape[:axis]) == 1:
            return self._set(name, whole)
        out = self._new(name, shape, two)
        self._copy(whole, _strides(given.shape), out, 0, _strides(shape))
        return out

    def _copy(
        self,
        given: Tensor,
        given_strides: Sequence[int],
        out: Tensor,
        begin: int,
        out_strides: Sequence[int],
    ) -> None:
        """Copy the numbers of a shape from one place, with its strides, to another with its."""
        size, to, source = _merged_axes(given.shape, out_strides, given_strides)
        named = {"size": size, "out_step": to, "first_step": source}
        self._step(COPY, named, out=out._replace(offset=out.offset + begin), first=given)

    def _step(self, kind: int, named: dict[str, Any], **places: Tensor | Piece) -> None:
        now = len(self._steps)
        for place in places.values():
            piece = place.piece if isinstance(place, Tensor) else place
            piece.last = max(piece.last, now)
        self._steps.append(({"kind": kind, **named}, places))

    def _end(self, name: str) -> Tensor:
        """What an output stands for, kept to the end, and no input itself."""
        tensor = self._tensors[name]
        if tensor.piece.lasts:
            out = self._new(f"{name} at the end", tensor.shape, tensor.two)
            self._copy(tensor, _strides(tensor.shape), out, 0, _strides(tensor.shape))
            tensor = out
        tensor.piece.last = Piece.END
        return tensor

    def _placed(self, borders: list[Tensor], ends: list[Tensor]) -> Plan:
        """Give each piece its place: those that last first, the others wherever there is room."""
        at = 0
        for piece in self._pieces:
            if piece.lasts and piece not in {tensor.piece for tensor in borders[1:]}:
                piece.at, at = at, _aligned(at + piece.n)
        state = at
        for tensor in borders[1:]:  # without gaps: a state is one row of numbers
            tensor.piece.at, at = at, at + tensor.piece.n
        n_state, at = at - state, _aligned(at)
        total = _share(self._pieces, at)
        memory = np.zeros(total + ALIGNED + LANES, np.float32)
        ahead = -memory.ctypes.data // memory.itemsize % ALIGNED
        memory = memory[ahead : ahead + total + LANES]
        for piece, values in self._weights:
            memory[piece.at : piece.at + piece.n] = values.reshape(-1)
        steps = (Step * len(self._steps))()
        for step, (named, places) in zip(steps, self._steps, strict=True):
            for name, value in named.items():
                setattr(step, name, Axes(*value) if isinstance(value, list | tuple) else value)
            for name, place in places.items():
                begin = place.at if isinstance(place, Piece) else place.piece.at + place.offset
                setattr(step, name, begin)
        moves = (Move * (len(ends) - 1))()
        for move, before, after in zip(moves, borders[1:], ends[1:], strict=True):
            n = prod(before.shape)
            move.to, move.source, move.n = before.piece.at, after.piece.at + after.offset, n
        signal, result = borders[0], ends[0]
        return Plan(
            memory,
            steps,
            moves,
            signal.piece.at,
            prod(signal.shape),
            result.piece.at + result.offset,
            prod(result.shape),
            result.shape[1:],
            state,
            n_state,
        )


def _share(pieces: list[Piece], at: int) -> int:
    """Place what does not last from ``at`` on, first fit in time and space; return the end."""
    end, placed = at, list[Piece]()
    for piece in sorted((p for p in pieces if not p.lasts), key=lambda p: p.born):
        beside = sorted(
            (p for p in placed if p.last >= piece.born and p.born <= piece.last),
            key=lambda p: p.at,
        )
        piece.at = at
        for other in beside:
            if piece.at + piece.n <= other.at:
                break
            piece.at = max(piece.at, _aligned(other.at + other.n))
        placed.append(piece)
        end = max(end, piece.at + piece.n)
    return end


def _aligned(at: int) -> int:
    return -(-at // ALIGNED) * ALIGNED


def _filled(values: Array, shape: tuple[int, ...]) -> F32:
    """The values in the corner of zeros."""
    if values.dtype != np.float32:
        raise UnknownError(f"weights of {values.dtype}")
    filled = np.zeros(shape, np.float32)
    filled[tuple(slice(n) for n in values.shape)] = values
    return filled


def _strides(shape: Sequence[int]) -> tuple[int, ...]:
    """Of an array without gaps, in elements."""
    return tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))


def _stretched(shape: tuple[int, ...], to: tuple[int, ...]) -> tuple[int, ...]:
    """Strides of an array without gaps that is stretched to another shape."""
    ahead = len(to) - len(shape)
    strides = _strides(shape)
    return (0,) * ahead + tuple(0 if n == 1 else s for n, s in zip(shape, strides, strict=True))


def _merged(shape: tuple[int, ...], *given: tuple[int, ...]) -> tuple[list[int], ...]:
    return _merged_axes(shape, _strides(shape), *given)


def _merged_axes(shape: Sequence[int], *strides: Sequence[int]) -> tuple[list[int], ...]:
    """As few axes as can be, at most four: the sizes, then each array's strides."""
    axes: list[tuple[int, ...]] = []
    for n, *steps in zip(shape, *strides, strict=True):
        if n == 1:
            continue
        if axes and all(
            outer == inner * n for outer, inner in zip(axes[-1][1:], steps, strict=True)
        ):
            axes[-1] = (axes[-1][0] * n, *steps)
        else:
            axes.append((n, *steps))
    if len(axes) > AXES:
        raise UnknownError(f"{len(axes)} axes")
    if not axes:
        axes = [(1, *(1 for _ in strides))]
    columns = list(zip(*axes, strict=True))
    return tuple(_padded(list(column), 1 if n == 0 else 0) for n, column in enumerate(columns))


def _padded(values: list[int], beside: int) -> list[int]:
    return [beside] * (AXES - len(values)) + values


def _reshaped(shape: tuple[int, ...], wanted: list[int]) -> tuple[int, ...]:
    sizes = [shape[axis] if n == 0 else n for axis, n in enumerate(wanted)]
    if sizes.count(-1) > 1 or any(n < -1 for n in sizes):
        raise UnknownError(f"Reshape to {wanted}")
    rest = prod(shape) // prod(n for n in sizes if n != -1)
    return tuple(rest if n == -1 else n for n in sizes)
