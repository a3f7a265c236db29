"""Makes of a network that hears one frame at a time the same network for many at once. Any thread.

A file is not heard in a hurry: several frames in one run cost far less than as many runs. What
does not hang on the frame before is worked out for all frames together, frame after frame along
the first axis, where one frame has its channels; what does hang on it is laid out once per frame.
So every value is the sum of the same terms in the same order, and the bits are the same.
"""

from collections.abc import Sequence
from typing import NamedTuple

from model.networks.wire import bytes_field, fields, number_field

# Worked out by a processor in groups, and singly at the end of an array, which need not round
# alike: they get the arrays of one frame.
GROUPED = "Log Exp Tanh Sigmoid Softplus Erf Gelu Elu Sin Cos Asinh Pow"
BY_GROUPS = frozenset(GROUPED.split())
SPLIT_SAYS_PARTS = 18  # version of the operators from which a split must say into how many
# field numbers of onnx.proto
MODEL_GRAPH, MODEL_OPSETS, OPSET_VERSION = 7, 8, 2
GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT, GRAPH_VALUES = 1, 5, 11, 12, 13
NODE_INPUT, NODE_OUTPUT, NODE_NAME, NODE_OPERATOR, NODE_ATTRIBUTE = 1, 2, 3, 4, 5
ATTRIBUTE_NAME, ATTRIBUTE_INT, ATTRIBUTE_TYPE, TYPE_INT = 1, 3, 20, 2
TENSOR_NAME, VALUE_NAME, VALUE_TYPE = 8, 1, 2
TYPE_TENSOR, TENSOR_ELEMENTS, TENSOR_SHAPE, FLOAT = 1, 1, 2, 1
SHAPE_DIMENSION, DIMENSION_NAME = 1, 2

Names = Sequence[str]


class _Node(NamedTuple):
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    operator: str
    rest: bytes  # operator, attributes: as they stand in the file


def unrolled(content: bytes, frames: int) -> bytes:
    """Return an ONNX file whose first input and output hold ``frames`` frames, the first first.

    Parameters
    ----------
    content : bytes
        An ONNX file: its first input and output are the signal, with a channel in each row of the
        first axis; the others are the state before and after.
    frames : int

    Raises
    ------
    ValueError, IndexError
        If the file is no such network.
    """
    parts, version = [], 0
    for field in fields(memoryview(content)):
        if field.number == MODEL_OPSETS:
            versions = [one.value for one in fields(field.content) if one.number == OPSET_VERSION]
            version = max([version, *versions])
        if field.number != MODEL_GRAPH:
            parts.append(bytes(field.raw))
    graph = next(f.content for f in fields(memoryview(content)) if f.number == MODEL_GRAPH)
    says_parts = version >= SPLIT_SAYS_PARTS
    return b"".join(parts) + bytes_field(MODEL_GRAPH, _Unrolling(graph, frames, says_parts).graph())


