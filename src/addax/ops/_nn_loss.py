"""Cross-entropies, and the encodings of classes that they take."""

from __future__ import annotations

from typing import Any

from addax.core.config import epsilon
from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jax, jnp, lax
from addax.ops._dtypes import array_dtype, to_float

__all__ = [
    "binary_crossentropy",
    "categorical_crossentropy",
    "multi_hot",
    "one_hot",
    "psnr",
    "sparse_categorical_crossentropy",
]


def _check_same_shape(target: Any, output: Any, name: str) -> None:
    if target.shape != output.shape:
        raise ValueError(
            message(
                f"{name}(): `target` and `output` must have the same shape.",
                received=f"target of shape {tuple(target.shape)}, output of shape {tuple(output.shape)}",
            )
        )


def _log_probabilities(output: Any, from_logits: bool, axis: int) -> Any:
    if from_logits:
        return jax.nn.log_softmax(output, axis=axis)
    output = output / jnp.sum(output, axis=axis, keepdims=True)
    return jnp.log(jnp.clip(output, epsilon(), 1.0 - epsilon()))


@op
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Binary cross-entropy of each element.

    Args:
        target: Tensor of zeros and ones (or probabilities), of the shape of `output`.
        output: Tensor of probabilities, or of logits.
        from_logits: Whether `output` holds logits.

    Returns:
        A tensor of the same shape.

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> import addax as keras
        >>> keras.ops.binary_crossentropy([1.0, 0.0], [0.5, 0.5]).numpy().round(4)
        array([0.6931, 0.6931], dtype=float32)
    """
    target, output = jnp.asarray(target), to_float(output)
    _check_same_shape(target, output, "binary_crossentropy")
    target = to_float(target)
    if from_logits:
        return jnp.maximum(output, 0) - output * target + jnp.log1p(jnp.exp(-jnp.abs(output)))
    output = jnp.clip(output, epsilon(), 1.0 - epsilon())
    return -(target * jnp.log(output) + (1 - target) * jnp.log(1 - output))


@op
def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Cross-entropy between two distributions over classes.

    Args:
        target: Tensor of class probabilities (one-hot rows), of the shape of `output`.
        output: Tensor of probabilities, which are scaled to sum to one, or of logits.
        from_logits: Whether `output` holds logits.
        axis: The axis of the classes.

    Returns:
        A tensor of the same shape without `axis`.

    Raises:
        ValueError: If the shapes differ, or are of rank 0.

    Example:
        >>> import addax as keras
        >>> keras.ops.categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).numpy().round(4)
        array([0.6931], dtype=float32)
    """
    target, output = jnp.asarray(target), to_float(output)
    _check_same_shape(target, output, "categorical_crossentropy")
    if output.ndim < 1:
        raise ValueError(
            message("categorical_crossentropy() needs an axis of classes.", expected="rank 1 or more")
        )
    return -jnp.sum(target * _log_probabilities(output, from_logits, axis), axis=axis)


@op
def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """Cross-entropy between classes given as integers and a distribution over classes.

    A target outside of the classes (such as -1) gives zero.

    Args:
        target: Integer tensor of the shape of `output` without its last axis (or with size 1 there).
        output: Tensor of probabilities, which are scaled to sum to one, or of logits.
        from_logits: Whether `output` holds logits.
        axis: The axis of the classes.

    Returns:
        A tensor of the shape of `output` without `axis`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.ops.sparse_categorical_crossentropy([1], [[0.5, 0.5]]).numpy().round(4)
        array([0.6931], dtype=float32)
    """
    target, output = jnp.asarray(target).astype(jnp.int32), to_float(output)
    if output.ndim < 1:
        raise ValueError(
            message("sparse_categorical_crossentropy() needs an axis of classes.", expected="rank 1 or more")
        )
    if target.ndim == output.ndim and target.shape[-1] == 1:
        target = jnp.squeeze(target, -1)
    axis = axis % output.ndim
    wanted = output.shape[:axis] + output.shape[axis + 1 :]
    if target.shape != wanted:
        raise ValueError(
            message(
                "sparse_categorical_crossentropy(): the shapes of `target` and `output` do not fit.",
                expected=f"target of shape {wanted}, for output of shape {tuple(output.shape)}",
                received=f"target of shape {tuple(target.shape)}",
                hint="For one-hot targets use categorical_crossentropy.",
            )
        )
    log_probabilities = _log_probabilities(output, from_logits, axis)
    # A comparison fuses with the sum and its gradient; a gather would need a scatter on the way back.
    classes = lax.broadcasted_iota(jnp.int32, output.shape, axis)
    chosen = jnp.expand_dims(target, axis) == classes
    return -jnp.sum(jnp.where(chosen, log_probabilities, 0), axis=axis)


