"""Looks into an ONNX file that a stranger may have written, before the runtime sees it. Any thread.

The graph is walked as it stands in the file: only well-known operators of the standard set, no
data outside the file, no nested graphs, no functions.
"""

from model.errors import RestorationError
from model.networks.wire import fields, packed

STANDARD_DOMAINS = (b"", b"ai.onnx")
KNOWN = """
Add Sub Mul Div Pow Neg Abs Sqrt Exp Log Tanh Sigmoid Relu LeakyRelu Elu Softplus Clip Min Max
Asinh Sin Cos Erf Gelu PRelu Conv ConvTranspose Gemm MatMul GRU LSTM AveragePool MaxPool
GlobalAveragePool ReduceMean ReduceSum ReduceMax ReduceMin LayerNormalization Softmax
BatchNormalization InstanceNormalization Concat Split Slice Gather Reshape Transpose Squeeze
Unsqueeze Flatten Pad Shape Cast Constant Identity Where Less LessOrEqual
Greater GreaterOrEqual Equal And Or Not Reciprocal Sign Floor Ceil Round
DepthToSpace
"""
OPERATORS = frozenset(KNOWN.split())
# field numbers of onnx.proto
MODEL_GRAPH, MODEL_FUNCTIONS, MODEL_OPSETS = 7, 25, 8
GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_SPARSE = 1, 5, 15
NODE_OPERATOR, NODE_ATTRIBUTE, NODE_DOMAIN = 4, 5, 7
ATTRIBUTE_TENSOR, ATTRIBUTE_TENSORS, ATTRIBUTE_GRAPH, ATTRIBUTE_GRAPHS = 5, 10, 6, 11
ATTRIBUTE_SPARSE = (22, 23)
TENSOR_DIMENSION, TENSOR_EXTERNAL, TENSOR_LOCATION = 1, 13, 14
MAX_ELEMENTS = 16_000_000
MAX_NODES = 5000


def refuse_strange_graph(content: bytes, name: str) -> None:
    """Raise a RestorationError naming the file unless ``content`` is a plain network."""
    try:
        for field in fields(memoryview(content)):
            if field.number == MODEL_FUNCTIONS:
                raise _RefusedError("it defines functions of its own")
            if field.number == MODEL_OPSETS:
                domain = next(
                    (bytes(f.content) for f in fields(field.content) if f.number == 1), b""
                )
                _refuse_domain(domain)
            if field.number == MODEL_GRAPH:
                _check_graph(field.content)
    except _RefusedError as reason:
        raise RestorationError(f"{name} is not a model that is safe to load: {reason}") from None
    except (IndexError, ValueError):
        raise RestorationError(f"{name} is damaged or not an ONNX model") from None


class _RefusedError(Exception):
    """Why a file is not safe to load."""


def _check_graph(graph: memoryview) -> None:
    nodes = 0
    for field in fields(graph):
        if field.number == GRAPH_NODE:
            nodes += 1
            _check_node(field.content)
        elif field.number == GRAPH_INITIALIZER:
            _check_tensor(field.content)
        elif field.number == GRAPH_SPARSE:
            raise _RefusedError("it holds sparse tensors")
    if not 1 <= nodes <= MAX_NODES:
        raise _RefusedError(f"it has {nodes} operators; 1 to {MAX_NODES} are expected")


def _check_node(node: memoryview) -> None:
    for field in fields(node):
        if field.number == NODE_DOMAIN:
            _refuse_domain(bytes(field.content))
        elif field.number == NODE_OPERATOR:
            operator = bytes(field.content).decode("ascii", "replace")
            if operator not in OPERATORS:
                raise _RefusedError(f"it uses the operator {operator[:40]!r}")
        elif field.number == NODE_ATTRIBUTE:
            _check_attribute(field.content)


def _check_attribute(attribute: memoryview) -> None:
    for field in fields(attribute):
        if field.number in (ATTRIBUTE_GRAPH, ATTRIBUTE_GRAPHS):
            raise _RefusedError("it holds nested graphs")
        if field.number in ATTRIBUTE_SPARSE:
            raise _RefusedError("it holds sparse tensors")
        if field.number in (ATTRIBUTE_TENSOR, ATTRIBUTE_TENSORS):
            _check_tensor(field.content)


def _check_tensor(tensor: memoryview) -> None:
    elements = 1
    for field in fields(tensor):
        if field.number == TENSOR_EXTERNAL or (field.number == TENSOR_LOCATION and field.value):
            raise _RefusedError("it keeps data in another file")
        if field.number == TENSOR_DIMENSION:
            for size in [*packed(field.content)] if field.content else [field.value]:
                elements *= max(size, 1)  # none at all is no way around the others
            if elements > MAX_ELEMENTS:
                raise _RefusedError(f"a tensor has more than {MAX_ELEMENTS} elements")


def _refuse_domain(domain: bytes) -> None:
    if domain not in STANDARD_DOMAINS:
        raise _RefusedError(
            f"it uses custom operators of {domain[:40].decode('ascii', 'replace')!r}"
        )
