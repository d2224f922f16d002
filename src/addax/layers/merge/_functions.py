"""The merging layers as functions, such as `layers.add([a, b])`."""

from __future__ import annotations

from typing import Any

from addax.layers.merge._concatenate import Concatenate
from addax.layers.merge._dot import Dot
from addax.layers.merge._elementwise import Add, Average, Maximum, Minimum, Multiply, Subtract


def add(inputs: Any, **kwargs: Any) -> Any:
    """Add tensors (see `Add`).

    Args:
        inputs: A list of tensors.
        **kwargs: Arguments of `Add`.

    Returns:
        A tensor.

    Example:
        >>> import addax as keras
        >>> keras.layers.add([keras.ops.ones((2, 3)), keras.ops.ones((2, 3))]).shape
        TensorShape([2, 3])
    """
    return Add(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """Subtract the second tensor from the first (see `Subtract`).

    Args:
        inputs: A list of tensors.
        **kwargs: Arguments of `Subtract`.

    Returns:
        A tensor.

    Example:
        >>> import addax as keras
        >>> keras.layers.subtract([keras.ops.ones((2, 3)), keras.ops.ones((2, 3))]).shape
        TensorShape([2, 3])
    """
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """Multiply tensors (see `Multiply`).

    Args:
        inputs: A list of tensors.
        **kwargs: Arguments of `Multiply`.

    Returns:
        A tensor.

    Example:
        >>> import addax as keras
        >>> keras.layers.multiply([keras.ops.ones((2, 3)), keras.ops.ones((2, 3))]).shape
        TensorShape([2, 3])
    """
    return Multiply(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Any:
    """Average tensors (see `Average`).

    Args:
        inputs: A list of tensors.
        **kwargs: Arguments of `Average`.

    Returns:
        A tensor.

    Example:
        >>> import addax as keras
        >>> keras.layers.average([keras.ops.ones((2, 3)), keras.ops.ones((2, 3))]).shape
        TensorShape([2, 3])
    """
    return Average(**kwargs)(inputs)


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """Take the largest of tensors, element by element (see `Maximum`).

    Args:
        inputs: A list of tensors.
        **kwargs: Arguments of `Maximum`.

    Returns:
        A tensor.

    Example:
        >>> import addax as keras
        >>> keras.layers.maximum([keras.ops.ones((2, 3)), keras.ops.ones((2, 3))]).shape
        TensorShape([2, 3])
    """
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """Take the smallest of tensors, element by element (see `Minimum`).

    Args:
        inputs: A list of tensors.
        **kwargs: Arguments of `Minimum`.

    Returns:
        A tensor.

    Example:
        >>> import addax as keras
        >>> keras.layers.minimum([keras.ops.ones((2, 3)), keras.ops.ones((2, 3))]).shape
        TensorShape([2, 3])
    """
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """Join tensors along an axis (see `Concatenate`).

    Args:
        inputs: A list of tensors.
        axis: The axis.
        **kwargs: Arguments of `Concatenate`.

    Returns:
        A tensor.

    Example:
        >>> import addax as keras
        >>> keras.layers.concatenate([keras.ops.ones((2, 3)), keras.ops.ones((2, 3))]).shape
        TensorShape([2, 6])
    """
    return Concatenate(axis=axis, **kwargs)(inputs)


def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Any:
    """Multiply two tensors and sum over an axis (see `Dot`).

    Args:
        inputs: A list of tensors.
        axes: The axis of both, or one for each.
        **kwargs: Arguments of `Dot`.

    Returns:
        A tensor.

    Example:
        >>> import addax as keras
        >>> keras.layers.dot([keras.ops.ones((2, 3)), keras.ops.ones((2, 3))]).shape
        TensorShape([2, 1])
    """
    return Dot(axes=axes, **kwargs)(inputs)
