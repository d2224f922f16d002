"""Shapes by probing: run the op abstractly at two sizes of the unknown dimensions and compare."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import context, dtypes, tree
from addax.core.errors import message
from addax.engine._bind import ProbeBindings
from addax.engine._errors import ShapeNeedsValue
from addax.engine._jax import jax, jnp
from addax.engine._padded import PaddedRows
from addax.engine._symbolic import Node, OpCall, SymbolicTensor
from addax.engine._tensor import Tensor, dtype_of
from addax.engine.autograph import retrying

PROBES = (120, 168)  # highly composite, so that reshapes and strides divide them


def symbolic_call(op: Any, args: tuple, kwargs: dict) -> Any:
    """Call an op on symbolic tensors: infer the result and add a node to the graph."""

    def run(args: tuple, kwargs: dict) -> Any:
        return op(*args, **kwargs)

    outputs = infer(run, args, kwargs, name=op.name)
    if op.host_values or _probed(args, kwargs):
        _add_probes(run, args, kwargs, outputs)
    Node(OpCall(op), args, kwargs, outputs)
    return outputs


def infer(
    fn: Callable, args: tuple, kwargs: dict, name: str = "this function", batch: int | None = None
) -> Any:
    """Run `fn` without values on arguments that hold symbolic tensors.

    Variables that `fn` reads are abstract, and what it writes is forgotten.

    Args:
        fn: Called as `fn(args, kwargs)` with tensors in place of the symbolic ones.
        args: Positional arguments, a nest.
        kwargs: Keyword arguments.
        name: What is run, for errors.
        batch: A batch size that stands for an unknown one in the shapes that layers are built with.

    Returns:
        The result with a fresh symbolic tensor for each tensor; dimensions that depend on an unknown one are None.

    Raises:
        TypeError: If the result's shape depends on values.
    """
    leaves = tree.flatten((args, kwargs))
    symbolic = [x for x in leaves if isinstance(x, SymbolicTensor)]
    unknown = any(None in x.shape for x in symbolic)
    if not unknown:
        first = second = _probe(fn, args, kwargs, leaves, PROBES[0], name, batch)
    else:
        first = _probe(fn, args, kwargs, leaves, PROBES[0], name, PROBES[0])
        second = _probe(fn, args, kwargs, leaves, PROBES[1], name, PROBES[1])
    return tree.map_structure(_merge, first, second)


def rehearse(fn: Callable, args: tuple, kwargs: dict) -> None:
    """Run `fn` on the symbolic tensors themselves, for the sake of what it builds on the way.

    Sizes behind an unknown one stay unknown here, while a probe has numbers for them. Code that cannot run on symbolic
    tensors is left where it stops: the probe that follows does the rest, and it is that one's errors that count.

    Args:
        fn: Called as `fn(args, kwargs)`.
        args: Positional arguments, a nest.
        kwargs: Keyword arguments.
    """

    def run() -> None:
        with (
            context.entered(bindings=ProbeBindings(), tapes=(), probing=None),
            contextlib.suppress(Exception),
        ):
            fn(args, kwargs)

    jax.eval_shape(run)


def leaves_sizes_open(args: tuple, kwargs: dict) -> bool:
    """Whether a symbolic tensor among arguments has an unknown dimension other than the batch."""
    return any(isinstance(x, SymbolicTensor) and None in x.shape[1:] for x in tree.flatten((args, kwargs)))


def _probe(
    fn: Callable, args: tuple, kwargs: dict, leaves: list, size: int, name: str, batch: int | None
) -> Any:
    which = PROBES.index(size)
    positions = [i for i, x in enumerate(leaves) if isinstance(x, SymbolicTensor)]
    inner = [d for i in positions for d in leaves[i].shape[1:]]
    inside = None in inner and size not in inner  # a dimension of that size might be a known one
    specs, traced, full = [], [], list(leaves)
    for i in positions:
        x = leaves[i]
        shape = tuple(size if d is None else d for d in x.shape)
        if x._probes is not None:
            full[i] = Tensor(x._probes[which])
        elif x.dtype == "string":
            full[i] = _in_form(x, Tensor(np.full(shape, b"", object)))
        else:
            specs.append(jax.ShapeDtypeStruct(shape, dtypes.numpy_dtype(dtypes.narrow(x.dtype.name))))
            traced.append(i)
    outcome: list = []

    def abstract(*arrays: Any) -> list:
        for i, array in zip(traced, arrays, strict=True):
            full[i] = _in_form(leaves[i], Tensor(array))
            mask = getattr(leaves[i], "_keras_mask", None)
            if mask is not None:
                full[i]._keras_mask = Tensor(jnp.ones([size if d is None else d for d in mask.shape], bool))
        call_args, call_kwargs = tree.pack_sequence_as((args, kwargs), full)
        with context.entered(bindings=ProbeBindings(), tapes=(), probing=batch, probing_inside=inside):
            result = fn(call_args, call_kwargs)
        outcome.append(tree.map_structure(_describe, result))
        return [x._value for x in tree.flatten(result) if isinstance(x, Tensor) and x.dtype != "string"]

    try:
        retrying(lambda: jax.eval_shape(abstract, *specs))
    except ShapeNeedsValue as error:
        raise TypeError(
            message(
                f"The result of {name} depends on the values of its inputs, which a model that is being "
                "built does not have yet.",
                received=", ".join(repr(leaves[i]) for i in positions),
                hint="Do this outside of the model, or in a form with a fixed output shape (where, masks).",
            )
        ) from error
    return outcome[0]


def _in_form(x: SymbolicTensor, values: Tensor) -> Any:
    """The values of a symbolic tensor, as rows if it is ragged."""
    if not x.ragged:
        return values
    rows, width = values.shape[:2]
    return PaddedRows(values, Tensor(jnp.full((rows,), width, jnp.int32)))


def _describe(value: Any) -> Any:
    if isinstance(value, (Tensor, PaddedRows)):
        ragged = isinstance(value, PaddedRows)
        mask = getattr(value, "_keras_mask", None)
        raw = (value.padded if ragged else value)._value
        return _Found(tuple(raw.shape), dtype_of(raw), None if mask is None else tuple(mask.shape), ragged)
    if hasattr(value, "aval"):
        return _Found(tuple(value.shape), dtype_of(value), None)
    return value


class _Found:
    """Shape and dtype of one result of a probe."""

    __slots__ = ("dtype", "mask", "ragged", "shape")

    def __init__(self, shape: tuple, dtype: dtypes.DType, mask: tuple | None, ragged: bool = False) -> None:
        self.shape, self.dtype, self.mask, self.ragged = shape, dtype, mask, ragged


def _merge(first: Any, second: Any) -> Any:
    if not isinstance(first, _Found):
        return first
    shape = _merge_shapes(first.shape, second.shape)
    if first.ragged:
        shape[1] = None
    out = SymbolicTensor(shape, first.dtype, ragged=first.ragged)
    if first.mask is not None:
        out._keras_mask = SymbolicTensor(_merge_shapes(first.mask, second.mask), "bool")
    return out


def _merge_shapes(first: tuple, second: Any) -> list:
    return [a if a == b else None for a, b in zip(first, second, strict=True)]


def _probed(args: tuple, kwargs: dict) -> bool:
    symbolic = [x for x in tree.flatten((args, kwargs)) if isinstance(x, SymbolicTensor)]
    return all(x._probes is not None for x in symbolic)


def _add_probes(run: Callable, args: tuple, kwargs: dict, outputs: Any) -> None:
    """Compute a result that follows from shapes alone (such as `shape(x)[0] * 2`) at both probing sizes."""
    results = []
    for which, size in enumerate(PROBES):

        def known(x: Any, which: int = which, size: int = size) -> Any:
            if not isinstance(x, SymbolicTensor):
                return x
            if x._probes is not None:
                return Tensor(x._probes[which])
            return Tensor(np.broadcast_to(np.zeros((), bool), [size if d is None else d for d in x.shape]))

        call_args, call_kwargs = tree.map_structure(known, (args, kwargs))
        results.append(tree.flatten(run(call_args, call_kwargs)))
    for out, *values in zip(tree.flatten(outputs), *results, strict=True):
        if isinstance(out, SymbolicTensor):
            out._probes = tuple(np.asarray(v) for v in values)