class _Unrolling:
    """One graph on its way from one frame to many."""

    def __init__(self, graph: memoryview, frames: int, says_parts: bool) -> None:
        self._frames, self._says_parts = frames, says_parts
        self._kept: list[bytes] = []
        self._nodes: list[_Node] = []
        self._fixed: set[str] = set()  # what is the same in every frame
        states: list[str] = []
        outputs: dict[str, memoryview] = {}
        for field in fields(graph):
            if field.number == GRAPH_NODE:
                self._read_node(field.content)
            elif field.number == GRAPH_INPUT:
                name = _text(field.content, VALUE_NAME)
                value = field.content if states else _of_many(field.content)
                self._kept.append(bytes_field(GRAPH_INPUT, _named(name, value)))
                states.append(name)
            elif field.number == GRAPH_OUTPUT:
                outputs[_text(field.content, VALUE_NAME)] = field.content
            elif field.number != GRAPH_VALUES:
                self._kept.append(bytes(field.raw))
                if field.number == GRAPH_INITIALIZER:
                    self._fixed.add(_text(field.content, TENSOR_NAME))
        self._signal, self._outputs = states.pop(0), outputs
        self._result, *after = outputs
        self._next = dict(zip(states, after, strict=True))  # of a state: its name a frame later
        self._made: list[bytes] = []
        self._known = {self._signal, *self._fixed}
        self._joined: dict[str, str] = {}  # of what is laid out by frames: all of them in one
        self._parts: dict[str, list[str]] = {}  # of what holds all frames: each of them

    def graph(self) -> bytes:
        """Return the new graph."""
        waiting = self._groups()
        while waiting:
            for group in waiting:
                if self._needs(group) <= self._known:
                    break
            else:
                raise ValueError("its nodes wait for each other")
            waiting.remove(group)
            self._make(group)
        told = []
        for name, value in self._outputs.items():
            if name == self._result:
                described = _named(self._whole(name), _of_many(value))
            else:
                described = _named(self._each(name)[-1], value)
            told.append(bytes_field(GRAPH_OUTPUT, described))
        return b"".join([*self._kept, *self._made, *told])

    def _read_node(self, content: memoryview) -> None:
        inputs, outputs, operator, rest = [], [], "", []
        for field in fields(content):
            if field.number == NODE_INPUT:
                inputs.append(_decoded(field.content))
            elif field.number == NODE_OUTPUT:
                outputs.append(_decoded(field.content))
            elif field.number != NODE_NAME:
                rest.append(bytes(field.raw))
            if field.number == NODE_OPERATOR:
                operator = _decoded(field.content)
        node = _Node(tuple(inputs), tuple(outputs), operator, b"".join(rest))
        if {name for name in inputs if name} <= self._fixed:
            self._kept.append(_node(inputs, outputs, node.rest))
            self._fixed.update(outputs)
        else:
            self._nodes.append(node)

    def _groups(self) -> list[list[_Node]]:
        """Nodes that hang on what they gave a frame ago stand together, all others alone."""
        makers = {name: n for n, node in enumerate(self._nodes) for name in node.outputs}
        before = [
            [makers[name] for name in map(self._a_frame_later, node.inputs) if name in makers]
            for node in self._nodes
        ]
        reach = _reach(before)
        groups: dict[int, list[_Node]] = {}
        for n, node in enumerate(self._nodes):
            others = (m for m in range(n) if reach[n] >> m & 1 and reach[m] >> n & 1)
            groups.setdefault(next(others, n), []).append(node)
        self._recurrent = {node.outputs for n, node in enumerate(self._nodes) if reach[n] >> n & 1}
        return list(groups.values())

    def _a_frame_later(self, name: str) -> str:
        return self._next.get(name, name)

    def _needs(self, group: list[_Node]) -> set[str]:
        own = {name for node in group for name in node.outputs}
        return {self._a_frame_later(name) for node in group for name in node.inputs if name} - own

    def _make(self, group: list[_Node]) -> None:
        first = group[0]
        if first.outputs in self._recurrent or first.operator in BY_GROUPS:
            for node in group:
                for name in node.outputs:
                    self._parts[name] = [f"{name}#{t}" for t in range(self._frames)]
            for t in range(self._frames):
                for node in group:
                    inputs = [self._in_frame(name, t) for name in node.inputs]
                    self._add(inputs, [f"{name}#{t}" for name in node.outputs], node.rest)
        else:
            self._add([self._whole(name) for name in first.inputs], first.outputs, first.rest)
            self._joined.update((name, name) for name in first.outputs)
        self._known.update(name for node in group for name in node.outputs)

    def _in_frame(self, name: str, t: int) -> str:
        """What stands for a name in one frame."""
        if not name or name in self._fixed:
            return name
        if name in self._next:
            return self._each(self._next[name])[t - 1] if t else name
        return self._each(name)[t]

    def _whole(self, name: str) -> str:
        """What holds a name's frames all in one."""
        if not name or name in self._fixed or name == self._signal:
            return name
        if name not in self._joined:
            self._joined[name] = f"{name}#all"
            each = [self._in_frame(name, t) for t in range(self._frames)]
            self._add(each, [f"{name}#all"], _operator("Concat") + _attribute("axis", 0))
        return self._joined[name]

    def _each(self, name: str) -> list[str]:
        if name not in self._parts:
            each = [f"{name}#{t}" for t in range(self._frames)]
            into = _attribute("num_outputs", self._frames) if self._says_parts else b""
            self._add([name], each, _operator("Split") + into)
            self._parts[name] = each
        return self._parts[name]

    def _add(self, inputs: Names, outputs: Names, rest: bytes) -> None:
        self._made.append(_node(inputs, outputs, rest))


def _reach(before: list[list[int]]) -> list[int]:
    """Return for each node, as bits, all that it hangs on."""
    reach = [0] * len(before)
    moved = True
    while moved:
        moved = False
        for n, sources in enumerate(before):
            found = reach[n]
            for source in sources:
                found |= reach[source] | 1 << source
            moved = moved or found != reach[n]
            reach[n] = found
    return reach


def _node(inputs: Names, outputs: Names, rest: bytes) -> bytes:
    names = [bytes_field(NODE_INPUT, name.encode()) for name in inputs]
    names += [bytes_field(NODE_OUTPUT, name.encode()) for name in outputs]
    return bytes_field(GRAPH_NODE, b"".join([*names, rest]))


def _operator(name: str) -> bytes:
    return bytes_field(NODE_OPERATOR, name.encode())


def _attribute(name: str, value: int) -> bytes:
    return bytes_field(
        NODE_ATTRIBUTE,
        bytes_field(ATTRIBUTE_NAME, name.encode())
        + number_field(ATTRIBUTE_INT, value)
        + number_field(ATTRIBUTE_TYPE, TYPE_INT),
    )


def _of_many(value: memoryview) -> memoryview:
    """Describe the signal of many frames: the same, but for how many rows there are."""
    kind = next(f.content for f in fields(value) if f.number == VALUE_TYPE)
    tensor = next(f.content for f in fields(kind) if f.number == TYPE_TENSOR)
    shape = next(f.content for f in fields(tensor) if f.number == TENSOR_SHAPE)
    _, *others = fields(shape)
    rows = bytes_field(SHAPE_DIMENSION, bytes_field(DIMENSION_NAME, b"rows"))
    described = number_field(TENSOR_ELEMENTS, FLOAT) + bytes_field(
        TENSOR_SHAPE, rows + b"".join(bytes(one.raw) for one in others)
    )
    return memoryview(bytes_field(VALUE_TYPE, bytes_field(TYPE_TENSOR, described)))


def _named(name: str, value: memoryview) -> bytes:
    """Describe an input or output as before, under a name."""
    others = [bytes(f.raw) for f in fields(value) if f.number != VALUE_NAME]
    return bytes_field(VALUE_NAME, name.encode()) + b"".join(others)


def _text(message: memoryview, number: int) -> str:
    return next((_decoded(f.content) for f in fields(message) if f.number == number), "")


def _decoded(content: memoryview) -> str:
    return bytes(content).decode()
