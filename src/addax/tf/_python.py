"""Python inside of compiled code: `tf.py_function`, `tf.numpy_function`, `tf.print`."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes, tree
from addax.core.errors import message
from addax.engine import Tensor, Variable
from addax.engine._errors import ShapeNeedsValue
from addax.engine._jax import jax, not_tracing
from addax.engine._staging import staged


def py_function(
    func: Callable | None = None, inp: Any = None, Tout: Any = None, name: str | None = None
) -> Any:
    """Run a Python function on the values of tensors, also from compiled code, each time that it runs.

    Args:
        func: Called with tensors; gives a tensor or a list of them.
        inp: The list of tensors.
        Tout: The dtype of the result, or a list of dtypes (or `tf.TensorSpec`s, which compiled code needs to
            know the shapes).
        name: Accepted for TensorFlow's sake.

    Raises:
        ShapeNeedsValue: In compiled code, if `Tout` does not tell the shapes; a `function` then runs op by op.
    """
    if func is None:  # a decorator, as for `numpy_function`
        return lambda fn: functools.wraps(fn)(lambda *inp: py_function(fn, inp, Tout))
    return _called(lambda *arrays: func(*(Tensor(np.asarray(a)) for a in arrays)), inp, Tout, stateful=True)


def numpy_function(
    func: Callable | None = None,
    inp: Any = None,
    Tout: Any = None,
    stateful: bool = True,
    name: str | None = None,
) -> Any:
    """Run a function of NumPy arrays (see `py_function`); without `func` a decorator, `@tf.numpy_function(Tout=...)`.

    Args:
        func: Called with NumPy arrays; gives an array or a list of them.
        inp: The list of tensors.
        Tout: The dtype of the result, or a list of them, as for `py_function`.
        stateful: Whether the function does more than to compute its result. If so, compiled code calls it once each
            time that it runs, in the order of the program; if not, it may leave the call out or repeat it.
        name: Accepted for TensorFlow's sake.

    Raises:
        ShapeNeedsValue: In compiled code, if `Tout` does not tell the shapes; a `function` then runs op by op.

    Example:
        >>> import addax.tf as tf
        >>> tf.numpy_function(lambda x: x[::-1], [tf.constant([1, 2, 3])], tf.int32).numpy()
        array([3, 2, 1], dtype=int32)
    """
    if func is None:
        return lambda fn: functools.wraps(fn)(lambda *inp: numpy_function(fn, inp, Tout, stateful))
    return _called(lambda *arrays: func(*(np.asarray(a) for a in arrays)), inp, Tout, stateful)


def _called(run: Callable, inp: Any, wanted: Any, stateful: bool) -> Any:
    single = not isinstance(wanted, (list, tuple))
    specs = [wanted] if single else list(wanted)
    tensors = [ops.convert_to_tensor(x) for x in inp]
    # With known inputs a function whose shapes are not told still runs here and now, rather than not at all.
    later = stateful and not not_tracing() and all(_has_shape(s) for s in specs)
    if later or any(staged(t) for t in tensors):
        found = _call_back(run, tensors, specs, stateful)
    else:
        result = run(*(t.__array__() for t in tensors))
        given = list(result) if isinstance(result, (list, tuple)) else [result]
        found = [_typed(value, spec) for value, spec in zip(given, specs, strict=bool(specs))]
    if not specs:
        return []
    return found[0] if single else found


def _typed(value: Any, spec: Any) -> Any:
    tensor = ops.convert_to_tensor(value)
    dtype = dtypes.standardize(getattr(spec, "dtype", spec))
    return tensor if tensor.dtype == dtype or dtype == "string" else ops.cast(tensor, dtype)


def _has_shape(spec: Any) -> bool:
    return getattr(spec, "shape", None) is not None


def _call_back(run: Callable, tensors: list, specs: list, stateful: bool) -> list:
    if not all(_has_shape(s) for s in specs):
        raise ShapeNeedsValue(
            message(
                "The shape of what a Python function gives must be known when it is compiled.",
                expected="Tout as tf.TensorSpec(shape, dtype)",
            )
        )
    results = [
        jax.ShapeDtypeStruct(tuple(s.shape), dtypes.numpy_dtype(dtypes.narrow(s.dtype.name))) for s in specs
    ]

    def call(*arrays: Any) -> list:
        given = run(*arrays)
        given = list(given) if isinstance(given, (list, tuple)) else [given] if results else []
        return [np.asarray(v, r.dtype).reshape(r.shape) for v, r in zip(given, results, strict=True)]

    raws = [t._value for t in tensors]
    if not stateful:
        return [Tensor(x) for x in jax.pure_callback(call, results, *raws)]
    from jax.experimental import io_callback

    return [Tensor(x) for x in io_callback(call, results, *raws, ordered=True)]


# Printing ------------------------------------------------------------------------------------------------
def print(*inputs: Any, **kwargs: Any) -> None:  # noqa: A001
    """Print values, also those of compiled code, each time that it runs.

    Args:
        *inputs: Tensors, nests of them, and anything else.
        **kwargs: `output_stream` (`sys.stderr` unless given; also `sys.stdout` or `"file:///path"`), `summarize`
            (how many elements are shown at each end of an axis, 3 unless given, -1 for all), `sep` and `end`.

    Example:
        >>> import sys
        >>> import addax.tf as tf
        >>> tf.print("x:", tf.constant([1.0, 2.5]), output_stream=sys.stdout)
        x: [1 2.5]
    """
    summarize = kwargs.pop("summarize", 3)
    stream = kwargs.pop("output_stream", None)
    sep, end = kwargs.pop("sep", " "), kwargs.pop("end", "\n")
    kwargs.pop("name", None)
    if kwargs:
        raise ValueError(f"tf.print() got unexpected keyword arguments {sorted(kwargs)}.")
    leaves = [_printable(x) for x in tree.flatten(list(inputs))]
    places = [i for i, x in enumerate(leaves) if staged(x)]

    def write(*arrays: Any) -> None:
        full = list(leaves)
        for i, array in zip(places, arrays, strict=True):
            full[i] = np.asarray(array)
        items = tree.pack_sequence_as(list(inputs), full)
        _write(sep.join(_text(x, summarize, top=True) for x in items) + end, stream)

    if not places and not_tracing():
        write()
    else:
        jax.debug.callback(write, *(leaves[i]._value for i in places), ordered=True)


def _printable(leaf: Any) -> Any:
    if isinstance(leaf, Variable):
        return Tensor(leaf._raw())
    return leaf


def _write(text: str, stream: Any) -> None:
    if isinstance(stream, str):
        with open(stream.removeprefix("file://"), "a", encoding="utf-8") as file:
            file.write(text)
        return
    target = sys.stderr if stream is None else stream
    target.write(text)
    target.flush()


def _text(value: Any, summarize: int, top: bool = False) -> str:
    """A value as TensorFlow prints it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {_text(v, summarize)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        inner = ", ".join(_text(v, summarize) for v in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
    if isinstance(value, (Tensor, np.ndarray)):
        return _array_text(np.asarray(value), summarize, 0)
    if isinstance(value, str):
        return value if top else repr(value)
    return str(value)


def _array_text(array: np.ndarray, summarize: int, depth: int) -> str:
    if array.ndim == 0:
        return _element_text(array[()])
    rows = list(array)
    if summarize >= 0 and len(rows) > 2 * summarize:
        head, tail = rows[:summarize], rows[len(rows) - summarize :]
    else:
        head, tail = rows, []
    parts = [_array_text(r, summarize, depth + 1) for r in head]
    if tail:
        parts += ["...", *(_array_text(r, summarize, depth + 1) for r in tail)]
    sep = " " if array.ndim == 1 else "\n" * (array.ndim - 1) + " " * (depth + 1)
    return f"[{sep.join(parts)}]"


def _element_text(value: Any) -> str:
    if isinstance(value, bytes):
        return f'"{value.decode(errors="replace")}"'
    if isinstance(value, np.bool_):
        return str(int(value))
    if np.issubdtype(np.asarray(value).dtype, np.floating) or np.asarray(value).dtype.kind == "V":
        return _float_text(value)
    return str(value)


def _float_text(value: Any) -> str:
    """A float with 6 digits (15 for 64 bits) if they tell it apart from its neighbours, else with 9 (17)."""
    short, long = (15, 17) if np.asarray(value).dtype == np.float64 else (6, 9)
    text = f"{float(value):.{short}g}"
    return text if type(value)(float(text)) == value or value != value else f"{float(value):.{long}g}"
