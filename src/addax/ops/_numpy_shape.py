"""Shapes of tensors: axes moved, added and removed, values repeated, padded, joined and split."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine._jax import jnp
from addax.engine._op import op
from addax.engine._operators import known_ints
from addax.ops._dtypes import array_dtype, known_axis


def _text(x: Any) -> np.ndarray:
    return np.asarray(x, object)


# Axes


@op(static=("axis",), host=lambda x, axis: np.expand_dims(_text(x), axis))
def expand_dims(x: Any, axis: Any) -> Any:
    """The tensor with a new axis of size 1 at the position `axis` (or at several)."""
    return jnp.expand_dims(x, known_axis(axis))


@op(host=lambda x, axis=None: np.squeeze(_text(x), axis))
def squeeze(x: Any, axis: Any = None) -> Any:
    """The tensor without an axis of size 1 (without all of them if `axis` is None).

    Raises:
        ValueError: If the axis has another size.
    """
    return jnp.squeeze(x, known_axis(axis))


@op(
    static=("source", "destination"),
    host=lambda x, source, destination: np.moveaxis(_text(x), source, destination),
)
def moveaxis(x: Any, source: Any, destination: Any) -> Any:
    """The tensor with axes moved to new positions, the others in their order.

    Args:
        x: A tensor.
        source: The axis, or the axes, to move.
        destination: Where each goes.
    """
    return jnp.moveaxis(jnp.asarray(x), known_axis(source), known_axis(destination))


@op(static=("axis1", "axis2"), host=lambda x, axis1, axis2: np.swapaxes(_text(x), axis1, axis2))
def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """The tensor with `axis1` and `axis2` exchanged."""
    return jnp.swapaxes(x, known_axis(axis1), known_axis(axis2))


@op(host=lambda x: np.ravel(_text(x)))
def ravel(x: Any) -> Any:
    """The elements as a tensor of rank 1."""
    return jnp.ravel(x)


@op(host=lambda x, axis=None: np.flip(_text(x), axis))
def flip(x: Any, axis: Any = None) -> Any:
    """The tensor with the order of its elements reversed along axes (all if None)."""
    return jnp.flip(x, known_axis(axis))


@op(static=("shift",))
def roll(x: Any, shift: Any, axis: Any = None) -> Any:
    """The elements shifted along axes, those that leave at the end coming back at the start.

    Args:
        x: A tensor.
        shift: By how many places, one number or one for each axis.
        axis: The axes; the flat tensor is rolled if None.
    """
    return jnp.roll(jnp.asarray(x), shift, known_axis(axis))


@op
def fliplr(x: Any) -> Any:
    """The tensor with the order along its second axis reversed."""
    return jnp.flip(x, 1)


@op
def flipud(x: Any) -> Any:
    """The tensor with the order along its first axis reversed."""
    return jnp.flip(x, 0)


@op
def rot90(array: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """The tensor turned by 90 degrees, `k` times, in the plane of two axes, from the first to the second.

    Raises:
        ValueError: If the rank is below 2, or `axes` are not two different axes.
    """
    axes = tuple(known_axis(axes))
    if len(axes) != 2 or axes[0] == axes[1] or np.ndim(array) < 2:
        raise ValueError(
            message(
                "rot90() turns in the plane of two axes.",
                expected="a tensor of rank 2 or more and two different axes",
                received=f"shape {np.shape(array)} and axes {axes}",
            )
        )
    return jnp.rot90(array, known_ints(k, "k"), axes)


@op
def view(x: Any, dtype: Any = None) -> Any:
    """The same bytes read as another dtype; the last axis shrinks or grows if the sizes differ."""
    return jnp.asarray(x).view(None if dtype is None else array_dtype(dtype))


def ndim(x: Any) -> int:
    """The number of dimensions.

    Example:
        >>> import addax as keras
        >>> keras.ops.ndim([[1, 2]])
        2
    """
    shape = getattr(x, "shape", None)
    return np.ndim(x) if shape is None else len(shape)


@op(host_values=True, host=lambda x: np.asarray(np.size(x), np.int32))
def size(x: Any) -> Any:
    """The number of elements, as an int32 scalar that is known even while a function is traced."""
    return np.asarray(np.size(x), np.int32)


# Repetition and padding


@op(static=("repeats",), host=lambda x, repeats, axis=None: np.repeat(_text(x), repeats, axis))
def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each element (or slice along `axis`) several times in a row.

    Args:
        x: A tensor.
        repeats: How many times: one number, or one for each element along the axis.
        axis: The axis; the flat tensor is repeated if None.

    Example:
        >>> import addax as keras
        >>> keras.ops.repeat([1, 2], 2).numpy()
        array([1, 1, 2, 2], dtype=int32)
    """
    repeats = known_ints(repeats, "repeats")
    return jnp.repeat(
        jnp.asarray(x), np.asarray(repeats) if isinstance(repeats, tuple) else repeats, known_axis(axis)
    )


