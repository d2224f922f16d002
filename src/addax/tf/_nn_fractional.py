"""`tf.nn`: pooling whose windows shrink an image by a ratio that is no integer, and dilation by space to batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax import ops, random
from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jnp
from addax.tf._random import op_seed
from addax.tf._space_to_batch import batch_to_space, required_space_to_batch_paddings, space_to_batch


def fractional_max_pool(
    value: Any,
    pooling_ratio: Any,
    pseudo_random: bool = False,
    overlapping: bool = False,
    seed: int = 0,
    name: str | None = None,
) -> tuple[Any, Any, Any]:
    """The largest values of windows of two sizes, in a random order of the two.

    Args:
        value: A tensor of shape `(n, h, w, channels)`.
        pooling_ratio: How much smaller rows and columns become: a number of 1 or more, or `[1, rows, columns, 1]`.
        pseudo_random: Whether the small and the large windows are spread evenly, and only their offset is drawn.
        overlapping: Whether windows share the row and the column where they meet.
        seed: An integer for windows that are always the same; 0 for others at each call.
        name: Accepted for TensorFlow's sake.

    Returns:
        `(output, rows, columns)`: the values, of shape `(n, floor(h / ratio), floor(w / ratio), channels)`, and where
        windows begin and the last one ends.

    Raises:
        ValueError: If the tensor is no batch of images of a known size, or a ratio is below 1.

    Source: Graham, *Fractional Max-Pooling* (arXiv:1412.6071).

    Example:
        >>> import addax.tf as tf
        >>> found, rows, columns = tf.nn.fractional_max_pool(tf.ones((1, 10, 10, 1)), 1.4, seed=1)
        >>> found.shape, int(rows[0]), int(rows[-1])
        (TensorShape([1, 7, 7, 1]), 0, 10)
    """
    return _fractional(value, pooling_ratio, pseudo_random, overlapping, seed, average=False)


def fractional_avg_pool(
    value: Any,
    pooling_ratio: Any,
    pseudo_random: bool = False,
    overlapping: bool = False,
    seed: int = 0,
    name: str | None = None,
) -> tuple[Any, Any, Any]:
    """The means of windows of two sizes, in a random order of the two.

    Args:
        value: A tensor of shape `(n, h, w, channels)`; means of integers are cut off.
        pooling_ratio: As in `fractional_max_pool`.
        pseudo_random: As in `fractional_max_pool`.
        overlapping: As in `fractional_max_pool`.
        seed: As in `fractional_max_pool`.
        name: Accepted for TensorFlow's sake.

    Returns:
        `(output, rows, columns)`, as of `fractional_max_pool`.

    Raises:
        ValueError: As `fractional_max_pool` raises it.

    Example:
        >>> import addax.tf as tf
        >>> tf.nn.fractional_avg_pool(tf.ones((1, 10, 6, 2)), [1, 1.4, 2.0, 1], seed=1)[0].shape
        TensorShape([1, 7, 3, 2])
    """
    return _fractional(value, pooling_ratio, pseudo_random, overlapping, seed, average=True)


def _fractional(
    value: Any, ratio: Any, pseudo: bool, overlapping: bool, seed: Any, average: bool
) -> tuple[Any, Any, Any]:
    x, ratios = ops.convert_to_tensor(value), _ratios(ratio)
    shape = tuple(x.shape)
    if len(shape) != 4 or None in shape[1:3]:
        raise ValueError(
            message(
                "Fractional pooling takes images of a known size.",
                expected="shape (n, h, w, channels)",
                received=shape,
            )
        )
    sequences, widths = [], []
    for k, (size, shrink) in enumerate(zip(shape[1:3], ratios, strict=True)):
        count = int(np.floor(np.float32(size) / np.float32(shrink)))  # in float32, as TensorFlow does
        if not count:
            raise ValueError(
                message("A pooling ratio leaves nothing.", expected=f"at most {size}", received=float(shrink))
            )
        given = int(seed) and int(seed) + 7919 * k
        sequences.append((_even if pseudo else _shuffled)(size, count, given or None))
        widths.append(size // count + (1 if size % count else 0) + bool(overlapping))
    pooled = _pooled(
        x, *sequences, widths=tuple(widths), overlapping=bool(overlapping), average=bool(average)
    )
    return pooled, sequences[0], sequences[1]


def _ratios(ratio: Any) -> tuple[float, float]:
    if not isinstance(ratio, (list, tuple)):
        ratio = (1.0, ratio, ratio, 1.0)
    found = [float(r) for r in ratio]
    if len(found) != 4 or found[0] != 1 or found[3] != 1 or min(found) < 1:
        raise ValueError(
            message(
                "`pooling_ratio` is wrong.",
                expected="a number of 1 or more, or [1, rows, columns, 1] of them",
                received=ratio,
            )
        )
    return found[1], found[2]


def _shuffled(size: int, count: int, seed: int | None) -> Any:
    """Where windows begin: steps of `size // count`, as many as needed one longer, in a random order."""
    steps = np.full(count, size // count, np.int32)
    steps[: size % count] += 1
    order = ops.argsort(random.uniform((count,), seed=op_seed(seed) if seed is None else seed))
    return ops.pad(ops.cumsum(ops.take(steps, order)), ((1, 0),))


def _even(size: int, count: int, seed: int | None) -> Any:
    """Where windows begin: the multiples of the ratio, moved by a random part of it, rounded up.

    The part is drawn from those that leave no window other than a small or a large one. In units of 1 / count only
    whole numbers make a difference.
    """
    rest = size % count
    largest = min(2 * count - rest, count + rest)
    moved = ops.cast(
        random.randint((), 1, largest + 1, seed=op_seed(seed) if seed is None else seed), "int32"
    )
    starts = _ceiled(np.arange(1, count, dtype=np.int32) * size, moved, count=count)
    return ops.concatenate([ops.zeros((1,), "int32"), starts, ops.full((1,), size, dtype="int32")])


@op(name="fractional_starts")
def _ceiled(multiples: Any, moved: Any, count: int = 1) -> Any:
    return -(-(jnp.asarray(multiples) + moved) // count) - 1


@op(name="fractional_pool")
def _pooled(
    x: Any, rows: Any, columns: Any, widths: tuple = (1, 1), overlapping: bool = False, average: bool = False
) -> Any:
    x = jnp.asarray(x)
    (down, in_rows), (right, in_columns) = (
        _window(jnp.asarray(starts), width, overlapping, size)
        for starts, width, size in zip((rows, columns), widths, x.shape[1:3], strict=True)
    )
    parts = jnp.take(
        jnp.take(x, down, axis=1), right, axis=3
    )  # n, rows, in a window, columns, in a window, channels
    parts = jnp.moveaxis(parts, 2, 3)
    shape = (*parts.shape[:3], widths[0] * widths[1], x.shape[-1])
    parts = parts.reshape(shape)
    inside = (in_rows[:, None, :, None] & in_columns[None, :, None, :]).reshape(1, *shape[1:4], 1)
    floating = jnp.issubdtype(x.dtype, jnp.floating)
    if average:
        total = jnp.where(inside, parts, 0).sum(3, dtype=x.dtype)
        count = inside.sum(3).astype(x.dtype)
        return total / count if floating else jnp.sign(total) * (jnp.abs(total) // count)
    parts = jnp.where(inside, parts, -jnp.inf if floating else jnp.iinfo(x.dtype).min)
    best = jnp.argmax(parts, axis=3, keepdims=True)  # of equal ones the first has the gradient
    return jnp.take_along_axis(parts, best, axis=3)[:, :, :, 0]


def _window(starts: Any, width: int, overlapping: bool, size: int) -> tuple[Any, Any]:
    """The places of each window, as many for each, and which of them are in it."""
    places = starts[:-1, None] + jnp.arange(width)
    inside = places < jnp.minimum(starts[1:, None] + overlapping, size)
    return jnp.minimum(places, size - 1), inside


def with_space_to_batch(
    input: Any,
    dilation_rate: Any,
    padding: str,
    op: Callable,
    filter_shape: Any = None,
    spatial_dims: Any = None,
    data_format: str | None = None,
) -> Any:
    """A function of windows, with gaps in its windows: each residue of the positions is an image of its own.

    Args:
        input: A tensor whose first axis is the batch.
        dilation_rate: The distance of neighbours in a window, a number for each axis of space.
        padding: `"VALID"` or `"SAME"`.
        op: The function, called with the tensor, the number of axes of space, and the padding. If a distance is above
            1 the tensor has been padded and the padding is `"VALID"`.
        filter_shape: The sizes of the window, which `"SAME"` needs.
        spatial_dims: The numbers of the axes of space, rising; those behind the batch (and channels, if these come
            first) if None.
        data_format: Channels come first if it begins with `"NC"`.

    Raises:
        ValueError: If a rate is no positive integer, the padding is unknown, the axes are not rising, or the sizes
            of the window are lacking.

    Example:
        >>> import addax.tf as tf
        >>> def pool(x, num_spatial_dims, padding):
        ...     return tf.nn.max_pool1d(x, 2, 1, padding)
        >>> tf.nn.with_space_to_batch([[[1.0], [4.0], [2.0], [3.0]]], [2], "VALID", pool).numpy()[..., 0]
        array([[2., 4.]], dtype=float32)
    """
    x, rates = ops.convert_to_tensor(input), np.asarray(dilation_rate)
    if rates.ndim != 1 or (rates < 1).any():
        raise ValueError(
            message(
                "`dilation_rate` is wrong.", expected="a list of positive integers", received=dilation_rate
            )
        )
    if padding not in ("SAME", "VALID"):
        raise ValueError(message("Unknown padding.", expected="'SAME' or 'VALID'", received=padding))
    first = 2 if data_format is not None and data_format.startswith("NC") else 1
    axes = np.arange(first, first + len(rates)) if spatial_dims is None else np.asarray(spatial_dims)
    if len(axes) != len(rates) or axes[0] < 1 or (np.diff(axes) <= 0).any() or axes[-1] >= len(x.shape):
        raise ValueError(
            message(
                "The axes of space are wrong.",
                expected=f"{len(rates)} rising numbers from 1 to {len(x.shape) - 1}",
                received=spatial_dims if spatial_dims is not None else f"a tensor of rank {len(x.shape)}",
            )
        )
    if (rates == 1).all():
        return op(x, len(rates), padding)
    block = np.ones(axes[-1], int)
    block[axes - 1] = rates
    around = np.zeros((len(block), 2), int)
    around[axes - 1] = _same(rates, filter_shape) if padding == "SAME" else 0
    paddings, crops = required_space_to_batch_paddings(x.shape[1 : len(block) + 1], block, around)
    found = op(space_to_batch(x, block, paddings), len(rates), "VALID")
    return batch_to_space(found, block, crops)


def _same(rates: np.ndarray, filter_shape: Any) -> np.ndarray:
    """How much is put before and after each axis, so that a window with gaps leaves its size."""
    if filter_shape is None:
        raise ValueError(message("Padding 'SAME' needs the sizes of the window.", expected="filter_shape="))
    extra = rates * (np.asarray(filter_shape)[: len(rates)] - 1)
    return np.stack([extra // 2, extra - extra // 2], 1)


__all__ = ["fractional_avg_pool", "fractional_max_pool", "with_space_to_batch"]
