"""Reads the graph of an ONNX file: operators, constants, inputs and outputs. Any thread.

What has been refused before (:mod:`model.networks.onnx_guard`) is not looked for again.
"""

import struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.networks.onnx_guard import (
    ATTRIBUTE_TENSOR,
    GRAPH_INITIALIZER,
    GRAPH_NODE,
    MODEL_GRAPH,
    NODE_ATTRIBUTE,
    NODE_OPERATOR,
    TENSOR_DIMENSION,
)
from model.networks.wire import Field, fields, packed

Array = NDArray[Any]
Shape = tuple[int | None, ...]  # None: as many as there are channels, or whatever the file calls it

# further field numbers of onnx.proto
MODEL_PROPERTIES = 14
GRAPH_INPUT, GRAPH_OUTPUT = 11, 12
NODE_INPUT, NODE_OUTPUT = 1, 2
ATTRIBUTE_NAME, ATTRIBUTE_FLOAT, ATTRIBUTE_INT, ATTRIBUTE_STRING = 1, 2, 3, 4
ATTRIBUTE_FLOATS, ATTRIBUTE_INTS = 7, 8
TENSOR_TYPE, TENSOR_FLOATS, TENSOR_INTS = 2, 4, 7
TENSOR_NAME, TENSOR_RAW = 8, 9
VALUE_NAME, VALUE_TYPE, TYPE_TENSOR, TENSOR_ELEMENTS, TENSOR_SHAPE = 1, 2, 1, 1, 2
SHAPE_DIMENSION, DIMENSION_VALUE = 1, 1
PROPERTY_KEY, PROPERTY_VALUE = 1, 2
FLOAT, INT64 = 1, 7  # element types
TYPES: dict[int, Any] = {FLOAT: np.dtype("<f4"), INT64: np.dtype("<i8")}


class Node(NamedTuple):
    """One operator; an input that is left out is ''."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]


class Value(NamedTuple):
    """An input or output of the graph."""

    name: str
    is_float: bool
    shape: Shape


class Graph(NamedTuple):
    """A network as it stands in its file; ``properties`` is what the file says of itself."""

    nodes: list[Node]
    constants: dict[str, Array]
    inputs: list[Value]
    outputs: list[Value]
    properties: dict[str, str]


def read_graph(content: bytes) -> Graph:
    """Return the graph of an ONNX file.

    Raises
    ------
    ValueError
        If it is damaged, or holds numbers of another type than float and int64.
    """
    try:
        return _read(content)
    except (IndexError, KeyError, TypeError, OverflowError, struct.error) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None


def _read(content: bytes) -> Graph:
    graph = Graph([], {}, [], [], {})
    for field in fields(memoryview(content)):
        if field.number == MODEL_GRAPH:
            for part in fields(field.content):
                _read_part(part, graph)
        elif field.number == MODEL_PROPERTIES:
            graph.properties[_text(field, PROPERTY_KEY)] = _text(field, PROPERTY_VALUE)
    return graph._replace(inputs=[v for v in graph.inputs if v.name not in graph.constants])


def _read_part(part: Field, graph: Graph) -> None:
    if part.number == GRAPH_NODE:
        node = _node(part.content)
        if node.operator == "Constant":
            graph.constants[node.outputs[0]] = _constant(node.attributes)
        else:
            graph.nodes.append(node)
    elif part.number == GRAPH_INITIALIZER:
        graph.constants[_text(part, TENSOR_NAME)] = _tensor(part.content)
    elif part.number == GRAPH_INPUT:
        graph.inputs.append(_value(part))
    elif part.number == GRAPH_OUTPUT:
        graph.outputs.append(_value(part))


def _node(content: memoryview) -> Node:
    names: dict[int, list[str]] = {NODE_INPUT: [], NODE_OUTPUT: [], NODE_OPERATOR: []}
    attributes = {}
    for field in fields(content):
        if field.number in names:
            names[field.number].append(bytes(field.content).decode())
        elif field.number == NODE_ATTRIBUTE:
            name, value = _attribute(field.content)
            attributes[name] = value
    (operator,) = names[NODE_OPERATOR]
    return Node(operator, tuple(names[NODE_INPUT]), tuple(names[NODE_OUTPUT]), attributes)


def _attribute(content: memoryview) -> tuple[str, Any]:
    name, value, numbers = "", None, []
    for field in fields(content):
        if field.number == ATTRIBUTE_NAME:
            name = bytes(field.content).decode()
        elif field.number == ATTRIBUTE_FLOAT:
            (value,) = struct.unpack("<f", bytes(field.raw[-4:]))
        elif field.number == ATTRIBUTE_INT:
            value = _signed(field.value)
        elif field.number == ATTRIBUTE_STRING:
            value = bytes(field.content).decode()
        elif field.number == ATTRIBUTE_TENSOR:
            value = _tensor(field.content)
        elif field.number == ATTRIBUTE_INTS:
            numbers += _integers(field)
        elif field.number == ATTRIBUTE_FLOATS:
            raise ValueError(f"attribute {name}")  # no operator that is known here has any
    return name, numbers or value


def _constant(attributes: dict[str, Any]) -> Array:
    for name, kind in (("value_float", np.float32), ("value_int", np.int64)):
        if name in attributes:
            return np.array(attributes[name], kind)
    value = attributes["value"] if "value" in attributes else attributes["value_ints"]
    return np.asarray(value)


def _tensor(content: memoryview) -> Array:
    shape: list[int] = []
    values: list[int] = []
    kind, raw = 0, memoryview(b"")
    for field in fields(content):
        if field.number == TENSOR_DIMENSION:
            shape += _integers(field)
        elif field.number == TENSOR_TYPE:
            kind = field.value
        elif field.number in (TENSOR_RAW, TENSOR_FLOATS):
            raw = field.content
        elif field.number == TENSOR_INTS:
            values += _integers(field)
    if kind not in TYPES:
        raise ValueError(f"a tensor of type {kind}")
    array = np.array(values, np.int64) if values else np.frombuffer(raw, TYPES[kind])
    return array.reshape(shape)


def _value(part: Field) -> Value:
    is_float, shape = False, []
    for described in fields(part.content):
        if described.number != VALUE_TYPE:
            continue
        for kind in fields(described.content):
            for tensor in fields(kind.content) if kind.number == TYPE_TENSOR else ():
                if tensor.number == TENSOR_ELEMENTS:
                    is_float = tensor.value == FLOAT
                elif tensor.number == TENSOR_SHAPE:
                    shape = [_size(size) for size in fields(tensor.content)]
    return Value(_text(part, VALUE_NAME), is_float, tuple(shape))


def _size(dimension: Field) -> int | None:
    for field in fields(dimension.content):
        if field.number == DIMENSION_VALUE:
            return _signed(field.value)
    return None


def _integers(field: Field) -> list[int]:
    return [_signed(n) for n in packed(field.content)] if field.content else [_signed(field.value)]


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


def _text(part: Field, number: int) -> str:
    found = (bytes(f.content) for f in fields(part.content) if f.number == number)
    return next(found, b"").decode()
