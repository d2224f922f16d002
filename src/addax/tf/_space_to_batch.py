"""Blocks of space moved into the batch and back, patches of volumes, sequences turned round."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jnp


def space_to_batch(input: Any, block_shape: Any, paddings: Any, name: str | None = None) -> Any:
    """Blocks of space moved into the batch.

    Args:
        input: A tensor of shape `(n, *space, ...)`.
        block_shape: The size of a block, a number for each axis of space.
        paddings: How many zeros are put before and after each of these axes, shape `(axes, 2)`.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(n * product of block_shape, *(space / block_shape), ...)`.

    Raises:
        ValueError: If the padded axes are no multiples of the block.

    Example:
        >>> import addax.tf as tf
        >>> tf.space_to_batch([[[1], [2], [3], [4]]], [2], [[0, 0]]).numpy()[..., 0].tolist()
        [[1, 3], [2, 4]]
    """
    x, block = ops.convert_to_tensor(input), _ints(block_shape)
    pairs = [(0, 0), *(tuple(pair) for pair in np.asarray(paddings).tolist())]
    x = ops.pad(x, (*pairs, *((0, 0),) * (len(x.shape) - len(pairs))))
    _divided(x.shape[1 : len(block) + 1], block)
    shape, axes = [x.shape[0]], []
    for k, (size, step) in enumerate(zip(x.shape[1:], block, strict=False)):
        shape += [size // step, step]
        axes.append(2 * k + 2)
    rest = x.shape[len(block) + 1 :]
    x = operators.reshape(x, (*shape, *rest))
    space = [a - 1 for a in axes]
    x = ops.transpose(x, (*axes, 0, *space, *range(len(shape), len(shape) + len(rest))))
    return operators.reshape(x, (shape[0] * int(np.prod(block)), *shape[1::2], *rest))


space_to_batch_nd = space_to_batch


def batch_to_space(input: Any, block_shape: Any, crops: Any, name: str | None = None) -> Any:
    """The inverse of `space_to_batch`.

    Args:
        input: A tensor of shape `(n * product of block_shape, *space, ...)`.
        block_shape: The size of a block, a number for each axis of space.
        crops: How much is cut off before and after each of these axes, shape `(axes, 2)`.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the batch is no multiple of the blocks.
    """
    x, block = ops.convert_to_tensor(input), _ints(block_shape)
    count = int(np.prod(block))
    _divided(x.shape[:1], (count,))
    space, rest = x.shape[1 : len(block) + 1], x.shape[len(block) + 1 :]
    x = operators.reshape(x, (*block, x.shape[0] // count, *space, *rest))
    size = len(block)
    axes = [a for k in range(size) for a in (size + 1 + k, k)]
    x = ops.transpose(x, (size, *axes, *range(2 * size + 1, 2 * size + 1 + len(rest))))
    x = operators.reshape(x, (x.shape[0], *(s * b for s, b in zip(space, block, strict=True)), *rest))
    for k, (before, after) in enumerate(np.asarray(crops).tolist()):
        x = x[(slice(None),) * (k + 1) + (slice(before, x.shape[k + 1] - after),)]
    return x


def _ints(value: Any) -> tuple[int, ...]:
    return tuple(np.atleast_1d(np.asarray(value)).astype(int).tolist())


def _divided(sizes: Any, steps: Any) -> None:
    if any(size % step for size, step in zip(sizes, steps, strict=True)):
        raise ValueError(
            message(
                "A size is no multiple of the block.",
                expected=f"multiples of {tuple(steps)}",
                received=tuple(sizes),
            )
        )


def required_space_to_batch_paddings(
    input_shape: Any, block_shape: Any, base_paddings: Any = None, name: str | None = None
) -> tuple[Any, Any]:
    """The least paddings with which `space_to_batch` works, and the crops that undo them.

    Args:
        input_shape: The sizes of the axes of space.
        block_shape: The size of a block, a number for each of them.
        base_paddings: Paddings that there are at least, shape `(axes, 2)`.
        name: Accepted for TensorFlow's sake.

    Returns:
        `(paddings, crops)`, int32 of shape `(axes, 2)`.
    """
    sizes, block = np.asarray(_ints(input_shape)), np.asarray(_ints(block_shape))
    base = np.zeros((len(block), 2), int) if base_paddings is None else np.asarray(base_paddings)
    extra = -(sizes + base.sum(1)) % block
    zeros = np.zeros_like(extra)
    paddings, crops = base + np.stack([zeros, extra], 1), np.stack([zeros, extra], 1)
    return tuple(ops.convert_to_tensor(x.astype(np.int32)) for x in (paddings, crops))  # type: ignore[return-value]


def extract_volume_patches(
    input: Any, ksizes: Any, strides: Any, padding: str, name: str | None = None
) -> Any:
    """Patches of volumes, flattened into the channels.

    Args:
        input: A tensor of shape `(n, d, h, w, c)`.
        ksizes: `[1, d, h, w, 1]` of a patch.
        strides: `[1, d, h, w, 1]` from one patch to the next.
        padding: `"VALID"`, or `"SAME"` for zeros around the volumes.
        name: Accepted for TensorFlow's sake.
    """
    sizes, steps = (tuple(int(v) for v in value[1:4]) for value in (ksizes, strides))
    return ops.image.extract_patches_3d(
        input, sizes, strides=steps, padding=padding.lower(), data_format="channels_last"
    )


def reverse_sequence(
    input: Any,
    seq_lengths: Any,
    seq_axis: int | None = None,
    batch_axis: int | None = None,
    name: str | None = None,
) -> Any:
    """The first elements of each sequence in reverse order, the others where they are.

    Args:
        input: A tensor.
        seq_lengths: How many elements of each sequence are turned round, shape `(batch,)`.
        seq_axis: The axis of the elements.
        batch_axis: The axis of the sequences; 0 if None.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `seq_axis` is None.

    Example:
        >>> import addax.tf as tf
        >>> tf.reverse_sequence([[1, 2, 3], [4, 5, 6]], [2, 3], seq_axis=1).numpy().tolist()
        [[2, 1, 3], [6, 5, 4]]
    """
    if seq_axis is None:
        raise ValueError(message("reverse_sequence() needs the axis of the elements.", expected="seq_axis"))
    rank = len(ops.convert_to_tensor(input).shape)
    return _reverse(input, seq_lengths, along=seq_axis % rank, batch=(batch_axis or 0) % rank)


@op(name="reverse_sequence")
def _reverse(x: Any, lengths: Any, along: int = 1, batch: int = 0) -> Any:
    x, lengths = jnp.asarray(x), jnp.asarray(lengths)
    places = jnp.arange(x.shape[along])
    lengths = lengths[:, None]
    order = jnp.where(places < lengths, lengths - 1 - places, places)
    order = order if batch < along else order.T
    shape = [x.shape[i] if i in (along, batch) else 1 for i in range(x.ndim)]
    return jnp.take_along_axis(x, order.reshape(shape), axis=along)


__all__ = [
    "batch_to_space",
    "extract_volume_patches",
    "required_space_to_batch_paddings",
    "reverse_sequence",
    "space_to_batch",
    "space_to_batch_nd",
]