@op(static=("repeats",), host=lambda x, repeats: np.tile(_text(x), repeats))
def tile(x: Any, repeats: Any) -> Any:
    """The whole tensor several times along each axis.

    Args:
        x: A tensor.
        repeats: How many times along each axis (the last ones, if fewer than the rank).
    """
    return jnp.tile(x, known_ints(repeats, "repeats"))


@op(static=("shape",), host=lambda x, shape: np.broadcast_to(_text(x), shape))
def broadcast_to(x: Any, shape: Any) -> Any:
    """The tensor repeated along axes of size 1 (and new leading ones) to reach `shape`."""
    return jnp.broadcast_to(x, known_ints(shape, "shape"))


@op(static=("pad_width",), dynamic=("constant_values",))
def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Any:
    """The tensor with margins.

    Args:
        x: A tensor.
        pad_width: `(before, after)` for each axis, one pair for all, or one integer for all.
        mode: `"constant"`, `"reflect"`, `"symmetric"`, `"edge"`, or another mode of `numpy.pad`.
        constant_values: What to fill the margins with in mode `"constant"`; 0 if None.

    Raises:
        ValueError: If `constant_values` comes with another mode.

    Example:
        >>> import addax as keras
        >>> keras.ops.pad([1, 2], (1, 2)).numpy()
        array([0, 1, 2, 0, 0], dtype=int32)
    """
    width = known_ints(pad_width, "pad_width")
    if constant_values is None:
        return jnp.pad(x, width, mode=mode)
    if mode != "constant":
        raise ValueError(
            message(
                "pad() takes constant_values only in one mode.",
                expected='mode "constant"',
                received=f"mode {mode!r}",
            )
        )
    return jnp.pad(x, width, mode=mode, constant_values=constant_values)


# Joining and splitting


@op(lists=("xs",), host=lambda xs, axis=0: np.concatenate([_text(x) for x in xs], axis))
def concatenate(xs: Any, axis: int = 0) -> Any:
    """Tensors joined along an axis.

    Args:
        xs: A list of tensors, of one shape but for the size along `axis`.
        axis: The axis.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.ops.concatenate([[1, 2], [3]]).numpy()
        array([1, 2, 3], dtype=int32)
    """
    return jnp.concatenate([jnp.asarray(x) for x in xs], axis=known_axis(axis))


def _host_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list:
    return np.split(_text(x), indices_or_sections, axis)


@op(static=("indices_or_sections",), host=_host_split)
def split(x: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """The tensor cut into pieces along an axis.

    Args:
        x: A tensor.
        indices_or_sections: The number of equal pieces, or the indices where to cut.
        axis: The axis.

    Returns:
        A list of tensors.

    Raises:
        ValueError: If the axis does not divide into so many equal pieces.

    Example:
        >>> import addax as keras
        >>> [part.numpy().tolist() for part in keras.ops.split(keras.ops.arange(5), [2, 3])]
        [[0, 1], [2], [3, 4]]
    """
    return jnp.split(jnp.asarray(x), known_ints(indices_or_sections, "indices_or_sections"), known_axis(axis))


@op(static=("indices_or_sections",))
def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """The tensor cut into pieces along an axis, as evenly as its length allows; see `split`."""
    sections = known_ints(indices_or_sections, "indices_or_sections")
    return jnp.array_split(jnp.asarray(x), sections, known_axis(axis))


@op(static=("indices_or_sections",))
def hsplit(x: Any, indices_or_sections: Any) -> Any:
    """The tensor cut along its second axis (its only one, for a vector); see `split`."""
    return jnp.hsplit(jnp.asarray(x), known_ints(indices_or_sections, "indices_or_sections"))


@op(static=("indices_or_sections",))
def vsplit(x: Any, indices_or_sections: Any) -> Any:
    """The tensor cut along its first axis; see `split`."""
    return jnp.vsplit(jnp.asarray(x), known_ints(indices_or_sections, "indices_or_sections"))


@op(static=("indices_or_sections",))
def dsplit(x: Any, indices_or_sections: Any) -> Any:
    """The tensor cut along its third axis; see `split`."""
    return jnp.dsplit(jnp.asarray(x), known_ints(indices_or_sections, "indices_or_sections"))


@op(lists=("xs",))
def hstack(xs: Any) -> Any:
    """Tensors joined along their second axis, vectors along their only one."""
    return jnp.hstack([jnp.asarray(x) for x in xs])


@op(lists=("xs",))
def vstack(xs: Any) -> Any:
    """Tensors joined along their first axis, vectors as rows."""
    return jnp.vstack([jnp.asarray(x) for x in xs])


@op(lists=("xs",))
def dstack(xs: Any) -> Any:
    """Tensors joined along their third axis, which vectors and matrices get."""
    return jnp.dstack([jnp.asarray(x) for x in xs])


@op
def append(x1: Any, x2: Any, axis: int | None = None) -> Any:
    """`x2` put at the end of `x1` along an axis; both are flattened if it is None."""
    return jnp.append(x1, x2, axis=known_axis(axis))