@op(static=("num_classes",))
def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Any:
    """Integers as vectors with a one at the integer's place; all zeros outside of the classes.

    Args:
        x: Integer tensor of any shape.
        num_classes: The length of the vectors.
        axis: Where the new axis goes.
        dtype: The dtype; floatx if None.
        sparse: Accepted; the result is dense, as all tensors are here.

    Returns:
        A tensor with one axis more.

    Example:
        >>> import addax as keras
        >>> keras.ops.one_hot([1, 0], 3).numpy()
        array([[0., 1., 0.],
               [1., 0., 0.]], dtype=float32)
    """
    return _one_hot(jnp.asarray(x), num_classes, axis, dtype)


def _one_hot(x: Any, num_classes: Any, axis: int, dtype: Any) -> Any:
    return jax.nn.one_hot(x, int(num_classes), axis=axis, dtype=array_dtype(dtype))


@op
def multi_hot(
    inputs: Any,
    num_classes: Any = None,
    axis: int = -1,
    dtype: Any = None,
    sparse: bool = False,
    **kwargs: Any,
) -> Any:
    """Sets of integers as vectors with ones at the integers' places.

    Args:
        inputs: Integer tensor of shape `(n,)` or `(batch, n, ...)`.
        num_classes: The length of the vectors.
        axis: Where the axis of classes goes before the sets are joined.
        dtype: The dtype; floatx if None.
        sparse: Accepted; the result is dense, as all tensors are here.
        **kwargs: `num_tokens`, an older name of `num_classes`.

    Returns:
        Tensor of shape `(num_classes,)` or `(batch, ..., num_classes)`.

    Raises:
        ValueError: If `num_classes` is missing.

    Example:
        >>> import addax as keras
        >>> keras.ops.multi_hot([[0, 2]], 4).numpy()
        array([[1., 0., 1., 0.]], dtype=float32)
    """
    if num_classes is None:
        num_classes = kwargs.pop("num_tokens", None)
    if num_classes is None:
        raise ValueError(message("multi_hot() needs `num_classes`.", expected="an integer"))
    x = jnp.asarray(inputs)
    encoded = _one_hot(x.astype(jnp.int32), num_classes, axis, dtype)
    return jnp.max(encoded, axis=1 if x.ndim > 1 else 0)


@op
def psnr(x1: Any, x2: Any, max_val: Any) -> Any:
    """Peak signal-to-noise ratio in decibels, `20 log10(max_val) - 10 log10(mean((x1 - x2)**2))`.

    Args:
        x1: A tensor.
        x2: A tensor of the same shape.
        max_val: The largest value that the signal can have.

    Returns:
        A scalar tensor.

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> import addax as keras
        >>> round(float(keras.ops.psnr([0.0, 0.0], [1.0, 1.0], 10.0)), 3)
        20.0
    """
    x1, x2 = to_float(x1), to_float(x2)
    if x1.shape != x2.shape:
        raise ValueError(
            message(
                "psnr(): the two tensors must have the same shape.",
                received=f"shapes {tuple(x1.shape)} and {tuple(x2.shape)}",
            )
        )
    error = jnp.mean(jnp.square(x1 - x2))
    return 20 * jnp.log10(jnp.asarray(max_val, error.dtype)) - 10 * jnp.log10(error)
