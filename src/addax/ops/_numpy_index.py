"""Choice of elements: by index, by condition, on a diagonal; sorting and distinct values."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine._jax import jnp
from addax.engine._op import op
from addax.engine._operators import known_ints
from addax.ops._dtypes import known_axis, refuse_tracer


def _host_where(condition: Any, x1: Any, x2: Any) -> np.ndarray:
    return np.where(condition, np.asarray(x1, object), np.asarray(x2, object))


@op(name="where", host=_host_where)
def _choose(condition: Any, x1: Any, x2: Any) -> Any:
    return jnp.where(condition, x1, x2)


def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """Elements of `x1` where the condition holds, of `x2` elsewhere, with broadcasting.

    Args:
        condition: A tensor of bools.
        x1: A tensor; or None, together with `x2`.
        x2: A tensor.

    Returns:
        A tensor; without `x1` and `x2` the positions where the condition holds, as `nonzero` gives them.

    Example:
        >>> import addax as keras
        >>> keras.ops.where([True, False], [1.0, 2.0], 0.0).numpy()
        array([1., 0.], dtype=float32)
    """
    if x1 is None and x2 is None:
        return nonzero(condition)
    return _choose(condition, x1, x2)


@op(compilable=False)
def nonzero(x: Any) -> Any:
    """The positions of elements that are not zero: a tuple of one int32 tensor for each axis.

    Raises:
        TypeError: Inside a compiled function, where the number of positions is not known.
    """
    refuse_tracer(x, "nonzero", "Use where(condition, x1, x2), which keeps the shape.")
    return tuple(np.asarray(part, np.int32) for part in np.nonzero(np.asarray(x)))


def _host_take(x: Any, indices: Any, axis: int | None = None) -> Any:
    return np.asarray(np.take(np.asarray(x, object), indices, axis), object)


@op(host=_host_take)
def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """Elements (or slices along `axis`) at the given indices.

    Args:
        x: A tensor.
        indices: A tensor of integers; negative ones count from the end.
        axis: The axis; the flat tensor is indexed if None.

    Returns:
        A tensor of the shape of `x` with that of `indices` in place of the axis. Where an index is out of
        range there is NaN (for floats).

    Example:
        >>> import addax as keras
        >>> keras.ops.take([[1, 2], [3, 4]], [1, 0], axis=1).numpy().tolist()
        [[2, 1], [4, 3]]
    """
    return jnp.take(jnp.asarray(x), jnp.asarray(indices), axis=known_axis(axis))


@op
def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Any:
    """For each place of `indices`, the element of `x` at that index along `axis`, as from `argsort`.

    Args:
        x: A tensor.
        indices: Integers, of the rank of `x`.
        axis: The axis; the flat tensor is indexed if None.
    """
    return jnp.take_along_axis(jnp.asarray(x), jnp.asarray(indices), axis=known_axis(axis))


@op
def sort(x: Any, axis: int | None = -1) -> Any:
    """The elements in ascending order along an axis (of the flat tensor if None)."""
    return jnp.sort(x, axis=known_axis(axis))


@op
def argsort(x: Any, axis: int | None = -1) -> Any:
    """The int32 indices that sort a tensor along an axis (the flat tensor if None); ties keep their order."""
    return jnp.argsort(x, axis=known_axis(axis))


def _host_unique(
    x: Any,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    return np.unique(np.asarray(x, object), return_index, return_inverse, return_counts, axis)


@op(compilable=False, host=_host_unique)
def unique(
    x: Any,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    """The distinct values.

    Args:
        x: A tensor.
        sorted: Whether the values come in ascending order.
        return_index: Whether to return where each value stands first.
        return_inverse: Whether to return, for each element, the position of its value.
        return_counts: Whether to return how often each value stands.
        axis: The axis whose slices are compared; the elements are if None.
        size: How many values to return: the rest is cut off or filled up. Needed inside a compiled function.
        fill_value: What to fill up with; the smallest value if None.

    Returns:
        A tensor of the values, or a tuple with what else was asked for, in this order.

    Example:
        >>> import addax as keras
        >>> keras.ops.unique([3, 1, 3]).numpy()
        array([1, 3], dtype=int32)
    """
    if size is None:
        refuse_tracer(x, "unique", "Give `size`, the greatest number of values.")
    return jnp.unique(
        x,
        return_index=return_index,
        return_inverse=return_inverse,
        return_counts=return_counts,
        axis=known_axis(axis),
        equal_nan=False,
        size=size,
        sorted=sorted,
        fill_value=fill_value,
    )


@op(static=("kth",))
def argpartition(x: Any, kth: int, axis: int | None = -1) -> Any:
    """The int32 indices that put the `kth` smallest element into its place, smaller ones before it."""
    kth = known_ints(kth, "kth")
    return (
        jnp.argpartition(jnp.ravel(x), kth, 0) if axis is None else jnp.argpartition(x, kth, known_axis(axis))
    )


@op(lists=("condlist", "choicelist"), dynamic=("default",))
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """Elements of the first choice whose condition holds, with broadcasting.

    Args:
        condlist: A list of tensors of bools.
        choicelist: A list of tensors, as many.
        default: What stands where no condition holds.

    Raises:
        ValueError: If either is no list or empty, or they differ in length.

    Example:
        >>> import addax as keras
        >>> x = keras.ops.arange(4)
        >>> keras.ops.select([x < 1, x < 3], [x - 10, x + 10], 0).numpy()
        array([-10,  11,  12,   0], dtype=int32)
    """
    lists = isinstance(condlist, (list, tuple)) and isinstance(choicelist, (list, tuple))
    if not lists or not condlist or len(condlist) != len(choicelist):
        raise ValueError(
            message(
                "select() needs a condition for each choice.",
                expected="two lists of tensors, of one length",
                received=f"{condlist!r} and {choicelist!r}",
            )
        )
    choices = [jnp.asarray(x) for x in choicelist]
    return jnp.select([jnp.asarray(c, bool) for c in condlist], choices, default)


@op(static=("shape",))
def unravel_index(indices: Any, shape: Any) -> Any:
    """Positions in a tensor of the given shape, from indices into its flat form: a tensor for each axis."""
    return tuple(jnp.unravel_index(jnp.asarray(indices), known_ints(shape, "shape")))


# Diagonals and triangles


@op
def diag(x: Any, k: int = 0) -> Any:
    """A matrix with a vector on its diagonal `k`, or the diagonal `k` of a matrix as a vector."""
    return jnp.diag(jnp.asarray(x), known_ints(k, "k"))


@op
def diagflat(x: Any, k: int = 0) -> Any:
    """A matrix with the elements of `x`, in order, on its diagonal `k`."""
    return jnp.diagflat(x, known_ints(k, "k"))


@op
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonals of the matrices that two axes span, along a new last axis.

    Args:
        x: A tensor of rank 2 or more.
        offset: Which diagonal: positive above the main one, negative below.
        axis1: The axis of the rows.
        axis2: The axis of the columns.
    """
    return jnp.diagonal(jnp.asarray(x), offset, axis1, axis2)


@op
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sums of the diagonals of the matrices that two axes span; see `diagonal`."""
    return jnp.trace(jnp.asarray(x), offset, axis1, axis2)


@op
def tril(x: Any, k: int = 0) -> Any:
    """The matrices of the last two axes with zeros above their diagonal `k`."""
    return jnp.tril(jnp.asarray(x), known_ints(k, "k"))


@op
def triu(x: Any, k: int = 0) -> Any:
    """The matrices of the last two axes with zeros below their diagonal `k`."""
    return jnp.triu(jnp.asarray(x), known_ints(k, "k"))
