"""TensorFlow's functions as they stand in graphs of Keras 2 (`TFOpLambda`, `SlicingOpLambda`), by our operations.

Source: files that tf_keras 2.21 wrote; the names and arguments of TensorFlow 2's functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax import activations, ops

GETITEM = "__operators__.getitem"


def _reduction(function: Callable) -> Callable:
    def reduce(input_tensor: Any, axis: Any = None, keepdims: Any = False) -> Any:
        return function(input_tensor, axis=axis, keepdims=bool(keepdims))

    return reduce


def _matmul(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, **_: Any) -> Any:
    a = ops.swapaxes(a, -1, -2) if transpose_a else a
    return ops.matmul(a, ops.swapaxes(b, -1, -2) if transpose_b else b)


def _getitem(x: Any, slice_spec: Any) -> Any:
    parts = slice_spec if isinstance(slice_spec, (list, tuple)) else [slice_spec]
    return x[tuple(_part(part) for part in parts)]


def _part(part: Any) -> Any:
    if isinstance(part, dict):
        return slice(part.get("start"), part.get("stop"), part.get("step"))
    return Ellipsis if part in ("...", "Ellipsis") else part


_FUNCTIONS: dict[str, Callable] = {
    GETITEM: _getitem,
    "cast": lambda x, dtype: ops.cast(x, dtype),
    "clip_by_value": lambda t, clip_value_min, clip_value_max: ops.clip(t, clip_value_min, clip_value_max),
    "concat": lambda values, axis: ops.concatenate(values, axis=axis),
    "expand_dims": lambda input, axis: ops.expand_dims(input, axis),
    "image.resize": lambda images, size, method="bilinear": ops.image.resize(
        images, size, interpolation=method
    ),
    "linalg.matmul": _matmul,
    "math.abs": ops.abs,
    "math.add": ops.add,
    "math.argmax": lambda input, axis=None: ops.argmax(input, axis=0 if axis is None else axis),
    "math.cos": ops.cos,
    "math.exp": ops.exp,
    "math.floor": ops.floor,
    "math.log": ops.log,
    "math.maximum": ops.maximum,
    "math.minimum": ops.minimum,
    "math.multiply": ops.multiply,
    "math.negative": ops.negative,
    "math.pow": ops.power,
    "math.reduce_max": _reduction(ops.max),
    "math.reduce_mean": _reduction(ops.mean),
    "math.reduce_min": _reduction(ops.min),
    "math.reduce_prod": _reduction(ops.prod),
    "math.reduce_sum": _reduction(ops.sum),
    "math.rsqrt": ops.rsqrt,
    "math.sigmoid": activations.sigmoid,
    "math.sin": ops.sin,
    "math.sqrt": ops.sqrt,
    "math.square": ops.square,
    "math.subtract": ops.subtract,
    "math.tanh": activations.tanh,
    "math.truediv": ops.true_divide,
    "nn.gelu": lambda features, approximate=False: activations.gelu(features, approximate=approximate),
    "nn.relu": ops.relu,
    "nn.relu6": ops.relu6,
    "nn.silu": lambda features, beta=1.0: ops.multiply(features, ops.sigmoid(ops.multiply(features, beta))),
    "nn.softmax": lambda logits, axis=None: ops.softmax(logits, axis=-1 if axis is None else axis),
    "nn.softplus": ops.softplus,
    "one_hot": lambda indices, depth: ops.one_hot(indices, depth),
    "ones_like": lambda input: ops.ones_like(input),
    "repeat": lambda input, repeats, axis=None: ops.repeat(input, repeats, axis=axis),
    "reshape": lambda tensor, shape: ops.reshape(tensor, shape),
    "squeeze": lambda input, axis=None: ops.squeeze(input, axis=axis),
    "stack": lambda values, axis=0: ops.stack(values, axis=axis),
    "tile": lambda input, multiples: ops.tile(input, multiples),
    "transpose": lambda a, perm=None: ops.transpose(a, axes=perm),
    "zeros_like": lambda input: ops.zeros_like(input),
}


def tf_function(name: Any) -> Callable | None:
    """The function for TensorFlow's name, None if there is none.

    It takes the first argument by position, and the others under TensorFlow's names; those that are None, and `name`,
    may be left out.
    """
    if not isinstance(name, str) or name not in _FUNCTIONS:
        return None
    function = _FUNCTIONS[name]

    def call(first: Any, **options: Any) -> Any:
        given = {k: v for k, v in options.items() if k != "name" and v is not None}
        if isinstance(first, list) and name not in ("concat", "stack"):
            return function(*first, **given)
        if function in _BINARY:
            return function(first, given["y"])
        return function(first, **given)

    return call


_BINARY = {
    ops.add,
    ops.maximum,
    ops.minimum,
    ops.multiply,
    ops.power,
    ops.subtract,
    ops.true_divide,
}
